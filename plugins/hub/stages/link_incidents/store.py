"""All that the linkage of incidents reads from the schema ``linkage`` and writes there, in the caller's transaction."""

import uuid
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.doors import incident_state, linkage_tables
from hub.doors.incident_state import FOLLOWED_PINS, INCIDENT_RULES, REPORT_KEYS, REPORT_MARKS
from hub.doors.linkage_rows import exchange_rows, read_rows, uuid_column
from hub.doors.linkage_tables import INCIDENT_CHANGES, REPORT_INCIDENTS, REPORT_PAIRS
from hub.doors.warehouse import copy_rows
from hub.stages.link_incidents.candidates import Compared
from hub.stages.link_incidents.components import Pin
from hub.stages.link_incidents.evidence import CONFIRMED_FROM, Reason
from hub.stages.link_incidents.fingerprints import POSITIONS, Entries, Fingerprints, Numbers
from hub.stages.link_incidents.records import REPORTS

LINKAGE_LOCK = 4_207_005
ROWS_A_COPY = 20_000
_ID = pa.schema([("report_id", pa.string())])
_ENTRY = pa.schema([("report_id", pa.string()), ("key", pa.int64()), ("position", pa.int64())])
_PAIR = [("report_a", pa.string()), ("report_b", pa.string())]
_EVIDENCE = pa.schema([*_PAIR, ("reason", pa.string()), ("evidence_score", pa.float64()), ("is_backed", pa.bool_())])
_THESE = "unnest(%(ids)s::uuid[]) as these (report_id)"
_ALL = "linkage.report_marks as these"


def prepare(connection: sa.Connection, version: str) -> bool:
    """Hold the linkage of incidents for this transaction and make its tables; returns whether what they hold is of
    another version, or of none."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LINKAGE_LOCK)))
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
        return _ids(read_rows(connection, query, _ID))
    query += " and reports.delivery_id = any(%(deliveries)s::uuid[])"
    return _ids(read_rows(connection, query, _ID, deliveries=list(deliveries)))


def find_gone(connection: sa.Connection) -> list[str]:
    """Reports that have an incident and are no more."""
    query = f"""
        select known.report_id from linkage.report_incidents as known
        where not exists (select from {REPORTS} as reports where reports.report_id = known.report_id)
    """  # noqa: S608 (names of our own)
    return _ids(read_rows(connection, query, _ID))


def read_own_entries(connection: sa.Connection, ids: Collection[str]) -> Entries:
    """The entries of reports as they were last read."""
    query = f"""
        select marks.report_id, entry.key, entry.position
        from {_THESE}
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


def read_compared(connection: sa.Connection, ids: Sequence[str]) -> Compared:
    """Signatures and posts of reports, in the order of ``ids``; zeros for one that is gone."""
    schema = pa.schema([("report_id", pa.string()), ("signature", pa.string()), ("post", pa.int64())])
    query = f"""
        select these.report_id, encode(marks.sketch, 'hex'), coalesce(marks.post_hash, 0)
        from {_THESE} inner join linkage.report_marks as marks using (report_id)
    """  # noqa: S608 (names of our own)
    rows = read_rows(connection, query, schema, ids=list(ids))
    place = pc.index_in(rows["report_id"], value_set=pa.array(ids, pa.string())).to_numpy()
    signature, post = np.zeros((len(ids), POSITIONS), dtype=np.uint8), np.zeros(len(ids), dtype=np.int64)
    held = np.frombuffer(bytes.fromhex("".join(rows["signature"].to_pylist())), dtype=np.uint8)
    signature[place], post[place] = held.reshape(-1, POSITIONS), rows["post"].to_numpy()
    return Compared(signature, post)


def write_fingerprints(
    connection: sa.Connection, fingerprints: Fingerprints, forgotten: Collection[str], *, is_full: bool
) -> None:
    """Put fingerprints in the place of what was kept of the reports ``forgotten``."""
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
            "post_hash": pa.array(fingerprints.post, pa.int64(), mask=fingerprints.post == 0),
            "keys": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(entries.key)),
            "positions": pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(entries.position)),
            "sketch": pa.array([one.tobytes() for one in fingerprints.signature], pa.binary()),
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


def read_kept(connection: sa.Connection, ids: Sequence[str], pairs: Numbers) -> set[tuple[str, str]]:
    """Those of the pairs (rows of two indexes of ``ids``, the smaller first) that are kept by evidence."""
    query = f"""
        select asked.report_a, asked.report_b
        from unnest(%(ones)s::uuid[], %(others)s::uuid[]) as asked (report_a, report_b)
        cross join lateral (
            select from linkage.report_pairs as pairs
            where pairs.report_a = asked.report_a and pairs.report_b = asked.report_b
                and pairs.reason <> '{Reason.CONTENT}'
            offset 0
        ) as kept
    """  # noqa: S608 (made of constants)
    sides = {name: [ids[index] for index in pairs[:, place]] for place, name in enumerate(("ones", "others"))}
    return _pairs(read_rows(connection, query, pa.schema(_PAIR), **sides))


def read_evidence(connection: sa.Connection, ids: Collection[str]) -> pd.DataFrame:
    """The pairs that evidence gives and that have one of these reports: report_a, report_b, reason, evidence_score,
    is_backed."""
    query = " union ".join(
        f"""
        select pairs.report_a, pairs.report_b, pairs.reason, pairs.evidence_score, pairs.is_backed
        from {_THESE}
        cross join lateral (select * from linkage.report_pairs as kept where kept.{side} = these.report_id offset 0)
            as pairs
        where pairs.reason <> '{Reason.CONTENT}'
        """  # noqa: S608 (made of constants)
        for side in ("report_a", "report_b")
    )
    return _frame(read_rows(connection, query, _EVIDENCE, ids=list(ids)))


def read_ambiguous(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Those of the reports that were last found ambiguous."""
    query = f"select report_id from {_THESE} inner join linkage.report_marks using (report_id) where is_ambiguous"  # noqa: S608
    return set(_ids(read_rows(connection, query, _ID, ids=list(ids))))


def write_evidence(
    connection: sa.Connection, pairs: pd.DataFrame, affected: Collection[str] | None, ambiguous: Collection[str]
) -> None:
    """Make ``pairs`` the pairs by evidence that the ``affected`` reports have (None: all reports), and note which of
    these are ambiguous."""
    rows = pa.table(
        {
            "report_a": uuid_column(pairs["report_a"]),
            "report_b": uuid_column(pairs["report_b"]),
            "reason": pa.array(pairs["reason"], pa.string()),
            "score": pa.array(pairs["score"], pa.float64()),
            "evidence_score": pa.array(pairs["evidence_score"], pa.float64()),
            "is_backed": pa.array(pairs["is_backed"], pa.bool_()),
            # Whether it joins them is decided with the incidents.
            "state": pa.array(np.where(pairs["score"] >= CONFIRMED_FROM, "confirmed", "suggested"), pa.string()),
        }
    )
    within = None if affected is None else (("report_a", "report_b"), affected)
    only = f"kept.reason <> '{Reason.CONTENT}' or fresh.report_a is not null"
    exchange_rows(connection, REPORT_PAIRS, rows, within=within, only=only, not_compared=["state"])
    note = """
        update linkage.report_marks set is_ambiguous = :is_ambiguous
        where report_id = any(cast(:ids as uuid[])) and is_ambiguous <> :is_ambiguous
    """
    clear = set(affected or ()) - set(ambiguous)
    for is_ambiguous, ids in ((True, ambiguous), (False, clear)):
        connection.execute(sa.text(note), {"is_ambiguous": is_ambiguous, "ids": sorted(ids)})


def read_joined(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Who may be one incident with one of these reports: by a confirmed pair, the same post, a manual override, or the
    incident that they were in."""
    # A post or an incident is asked for once, not once for each of its many reports.
    query = f"""
        with these as materialized (select * from {_THESE})
        select pairs.report_b from these inner join linkage.report_pairs as pairs on these.report_id = pairs.report_a
        where pairs.score >= {CONFIRMED_FROM} and pairs.reason <> '{Reason.CONTENT}'
        union
        select pairs.report_a from these inner join linkage.report_pairs as pairs on these.report_id = pairs.report_b
        where pairs.score >= {CONFIRMED_FROM} and pairs.reason <> '{Reason.CONTENT}'
        union
        select others.report_id
        from (select distinct post_hash from these inner join linkage.report_marks using (report_id)) as posts
        inner join linkage.report_marks as others on posts.post_hash = others.post_hash
        union
        select others.report_id
        from (select distinct incident_id from these inner join linkage.report_incidents using (report_id)) as incidents
        inner join linkage.report_incidents as others on incidents.incident_id = others.incident_id
        union
        select case when pins.report_a = these.report_id then pins.report_b else pins.report_a end
        from these inner join linkage.incident_pins as pins on these.report_id in (pins.report_a, pins.report_b)
    """  # noqa: S608 (made of constants)
    with linkage_tables.row_by_row(connection):
        return set(_ids(read_rows(connection, query, _ID, ids=list(ids))))


def read_known(connection: sa.Connection, ids: Collection[str]) -> list[str]:
    """Those of the reports that there are."""
    query = f"select report_id from {_THESE} inner join linkage.report_marks using (report_id)"  # noqa: S608
    return _ids(read_rows(connection, query, _ID, ids=list(ids)))


def read_links(connection: sa.Connection, ids: Collection[str] | None) -> pd.DataFrame:
    """The pairs that are sure enough to join reports of a component: report_a, report_b, score, state."""
    query = f"""
        select pairs.report_a, pairs.report_b, pairs.score, pairs.state
        from {_ALL if ids is None else _THESE}
        cross join lateral (select * from linkage.report_pairs as kept where kept.report_a = these.report_id offset 0)
            as pairs
        where pairs.score >= {CONFIRMED_FROM} and pairs.reason <> '{Reason.CONTENT}'
    """  # noqa: S608 (made of constants)
    schema = pa.schema([*_PAIR, ("score", pa.float64()), ("state", pa.string())])
    return _frame(read_rows(connection, query, schema, ids=list(ids or ())))


def read_posts(connection: sa.Connection, ids: Collection[str] | None) -> pd.DataFrame:
    """The reports of a component that name a post: report_id, post."""
    query = f"""
        select marks.report_id, marks.post_hash
        from {_ALL if ids is None else _THESE} inner join linkage.report_marks as marks using (report_id)
        where marks.post_hash is not null
    """  # noqa: S608 (names of our own)
    schema = pa.schema([("report_id", pa.string()), ("post", pa.int64())])
    return _frame(read_rows(connection, query, schema, ids=list(ids or ())))


def read_incidents(connection: sa.Connection, ids: Collection[str] | None) -> dict[str, str]:
    """The incident that each report was last found to be about."""
    query = f"""
        select known.report_id, known.incident_id
        from {_ALL if ids is None else _THESE} inner join linkage.report_incidents as known using (report_id)
    """  # noqa: S608 (names of our own)
    schema = pa.schema([("report_id", pa.string()), ("incident_id", pa.string())])
    rows = read_rows(connection, query, schema, ids=list(ids or ()))
    return dict(zip(rows["report_id"].to_pylist(), rows["incident_id"].to_pylist(), strict=True))


def read_pins(connection: sa.Connection, *, followed: bool = False) -> set[Pin]:
    """The manual overrides: as they are, or as the last run ``followed`` them."""
    table = "followed_pins" if followed else "incident_pins"
    query = f"""
        select cast(report_a as text), cast(report_b as text), is_together,
            cast(extract(epoch from decided_at) * 1000000 as bigint)
        from linkage.{table}
    """  # noqa: S608 (names of our own)
    return {Pin(row[0], row[1], row[2], row[3]) for row in connection.execute(sa.text(query))}


def write_incidents(
    connection: sa.Connection,
    incidents: dict[str, str],
    gone: Collection[str],
    changes: pd.DataFrame,
    content: Collection[tuple[str, str]],
) -> None:
    """Write the incident of each report of a component, the log of ``changes`` (kind, old, new), and the pairs of
    reports that name one post (``content``); follow the manual overrides."""
    ids = [*incidents, *gone]
    rows = pa.table({"report_id": uuid_column(incidents), "incident_id": uuid_column(incidents.values())})
    exchange_rows(connection, REPORT_INCIDENTS, rows, within=(("report_id",), ids))
    log = {
        "kind": pa.array(changes["kind"], pa.string()),
        "old_incident_id": uuid_column(changes["old"]),
        "new_incident_id": uuid_column(changes["new"]),
    }
    copy_rows(connection, INCIDENT_CHANGES, [pa.table(log)])
    count, are_one = len(content), [incidents[one] == incidents[other] for one, other in content]
    pairs = pa.table(
        {
            "report_a": uuid_column(one for one, _ in content),
            "report_b": uuid_column(other for _, other in content),
            "reason": pa.array([str(Reason.CONTENT)] * count, pa.string()),
            "score": pa.array([1.0] * count, pa.float64()),
            "evidence_score": pa.array([1.0] * count, pa.float64()),
            "is_backed": pa.array([True] * count, pa.bool_()),
            "state": pa.array(["confirmed" if is_one else "suggested" for is_one in are_one], pa.string()),
        }
    )
    only = f"kept.reason = '{Reason.CONTENT}' or fresh.report_a is not null"
    exchange_rows(connection, REPORT_PAIRS, pairs, within=(("report_a", "report_b"), ids), only=only)
    connection.execute(sa.delete(FOLLOWED_PINS))
    connection.execute(
        sa.text("""
            insert into linkage.followed_pins (report_a, report_b, is_together, decided_at)
            select report_a, report_b, is_together, decided_at from linkage.incident_pins
        """)
    )


def write_states(connection: sa.Connection, links: pd.DataFrame) -> None:
    """Write the ``state`` of these pairs."""
    connection.execute(
        sa.text("""
            update linkage.report_pairs as pairs set state = now.state
            from unnest(cast(:ones as uuid[]), cast(:others as uuid[]), cast(:states as text[]))
                as now (report_a, report_b, state)
            where pairs.report_a = now.report_a and pairs.report_b = now.report_b
        """),
        {"ones": links["report_a"].tolist(), "others": links["report_b"].tolist(), "states": links["state"].tolist()},
    )


def _ids(rows: pa.Table) -> list[str]:
    found: list[str] = rows.column(0).to_pylist()
    return found


def _frame(rows: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = rows.to_pandas()
    return frame


def _pairs(rows: pa.Table) -> set[tuple[str, str]]:
    return set(zip(rows["report_a"].to_pylist(), rows["report_b"].to_pylist(), strict=True))
