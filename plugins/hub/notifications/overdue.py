"""Allocations that a desk has not taken up in time, from what is published."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.notifications.causes import Told

VIEW = "overdue_allocations_v1"
LOOKED_BACK = timedelta(days=2)
"""What was due before that, as of the data, is not notified where it was not before."""

QUERY = """
    select target_kind, target_code, cast(due_at at time zone 'Europe/London' as date) as due_on,
           min(due_at) as since_at, count(*) as count_all, coalesce(bool_or(is_threat_to_life), false) as is_threat,
           count(*) filter (where overdue_kind = 'not_acknowledged') as count_not_acknowledged
    from publish.overdue_allocations_v1
    where due_at > least(data_as_of - cast(:looked_back as interval), cast(:told_from as timestamptz))
    group by target_kind, target_code, due_on
    order by target_kind, target_code, due_on
"""


def overdue_allocations(connection: sa.Connection, told_from: datetime | None) -> Iterator[Told]:
    """One thing to tell for each desk and day on which allocations to it were due that are overdue; its owner is the
    desk (``force E23000001``). ``connection`` is that of a role which reads all that is published, ``told_from`` the
    first of those that were told and last."""
    if sa.inspect(connection).has_table(VIEW, schema="publish"):
        for row in connection.execute(sa.text(QUERY), {"looked_back": LOOKED_BACK, "told_from": told_from}):
            desk = f"{row.target_kind} {row.target_code}"
            kind = "overdue_threat" if row.is_threat else "overdue"
            detail = (
                f"{row.count_all} due on {row.due_on:%Y-%m-%d}, {row.count_not_acknowledged} of them not acknowledged"
            )
            yield Told(f"{kind}:{desk}:{row.due_on}", kind, desk, None, None, row.since_at, detail)
