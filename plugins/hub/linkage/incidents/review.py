"""What people see of incidents, and what they decide about them: ids, reasons and scores, no values."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.linkage.tables import INCIDENT_PINS, REPORT_INCIDENTS, REPORT_PAIRS

PINNED_TOGETHER = """
    with recursive joined (report_id) as (
        select cast(:report_id as uuid)
        union
        select case when pins.report_a = joined.report_id then pins.report_b else pins.report_a end
        from joined
        inner join linkage.incident_pins as pins on joined.report_id in (pins.report_a, pins.report_b)
        where pins.is_together and (pins.report_a, pins.report_b) <> (:report_a, :report_b)
    )
    select report_id from joined
"""


class PinRefused(ValueError):
    """A decision that is refused: the message says what is in its way."""


def pin(
    connection: sa.Connection, reports: tuple[uuid.UUID, uuid.UUID], *, is_together: bool, because: str, decided_by: str
) -> None:
    """Write down a decision about two reports; one about the same two is replaced.

    Raises :class:`PinRefused` where a report is not known, or where other pins say the opposite: nobody should have to
    guess which of two decisions counts.
    """
    first, second = sorted(reports)
    if first == second:
        raise PinRefused("a report is always one incident with itself")
    if not because.strip():
        raise PinRefused("a decision needs its reason")
    known = sa.select(REPORT_INCIDENTS.c.report_id).where(REPORT_INCIDENTS.c.report_id.in_([first, second]))
    linked: list[uuid.UUID] = list(connection.execute(known).scalars())
    if missing := {first, second}.difference(linked):
        raise PinRefused(f"no linked report {', '.join(map(str, sorted(missing)))}")
    _refuse_contradiction(connection, first, second, is_together=is_together)
    decision = {"is_together": is_together, "because": because, "decided_by": decided_by}
    fresh = insert(INCIDENT_PINS).values(report_a=first, report_b=second, **decision)
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["report_a", "report_b"], set_={**decision, "decided_at": sa.func.now()}
        )
    )


def unpin(connection: sa.Connection, reports: tuple[uuid.UUID, uuid.UUID]) -> None:
    """Take a decision back. Raises :class:`PinRefused` where there is none."""
    first, second = sorted(reports)
    pins = INCIDENT_PINS.c
    done = connection.execute(sa.delete(INCIDENT_PINS).where(pins.report_a == first, pins.report_b == second))
    if done.rowcount == 0:
        raise PinRefused(f"{first} and {second} are not pinned")


def read_incident(connection: sa.Connection, one: uuid.UUID) -> dict[str, Any] | None:
    """An incident by its own id or that of one of its reports: reports, evidence, pins and log; None for neither."""
    own = REPORT_INCIDENTS.c
    found = connection.execute(
        sa.select(own.incident_id).where(sa.or_(own.incident_id == one, own.report_id == one)).limit(1)
    ).scalar()
    if found is None:
        return None
    reports = sa.select(own.report_id).where(own.incident_id == found)
    pairs, pins = REPORT_PAIRS.c, INCIDENT_PINS.c
    evidence = sa.select(REPORT_PAIRS).where(sa.or_(pairs.report_a.in_(reports), pairs.report_b.in_(reports)))
    decided = sa.select(INCIDENT_PINS).where(sa.or_(pins.report_a.in_(reports), pins.report_b.in_(reports)))
    log = """
        select kind, old_incident_id, new_incident_id, changed_at from linkage.incident_changes
        where :incident_id in (old_incident_id, new_incident_id) order by change_id
    """
    return {
        "incident_id": found,
        "reports": list(connection.execute(reports.order_by(own.report_id)).scalars()),
        "pairs": _rows(connection, evidence.order_by(pairs.score.desc(), pairs.report_a, pairs.report_b)),
        "pins": _rows(connection, decided.order_by(pins.decided_at)),
        "log": _rows(connection, sa.text(log).bindparams(incident_id=found)),
    }


def read_suggestions(connection: sa.Connection, *, limit: int, least: float) -> list[sa.Row[Any]]:
    """Pairs that are suggested and not decided, the likeliest first."""
    pairs, pins = REPORT_PAIRS.c, INCIDENT_PINS.c
    decided = sa.exists().where(pins.report_a == pairs.report_a, pins.report_b == pairs.report_b)
    query = (
        sa.select(REPORT_PAIRS)
        .where(pairs.state == "suggested", pairs.score >= least, ~decided)
        .order_by(pairs.score.desc(), pairs.report_a, pairs.report_b)
        .limit(limit)
    )
    return list(connection.execute(query))


def _refuse_contradiction(connection: sa.Connection, first: uuid.UUID, second: uuid.UUID, *, is_together: bool) -> None:
    """Other pins may already have put the two together, or keep apart what the two would bring together."""
    mine, others = (_pinned_with(connection, one, (first, second)) for one in (first, second))
    if not is_together:
        if second in mine:
            raise PinRefused("other pins put the two together; unpin one of them first")
        return
    pins = INCIDENT_PINS.c
    between = sa.or_(
        sa.and_(pins.report_a.in_(mine), pins.report_b.in_(others)),
        sa.and_(pins.report_a.in_(others), pins.report_b.in_(mine)),
    )
    is_other = sa.or_(pins.report_a != first, pins.report_b != second)
    apart = sa.select(pins.report_a, pins.report_b).where(~pins.is_together, between, is_other).limit(1)
    if (found := connection.execute(apart).first()) is not None:
        raise PinRefused(f"{found.report_a} and {found.report_b} are pinned apart; unpin them first")


def _pinned_with(connection: sa.Connection, report: uuid.UUID, but_for: tuple[uuid.UUID, uuid.UUID]) -> set[uuid.UUID]:
    values = {"report_id": report, "report_a": but_for[0], "report_b": but_for[1]}
    found: list[uuid.UUID] = list(connection.execute(sa.text(PINNED_TOGETHER), values).scalars())
    return set(found)


def _rows(connection: sa.Connection, query: sa.Executable) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
