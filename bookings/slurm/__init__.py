"""SLURM partitions: their limits in words, and what follows from them."""
