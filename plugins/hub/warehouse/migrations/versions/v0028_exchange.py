"""The exchange: tokens of recipients, receipts of what they hand in, and rows that a token alone lets see."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Add both tables, the functions that know tokens, and row security for the exchange's role."""
    op.create_table(
        "exchange_tokens",
        sa.Column("token_id", sa.UUID(), primary_key=True),
        sa.Column("recipient", sa.Text(), nullable=False, comment="Code of its contract"),
        sa.Column("token_sha256", sa.Text(), nullable=False, unique=True, comment="The token itself is not kept"),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        _instant("issued_at"),
        sa.Column("issued_by", sa.Text(), nullable=False),
        _instant("expires_at"),
        _instant("revoked_at", nullable=True),
        sa.CheckConstraint("scopes <@ array['read', 'answer', 'deliver'] and scopes <> '{}'", name="scopes_are_known"),
        schema="ledger",
        comment="One row per token with which a recipient comes to the exchange",
    )
    op.create_table(
        "exchange_receipts",
        sa.Column("recipient", sa.Text(), primary_key=True),
        sa.Column("delivery_id", sa.UUID(), primary_key=True, comment="Made from feed and content, as of any delivery"),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("dispatch_id", sa.UUID(), comment="Of an answer: what it answers"),
        sa.Column("token_id", sa.UUID(), nullable=False),
        _instant("received_at"),
        schema="ledger",
        comment="One row per file that a recipient has handed in at the exchange",
    )
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(text)
