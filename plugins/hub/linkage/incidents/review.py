"""What people see of incidents, and what they decide about them: ids, reasons and weights, no values."""

import json
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.linkage.tables import INCIDENT_OVERRIDES, REPORT_INCIDENTS, REPORT_PAIRS

MUST_LINKED = """
    with recursive joined (report_id) as (
        select cast(:report_id as uuid)
        union
        select case when overrides.report_a = joined.report_id then overrides.report_b else overrides.report_a end
        from joined
        inner join linkage.incident_overrides as overrides
            on joined.report_id in (overrides.report_a, overrides.report_b)
        where overrides.is_together and (overrides.report_a, overrides.report_b) <> (:report_a, :report_b)
    )
    select report_id from joined
"""

SUGGESTED = """
    with asked as (
        select distinct on (least(one.incident_id, other.incident_id), greatest(one.incident_id, other.incident_id))
            pairs.*, one.incident_id as incident_a, other.incident_id as incident_b
        from linkage.report_pairs as pairs
        inner join linkage.report_incidents as one on pairs.report_a = one.report_id
        inner join linkage.report_incidents as other on pairs.report_b = other.report_id
        left join linkage.incident_overrides as overrides
            on pairs.report_a = overrides.report_a and pairs.report_b = overrides.report_b
        where pairs.state = 'suggested' and pairs.score >= :least and one.incident_id <> other.incident_id
            and overrides.report_a is null
        order by
            least(one.incident_id, other.incident_id), greatest(one.incident_id, other.incident_id),
            pairs.weight desc, pairs.report_a, pairs.report_b
    )
    select asked.*, mine.count * others.count as would_join
    from asked
    cross join lateral (
        select count(*) from linkage.report_incidents as own where own.incident_id = asked.incident_a
    ) as mine
    cross join lateral (
        select count(*) from linkage.report_incidents as own where own.incident_id = asked.incident_b
    ) as others
    order by mine.count * others.count * asked.score desc, asked.report_a, asked.report_b
    limit :limit
"""


class OverrideRefused(ValueError):
    """A decision that is refused: the message says what is in its way."""


def set_override(
    connection: sa.Connection, reports: tuple[uuid.UUID, uuid.UUID], *, is_together: bool, because: str, decided_by: str
) -> None:
    """Write down a decision about two reports; one about the same two is replaced.

    Raises :class:`OverrideRefused` where a report is not known, or where other overrides say the opposite: nobody
    should have to guess which of two decisions counts.
    """
    first, second = sorted(reports)
    if first == second:
        raise OverrideRefused("a report is always one incident with itself")
    if not because.strip():
        raise OverrideRefused("a decision needs its reason")
    known = sa.select(REPORT_INCIDENTS.c.report_id).where(REPORT_INCIDENTS.c.report_id.in_([first, second]))
    linked: list[uuid.UUID] = list(connection.execute(known).scalars())
    if missing := {first, second}.difference(linked):
        raise OverrideRefused(f"no linked report {', '.join(map(str, sorted(missing)))}")
    _refuse_contradiction(connection, first, second, is_together=is_together)
    decision = {"is_together": is_together, "because": because, "decided_by": decided_by}
    fresh = insert(INCIDENT_OVERRIDES).values(report_a=first, report_b=second, **decision)
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=["report_a", "report_b"], set_={**decision, "decided_at": sa.func.now()}
        )
    )


def remove_override(connection: sa.Connection, reports: tuple[uuid.UUID, uuid.UUID]) -> None:
    """Take a decision back. Raises :class:`OverrideRefused` where there is none."""
    first, second = sorted(reports)
    overrides = INCIDENT_OVERRIDES.c
    done = connection.execute(
        sa.delete(INCIDENT_OVERRIDES).where(overrides.report_a == first, overrides.report_b == second)
    )
    if done.rowcount == 0:
        raise OverrideRefused(f"{first} and {second} have no manual override")


def read_incident(connection: sa.Connection, one: uuid.UUID) -> dict[str, Any] | None:
    """An incident by its own id or that of one of its reports: reports, evidence, overrides, log; None for neither."""
    own = REPORT_INCIDENTS.c
    found = connection.execute(
        sa.select(own.incident_id).where(sa.or_(own.incident_id == one, own.report_id == one)).limit(1)
    ).scalar()
    if found is None:
        return None
    reports = sa.select(own.report_id).where(own.incident_id == found)
    pairs, overrides = REPORT_PAIRS.c, INCIDENT_OVERRIDES.c
    evidence = sa.select(REPORT_PAIRS).where(sa.or_(pairs.report_a.in_(reports), pairs.report_b.in_(reports)))
    decided = sa.select(INCIDENT_OVERRIDES).where(
        sa.or_(overrides.report_a.in_(reports), overrides.report_b.in_(reports))
    )
    log = """
        select kind, old_incident_id, new_incident_id, changed_at from linkage.incident_changes
        where :incident_id in (old_incident_id, new_incident_id) order by change_id
    """
    return {
        "incident_id": found,
        "reports": list(connection.execute(reports.order_by(own.report_id)).scalars()),
        "pairs": [
            {**row, "explanation": explain(row["explanation"])}
            for row in _rows(connection, evidence.order_by(pairs.weight.desc(), pairs.report_a, pairs.report_b))
        ],
        "overrides": _rows(connection, decided.order_by(overrides.decided_at)),
        "log": _rows(connection, sa.text(log).bindparams(incident_id=found)),
    }


def explain(explanation: str) -> list[str]:
    """What a pair's evidence is, in plain words, the heaviest first: what was compared, how it came out and what that
    weighs. A weight of 1 doubles the odds that the two are one incident, one of -1 halves them."""
    found = sorted(json.loads(explanation), key=lambda one: -abs(one[2]))
    return [f"{subject}: {level} ({weight:+g})" for subject, level, weight in found]


def read_suggestions(connection: sa.Connection, *, limit: int, least: float) -> list[sa.Row[Any]]:
    """Pairs that are suggested and not decided, the best of each two incidents: first those whose answer changes most,
    by the number of pairs of reports that a yes is likely to bring together."""
    return list(connection.execute(sa.text(SUGGESTED), {"limit": limit, "least": least}))


def _refuse_contradiction(connection: sa.Connection, first: uuid.UUID, second: uuid.UUID, *, is_together: bool) -> None:
    """Other must-links may already have put the two together, or a cannot-link may part what the two would join."""
    mine, others = (_must_linked_with(connection, one, (first, second)) for one in (first, second))
    if not is_together:
        if second in mine:
            raise OverrideRefused("other must-links put the two together; take one back first (hub incidents unpin)")
        return
    overrides = INCIDENT_OVERRIDES.c
    between = sa.or_(
        sa.and_(overrides.report_a.in_(mine), overrides.report_b.in_(others)),
        sa.and_(overrides.report_a.in_(others), overrides.report_b.in_(mine)),
    )
    is_other = sa.or_(overrides.report_a != first, overrides.report_b != second)
    apart = sa.select(overrides.report_a, overrides.report_b).where(~overrides.is_together, between, is_other).limit(1)
    if (found := connection.execute(apart).first()) is not None:
        raise OverrideRefused(
            f"{found.report_a} and {found.report_b} are a cannot-link; take it back first (hub incidents unpin)"
        )


def _must_linked_with(
    connection: sa.Connection, report: uuid.UUID, but_for: tuple[uuid.UUID, uuid.UUID]
) -> set[uuid.UUID]:
    values = {"report_id": report, "report_a": but_for[0], "report_b": but_for[1]}
    found: list[uuid.UUID] = list(connection.execute(sa.text(MUST_LINKED), values).scalars())
    return set(found)


def _rows(connection: sa.Connection, query: sa.Executable) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
