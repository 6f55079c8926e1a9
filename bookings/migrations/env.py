"""Run by Alembic: applies the steps on the connection that was handed over, in its transaction."""

from alembic import context

from bookings.database import METADATA, VERSION_TABLE

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    # SQLite cannot alter most things in place; Alembic copies the table there.
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
