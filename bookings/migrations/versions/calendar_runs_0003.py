"""Runs over many calendars with what they hold, and decisions on bookings beside the actions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ONCE = "calendar_action_happens_once"


def upgrade() -> None:
    """Creates three tables, and lets an action belong to a run and to a booking."""
    with op.batch_alter_table("calendar_action") as batch:
        batch.add_column(
            sa.Column("booking_uuid", sa.String(32), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("booking_name", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("run_id", sa.Integer(), nullable=True))
        batch.drop_constraint(_ONCE, type_="unique")
        batch.create_unique_constraint(
            _ONCE, ["server", "offering_uuid", "booking_uuid", "sequence"]
        )
        batch.create_index("calendar_action_run", ["run_id"])
    op.create_table(
        "calendar_run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False, unique=True),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("person_uuid", sa.String(32), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("interrupted", sa.Boolean(), nullable=False),
        sa.Column("looked", sa.Boolean(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "calendar_run_item",
        sa.Column("run_id", sa.Integer(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("offering_uuid", sa.String(32), nullable=False),
        sa.Column("offering_name", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("run_id", "offering_uuid", name="calendar_run_item_once"),
    )
    op.create_table(
        "calendar_claim",
        sa.Column("server", sa.Text(), primary_key=True),
        sa.Column("offering_uuid", sa.String(32), primary_key=True),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drops the runs, and the decisions on bookings with them."""
    for name in ("calendar_claim", "calendar_run_item", "calendar_run"):
        op.drop_table(name)
    op.execute("DELETE FROM calendar_action WHERE booking_uuid <> ''")
    with op.batch_alter_table("calendar_action") as batch:
        batch.drop_index("calendar_action_run")
        batch.drop_constraint(_ONCE, type_="unique")
        batch.create_unique_constraint(_ONCE, ["server", "offering_uuid", "sequence"])
        for name in ("run_id", "booking_name", "booking_uuid"):
            batch.drop_column(name)
