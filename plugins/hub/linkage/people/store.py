"""What the linkage of persons keeps of mentions, identity records and their pairs, read and written in the caller's
transaction."""

import uuid
from collections.abc import Collection, Mapping, Sequence

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from hub.linkage.people.parameters import Parameters
from hub.linkage.person_tables import IDENTITY_KEYS, MENTION_IDENTITIES, METADATA, PEOPLE_LOCK
from hub.linkage.tables import MENTION_AREAS, PERSON_PAIRS
from hub.warehouse.row_exchange import exchange_rows, read_rows

_TEXT, _NUMBER = pa.string(), pa.int64()
MENTION = pa.schema(
    [
        *((name, _TEXT) for name in ("mention_id", "record_id", "feed", "role")),
        ("is_reporter_victim", pa.bool_()),
        ("delivery_id", _TEXT),
        ("row_number", _NUMBER),
        ("incident_id", _TEXT),
        ("client_id", _TEXT),
        ("told_at", _NUMBER),
        ("overrides", _TEXT),
    ]
)
"""A mention as far as it decides who it is of. ``incident_id``: whose victim it is or may be; ``told_at``: microseconds
since 1970; ``overrides``: a digest of the manual overrides about it."""
IDENTITY_OF = pa.schema([("mention_id", _TEXT), ("identity_id", _NUMBER)])
KEY = pa.schema([("key", _NUMBER), ("identity_id", _NUMBER)])
PAIR = pa.schema([("mention_a", _TEXT), ("mention_b", _TEXT), ("probability", pa.float64())])


def prepare(connection: sa.Connection) -> None:
    """Hold the linkage of persons for this transaction, and make what it remembers."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(PEOPLE_LOCK)))
    METADATA.create_all(connection)


def last_fingerprint(connection: sa.Connection) -> str | None:
    """The fingerprint of what decided in the last run; None before the first."""
    query = "select parameters from linkage.people_runs order by run_id desc limit 1"
    last: str | None = connection.execute(sa.text(query)).scalar_one_or_none()
    return last


def note_run(connection: sa.Connection, fingerprint: str, *, is_full: bool) -> int:
    """Note a run; returns its number."""
    statement = "insert into linkage.people_runs (parameters, is_full) values (:parameters, :is_full) returning run_id"
    return int(connection.execute(sa.text(statement), {"parameters": fingerprint, "is_full": is_full}).scalar_one())


def forget_mentions(connection: sa.Connection) -> None:
    """Forget what mentions were last seen to say; persons and pairs stay, so that what changes of them is known."""
    connection.execute(sa.text("truncate linkage.mention_identities, linkage.identity_keys"))


def read_seen(connection: sa.Connection, records: Collection[str] | None) -> pa.Table:
    """The mentions of these records (None: all) as they were last seen: ``MENTION`` and ``identity_id``."""
    query = f"""
        select
            mention_id, record_id, feed, role, is_reporter_victim, delivery_id, row_number, incident_id, client_id,
            cast(extract(epoch from told_at) * 1000000 as bigint), overrides, identity_id
        from linkage.mention_identities
        where {"true" if records is None else "record_id = any(%(records)s::uuid[])"}
    """  # noqa: S608 (names of our own)
    schema = MENTION.append(pa.field("identity_id", _NUMBER))
    return read_rows(connection, query, schema, records=list(records or ()))


def read_nothing() -> pa.Table:
    """As :func:`read_seen`, of a hub that has seen nothing."""
    return MENTION.append(pa.field("identity_id", _NUMBER)).empty_table()


def write_mentions(
    connection: sa.Connection, mentions: pa.Table, numbered: pa.Table, before: pa.Table, *, is_full: bool
) -> None:
    """Put mentions (``MENTION``, ``appearance_id``, and beside them their ``NUMBERED``) in the place of those that
    their records had ``before``, and the postcode districts of their homes."""
    ids = ("mention_id", "record_id", "appearance_id", "delivery_id", "incident_id", "client_id")
    columns = {name: _uuids(mentions[name]) for name in ids}
    columns |= {name: mentions[name] for name in ("feed", "role", "is_reporter_victim", "row_number", "overrides")}
    columns["told_at"] = mentions["told_at"].cast(pa.timestamp("us", tz="UTC"))
    columns |= {name: numbered[name] for name in ("identity_id", "is_erased")}
    records = {*mentions["record_id"].to_pylist(), *before["record_id"].to_pylist()}
    within = None if is_full else (("record_id",), records)
    exchange_rows(connection, MENTION_IDENTITIES, pa.table(columns), within=within)
    known = numbered.filter(numbered["postcode_district"].is_valid())
    areas = pa.table({"mention_id": _uuids(known["mention_id"]), "postcode_district": known["postcode_district"]})
    changed = {*mentions["mention_id"].to_pylist(), *before["mention_id"].to_pylist()}
    exchange_rows(connection, MENTION_AREAS, areas, within=None if is_full else (("mention_id",), changed))


def read_keys(connection: sa.Connection, identities: Sequence[int]) -> pd.DataFrame:
    """The blocking keys of identity records (``KEY``)."""
    query = """
        select mine.key, these.id from unnest(%(ids)s::bigint[]) as these (id)
        cross join lateral (select key from linkage.identity_keys where identity_id = these.id offset 0) as mine
    """
    return frame_of(read_rows(connection, query, KEY, ids=list(identities)))


def read_holders(connection: sa.Connection, limits: Mapping[int, int]) -> pd.DataFrame:
    """Who has these blocking keys (``KEY``), up to a limit for each: a key of half the town costs no more than one of a
    hundred."""
    query = """
        select these.key, held.identity_id
        from unnest(%(keys)s::bigint[], %(limits)s::integer[]) as these (key, most)
        cross join lateral (
            select identity_id from linkage.identity_keys as held where held.key = these.key limit these.most
        ) as held
    """
    return frame_of(read_rows(connection, query, KEY, keys=list(limits), limits=list(limits.values())))


def write_keys(connection: sa.Connection, keys: pd.DataFrame, identities: Collection[int] | None) -> None:
    """Make these the blocking keys of identity records (None: of all there are)."""
    rows = pa.table(
        {"key": pa.array(keys["key"], pa.int64()), "identity_id": pa.array(keys["identity_id"], pa.int64())}
    )
    within = None if identities is None else (("identity_id",), identities)
    exchange_rows(connection, IDENTITY_KEYS, rows, within=within)
    # What a day adds changes no plan; what a full run writes, it reads on at once.
    if identities is None:
        connection.execute(sa.text("analyze linkage.identity_keys, linkage.mention_identities"))


def read_identities_of(connection: sa.Connection, mentions: Collection[str]) -> dict[str, int]:
    """The identity record of each mention that has one."""
    query = """
        select mention_id, identity_id
        from unnest(%(ids)s::uuid[]) as these (mention_id) inner join linkage.mention_identities using (mention_id)
        where identity_id is not null
    """
    rows = read_rows(connection, query, IDENTITY_OF, ids=list(mentions))
    return dict(zip(rows["mention_id"].to_pylist(), rows["identity_id"].to_pylist(), strict=True))


def no_pairs() -> pa.Table:
    """Pairs (``PAIR``) of nobody."""
    return PAIR.empty_table()


def write_pairs(
    connection: sa.Connection,
    pairs: pa.Table,
    mentions: Collection[str] | None,
    parameters: Parameters,
) -> None:
    """Make ``pairs`` (``PAIR``) the pairs that these mentions have (None: all mentions)."""
    # Whether one joins is decided with the persons.
    states = states_of(pd.Series(pairs["probability"].to_numpy()), parameters).tolist()
    rows = pa.table(
        {
            "mention_a": _uuids(pairs["mention_a"]),
            "mention_b": _uuids(pairs["mention_b"]),
            "probability": pairs["probability"],
            "state": pa.array(states, pa.string()),
            "model_version": pa.array([parameters.version] * len(states), pa.string()),
        }
    )
    within = None if mentions is None else (("mention_a", "mention_b"), mentions)
    exchange_rows(connection, PERSON_PAIRS, rows, within=within, not_compared=["state"])


def states_of(probability: "pd.Series[float]", parameters: Parameters) -> "pd.Series[str]":
    """The state of each pair of two persons: in review, or too weak for it."""
    return (probability >= parameters.review).map({True: "review", False: "weak"}).astype("object")


def _uuids(ids: pa.ChunkedArray) -> pa.Array:
    return pa.array([None if one is None else uuid.UUID(one).bytes for one in ids.to_pylist()], pa.binary(16))


def frame_of(rows: pa.Table) -> pd.DataFrame:
    """Rows as a data frame."""
    frame: pd.DataFrame = rows.to_pandas()
    return frame
