"""What people decide about proposed slots, and how those ended. Decisions are only ever added."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from hub.forecast.tables import RUNS, TASKING, TASKING_DECISIONS


class DecisionRefused(ValueError):
    """A decision that is refused; the message says why."""


def read_slots(connection: sa.Connection, run_id: uuid.UUID | None = None) -> list[Any]:
    """Slots with their decision (``open`` while there is none) and latest outcome: of one run, or of the latest run of
    each panel."""
    slots, runs, decided = TASKING.c, RUNS.c, TASKING_DECISIONS.alias().c
    newest_first = (runs.panel, runs.cut_off.desc(), runs.made_at.desc(), runs.run_id)
    latest = sa.select(runs.run_id).ext(distinct_on(runs.panel)).order_by(*newest_first)
    outcome = (
        sa.select(TASKING_DECISIONS.c.because)
        .where(
            TASKING_DECISIONS.c.run_id == slots.run_id,
            TASKING_DECISIONS.c.slot == slots.slot,
            TASKING_DECISIONS.c.kind == "outcome",
        )
        .order_by(TASKING_DECISIONS.c.decision_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    joined = TASKING.join(RUNS, slots.run_id == runs.run_id).outerjoin(
        decided.run_id.table,
        sa.and_(decided.run_id == slots.run_id, decided.slot == slots.slot, decided.kind != "outcome"),
    )
    columns = [
        *TASKING.c,
        runs.panel,
        runs.cut_off,
        sa.func.coalesce(decided.kind, "open").label("decision"),
        decided.decided_by,
        outcome.label("outcome"),
    ]
    query = sa.select(*columns).select_from(joined).order_by(runs.panel, slots.run_id, slots.slot)
    wanted = slots.run_id == run_id if run_id is not None else slots.run_id.in_(latest)
    return list(connection.execute(query.where(wanted)))


def decide(
    connection: sa.Connection,
    run_id: uuid.UUID,
    slots: Iterable[int],
    *,
    is_approved: bool,
    decided_by: str,
    because: str | None = None,
) -> int:
    """Approve or decline slots of a run. Slots that were decided before stay as they are. Returns how many are new.

    Raises :class:`DecisionRefused` where a slot is not of the run, or what is declined has no reason.
    """
    wanted = sorted(set(slots))
    if not is_approved and not (because or "").strip():
        raise DecisionRefused("what is declined needs its reason")
    _refuse_unknown(connection, run_id, wanted)
    decided = sa.select(TASKING_DECISIONS.c.slot).where(
        TASKING_DECISIONS.c.run_id == run_id, TASKING_DECISIONS.c.kind != "outcome"
    )
    # A lock on the run: a second person waits, and then finds what the first decided.
    connection.execute(sa.select(RUNS.c.run_id).where(RUNS.c.run_id == run_id).with_for_update())
    before: set[int] = set(connection.execute(decided).scalars())
    kind = "approved" if is_approved else "declined"
    rows = [
        {"run_id": run_id, "slot": slot, "kind": kind, "because": because, "decided_by": decided_by}
        for slot in wanted
        if slot not in before
    ]
    if rows:
        connection.execute(sa.insert(TASKING_DECISIONS), rows)
    return len(rows)


def tell_outcome(connection: sa.Connection, run_id: uuid.UUID, slot: int, *, outcome: str, told_by: str) -> None:
    """Write down how an approved slot ended. It can be written again; the last one is shown.

    Raises :class:`DecisionRefused` where the slot was not approved, or the text is empty.
    """
    if not outcome.strip():
        raise DecisionRefused("say what came of it")
    _refuse_unknown(connection, run_id, [slot])
    of_slot = sa.and_(TASKING_DECISIONS.c.run_id == run_id, TASKING_DECISIONS.c.slot == slot)
    approved = sa.select(sa.exists().where(of_slot, TASKING_DECISIONS.c.kind == "approved"))
    if not connection.scalar(approved):
        raise DecisionRefused(f"slot {slot} was not approved: nothing can have come of it")
    # An outcome is kept in the columns of a decision: its text as the reason, who told it as who decided.
    row = {"run_id": run_id, "slot": slot, "kind": "outcome", "because": outcome, "decided_by": told_by}
    connection.execute(sa.insert(TASKING_DECISIONS), [row])


def _refuse_unknown(connection: sa.Connection, run_id: uuid.UUID, wanted: Sequence[int]) -> None:
    known: set[int] = set(connection.execute(sa.select(TASKING.c.slot).where(TASKING.c.run_id == run_id)).scalars())
    if missing := [slot for slot in wanted if slot not in known]:
        raise DecisionRefused(f"run {run_id} proposes no slot {', '.join(map(str, missing))}")
