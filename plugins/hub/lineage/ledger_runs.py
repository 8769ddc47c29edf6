"""The runs that the ledger knows: deliveries that came to an end, builds, the linkage in them, and publishes.

No statement here asks for the name of a file or sender, a reason or a login. Files of no feed are left out: the name of
their folder is the sender's own.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

INGEST, BUILD, LINKAGE, PUBLISH = "ingest", "build", "linkage", "publish"
RUNS = sa.text("""
    select
        'ingest' as kind, feed, delivery_id || '/' || coalesce(loaded_at::text, '') as identity, null as part_of,
        received_at as started_at, coalesce(loaded_at, received_at) as ended_at,
        case when status in ('held', 'refused') then 'FAIL' else 'COMPLETE' end as ended_as,
        jsonb_build_object(
            'status', status, 'received', rows_read, 'accepted', rows_accepted, 'quarantined', rows_quarantined,
            'duplicate', rows_duplicate
        ) as counts
    from ledger.deliveries
    where status <> 'received' and feed in (select feeds.feed from ledger.feeds)
    union all
    select
        'build', null, build_id || '/' || started_at, null, started_at, coalesce(finished_at, last_step_at, started_at),
        case
            when status = 'succeeded' then 'COMPLETE'
            when status = 'failed' then 'FAIL'
            when exists (select from ledger.builds as later where later.build_id > builds.build_id) then 'ABORT'
        end,
        nodes_by_state
    from ledger.builds
    union all
    select
        'linkage', null, build_id || '/' || started_at, build_id || '/' || started_at, started_at, linked_at,
        'COMPLETE', null
    from ledger.builds
    where linked_at is not null
    union all
    select
        'publish', null, publish_id || '/' || published_at, null, published_at, published_at, 'COMPLETE', row_counts
    from ledger.publishes
    order by started_at, kind, identity
""")


@dataclass(frozen=True)
class LedgerRun:
    """One run of a job. ``identity`` tells it from all others of its kind; ``part_of`` is the build that it is in.
    ``ended_as`` is OpenLineage's word, None while it goes on. ``quality`` has counts, ``views`` what is published."""

    kind: str
    feed: str | None
    identity: str
    part_of: str | None
    started_at: datetime
    ended_at: datetime
    ended_as: str | None
    quality: Mapping[str, Any]
    views: tuple[str, ...] = ()


def ledger_runs(connection: sa.Connection) -> list[LedgerRun]:
    """All of them, in the order in which they began."""
    runs = []
    for row in connection.execute(RUNS).mappings():
        told = dict(row)
        counts: Mapping[str, Any] = told.pop("counts") or {}
        views = tuple(sorted(counts)) if row["kind"] == PUBLISH else ()
        runs.append(LedgerRun(**told, quality=_quality(row["kind"], counts), views=views))
    return runs


def _quality(kind: str, counts: Mapping[str, Any]) -> Mapping[str, Any]:
    if kind == BUILD:
        models, tests = Counter[str](), Counter[str]()
        for by_kind in counts.values():
            models.update(by_kind.get("model", {}))
            tests.update(by_kind.get("test", {}))
            tests.update(by_kind.get("unit_test", {}))
        return {"models": dict(models), "tests": dict(tests)} if counts else {}
    # How many rows a view has is kept from some of its readers.
    return counts if kind == INGEST else {}
