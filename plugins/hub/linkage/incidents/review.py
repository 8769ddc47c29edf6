"""What people see of incidents: ids, reasons and weights, no values."""

import json
import uuid
from typing import Any

import sqlalchemy as sa

from hub.linkage import overrides
from hub.linkage.tables import INCIDENT_OVERRIDES, REPORT_INCIDENTS, REPORT_PAIRS

SUGGESTED = f"""
    with decided as materialized ({overrides.REPORTS.wholes}),
    asked as (
        select distinct on (least(one.incident_id, other.incident_id), greatest(one.incident_id, other.incident_id))
            pairs.*, one.incident_id as incident_a, other.incident_id as incident_b
        from linkage.report_pairs as pairs
        inner join linkage.report_incidents as one on pairs.report_a = one.report_id
        inner join linkage.report_incidents as other on pairs.report_b = other.report_id
        where pairs.state = 'suggested' and pairs.score >= :least and one.incident_id <> other.incident_id
            and (least(one.incident_id, other.incident_id), greatest(one.incident_id, other.incident_id))
                not in (select one_id, other_id from decided)
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
"""  # noqa: S608 (made of constants)


def read_incident(connection: sa.Connection, one: uuid.UUID) -> dict[str, Any] | None:
    """An incident by its own id or that of one of its reports: reports, evidence, overrides, log; None for neither."""
    own = REPORT_INCIDENTS.c
    found = connection.execute(
        sa.select(own.incident_id).where(sa.or_(own.incident_id == one, own.report_id == one)).limit(1)
    ).scalar()
    if found is None:
        return None
    reports = sa.select(own.report_id).where(own.incident_id == found)
    pairs, kept = REPORT_PAIRS.c, INCIDENT_OVERRIDES.c
    evidence = sa.select(REPORT_PAIRS).where(sa.or_(pairs.report_a.in_(reports), pairs.report_b.in_(reports)))
    decided = sa.select(INCIDENT_OVERRIDES).where(sa.or_(kept.report_a.in_(reports), kept.report_b.in_(reports)))
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
        "overrides": _rows(connection, decided.order_by(kept.decided_at)),
        "log": _rows(connection, sa.text(log).bindparams(incident_id=found)),
    }


def explain(explanation: str) -> list[str]:
    """What a pair's evidence is, in plain words, the heaviest first: what was compared, how it came out and what that
    weighs. A weight of 1 doubles the odds that the two are one incident, one of -1 halves them."""
    found = sorted(json.loads(explanation), key=lambda one: -abs(one[2]))
    return [f"{subject}: {level} ({weight:+g})" for subject, level, weight in found]


def read_suggestions(connection: sa.Connection, *, limit: int, least: float) -> list[sa.Row[Any]]:
    """Pairs that are suggested, the best of each two incidents about which nothing is decided: first those whose answer
    changes most, by the number of pairs of reports that a yes is likely to bring together."""
    return list(connection.execute(sa.text(SUGGESTED), {"limit": limit, "least": least}))


def _rows(connection: sa.Connection, query: sa.Executable) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query).mappings()]
