"""What the linkage of incidents keeps of reports and their pairs, read and written in the caller's transaction."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.linkage import incident_state
from hub.linkage import tables as linkage_tables
from hub.linkage.incident_state import INCIDENT_RULES, LINKAGE_LOCK, REPORT_KEYS, REPORT_MARKS
from hub.linkage.incidents.fingerprints import Entries, Fingerprints, Numbers
from hub.linkage.incidents.records import REPORTS
from hub.linkage.tables import REPORT_PAIRS
from hub.warehouse.engine import copy_rows
from hub.warehouse.row_exchange import exchange_rows, read_rows, uuid_column

ROWS_A_COPY = 20_000
REPORT_ID = pa.schema([("report_id", pa.string())])
_ENTRY = pa.schema([("report_id", pa.string()), ("key", pa.int64()), ("position", pa.int64())])
THESE = "unnest(%(ids)s::uuid[]) as these (report_id)"


@contextmanager
def held(connection: sa.Connection) -> Iterator[None]:
    """Hold the linkage of incidents. The lock is taken before the transaction: one that waited for it inside would see
    what there was before it waited."""
    connection.execute(sa.select(sa.func.pg_advisory_lock(LINKAGE_LOCK)))
    connection.commit()
    try:
        yield
    finally:
        connection.execute(sa.select(sa.func.pg_advisory_unlock(LINKAGE_LOCK)))
        connection.commit()


def prepare(connection: sa.Connection, version: str) -> bool:
    """Make the tables of the linkage of incidents; returns whether what they hold is of another version, or of none."""
    linkage_tables.METADATA.create_all(connection)
    incident_state.METADATA.create_all(connection)
    if connection.execute(sa.select(INCIDENT_RULES.c.rules_version)).scalars().all() == [version]:
        return False
    connection.execute(sa.delete(INCIDENT_RULES))
    connection.execute(sa.insert(INCIDENT_RULES).values(rules_version=version))
    return True


def forget_fingerprints(connection: sa.Connection) -> None:
    """Forget of all reports what they were last seen to say."""
    connection.execute(sa.text("truncate linkage.report_marks, linkage.report_keys"))


def find_changed(connection: sa.Connection, deliveries: Sequence[uuid.UUID] | None) -> list[str]:
    """Reports that are new or now on another delivered row than when they were read (a delivered row never changes).
    Where ``deliveries`` are given only their rows are asked, which costs no more when the history is longer."""
    query = f"""
        select reports.report_id
        from {REPORTS} as reports
        left join linkage.report_marks as marks on reports.report_id = marks.report_id
        where (reports.delivery_id, reports.row_number) is distinct from (marks.delivery_id, marks.row_number)
    """  # noqa: S608 (names of our own)
    if deliveries is None:
        return id_list(read_rows(connection, query, REPORT_ID))
    query += " and reports.delivery_id = any(%(deliveries)s::uuid[])"
    return id_list(read_rows(connection, query, REPORT_ID, deliveries=list(deliveries)))


def find_gone(connection: sa.Connection) -> list[str]:
    """Reports that have an incident and are no more."""
    query = f"""
        select known.report_id from linkage.report_incidents as known
        where not exists (select from {REPORTS} as reports where reports.report_id = known.report_id)
    """  # noqa: S608 (names of our own)
    return id_list(read_rows(connection, query, REPORT_ID))


def read_own_entries(connection: sa.Connection, ids: Collection[str]) -> Entries:
    """The entries of reports as they were last read."""
    query = f"""
        select marks.report_id, entry.key, entry.position
        from {THESE}
        inner join linkage.report_marks as marks using (report_id)
        cross join lateral unnest(marks.keys, marks.positions) as entry (key, position)
    """  # noqa: S608 (names of our own)
    return _entries(read_rows(connection, query, _ENTRY, ids=list(ids)))


def read_entries(connection: sa.Connection, keys: Numbers) -> Entries:
    """All entries under these keys."""
    query = """
        select found.report_id, asked.key, found.position
        from unnest(%(keys)s::bigint[]) as asked (key)
        cross join lateral (
            select report_id, position from linkage.report_keys as entries where entries.key = asked.key offset 0
        ) as found
    """
    return _entries(read_rows(connection, query, _ENTRY, keys=np.unique(keys).tolist()))


def _entries(rows: pa.Table) -> Entries:
    ids = sorted(pc.unique(rows["report_id"]).to_pylist())
    report = pc.index_in(rows["report_id"], value_set=pa.array(ids, pa.string()))
    return Entries(ids, *(column.to_numpy().astype(np.int64) for column in (report, rows["key"], rows["position"])))


def write_fingerprints(
    connection: sa.Connection, fingerprints: Fingerprints, forgotten: Collection[str], *, is_full: bool
) -> None:
    """Replace the fingerprints of the reports ``forgotten``."""
    connection.execute(
        sa.text("""
            delete from linkage.report_keys as entries
            using linkage.report_marks as marks
            cross join lateral unnest(marks.keys, marks.positions) as old (key, position)
            where marks.report_id = any(cast(:ids as uuid[])) and entries.key = old.key
                and entries.position = old.position and entries.report_id = marks.report_id
        """),
        {"ids": sorted(forgotten)},
    )
    connection.execute(
        sa.text("delete from linkage.report_marks where report_id = any(cast(:ids as uuid[]))"),
        {"ids": sorted(forgotten)},
    )
    entries = fingerprints.entries
    ends = np.searchsorted(entries.report, np.arange(len(fingerprints.ids) + 1))
    marks = pa.table(
        {
            "report_id": uuid_column(fingerprints.ids),
            "delivery_id": uuid_column(fingerprints.delivery_ids),
            "row_number": pa.array(fingerprints.row_numbers, pa.int64()),
            "keys": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(entries.key)),
            "positions": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(entries.position)),
        }
    )
    copy_rows(connection, REPORT_MARKS, _slices(marks))
    # In the order of the index, which is then written from its beginning to its end.
    order = np.lexsort((entries.report, entries.position, entries.key))
    reports = uuid_column(entries.ids).take(pa.array(entries.report[order]))
    keys = pa.table({"key": entries.key[order], "position": entries.position[order], "report_id": reports})
    copy_rows(connection, REPORT_KEYS, _slices(keys))
    # What a day adds changes no plan; what a full run writes, it reads on at once.
    if is_full:
        connection.execute(sa.text("analyze linkage.report_marks, linkage.report_keys"))


def _slices(rows: pa.Table) -> Iterable[pa.Table]:
    return (rows.slice(start, ROWS_A_COPY) for start in range(0, rows.num_rows, ROWS_A_COPY))


def read_partners(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Who has a pair with one of these reports."""
    query = f"""
        select pairs.report_b from {THESE} inner join linkage.report_pairs as pairs on these.report_id = pairs.report_a
        union
        select pairs.report_a from {THESE} inner join linkage.report_pairs as pairs on these.report_id = pairs.report_b
    """  # noqa: S608 (names of our own)
    return set(id_list(read_rows(connection, query, REPORT_ID, ids=list(ids))))


def write_evidence(connection: sa.Connection, pairs: pd.DataFrame, affected: Collection[str] | None) -> None:
    """Make ``pairs`` the pairs by evidence that the ``affected`` reports have (None: all reports)."""
    count = len(pairs)
    rows = pa.table(
        {
            "report_a": uuid_column(pairs["report_a"]),
            "report_b": uuid_column(pairs["report_b"]),
            "reason": pa.array(pairs["reason"], pa.string()),
            "score": pa.array(pairs["score"], pa.float64()),
            "weight": pa.array(pairs["weight"], pa.float64()),
            "explanation": pa.array(pairs["explanation"], pa.string()),
            # Whether it joins them is decided with the incidents.
            "state": pa.array(["suggested"] * count, pa.string()),
        }
    )
    within = None if affected is None else (("report_a", "report_b"), affected)
    exchange_rows(connection, REPORT_PAIRS, rows, within=within, not_compared=["state"])


def id_list(rows: pa.Table) -> list[str]:
    """The ids in the first column."""
    found: list[str] = rows.column(0).to_pylist()
    return found


def frame_of(rows: pa.Table) -> pd.DataFrame:
    """Rows as a data frame."""
    frame: pd.DataFrame = rows.to_pandas()
    return frame
