"""Links that the hub mails to recipients, and their codes to another mailbox."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Until now people told recipients their links."""
    told_at = sa.Column(
        "told_at",
        sa.TIMESTAMP(timezone=True),
        comment="Of a link that the hub has mailed: when it and its code were taken",
    )
    op.add_column("exchange_tokens", told_at, schema="ledger")
