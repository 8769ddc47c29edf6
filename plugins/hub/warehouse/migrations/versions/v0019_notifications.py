"""An outbox of messages to the owners of what the ledger knows."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def _instant(name: str, *, nullable: bool = True, comment: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable, comment=comment)


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "notifications",
        sa.Column(
            "notification_id", sa.UUID(), primary_key=True, comment="Made from cause and since_at; receivers see it"
        ),
        sa.Column("cause", sa.Text(), nullable=False, unique=True, comment="What it tells of, as a stable key"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lines", sa.ARRAY(sa.Text()), nullable=False),
        _instant("since_at", nullable=False, comment="When the cause began"),
        _instant("noted_at", nullable=False),
        _instant("over_at", comment="When the cause was seen to be over; null while it lasts"),
        sa.CheckConstraint("severity in ('notice', 'warning', 'urgent')", name="severity_is_known"),
        schema="ledger",
        comment="One row a message to an owner: one a cause",
    )
    op.create_index(
        "notifications_that_last",
        "notifications",
        ["noted_at"],
        schema="ledger",
        postgresql_where=sa.text("over_at is null"),
    )
    op.create_table(
        "notification_sends",
        sa.Column(
            "notification_id", sa.UUID(), sa.ForeignKey("ledger.notifications.notification_id"), primary_key=True
        ),
        sa.Column("channel", sa.Text(), primary_key=True, comment="Its name in notifications.yaml"),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0", comment="How often it was its turn"),
        _instant("tried_at", comment="When it was last handed to the channel"),
        _instant("next_at", nullable=False, comment="Not before"),
        sa.Column("problem", sa.Text(), comment="Why the channel did not take it the last time"),
        _instant("sent_at"),
        sa.Column("receipt", sa.Text(), comment="What the channel answered when it took it"),
        sa.CheckConstraint("state in ('waiting', 'sent', 'dropped')", name="state_of_send_is_known"),
        sa.CheckConstraint("(state = 'sent') = (sent_at is not null)", name="what_is_sent_says_when"),
        schema="ledger",
        comment="One row a message and channel; dropped: it asked for something that was done before it could be sent",
    )
    op.create_index(
        "notification_sends_that_wait",
        "notification_sends",
        ["channel", "next_at"],
        schema="ledger",
        postgresql_where=sa.text("state = 'waiting'"),
    )
