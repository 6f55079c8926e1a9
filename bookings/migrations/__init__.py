"""The steps that bring a database to the tables of bookings.database.

A new step is a module in `versions/` whose `down_revision` names the one before it. They are
applied by bookings.database; there is no alembic.ini and no command to remember.
"""
