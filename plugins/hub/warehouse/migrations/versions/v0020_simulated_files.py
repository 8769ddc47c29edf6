"""Which files the hub itself made up, as samples; whether a publish rests on some."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the table, and a column to the manifests. What was published before says nothing of it."""
    op.create_table(
        "simulated_files",
        sa.Column("sha256", sa.Text(), primary_key=True, comment="Of the file as it was delivered"),
        sa.Column("noted_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="ledger",
        comment="One row a file that the hub itself made up, as a sample",
    )
    op.add_column(
        "publishes",
        sa.Column("count_rows_simulated", sa.BigInteger(), comment="Rows of simulated samples that it rests on"),
        schema="ledger",
    )
