"""Plans: what is charged, in which period, and what changes."""
