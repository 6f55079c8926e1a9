"""The table of calendar actions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates `calendar_action`."""
    op.create_table(
        "calendar_action",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("offering_uuid", sa.String(32), nullable=False),
        sa.Column("offering_name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("person_uuid", sa.String(32), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.String(40), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "server", "offering_uuid", "sequence", name="calendar_action_happens_once"
        ),
    )
    op.create_index("calendar_action_open", "calendar_action", ["open"])


def downgrade() -> None:
    """Drops `calendar_action` and every record in it."""
    op.drop_table("calendar_action")
