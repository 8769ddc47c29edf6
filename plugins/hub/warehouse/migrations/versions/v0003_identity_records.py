"""The word for what linkage compares, in the comment of its table."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the comment alone."""
    comment = "One row an identity record and blocking key: only records that share a key are compared"
    op.create_table_comment("portrait_keys", comment, schema="linkage")
