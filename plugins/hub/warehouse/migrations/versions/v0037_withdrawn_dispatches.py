"""Add an index over the withdrawn dispatches, so that the exchange finds them quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Nothing of a dispatch changes."""
    op.create_index(
        "dispatch_moves_that_withdraw",
        "dispatch_moves",
        ["dispatch_id"],
        schema="ledger",
        postgresql_where=sa.text("to_state = 'withdrawn'"),
    )
