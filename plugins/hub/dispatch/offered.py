"""The allocations of the newest publish, as readers see them: what there is to be sent."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

# One statement sees one publish. What stays with the hub goes to nobody.
_OFFERED = """
    select
        allocations.publish_id, allocations.allocation_id, allocations.incident_id, allocations.duty,
        allocations.sequence_number, allocations.target_kind, allocations.target_code, allocations.target_name,
        allocations.route, allocations.rule_id, allocations.rule_version, allocations.evidence_grade,
        allocations.reason, allocations.runner_up, allocations.runner_up_evidence, allocations.allocated_at,
        allocations.due_at, allocations.action_due_at, allocations.status,
        allocations.acknowledged_at is not null as is_answered, allocations.closed_at is not null as is_closed,
        incidents.incident_class, incidents.class_basis, coalesce(incidents.strands, '{}') as strands,
        incidents.is_online, incidents.platform, incidents.is_threat_to_life, incidents.occurred_on,
        incidents.first_reported_at, incidents.count_reports, incidents.force_code, incidents.location_evidence,
        incidents.location_status, incidents.is_consented_share_anonymised,
        found.evidence, found.is_simulated, found.is_real
    from publish.allocations_v1 as allocations
    inner join publish.incidents_v1 as incidents on allocations.incident_id = incidents.incident_id
    cross join lateral (
        select array_agg(array[
            cast(evidence.report_id as text), evidence.report_ref, evidence.feed, evidence.delivery_sha256,
            cast(evidence.row_number as text),
            to_char(evidence.reported_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')
        ] order by evidence.reported_at, evidence.report_id) as evidence,
        bool_or(evidence.is_simulated) as is_simulated, not bool_and(evidence.is_simulated) as is_real
        from publish.incident_evidence_v1 as evidence
        where evidence.incident_id = allocations.incident_id
    ) as found
    where
        allocations.target_kind not in ('hub_desk', 'no_further_action')
        and (
            (allocations.acknowledged_at is null and allocations.closed_at is null)
            or allocations.allocation_id = any(:dispatched)
        )
        and found.evidence is not null
    order by allocations.allocated_at, allocations.allocation_id
"""
_IS_PUBLISHED = "select to_regclass('publish.incident_evidence_v1') is not null"


@dataclass(frozen=True)
class Offered:
    """An allocation of the newest publish: whose it is, and all that its package says, by column. It can rest on
    simulated reports and on real ones."""

    publish_id: int
    allocation_id: uuid.UUID
    incident_id: uuid.UUID
    target_kind: str
    target_code: str
    route: str
    allocated_at: datetime
    is_answered: bool
    is_closed: bool
    is_threat_to_life: bool
    is_shareable_outside_police: bool
    is_simulated: bool
    is_real: bool
    row: Mapping[str, Any]
    addresses: Sequence[str] = ()
    """The addresses of its content, which a provider is told; they are not published."""

    @property
    def report_ref(self) -> str | None:
        """The first reference that names its incident alone."""
        return next((reference for _, reference, *_ in self.row["evidence"] if reference), None)


def is_published(connection: sa.Connection) -> bool:
    """Whether there is a publish; it may offer nothing."""
    return bool(connection.scalar(sa.text(_IS_PUBLISHED)))


def offered(connection: sa.Connection, dispatched: Collection[uuid.UUID]) -> Iterator[Offered]:
    """Allocations that nobody has answered, and those with these ids, oldest first; none where nothing is published."""
    if not is_published(connection):
        return
    for row in connection.execute(sa.text(_OFFERED), {"dispatched": list(dispatched)}).mappings():
        yield Offered(
            publish_id=row["publish_id"],
            allocation_id=row["allocation_id"],
            incident_id=row["incident_id"],
            target_kind=row["target_kind"],
            target_code=row["target_code"],
            route=row["route"],
            allocated_at=row["allocated_at"],
            is_answered=row["is_answered"],
            is_closed=row["is_closed"],
            is_threat_to_life=bool(row["is_threat_to_life"]),
            is_shareable_outside_police=row["is_consented_share_anonymised"],
            is_simulated=row["is_simulated"],
            is_real=row["is_real"],
            row=dict(row),
        )
