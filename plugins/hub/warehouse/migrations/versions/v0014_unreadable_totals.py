"""Whether a sender states a control total that cannot be read: it passed for none at all."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; of past deliveries it is not known."""
    said = "Whether that is unreadable"
    column = sa.Column("is_total_unreadable", sa.Boolean, nullable=False, server_default="false", comment=said)
    op.add_column("deliveries", column, schema="ledger")
