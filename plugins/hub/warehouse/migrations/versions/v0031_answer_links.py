"""Links by which somebody without a system answers one dispatch, once, with a code that was told apart."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """A link is a token for one dispatch; what the exchange's role sees with it is that dispatch alone."""
    added = (
        sa.Column("dispatch_id", sa.UUID(), comment="Of a link: the one dispatch that it answers, once"),
        sa.Column("code_sha256", sa.Text(), comment="Of a link: over the token and the code that is told apart"),
        sa.Column(
            "count_wrong_codes", sa.Integer(), nullable=False, server_default="0", comment="After five a link has ended"
        ),
    )
    for column in added:
        op.add_column("exchange_tokens", column, schema="ledger")
    op.create_check_constraint(
        "link_has_a_code", "exchange_tokens", "(dispatch_id is null) = (code_sha256 is null)", schema="ledger"
    )
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(text)
