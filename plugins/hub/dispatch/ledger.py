"""What the ledger knows of dispatches: their moves, and what each of them is now. The only code that makes a move."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.dispatch.states import ANSWERED, State
from hub.dispatch.tables import DISPATCHES, LEGAL_MOVES, MOVES, SENDS
from hub.warehouse.columns import is_one_of

LEDGER_LOCK = 4_207_031
HUB = "hub"
"""Who made the moves that no person and no recipient made; no person decides under this name."""
LONGEST_PROOF = 500
LEFT = (State.SENT, State.FAILED)
"""Every way of a dispatch out of the hub leads through one of these."""
ANSWERED_AS = "AL-{:08d}"
"""The reference by which a recipient names a dispatch in its answers."""


class IllegalMove(ValueError):
    """A dispatch may not go from its state to the one that was asked for; both are named."""


@dataclass(frozen=True)
class Dispatch:
    """A dispatch and its present state."""

    dispatch_id: uuid.UUID
    number: int
    allocation_id: uuid.UUID
    incident_id: uuid.UUID
    supersedes: uuid.UUID | None
    recipient: str
    target_kind: str
    target_code: str
    route: str
    report_ref: str | None
    is_urgent: bool
    needs_approval: bool
    publish_id: int
    content_sha256: str
    prepared_at: datetime
    state: State
    moved_at: datetime

    @property
    def allocation_ref(self) -> str:
        return ANSWERED_AS.format(self.number)


@dataclass(frozen=True)
class Move:
    """One move of a dispatch; ``from_state`` is None for the first."""

    from_state: State | None
    to_state: State
    at: datetime
    actor: str
    proof: str


_COLUMNS = [column for column in DISPATCHES.columns if column.name not in ("package", "written_at")]
_LAST = (
    sa.select(MOVES.c.move_number, MOVES.c.to_state, MOVES.c.at)
    .where(MOVES.c.dispatch_id == DISPATCHES.c.dispatch_id)
    .order_by(MOVES.c.move_number.desc())
    .limit(1)
    .lateral("last_move")
)


def hold(connection: sa.Connection) -> None:
    """Be alone, to the end of this transaction, in changing more than one row of dispatches: without that, two that
    begin with different rows wait for each other. Call it before the first look at them; a single move needs none."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LEDGER_LOCK)))


def move(connection: sa.Connection, dispatch_id: uuid.UUID, to: State, *, at: datetime, actor: str, proof: str) -> None:
    """Add a move. Raises :class:`IllegalMove` where the database does not let the dispatch go there."""
    values = [sa.literal(to.value), sa.literal(at), sa.literal(actor), sa.literal(proof[:LONGEST_PROOF])]
    next_number = sa.func.coalesce(_LAST.c.move_number, 0) + 1
    query = (
        sa.select(DISPATCHES.c.dispatch_id, next_number, DISPATCHES.c.needs_approval, _LAST.c.to_state, *values)
        .select_from(DISPATCHES.outerjoin(_LAST, sa.true()))
        .where(DISPATCHES.c.dispatch_id == dispatch_id)
    )
    columns = ["dispatch_id", "move_number", "needs_approval", "from_state", "to_state", "at", "actor", "proof"]
    try:
        with connection.begin_nested():
            insert = sa.insert(MOVES).from_select(columns, query).returning(MOVES.c.move_number)
            number = connection.execute(insert).scalar()
    except sa.exc.IntegrityError as refusal:
        now = read(connection, [dispatch_id])[0].state
        raise IllegalMove(f"dispatch {dispatch_id} is {now} and cannot become {to}") from refusal
    if number is None:
        raise IllegalMove(f"there is no dispatch {dispatch_id}")
    if to in ANSWERED:
        # Its recipient has it, however the last attempt ended: the package no longer waits for its turn.
        waits = (SENDS.c.dispatch_id == dispatch_id) & (SENDS.c.document == "package") & (SENDS.c.state == "waiting")
        connection.execute(sa.update(SENDS).where(waits).values(state="dropped"))


def add(connection: sa.Connection, values: Mapping[str, Any], *, because: str) -> None:
    """Write a new dispatch down, prepared and waiting to be sent. ``values`` are those of its row."""
    connection.execute(sa.insert(DISPATCHES).values(dict(values)))
    dispatch_id, at = values["dispatch_id"], values["prepared_at"]
    move(connection, dispatch_id, State.PREPARED, at=at, actor=HUB, proof=because)
    connection.execute(sa.insert(SENDS).values(dispatch_id=dispatch_id, document="package", next_at=at))


def next_number(connection: sa.Connection) -> int:
    """The number that the next dispatch will have: its package names it. The caller is alone in preparing."""
    return connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(DISPATCHES.c.dispatch_number), 0) + 1)
    ).scalar_one()


def read(connection: sa.Connection, dispatch_ids: Collection[uuid.UUID]) -> list[Dispatch]:
    """These dispatches, in the order of their numbers; unknown ids are left out."""
    return _read(connection, is_one_of(DISPATCHES.c.dispatch_id, dispatch_ids))


def in_states(connection: sa.Connection, states: Iterable[State]) -> list[Dispatch]:
    """All dispatches that are in one of these states, urgent ones first, then as prepared."""
    return _read(connection, _LAST.c.to_state.in_([one.value for one in states]))


def sent(
    connection: sa.Connection,
    *,
    dispatch_id: uuid.UUID | None = None,
    state: State | None = None,
    after: int = 0,
    limit: int = 1,
) -> list[Dispatch]:
    """Dispatches that have left the hub, or failed to, with numbers beyond ``after``, in the order of their numbers; as
    far as this connection's role sees them. What :func:`taken_back` has is withdrawn, for its recipient. Asked for by
    its id, also one that has ended since it was handed over, though nobody heard that it was taken: who knows the id
    may have it."""
    table = DISPATCHES.c
    has_left = sa.exists().where(MOVES.c.dispatch_id == table.dispatch_id, MOVES.c.to_state.in_(LEFT))
    wanted = [table.dispatch_number > after]
    if dispatch_id is None:
        wanted.append(has_left)
    else:
        of_package = (SENDS.c.dispatch_id == table.dispatch_id) & (SENDS.c.document == "package")
        was_tried = sa.exists().where(of_package, SENDS.c.tried_at.is_not(None))
        has_ended = _LAST.c.to_state.in_((State.WITHDRAWN, State.SUPERSEDED))
        wanted += [table.dispatch_id == dispatch_id, has_left | (was_tried & has_ended)]
    gone = taken_back(connection)
    is_gone = is_one_of(table.dispatch_id, gone)
    if state is State.WITHDRAWN:
        wanted.append((_LAST.c.to_state == state.value) | is_gone)
    elif state is not None:
        wanted.append((_LAST.c.to_state == state.value) & ~is_gone)
    found = _read(connection, sa.and_(*wanted), table.dispatch_number, limit=limit)
    return [replace(one, state=State.WITHDRAWN) if one.dispatch_id in gone else one for one in found]


def everything(connection: sa.Connection) -> list[Dispatch]:
    """All dispatches."""
    return _read(connection, sa.true())


def _read(
    connection: sa.Connection,
    wanted: sa.ColumnElement[bool],
    *order: sa.ColumnElement[Any],
    limit: int | None = None,
) -> list[Dispatch]:
    table = DISPATCHES.c
    query = (
        sa.select(*_COLUMNS, _LAST.c.to_state, _LAST.c.at.label("moved_at"))
        .select_from(DISPATCHES.join(_LAST, sa.true()))
        .where(wanted)
        .order_by(*(order or (table.is_urgent.desc(), table.dispatch_number)))
        .limit(limit)
    )
    rows = connection.execute(query).mappings()
    return [_dispatch(dict(row)) for row in rows]


def _dispatch(row: dict[str, Any]) -> Dispatch:
    state, number = State(row.pop("to_state")), row.pop("dispatch_number")
    return Dispatch(**row, number=number, state=state)


def package_of(connection: sa.Connection, dispatch_id: uuid.UUID) -> str:
    """The text that is sent of a dispatch: the same each time."""
    query = sa.select(DISPATCHES.c.package).where(DISPATCHES.c.dispatch_id == dispatch_id)
    return str(connection.execute(query).scalar_one())


def versions_before(connection: sa.Connection, dispatch_id: uuid.UUID) -> list[uuid.UUID]:
    """The dispatches whose place it takes, the latest first."""
    query = sa.text("""
        with recursive versions as (
            select supersedes as dispatch_id, 1 as place from ledger.dispatches where dispatch_id = :dispatch_id
            union all
            select earlier.supersedes, versions.place + 1
            from versions inner join ledger.dispatches as earlier on versions.dispatch_id = earlier.dispatch_id
        )
        select dispatch_id from versions where dispatch_id is not null order by place
    """)
    return list(connection.execute(query, {"dispatch_id": dispatch_id}).scalars())


def newest_that_was_tried(connection: sa.Connection, dispatch_id: uuid.UUID) -> uuid.UUID | None:
    """Of a dispatch and those whose place it took, the newest that its recipient may have: one that was handed over at
    least once, however it ended. None where there is none."""
    query = sa.text("""
        with recursive versions as (
            select dispatch_id, supersedes, recipient, dispatch_number
            from ledger.dispatches where dispatch_id = :dispatch_id
            union all
            select earlier.dispatch_id, earlier.supersedes, earlier.recipient, earlier.dispatch_number
            from versions
            inner join ledger.dispatches as earlier
                on versions.supersedes = earlier.dispatch_id and versions.recipient = earlier.recipient
        )
        select dispatch_id
        from versions
        inner join ledger.dispatch_sends as sends using (dispatch_id)
        where sends.document = 'package' and sends.tried_at is not null
        order by dispatch_number desc
        limit 1
    """)
    return connection.execute(query, {"dispatch_id": dispatch_id}).scalar_one_or_none()


def taken_back(connection: sa.Connection) -> dict[uuid.UUID, str]:
    """Superseded dispatches whose place was taken by one that was withdrawn before it is known to have come, and why it
    was: they may be all that their recipient has of the allocation."""
    query = sa.text("""
        with recursive versions as (
            select newer.dispatch_id, newer.supersedes, newer.recipient, its_end.proof, false as has_come
            from ledger.dispatches as newer
            inner join ledger.dispatch_moves as its_end
                on newer.dispatch_id = its_end.dispatch_id and its_end.to_state = 'withdrawn'
            where not exists (
                select from ledger.dispatch_moves as moves
                where newer.dispatch_id = moves.dispatch_id and moves.to_state = any(:came)
            )
            union all
            select earlier.dispatch_id, earlier.supersedes, earlier.recipient, versions.proof, exists (
                select from ledger.dispatch_moves as moves
                where earlier.dispatch_id = moves.dispatch_id and moves.to_state = any(:came)
            )
            from versions
            inner join ledger.dispatches as earlier
                on versions.supersedes = earlier.dispatch_id and versions.recipient = earlier.recipient
            inner join ledger.dispatch_moves as its_end
                on earlier.dispatch_id = its_end.dispatch_id and its_end.to_state = 'superseded'
            where not versions.has_come
        )
        select versions.dispatch_id, versions.proof
        from versions
        inner join ledger.dispatch_moves as its_end
            on versions.dispatch_id = its_end.dispatch_id and its_end.to_state = 'superseded'
    """)
    rows = connection.execute(query, {"came": sorted({State.DELIVERED, State.OPENED, *ANSWERED})})
    return {row.dispatch_id: row.proof for row in rows}


def legal_moves(connection: sa.Connection) -> set[tuple[State, State, bool]]:
    """From which state to which a dispatch may go, by whether it needs an approval."""
    rows = connection.execute(sa.select(LEGAL_MOVES))
    return {(State(row.from_state), State(row.to_state), row.needs_approval) for row in rows}


def moves_of(connection: sa.Connection, dispatch_id: uuid.UUID) -> list[Move]:
    """All moves of a dispatch, in order."""
    columns = (MOVES.c.from_state, MOVES.c.to_state, MOVES.c.at, MOVES.c.actor, MOVES.c.proof)
    query = sa.select(*columns).where(MOVES.c.dispatch_id == dispatch_id).order_by(MOVES.c.move_number)
    return [
        Move(State(row.from_state) if row.from_state else None, State(row.to_state), row.at, row.actor, row.proof)
        for row in connection.execute(query)
    ]


def moved_by(connection: sa.Connection, proofs: Sequence[str]) -> dict[str, uuid.UUID]:
    """Which dispatch each of these proofs has moved, of those that have moved one."""
    query = sa.text("select distinct proof, dispatch_id from ledger.dispatch_moves where proof = any(:proofs)")
    return {row.proof: row.dispatch_id for row in connection.execute(query, {"proofs": list(proofs)})}
