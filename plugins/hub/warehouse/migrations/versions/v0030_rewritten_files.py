"""Landed files that an erasure rewrote while the ledger knew no delivery of them."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add the table: the same bytes that come later are known by it."""
    op.create_table(
        "rewritten_files",
        sa.Column("feed", sa.Text(), primary_key=True),
        sa.Column("sha256", sa.Text(), primary_key=True, comment="Of the bytes as they were delivered"),
        sa.Column(
            "landing_path", sa.Text(), nullable=False, comment="What is kept in their place, under the landing folder"
        ),
        sa.Column("bytes_destroyed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("bytes_destroyed_because", sa.Text(), nullable=False),
        schema="ledger",
        comment="One row per landed file that an erasure rewrote while the ledger knew no delivery of it",
    )
