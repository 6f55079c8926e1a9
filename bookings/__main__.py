"""`python -m bookings`."""

from bookings.cli import app

app(prog_name="python -m bookings")
