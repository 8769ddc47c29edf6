"""A quarantined row says of which record it is, so that nobody is named by what it may have corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Unknown of rows that were quarantined before."""
    comment = "Keyed 128-bit BLAKE2b over the key of its record; null: unknown, or decided"
    op.add_column("rows", sa.Column("key_hash", sa.UUID, comment=comment), schema="quarantine")
    known = sa.text("key_hash is not null")
    op.create_index("rows_by_key", "rows", ["key_hash"], schema="quarantine", postgresql_where=known)
