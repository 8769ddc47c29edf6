"""Add the table of paused recipients."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def _instant(name: str, **options: object) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), **options)  # type: ignore[arg-type]


def upgrade() -> None:
    """Until now a recipient's contract said so, with `is_paused`, which no longer exists."""
    op.create_table(
        "recipient_pauses",
        sa.Column("pause_id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("recipient", sa.Text(), nullable=False, comment="Code of its contract"),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.Text(), nullable=False),
        _instant("paused_at", nullable=False),
        sa.Column("resumed_by", sa.Text()),
        _instant("resumed_at"),
        sa.CheckConstraint("(resumed_by is null) = (resumed_at is null)", name="pause_is_ended_by_someone"),
        schema="ledger",
        comment="One row per time in which nothing is sent to a recipient, because a person said so",
    )
    op.create_index(
        "recipient_pauses_that_hold",
        "recipient_pauses",
        ["recipient"],
        schema="ledger",
        unique=True,
        postgresql_where=sa.text("resumed_at is null"),
    )
