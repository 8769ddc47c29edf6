"""The ledger of dispatches. Nothing personal is in it: ids, codes, states, and packages without persons."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.warehouse.columns import instant

METADATA = sa.MetaData()
DOCUMENTS = "document in ('package', 'withdrawal') or document ~ '^erasure-[0-9]+$'"

DISPATCHES = sa.Table(
    "dispatches",
    METADATA,
    sa.Column("dispatch_id", UUID, primary_key=True, comment="Made from allocation, content and what it supersedes"),
    sa.Column("dispatch_number", sa.BigInteger, nullable=False, comment="AL-<number> in answers"),
    sa.Column("allocation_id", UUID, nullable=False),
    sa.Column("incident_id", UUID, nullable=False),
    sa.Column("supersedes", UUID, sa.ForeignKey("ledger.dispatches.dispatch_id"), unique=True),
    sa.Column("recipient", sa.Text, nullable=False, comment="Code of its contract"),
    sa.Column("target_kind", sa.Text, nullable=False),
    sa.Column("target_code", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("report_ref", sa.Text, comment="By which answers name the incident; null: no report has one alone"),
    sa.Column("is_urgent", sa.Boolean, nullable=False),
    sa.Column("needs_approval", sa.Boolean, nullable=False, comment="A person has to approve it before it is sent"),
    sa.Column("publish_id", sa.BigInteger, nullable=False, comment="The publish that it was prepared from"),
    sa.Column("content_sha256", sa.Text, nullable=False, comment="Over what its package says of the allocation"),
    sa.Column(
        "package", sa.Text, nullable=False, comment="What is sent, each time the same but for the persons whom it names"
    ),
    instant("prepared_at", nullable=False),
    instant("written_at", nullable=False, default_now=True, comment="By the clock of the database"),
    sa.UniqueConstraint("dispatch_number", name="one_dispatch_a_number"),
    sa.UniqueConstraint("dispatch_id", "needs_approval", name="approval_of_a_dispatch"),
    sa.Index("dispatches_by_allocation", "allocation_id"),
    sa.Index("dispatches_by_incident", "incident_id"),
    sa.Index("dispatches_by_report_ref", "report_ref"),
    schema="ledger",
    comment="One row per version of an allocation's package to its recipient; nothing personal is in it",
)

LEGAL_MOVES = sa.Table(
    "legal_dispatch_moves",
    METADATA,
    sa.Column("from_state", sa.Text, primary_key=True),
    sa.Column("to_state", sa.Text, primary_key=True),
    sa.Column("needs_approval", sa.Boolean, primary_key=True, comment="Of which dispatches it is a move"),
    schema="ledger",
    comment="One row per move that a dispatch may make: the one declaration of the state machine",
)

MOVES = sa.Table(
    "dispatch_moves",
    METADATA,
    sa.Column("dispatch_id", UUID, primary_key=True),
    sa.Column("move_number", sa.Integer, primary_key=True, comment="From 1, without a gap"),
    sa.Column("previous_number", sa.Integer, sa.Computed("nullif(move_number - 1, 0)", persisted=True)),
    sa.Column("needs_approval", sa.Boolean, nullable=False),
    sa.Column("from_state", sa.Text, comment="Null for the first move"),
    sa.Column("to_state", sa.Text, nullable=False),
    instant("at", nullable=False),
    instant("written_at", nullable=False, default_now=True, comment="By the clock of the database"),
    sa.Column("actor", sa.Text, nullable=False, comment="hub, a person, or a recipient's code"),
    sa.Column("proof", sa.Text, nullable=False, comment="A receipt, an answer's place, or why"),
    sa.UniqueConstraint("dispatch_id", "move_number", "to_state", name="state_after_a_move"),
    sa.ForeignKeyConstraint(
        ["dispatch_id", "needs_approval"],
        [DISPATCHES.c.dispatch_id, DISPATCHES.c.needs_approval],
        name="move_is_of_its_dispatch",
    ),
    sa.ForeignKeyConstraint(
        ["dispatch_id", "previous_number", "from_state"],
        ["ledger.dispatch_moves.dispatch_id", "ledger.dispatch_moves.move_number", "ledger.dispatch_moves.to_state"],
        name="move_follows_the_one_before",
    ),
    sa.ForeignKeyConstraint(
        ["from_state", "to_state", "needs_approval"],
        [LEGAL_MOVES.c.from_state, LEGAL_MOVES.c.to_state, LEGAL_MOVES.c.needs_approval],
        name="move_is_legal",
    ),
    sa.CheckConstraint(
        "move_number > 0 and (move_number = 1) = (from_state is null)", name="first_has_no_state_before"
    ),
    sa.CheckConstraint("from_state is not null or to_state = 'prepared'", name="first_is_prepared"),
    sa.Index("dispatch_moves_that_withdraw", "dispatch_id", postgresql_where=sa.text("to_state = 'withdrawn'")),
    schema="ledger",
    comment="One row per move of a dispatch, only ever added; its state is where its last move led",
)

SENDS = sa.Table(
    "dispatch_sends",
    METADATA,
    sa.Column("dispatch_id", UUID, sa.ForeignKey(DISPATCHES.c.dispatch_id), primary_key=True),
    sa.Column(
        "document",
        sa.Text,
        primary_key=True,
        comment="The package, that it is withdrawn, or that persons in it were erased",
    ),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0", comment="Since it was last begun anew"),
    instant("tried_at", comment="When it was last handed to the transport"),
    instant("next_at", nullable=False, comment="Not before"),
    sa.Column("problem", sa.Text, comment="Why the recipient did not take it the last time"),
    sa.Column("receipt", sa.Text, comment="What the transport answered when it was taken"),
    sa.CheckConstraint(DOCUMENTS, name="document_is_known"),
    sa.CheckConstraint("state in ('waiting', 'taken', 'given_up', 'dropped')", name="state_of_dispatch_send_is_known"),
    sa.CheckConstraint("(state = 'taken') = (receipt is not null)", name="what_is_taken_has_a_receipt"),
    sa.Index("dispatch_sends_that_wait", "next_at", postgresql_where=sa.text("state = 'waiting'")),
    schema="ledger",
    comment="One row per document of a dispatch that goes out; dropped: the dispatch ended before it was sent",
)

NAMED_PERSONS = sa.Table(
    "dispatch_persons",
    METADATA,
    sa.Column("dispatch_id", UUID, sa.ForeignKey(DISPATCHES.c.dispatch_id), primary_key=True),
    sa.Column("report_id", UUID, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True, comment="victim or reporter"),
    sa.Column("delivery_id", UUID, nullable=False),
    sa.Column("row_number", sa.BigInteger, nullable=False),
    instant("named_at", nullable=False),
    sa.Column("told_in", sa.Text, comment="The document by which the recipient is told that the person was erased"),
    schema="ledger",
    comment="One row per person of a report whom a package has named, or may have; no value",
)

PAUSES = sa.Table(
    "recipient_pauses",
    METADATA,
    sa.Column("pause_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("recipient", sa.Text, nullable=False, comment="Code of its contract"),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("paused_by", sa.Text, nullable=False),
    instant("paused_at", nullable=False),
    sa.Column("resumed_by", sa.Text),
    instant("resumed_at"),
    sa.CheckConstraint("(resumed_by is null) = (resumed_at is null)", name="pause_is_ended_by_someone"),
    sa.Index("recipient_pauses_that_hold", "recipient", unique=True, postgresql_where=sa.text("resumed_at is null")),
    schema="ledger",
    comment="One row per time in which nothing is sent to a recipient, because a person said so",
)
