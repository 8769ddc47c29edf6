"""The outbox. It holds no value of a row and no name of a file: feeds, ids, rules, counts, and what to do next."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.warehouse.columns import instant

METADATA = sa.MetaData()

NOTIFICATIONS = sa.Table(
    "notifications",
    METADATA,
    sa.Column("notification_id", UUID, primary_key=True, comment="Made from cause and since_at; receivers see it"),
    sa.Column("cause", sa.Text, nullable=False, unique=True, comment="What it tells of, as a stable key"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("lines", sa.ARRAY(sa.Text), nullable=False),
    instant("since_at", nullable=False, comment="When the cause began"),
    instant("noted_at", nullable=False),
    instant("over_at", comment="When the cause was seen to be over; null while it lasts"),
    sa.CheckConstraint("severity in ('notice', 'warning', 'urgent')", name="severity_is_known"),
    sa.Index("notifications_that_last", "noted_at", postgresql_where=sa.text("over_at is null")),
    schema="ledger",
    comment="One row per message to an owner: one a cause",
)

NOTIFICATION_SENDS = sa.Table(
    "notification_sends",
    METADATA,
    sa.Column("notification_id", UUID, sa.ForeignKey(NOTIFICATIONS.c.notification_id), primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True, comment="Its name in notifications.yaml"),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0", comment="How often it was its turn"),
    instant("tried_at", comment="When it was last handed to the channel"),
    instant("next_at", nullable=False, comment="Not before"),
    sa.Column("problem", sa.Text, comment="Why the channel did not take it the last time"),
    instant("sent_at"),
    sa.Column("receipt", sa.Text, comment="What the channel answered when it took it"),
    sa.CheckConstraint("state in ('waiting', 'sent', 'dropped')", name="state_of_send_is_known"),
    sa.CheckConstraint("(state = 'sent') = (sent_at is not null)", name="what_is_sent_says_when"),
    sa.Index("notification_sends_that_wait", "channel", "next_at", postgresql_where=sa.text("state = 'waiting'")),
    schema="ledger",
    comment="One row per message and channel; dropped: it asked for something that was done before it could be sent",
)
