"""Which pairs are worth a comparison: those within reach of each other under some key.

A report is compared with the ``REACH`` next to it on either side. So a text that thousands copy costs a few comparisons
a report, and a new report changes only what stands near it.
"""

from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa

from hub.stages.link_incidents.marking import DAY_BITS, ROWS_A_BATCH, Keys, Numbers
from hub.stages.link_incidents.reading import TraitsReader
from hub.text_similarity import SKETCH_SIZE, Sketches, agreeing, sketch

REACH = 6
NO_PAIRS: Numbers = np.empty((0, 2), dtype=np.int64)

NEIGHBOURS = """
    select neighbours.report_id
    from (
        select keys.report_id
        from (
            select report_id from linkage.report_keys
            where key = {one}.key and (position, report_id) > ({one}.position, {one}.report_id)
            order by position, report_id limit {reach}
        ) as keys
        union all
        select keys.report_id
        from (
            select report_id from linkage.report_keys
            where key = {one}.key and (position, report_id) < ({one}.position, {one}.report_id)
            order by position desc, report_id desc limit {reach}
        ) as keys
    ) as neighbours
"""
"""Who stands within reach of one entry under its key."""


_PAIRS_OF_AFFECTED = f"""
    select
        cast(least(affected.report_id, near.report_id) as text) as report_a,
        cast(greatest(affected.report_id, near.report_id) as text) as report_b,
        bool_or(one.position & {(1 << DAY_BITS) - 1} = 0) as is_by_reference
    from affected_reports as affected
    inner join linkage.report_marks as marks on affected.report_id = marks.report_id
    cross join lateral unnest(marks.keys, marks.positions) as entry (key, position)
    cross join lateral (select entry.key, entry.position, affected.report_id) as one (key, position, report_id)
    cross join lateral ({NEIGHBOURS.format(one="one", reach=REACH)}) as near
    where near.report_id <> affected.report_id
    group by 1, 2
"""  # noqa: S608 (made of constants)


def pairs_of_affected(connection: sa.Connection, reader: TraitsReader) -> tuple[list[str], Numbers]:
    """All candidates that have an affected report: ids, and rows of two indexes into them, each pair once."""
    places: dict[str, int] = {}
    rows = []
    is_by_reference = []
    for row in connection.execute(sa.text(_PAIRS_OF_AFFECTED)):
        rows.append([places.setdefault(one, len(places)) for one in (str(row.report_a), str(row.report_b))])
        is_by_reference.append(bool(row.is_by_reference))
    ids, pairs = list(places), np.array(rows, dtype=np.int64).reshape(-1, 2)
    sketches = np.zeros((len(ids), SKETCH_SIZE), dtype=np.uint32)
    for start in range(0, len(ids), ROWS_A_BATCH):
        traits = reader.read(ids[start : start + ROWS_A_BATCH])
        order = [places[one] for one in traits]
        sketches[order] = sketch([one.text for one in traits.values()])
    return ids, pairs[np.array(is_by_reference, dtype=bool) | agreeing(sketches, pairs)]


def all_pairs(ids: Sequence[str], keys: Keys, sketches: Sketches) -> Numbers:
    """All candidates among these reports, as rows of two indexes into ``ids``, each pair once."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(np.array(ids, dtype=np.str_), kind="stable")] = np.arange(len(ids))
    is_reference = keys.position & ((1 << DAY_BITS) - 1) == 0
    by_text = _within_reach(keys.of_some(~is_reference), rank)
    by_reference = _within_reach(keys.of_some(is_reference), rank)
    by_text = by_text[agreeing(sketches, by_text)]
    return np.unique(np.concatenate([by_text, by_reference]), axis=0)


def _within_reach(keys: Keys, rank: Numbers) -> Numbers:
    count = len(rank)
    keys = _shared(keys)
    order = np.lexsort((rank[keys.report], keys.position, keys.key))
    report, key = keys.report[order], keys.key[order]
    found = [np.empty(0, dtype=np.int64)]
    for step in range(1, REACH + 1):
        # One report may stand twice under a key only by chance; it is no pair with itself.
        close = (key[step:] == key[:-step]) & (report[step:] != report[:-step])
        first, second = report[:-step][close], report[step:][close]
        found.append(np.minimum(first, second) * count + np.maximum(first, second))
    together = np.unique(np.concatenate(found))
    return np.stack(np.divmod(together, max(count, 1)), axis=1)


def _shared(keys: Keys) -> Keys:
    """The entries under keys that more than one entry has."""
    order = np.argsort(keys.key, kind="stable")
    sorted_keys = keys.key[order]
    same = sorted_keys[1:] == sorted_keys[:-1]
    shared = np.zeros(len(order), dtype=bool)
    shared[order[1:][same]] = True
    shared[order[:-1][same]] = True
    return keys.of_some(shared)
