"""Threats to life that lie with the hub's own desk, from what is published. Nothing is sent to anybody of such a case,
and one that was returned has no time by which it is overdue: without this it would lie there in silence."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from hub.notifications.causes import Told
from hub.notifications.overdue import LOOKED_BACK

THREAT_AT_DESK, TARGET = "threat_at_desk", "hub_desk"
VIEWS = ("allocations_v1", "incidents_v1")
QUERY = """
    select allocations.allocation_id, allocations.target_code, allocations.route, allocations.allocated_at
    from publish.allocations_v1 as allocations
    inner join publish.incidents_v1 as incidents on allocations.incident_id = incidents.incident_id
    where
        allocations.target_kind = :target_kind
        and allocations.status = 'open'
        and incidents.is_threat_to_life
        and allocations.allocated_at
        > least(allocations.data_as_of - cast(:looked_back as interval), cast(:told_from as timestamptz))
    order by allocations.allocated_at, allocations.allocation_id
"""


def threats_at_the_desk(connection: sa.Connection, told_from: datetime | None) -> Iterator[Told]:
    """One thing to tell for each such case, to its desk (``hub_desk hub_desk``), from its allocation until somebody has
    it. ``connection`` is that of a role which reads all that is published, ``told_from`` the first of those that were
    told and last."""
    inspector = sa.inspect(connection)
    if all(inspector.has_table(view, schema="publish") for view in VIEWS):
        values = {"target_kind": TARGET, "looked_back": LOOKED_BACK, "told_from": told_from}
        for row in connection.execute(sa.text(QUERY), values):
            detail = f"allocation {row.allocation_id}: {row.route.replace('_', ' ')}"
            desk = f"{TARGET} {row.target_code}"
            yield Told(
                f"{THREAT_AT_DESK}:{row.allocation_id}", THREAT_AT_DESK, desk, None, None, row.allocated_at, detail
            )
