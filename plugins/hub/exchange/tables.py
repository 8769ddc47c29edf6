"""The exchange's own tables: tokens by their hash, and receipts of what was handed in. Nothing personal is in them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.warehouse.columns import instant

METADATA = sa.MetaData()

TOKENS = sa.Table(
    "exchange_tokens",
    METADATA,
    sa.Column("token_id", UUID, primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False, comment="Code of its contract"),
    sa.Column("token_sha256", sa.Text, nullable=False, unique=True, comment="The token itself is not kept"),
    sa.Column("scopes", sa.ARRAY(sa.Text), nullable=False),
    instant("issued_at", nullable=False),
    sa.Column("issued_by", sa.Text, nullable=False),
    instant("expires_at", nullable=False),
    instant("revoked_at"),
    sa.Column("dispatch_id", UUID, comment="Of a link: the one dispatch that it answers, once"),
    sa.Column("code_sha256", sa.Text, comment="Of a link: over the token and the code that is told apart"),
    sa.Column(
        "count_wrong_codes", sa.Integer, nullable=False, server_default="0", comment="After five a link has ended"
    ),
    instant("told_at", comment="Of a link that the hub has mailed: when it and its code were taken"),
    sa.CheckConstraint("(dispatch_id is null) = (code_sha256 is null)", name="link_has_a_code"),
    sa.CheckConstraint("scopes <@ array['read', 'answer', 'deliver'] and scopes <> '{}'", name="scopes_are_known"),
    schema="ledger",
    comment="One row per token with which a recipient comes to the exchange",
)

RECEIPTS = sa.Table(
    "exchange_receipts",
    METADATA,
    sa.Column("recipient", sa.Text, primary_key=True),
    sa.Column("delivery_id", UUID, primary_key=True, comment="Made from feed and content, as of any delivery"),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("dispatch_id", UUID, comment="Of an answer: what it answers"),
    sa.Column("token_id", UUID, nullable=False),
    instant("received_at", nullable=False),
    schema="ledger",
    comment="One row per file that a recipient has handed in at the exchange",
)
