"""A ledger of dispatches: what goes to whom, each of its moves, and which moves there may be."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

WITHOUT_AN_ANSWER = ("sent", "delivered", "opened")
ANSWERS = ("acknowledged", "accepted", "returned", "transferred", "closed")
ENDS = ("withdrawn", "superseded")
LEGAL_MOVES = {
    "approved": ("sent", "failed", *ENDS),
    # Who gave up sending may be answered all the same: only the receipt was lost.
    "failed": (*WITHOUT_AN_ANSWER, *ANSWERS, *ENDS),
    "sent": ("delivered", "opened", *ANSWERS, *ENDS),
    "delivered": ("opened", *ANSWERS, *ENDS),
    "opened": (*ANSWERS, *ENDS),
    "acknowledged": ("accepted", "returned", "transferred", "closed", *ENDS),
    "accepted": ("returned", "transferred", "closed", *ENDS),
    "returned": ("closed",),
    "transferred": ("closed",),
}
FROM_PREPARED = {True: ("approved", *ENDS), False: ("sent", "failed", *ENDS)}
"""By whether a person has to approve the dispatch."""


def _instant(name: str, *, nullable: bool = True, comment: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.TIMESTAMP(timezone=True), nullable=nullable, comment=comment)


def upgrade() -> None:
    """Add the tables, the legal moves, and a trigger that lets moves only be added."""
    _dispatches()
    legal = op.create_table(
        "legal_dispatch_moves",
        sa.Column("from_state", sa.Text(), primary_key=True),
        sa.Column("to_state", sa.Text(), primary_key=True),
        sa.Column("needs_approval", sa.Boolean(), primary_key=True, comment="Of which dispatches it is a move"),
        schema="ledger",
        comment="One row a move that a dispatch may make: the one declaration of the state machine",
    )
    _moves()
    op.execute("""
        create function ledger.refuse_change_of_moves() returns trigger language plpgsql as $$
        begin
            raise exception 'moves of dispatches are only ever added';
        end $$
    """)
    op.execute("""
        create trigger only_ever_added before update or delete or truncate on ledger.dispatch_moves
        for each statement execute function ledger.refuse_change_of_moves()
    """)
    op.bulk_insert(
        legal,
        [
            {"from_state": before, "to_state": after, "needs_approval": needs_approval}
            for needs_approval, first in FROM_PREPARED.items()
            for before, states in {"prepared": first, **LEGAL_MOVES}.items()
            if needs_approval or before != "approved"
            for after in states
        ],
    )
    _sends()


def _dispatches() -> None:
    op.create_table(
        "dispatches",
        sa.Column(
            "dispatch_id", sa.UUID(), primary_key=True, comment="Made from allocation, content and what it supersedes"
        ),
        sa.Column("dispatch_number", sa.BigInteger(), nullable=False, comment="AL-<number> in answers"),
        sa.Column("allocation_id", sa.UUID(), nullable=False),
        sa.Column("incident_id", sa.UUID(), nullable=False),
        sa.Column("supersedes", sa.UUID(), sa.ForeignKey("ledger.dispatches.dispatch_id"), unique=True),
        sa.Column("recipient", sa.Text(), nullable=False, comment="Code of its contract"),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_code", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("report_ref", sa.Text(), comment="By which answers name the incident; null: no report has one alone"),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column(
            "needs_approval", sa.Boolean(), nullable=False, comment="A person has to approve it before it is sent"
        ),
        sa.Column("publish_id", sa.BigInteger(), nullable=False, comment="The publish that it was prepared from"),
        sa.Column("content_sha256", sa.Text(), nullable=False, comment="Over what its package says of the allocation"),
        sa.Column("package", sa.Text(), nullable=False, comment="The bytes that are sent, each time the same"),
        _instant("prepared_at", nullable=False),
        sa.UniqueConstraint("dispatch_number", name="one_dispatch_a_number"),
        sa.UniqueConstraint("dispatch_id", "needs_approval", name="approval_of_a_dispatch"),
        sa.Index("dispatches_by_allocation", "allocation_id"),
        sa.Index("dispatches_by_report_ref", "report_ref"),
        schema="ledger",
        comment="One row a version of an allocation's package to its recipient; nothing personal is in it",
    )


def _moves() -> None:
    op.create_table(
        "dispatch_moves",
        sa.Column("dispatch_id", sa.UUID(), primary_key=True),
        sa.Column("move_number", sa.Integer(), primary_key=True, comment="From 1, without a gap"),
        sa.Column("previous_number", sa.Integer(), sa.Computed("nullif(move_number - 1, 0)", persisted=True)),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("from_state", sa.Text(), comment="Null for the first move"),
        sa.Column("to_state", sa.Text(), nullable=False),
        _instant("at", nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="hub, a person, or a recipient's code"),
        sa.Column("proof", sa.Text(), nullable=False, comment="A receipt, an answer's place, or why"),
        sa.UniqueConstraint("dispatch_id", "move_number", "to_state", name="state_after_a_move"),
        sa.ForeignKeyConstraint(
            ["dispatch_id", "needs_approval"],
            ["ledger.dispatches.dispatch_id", "ledger.dispatches.needs_approval"],
            name="move_is_of_its_dispatch",
        ),
        sa.ForeignKeyConstraint(
            ["dispatch_id", "previous_number", "from_state"],
            [
                "ledger.dispatch_moves.dispatch_id",
                "ledger.dispatch_moves.move_number",
                "ledger.dispatch_moves.to_state",
            ],
            name="move_follows_the_one_before",
        ),
        sa.ForeignKeyConstraint(
            ["from_state", "to_state", "needs_approval"],
            [
                "ledger.legal_dispatch_moves.from_state",
                "ledger.legal_dispatch_moves.to_state",
                "ledger.legal_dispatch_moves.needs_approval",
            ],
            name="move_is_legal",
        ),
        sa.CheckConstraint(
            "move_number > 0 and (move_number = 1) = (from_state is null)", name="first_has_no_state_before"
        ),
        sa.CheckConstraint("from_state is not null or to_state = 'prepared'", name="first_is_prepared"),
        schema="ledger",
        comment="One row a move of a dispatch, only ever added; its state is where its last move led",
    )


def _sends() -> None:
    op.create_table(
        "dispatch_sends",
        sa.Column("dispatch_id", sa.UUID(), sa.ForeignKey("ledger.dispatches.dispatch_id"), primary_key=True),
        sa.Column("document", sa.Text(), primary_key=True, comment="The package, or that it is withdrawn"),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0", comment="Since it was last begun anew"),
        _instant("tried_at", comment="When it was last handed to the transport"),
        _instant("next_at", nullable=False, comment="Not before"),
        sa.Column("problem", sa.Text(), comment="Why the recipient did not take it the last time"),
        sa.Column("receipt", sa.Text(), comment="What the transport answered when it was taken"),
        sa.CheckConstraint("document in ('package', 'withdrawal')", name="document_is_known"),
        sa.CheckConstraint(
            "state in ('waiting', 'taken', 'given_up', 'dropped')", name="state_of_dispatch_send_is_known"
        ),
        sa.CheckConstraint("(state = 'taken') = (receipt is not null)", name="what_is_taken_has_a_receipt"),
        sa.Index("dispatch_sends_that_wait", "next_at", postgresql_where=sa.text("state = 'waiting'")),
        schema="ledger",
        comment="One row a document of a dispatch that goes out; dropped: the dispatch ended before it was sent",
    )
