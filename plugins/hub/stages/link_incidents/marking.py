"""Keys under which reports find each other, and who stands next to whom under them.

A report has keys for the bands of its text's sketch, for each reference, and under a key the reports stand in the order
of their days, near texts beside each other; a report is compared with the ``REACH`` next to it on either side. So a
text that thousands copy costs a few comparisons a report, and a new report changes only what stands near it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sqlalchemy as sa

from hub.doors.incident_state import REPORT_KEYS, REPORT_KEYS_IN_ORDER, REPORT_MARKS
from hub.doors.warehouse import copy_rows
from hub.incident_evidence import Reason, ReportTraits
from hub.stages.link_incidents.reading import TraitsReader, as_uuid_column
from hub.text_similarity import (
    CLOSE_BANDS,
    CLOSE_ROWS,
    COPY_BANDS,
    COPY_ROWS,
    SKETCH_SIZE,
    Sketches,
    agreeing,
    bands_of,
    mix,
    sketch,
)

REACH = 6
ROWS_A_BATCH = 10_000
DAY_BITS = 31
"""A position is the day, then so many bits of a number in which near texts agree."""
Numbers = npt.NDArray[np.int64]
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


@dataclass(frozen=True)
class Keys:
    """Entries of reports under keys: equally long arrays; ``report`` is the index of the report."""

    report: Numbers
    key: Numbers
    position: Numbers

    def of_some(self, mask: npt.NDArray[np.bool_]) -> "Keys":
        """Some of the entries."""
        return Keys(self.report[mask], self.key[mask], self.position[mask])


def joined(parts: list[Keys]) -> Keys:
    """The entries of all parts."""
    empty = np.empty(0, dtype=np.int64)
    return Keys(
        *(np.concatenate([empty, *(getattr(part, name) for part in parts)]) for name in ("report", "key", "position"))
    )


@dataclass(frozen=True)
class Marked:
    """A part of the reports that was written: their ids, keys and sketches, in one order."""

    ids: list[str]
    keys: Keys
    sketches: Sketches


def mark_changed(connection: sa.Connection, reader: TraitsReader) -> Iterator[Marked]:
    """Write marks and keys of all new and changed reports; yields each part when it is written."""
    for part in batched(reader.read_changed(), ROWS_A_BATCH):
        traits = [one for one, _, _ in part]
        ids = [one.report_id for one in traits]
        sketches = sketch([one.text for one in traits])
        keys = keys_of(traits, sketches)
        marks = {
            "report_id": as_uuid_column(ids),
            "delivery_id": as_uuid_column([delivery for _, delivery, _ in part]),
            "row_number": pa.array([number for _, _, number in part]),
            "post_hash": pa.array([_post_hash(one) for one in traits], pa.int64()),
            "keys": _lists(keys.key, keys.report, len(ids)),
            "positions": _lists(keys.position, keys.report, len(ids)),
        }
        copy_rows(connection, REPORT_MARKS, [pa.table(marks)])
        entries = {
            "key": keys.key,
            "position": keys.position,
            "report_id": as_uuid_column(ids).take(pa.array(keys.report)),
        }
        copy_rows(connection, REPORT_KEYS, [pa.table(entries)])
        yield Marked(ids, keys, sketches)


def forget_all(connection: sa.Connection) -> None:
    """Empty the marks and keys; the order of the keys is made again after they are written, which is much faster."""
    connection.execute(sa.text("truncate linkage.report_marks, linkage.report_keys"))
    REPORT_KEYS_IN_ORDER.drop(connection, checkfirst=True)


def order_keys(connection: sa.Connection) -> None:
    """Make the order of the keys after a full run."""
    connection.execute(sa.text("set local maintenance_work_mem = '256MB'"))
    REPORT_KEYS_IN_ORDER.create(connection)
    connection.execute(sa.text("analyze linkage.report_marks, linkage.report_keys"))


def replace_changed(connection: sa.Connection, reader: TraitsReader) -> None:
    """Write the changed reports' marks and keys in the place of their old ones.

    Fills ``affected_reports``, those whose candidates are looked for anew: the new and changed reports; the two of a
    kept pair that an entry came between, so that they may be out of reach; and all around an entry that went, for any
    two of them may have come into reach.
    """
    for statement in (*_TABLES, _TOUCH.format(table="old_keys"), *_FORGET):
        connection.execute(sa.text(statement))
    for _ in mark_changed(connection, reader):
        pass
    for statement in (_TOUCH.format(table="new_keys"), *_MOVED, _ADD_PARTED, _ADD_AROUND_GONE, *_SETTLE_AFFECTED):
        connection.execute(sa.text(statement))


_TABLES = (
    "create temporary table affected_reports (report_id uuid primary key) on commit drop",
    "create temporary table old_keys (key bigint, position bigint, report_id uuid) on commit drop",
    "create temporary table new_keys (key bigint, position bigint, report_id uuid) on commit drop",
)
_TOUCH = """
    insert into {table}
    select entries.key, entries.position, marks.report_id
    from changed_reports
    inner join linkage.report_marks as marks on changed_reports.report_id = marks.report_id
    cross join lateral unnest(marks.keys, marks.positions) as entries (key, position)
"""
_FORGET = (
    """
    delete from linkage.report_keys as keys using old_keys as old
    where keys.key = old.key and keys.position = old.position and keys.report_id = old.report_id
    """,
    """
    delete from linkage.report_marks as marks using changed_reports as changed
    where marks.report_id = changed.report_id
    """,
)
_MOVED = (
    """
    create temporary table added_keys on commit drop as
    select row_number() over () as entry, came.* from (table new_keys except table old_keys) as came
    """,
    "create temporary table gone_keys on commit drop as table old_keys except table new_keys",
    f"""
    create temporary table around_added on commit drop as
    select added.entry, -near.steps as steps, near.report_id
    from added_keys as added
    cross join lateral (
        select report_id, row_number() over (order by position desc, report_id desc) as steps
        from linkage.report_keys as keys
        where keys.key = added.key and (keys.position, keys.report_id) < (added.position, added.report_id)
        order by position desc, report_id desc limit {REACH}
    ) as near
    union all
    select added.entry, near.steps, near.report_id
    from added_keys as added
    cross join lateral (
        select report_id, row_number() over (order by position, report_id) as steps
        from linkage.report_keys as keys
        where keys.key = added.key and (keys.position, keys.report_id) > (added.position, added.report_id)
        order by position, report_id limit {REACH}
    ) as near
    """,  # noqa: S608 (made of constants)
    # Only those who have a pair can lose one.
    f"""
    delete from around_added as near
    where not exists (
        select from linkage.report_pairs as pairs
        where pairs.report_a = near.report_id and pairs.reason <> '{Reason.CONTENT}'
    )
    and not exists (
        select from linkage.report_pairs as pairs
        where pairs.report_b = near.report_id and pairs.reason <> '{Reason.CONTENT}'
    )
    """,  # noqa: S608 (made of constants)
    "analyze around_added",
)
_ADD_PARTED = f"""
    insert into affected_reports
    select distinct unnest(array[pairs.report_a, pairs.report_b])
    from around_added as before
    inner join around_added as after on before.entry = after.entry
    inner join linkage.report_pairs as pairs
        on pairs.report_a = least(before.report_id, after.report_id)
        and pairs.report_b = greatest(before.report_id, after.report_id)
    where before.steps < 0 and after.steps - before.steps > {REACH} and pairs.reason <> '{Reason.CONTENT}'
    on conflict do nothing
"""  # noqa: S608 (made of constants)
_ADD_AROUND_GONE = f"""
    insert into affected_reports
    select distinct near.report_id from gone_keys as gone
    cross join lateral ({NEIGHBOURS.format(one="gone", reach=REACH)}) as near
    on conflict do nothing
"""  # noqa: S608 (made of constants)
_SETTLE_AFFECTED = (
    """
    insert into affected_reports select report_id from changed_reports where not is_gone
    on conflict do nothing
    """,
    "analyze affected_reports",
)
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


def keys_of(traits: Sequence[ReportTraits], sketches: Sketches) -> Keys:
    """All entries of some reports, those of one report together and in a fixed order."""
    days = np.array([one.day for one in traits], dtype=np.int64)
    # Of one day and platform even loosely similar texts are worth a look, of other days only copies.
    cell = np.array([_hash(f"cell {one.day}", one.platform or "") for one in traits], dtype=np.int64)
    close = bands_of(sketches, CLOSE_BANDS, CLOSE_ROWS)
    in_cell = mix((close ^ cell[:, None]).view(np.uint64)).view(np.int64)
    bands = np.concatenate([np.where(close == 0, 0, in_cell), bands_of(sketches, COPY_BANDS, COPY_ROWS)], axis=1)
    order = np.concatenate([_order(sketches, CLOSE_BANDS, CLOSE_ROWS), _order(sketches, COPY_BANDS, COPY_ROWS)], axis=1)
    report, _ = np.nonzero(bands)
    key = bands[bands != 0]
    position: Numbers = np.asarray((days[:, None] << DAY_BITS | order)[bands != 0])
    references = [
        (index, _hash(kind, reference))
        for index, one in enumerate(traits)
        for kind, named in (("crime", one.crime_references), ("hub", one.hub_references))
        for reference in sorted(named)
    ]
    if references:
        extra = np.array(references, dtype=np.int64)
        report = np.concatenate([report, extra[:, 0]])
        key = np.concatenate([key, extra[:, 1]])
        position = np.concatenate([position, days[extra[:, 0]] << DAY_BITS])
    by_report = np.argsort(report, kind="stable")
    return Keys(report[by_report], key[by_report], position[by_report])


def _order(sketches: Sketches, bands: int, rows: int) -> Numbers:
    """For each band a place of the sketch outside it: near texts agree there too, and so stand beside each other under
    the band's key. Never zero, which is the place of a reference."""
    outside = np.roll(sketches, 1, axis=1)[:, : bands * rows : rows].astype(np.int64)
    order: Numbers = np.maximum(outside & ((1 << DAY_BITS) - 1), 1)
    return order


def _post_hash(traits: ReportTraits) -> int | None:
    return None if traits.address.post is None else _hash("post", traits.address.post)


def _hash(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _lists(values: Numbers, report: Numbers, count: int) -> pa.Array:
    """For each report the list of its values; ``report`` rises."""
    offsets = np.searchsorted(report, np.arange(count + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))
