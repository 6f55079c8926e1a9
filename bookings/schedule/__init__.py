"""Stretches of time: what is booked, what is busy, what is open, and what follows from them."""
