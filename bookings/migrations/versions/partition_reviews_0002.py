"""What is kept of reviews of partitions: hardware, acknowledged findings, what was seen."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates three tables."""
    op.create_table(
        "partition_hardware",
        sa.Column("server", sa.Text(), primary_key=True),
        sa.Column("offering_uuid", sa.String(32), primary_key=True),
        sa.Column("partition_name", sa.Text(), primary_key=True),
        sa.Column("nodes", sa.JSON(), nullable=False),
        sa.Column("person_uuid", sa.String(32), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "acknowledged_finding",
        sa.Column("server", sa.Text(), primary_key=True),
        sa.Column("offering_uuid", sa.String(32), primary_key=True),
        sa.Column("partition", sa.Text(), primary_key=True),
        sa.Column("rule", sa.String(10), primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_uuid", sa.String(32), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "reviewed_partition",
        sa.Column("server", sa.Text(), primary_key=True),
        sa.Column("person_uuid", sa.String(32), primary_key=True),
        sa.Column("offering_uuid", sa.String(32), primary_key=True),
        sa.Column("partition", sa.Text(), primary_key=True),
        sa.Column("partition_name", sa.Text(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False),
        sa.Column("reviewed", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drops the three tables and what is kept in them."""
    for name in ("reviewed_partition", "acknowledged_finding", "partition_hardware"):
        op.drop_table(name)
