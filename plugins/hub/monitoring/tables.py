"""The tables in which deliveries are described, drift of meaning is kept, and known issues are written down.

None of them holds a value of a personal column: only codes of closed lists, and counts of rows by code, hour, lag and
size.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.warehouse.columns import instant

METADATA = sa.MetaData()

PROFILES = sa.Table(
    "profiles",
    METADATA,
    sa.Column("delivery_id", UUID, primary_key=True),
    sa.Column("sender", sa.Text, primary_key=True, comment="Who sent the rows: the column, the file or the contract"),
    sa.Column("column_name", sa.Text, primary_key=True, comment="* for the rows themselves"),
    sa.Column("statistic", sa.Text, primary_key=True),
    sa.Column("bucket", sa.Text, primary_key=True, comment="The code, hour, lag or size whose rows are counted"),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False, comment="Start of the period that the delivery is for"),
    sa.Column("count_rows", sa.BigInteger, nullable=False, comment="Of the rows looked at: all, or a sample"),
    sa.Index("profiles_by_day", "feed", "day"),
    schema="ledger",
    comment="One row per delivery, sender, column, statistic and bucket: what its accepted rows look like",
)

COMPARED_DAYS = sa.Table(
    "compared_days",
    METADATA,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("count_rows", sa.BigInteger, nullable=False, comment="Rows of the day when it was compared"),
    sa.Column("is_last", sa.Boolean, nullable=False, comment="Whether no later day had come when it was compared"),
    instant("compared_at", nullable=False, default_now=True),
    schema="ledger",
    comment="One row per feed and day that was compared with the past; one that has grown since is compared again",
)

DRIFTS = sa.Table(
    "drifts",
    METADATA,
    sa.Column("drift_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False, comment="* where the feed as a whole drifts"),
    sa.Column("column_name", sa.Text, nullable=False, comment="* for the number of rows"),
    sa.Column("statistic", sa.Text, nullable=False),
    sa.Column("bucket", sa.Text, nullable=False),
    sa.Column("other", sa.Text, comment="The code that the bucket's is exchanged with, if any"),
    sa.Column("first_day", sa.Date, nullable=False, comment="Delivery day on which it was named"),
    sa.Column("since_day", sa.Date, comment="Delivery day since which it is so; null where an older hub found it"),
    sa.Column("last_day", sa.Date, nullable=False, comment="Latest delivery day that was still so"),
    sa.Column("over_day", sa.Date, comment="Delivery day on which it was as before again; null while it lasts"),
    sa.Column("before_value", sa.Float, nullable=False),
    sa.Column("now_value", sa.Float, nullable=False),
    sa.Column("detail", sa.Text, nullable=False, comment="What was, and what is, for people"),
    sa.Column("p_value", sa.Float, nullable=False, comment="At most so likely by chance, given the sender's own past"),
    instant("found_at", nullable=False, default_now=True),
    sa.Column("decision", sa.Text, comment="confirmed: wrong, a known issue; accepted: right, so it is from now on"),
    sa.Column("decided_by", sa.Text),
    instant("decided_at"),
    sa.Column("closed_by", sa.Text, comment="Who said that it is over; null where it ended by itself"),
    sa.CheckConstraint("decision in ('confirmed', 'accepted')", name="decision_is_known"),
    sa.Index(
        "one_open_drift_a_column",
        "feed",
        "sender",
        "column_name",
        unique=True,
        postgresql_where=sa.text("over_day is null and decision is distinct from 'accepted'"),
    ),
    schema="ledger",
    comment="One row per drift of meaning: a sender and column that stopped being as their own past",
)

KNOWN_ISSUE_EVENTS = sa.Table(
    "known_issue_events",
    METADATA,
    sa.Column("event_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("issue_id", sa.BigInteger, comment="The event that opened it; null for that event itself"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("column_name", sa.Text),
    sa.Column("sender", sa.Text),
    sa.Column("from_on", sa.Date, nullable=False),
    sa.Column("to_on", sa.Date),
    sa.Column("effect", sa.Text, nullable=False, comment="What it does to figures; when closed, how it was put right"),
    sa.Column("drift_id", sa.BigInteger, comment="The confirmed drift that it came from"),
    sa.Column("said_by", sa.Text, nullable=False),
    instant("said_at", nullable=False, default_now=True),
    sa.CheckConstraint("kind in ('opened', 'closed')", name="kind_of_known_issue_event_is_known"),
    sa.CheckConstraint("to_on >= from_on", name="known_issue_does_not_end_before_it_begins"),
    schema="ledger",
    comment="One row per change of a known issue: who opened or closed it, and when. Rows are only ever added",
)
