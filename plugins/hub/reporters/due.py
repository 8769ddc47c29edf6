"""What there is to tell, from the newest publish: the state of each report."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

LONDON = ZoneInfo("Europe/London")
# One statement sees one publish.
# Who exists is told no outcome of an incident that a sample was joined to: it may be made up.
_FACTS = sa.text("""
    select
        owner.publish_id, evidence.report_id, evidence.report_ref, evidence.reported_at, evidence.is_simulated,
        owner.allocation_id, owner.target_kind, owner.target_name, owner.allocated_at, owner.due_at,
        case when evidence.is_simulated or not made_up.is_joined then owner.outcome_name end as outcome_name,
        case when evidence.is_simulated or not made_up.is_joined then owner.outcome_at end as outcome_at
    from publish.incident_evidence_v1 as evidence
    inner join publish.allocations_v1 as owner
        on evidence.incident_id = owner.incident_id and owner.duty = 'owner' and owner.is_current_owner
    cross join lateral (
        select coalesce(bool_or(joined.is_simulated), false) as is_joined
        from publish.incident_evidence_v1 as joined where joined.incident_id = evidence.incident_id
    ) as made_up
    where
        evidence.feed = any(:feeds)
        and greatest(evidence.reported_at, owner.allocated_at, owner.outcome_at) >= :since
        and (not evidence.is_simulated or :takes_simulated)
        and (evidence.is_simulated or :takes_real)
    order by evidence.reported_at, evidence.report_id
""")
_PLACES = sa.text("""
    select evidence.report_id, evidence.incident_id, evidence.feed, evidence.delivery_sha256, evidence.row_number,
        evidence.is_simulated
    from publish.incident_evidence_v1 as evidence
    where evidence.incident_id in (
        select own.incident_id from publish.incident_evidence_v1 as own where own.report_id = any(:report_ids)
    )
""")


@dataclass(frozen=True)
class Fact:
    """A report, and who is responsible for its incident now."""

    publish_id: int
    report_id: uuid.UUID
    report_ref: str | None
    reported_at: datetime
    is_simulated: bool
    allocation_id: uuid.UUID
    target_kind: str
    target_name: str | None
    allocated_at: datetime
    due_at: datetime | None
    outcome_name: str | None
    outcome_at: datetime | None


def facts(
    connection: sa.Connection, feeds: list[str], since: date, *, takes_simulated: bool, takes_real: bool = True
) -> Iterator[Fact]:
    """Of reports of these feeds to which something has happened since a day."""
    begins = datetime.combine(since, time(), LONDON)
    values = {"feeds": feeds, "since": begins, "takes_simulated": takes_simulated, "takes_real": takes_real}
    for row in connection.execute(_FACTS, values).mappings():
        yield Fact(**row)


def places(connection: sa.Connection, report_ids: list[uuid.UUID]) -> dict[uuid.UUID, sa.Row[Any]]:
    """Where these reports, and all others of their incidents, are by the newest publish."""
    return {row.report_id: row for row in connection.execute(_PLACES, {"report_ids": report_ids})}
