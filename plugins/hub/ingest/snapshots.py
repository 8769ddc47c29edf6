"""Feeds whose every file is the whole table of its sender: which issue is in force, and what one changes.

All functions work in the caller's transaction. ``ledger.feeds`` says which feeds are such.
"""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.warehouse.tables import raw_table


@dataclass(frozen=True)
class SnapshotChange:
    """How an issue differs from the one before, in records (by primary key; where there is none, by their text)."""

    records_new: int
    records_changed: int
    records_withdrawn: int
    records_unchanged: int

    @property
    def records_before(self) -> int:
        """How many the issue before had."""
        return self.records_changed + self.records_withdrawn + self.records_unchanged


ISSUES = """
    select issues.delivery_id, issues.sender, issues.status, arrivals.position
    from ledger.deliveries as issues
    cross join lateral (
        select (coalesce(every.position_on, cast(every.received_at at time zone 'Europe/London' as date)),
                coalesce(every.position_number, 0), every.arrival_number, every.received_at) as position
        from ledger.deliveries as every
        where every.feed = issues.feed and coalesce(every.duplicate_of, every.delivery_id) = issues.delivery_id
          and every.status in ('loaded', 'superseded', 'duplicate', 'received', 'held')
        order by 1 desc limit 1
    ) as arrivals
    where issues.feed = :feed and issues.duplicate_of is null
"""
"""The issues of a feed with their places: the same bytes that come again are the newest issue again."""

SETTLE = f"""
    with issues as ({ISSUES}),
    placed as (
        select issues.delivery_id,
               row_number() over (partition by issues.sender order by issues.position desc) = 1
               or not exists (select from ledger.feeds where feed = :feed and is_snapshot) as is_in_force
        from issues where issues.status in ('loaded', 'superseded')
    )
    update ledger.deliveries as delivery
    set status = case when placed.is_in_force then 'loaded' else 'superseded' end
    from placed
    where delivery.delivery_id = placed.delivery_id
      and delivery.status <> case when placed.is_in_force then 'loaded' else 'superseded' end
"""  # noqa: S608  # this module's own text

BEFORE = f"""
    with issues as ({ISSUES})
    select earlier.delivery_id
    from issues as this
    inner join issues as earlier on earlier.sender is not distinct from this.sender
        and earlier.position < this.position and earlier.status in ('loaded', 'superseded')
    where this.delivery_id = :delivery_id
    order by earlier.position desc limit 1
"""  # noqa: S608

COMPARE = """
    with stated as (
        select records._delivery_id as delivery_id, records._record_hash as text, {key} as key
        from {raw} as records where records._delivery_id in (:before, :now)
        union all
        select restated.delivery_id, records._record_hash, {key}
        from ledger.restated_records as restated
        inner join {raw} as records on records._record_hash = restated.record_hash
        where restated.delivery_id in (:before, :now)
    ),
    earlier as (select key, array_agg(distinct text) as texts from stated where delivery_id = :before group by key),
    later as (select key, array_agg(distinct text) as texts from stated where delivery_id = :now group by key)
    select count(*) filter (where earlier.key is null) as records_new,
           count(*) filter (where earlier.texts <> later.texts) as records_changed,
           count(*) filter (where later.key is null) as records_withdrawn,
           count(*) filter (where earlier.texts = later.texts) as records_unchanged
    from earlier full join later using (key)
"""


def settle_issues(connection: sa.Connection, feed: str) -> None:
    """Of each sender of a snapshot feed the newest issue is in force (``loaded``), the others are ``superseded``. Of
    any other feed all are in force."""
    connection.execute(sa.text(SETTLE), {"feed": feed})


def compare_issue(connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID) -> SnapshotChange | None:
    """What an issue whose rows are in raw changes against the one before it; None where it is the first."""
    place = {"feed": contract.feed, "delivery_id": delivery_id}
    before = connection.execute(sa.text(BEFORE), place).scalar()
    if before is None:
        return None
    quote = connection.dialect.identifier_preparer
    columns = [f"records.{quote.quote(column.raw_name)}" for column in contract.key_columns]
    key = f"jsonb_build_array({', '.join(columns or ['records._record_hash'])})"
    query = COMPARE.format(raw=quote.format_table(raw_table(contract)), key=key)
    row = connection.execute(sa.text(query), {"before": before, "now": delivery_id}).one()
    return SnapshotChange(**row._mapping)
