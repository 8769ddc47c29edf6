"""An erasure is also asked for by a quarantined row."""

from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Only the comment changes."""
    said = "A person id, a token, or a quarantined row and who of it"
    op.alter_column("erasures", "asked_for", comment=said, schema="vault")
