"""What reporters are told, and who must not be contacted. No address and no name is in it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.warehouse.columns import instant

METADATA = sa.MetaData()
STATES = ("waiting", "approved", "sent", "dropped", "given_up")

UPDATES = sa.Table(
    "reporter_updates",
    METADATA,
    sa.Column("update_id", UUID, primary_key=True, comment="Made from report, kind and what it is about"),
    sa.Column("report_id", UUID, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("allocation_id", UUID, comment="Null where it is about the report alone"),
    sa.Column("publish_id", sa.BigInteger, nullable=False, comment="The publish that it was prepared from"),
    sa.Column("subject", sa.Text, nullable=False, comment="What stands above the message"),
    sa.Column("words", sa.Text, nullable=False, comment="What is said; it names no person"),
    instant("prepared_at", nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("decided_by", sa.Text, comment="Who approved or dropped it; rule: updates.yaml does; hub: it was over"),
    instant("decided_at"),
    sa.Column("because", sa.Text, comment="Why it was dropped"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    instant("next_at", comment="Not before"),
    sa.Column("problem", sa.Text, comment="Why it was not taken the last time"),
    sa.Column("sent_as", sa.Text, comment="To whose address it went: reporter or victim"),
    instant("sent_at"),
    sa.CheckConstraint(f"state in {STATES}", name="state_of_update_is_known"),
    sa.CheckConstraint("(state = 'waiting') = (decided_by is null)", name="update_is_decided_by_someone"),
    sa.CheckConstraint("(state = 'sent') = (sent_at is not null and sent_as is not null)", name="sent_has_a_time"),
    sa.Index("reporter_updates_by_report", "report_id"),
    sa.Index("reporter_updates_that_wait", "state", postgresql_where=sa.text("state in ('waiting', 'approved')")),
    schema="ledger",
    comment="One row per message that a reporter is due: what is said, who approved it and when it was sent",
)

STOPS = sa.Table(
    "contact_stops",
    METADATA,
    sa.Column("stop_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("report_id", UUID, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("placed_by", sa.Text, nullable=False),
    instant("placed_at", nullable=False, default_now=True),
    sa.Column("lifted_by", sa.Text),
    instant("lifted_at"),
    sa.CheckConstraint("(lifted_by is null) = (lifted_at is null)", name="stop_is_lifted_by_someone"),
    sa.Index("contact_stops_by_report", "report_id", unique=True, postgresql_where=sa.text("lifted_at is null")),
    schema="ledger",
    comment="One row per report whose people must not be contacted, because it is not safe for them",
)
