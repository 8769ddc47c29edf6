"""All that the linkage of persons reads from the warehouse and the vault and writes to the schema ``linkage``, in the
caller's transaction. Personal values are read into Arrow tables and go no further than the caller's memory."""

import uuid
from collections.abc import Collection, Mapping, Sequence

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from hub.doors.linkage_rows import exchange_rows, read_rows, uuid_column
from hub.doors.linkage_tables import MENTION_AREAS, MENTION_PERSONS, PERSON_CHANGES, PERSON_PAIRS, row_by_row
from hub.doors.person_tables import MENTION_PORTRAITS, METADATA, PORTRAIT_KEYS
from hub.doors.vault_people import SEALED, open_mentions, sealed_mentions
from hub.doors.vault_reading import VaultReader
from hub.doors.warehouse import copy_rows
from hub.stages.link_people.comparable import FIELDS

PEOPLE_LOCK = 4_207_006
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
        ("pins", _TEXT),
    ]
)
"""A mention as far as it decides who it is of. ``incident_id``: whose victim it is or may be; ``told_at``: microseconds
since 1970; ``pins``: a digest of the manual overrides about it."""
IDENTITY_OF = pa.schema([("mention_id", _TEXT), ("identity_id", _NUMBER)])
KEY = pa.schema([("key", _NUMBER), ("identity_id", _NUMBER)])
PAIR = pa.schema([("mention_a", _TEXT), ("mention_b", _TEXT), ("probability", pa.float64())])
EDGE = pa.schema([("mention_a", _TEXT), ("mention_b", _TEXT), ("probability", pa.float64()), ("state", _TEXT)])


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
    connection.execute(sa.text("truncate linkage.mention_portraits, linkage.portrait_keys"))


def read_brought(connection: sa.Connection, deliveries: Sequence[uuid.UUID]) -> list[str]:
    """The records that deliveries can have changed: their own, reports that are of another incident since the last run,
    those that somebody has decided about, and events of support services that name one of these reports, or named it
    before it was corrected."""
    own = """
        select report_id from intermediate.int_reports__unioned where delivery_id = any(%(deliveries)s::uuid[])
        union
        select event_id from staging.stg_victim_support_events where delivery_id = any(%(deliveries)s::uuid[])
        union
        select report_id from linkage.report_incidents
        where changed_at >= (select coalesce(max(finished_at), '-infinity') from linkage.people_runs)
        union
        select record_id from linkage.mention_portraits where pins is not null
        union
        select seen.record_id from linkage.person_pins as pins
        inner join linkage.mention_portraits as seen on seen.mention_id in (pins.mention_a, pins.mention_b)
    """
    records = _ids(connection, own, deliveries=list(deliveries))
    names = """
        select known.reference_kind, known.reference
        from unnest(%(records)s::uuid[]) as these (record_id)
        cross join lateral (
            select reference_kind, reference from intermediate.int_reports__names as named
            where named.report_id = these.record_id offset 0
        ) as known
        union
        select 'crime_reference', crime_reference from intermediate.int_journey_records
        where report_id = any(%(records)s::uuid[]) and crime_reference is not null
    """
    named = read_rows(connection, names, pa.schema([("kind", _TEXT), ("reference", _TEXT)]), records=records)
    events = " union ".join(
        f"""
        select events.event_id from unnest(%(kinds)s::text[], %(references)s::text[]) as named (kind, reference)
        inner join staging.stg_victim_support_events as events
            on named.kind = '{kind}' and named.reference = events.{kind}
        """  # noqa: S608 (names of our own)
        for kind in ("report_ref", "crime_reference")
    )
    kinds, references = named["kind"].to_pylist(), named["reference"].to_pylist()
    return sorted({*records, *_ids(connection, events, kinds=kinds, references=references)})


def read_mentions(connection: sa.Connection, records: Collection[str] | None) -> pa.Table:
    """The mentions of these records (None: all) as they are: ``MENTION`` and ``is_set_apart``, whether a manual
    override says that it is not some other."""
    mentions, events, offset = "intermediate.int_person_mentions", "intermediate.int_support_events__reports", ""
    if records is not None:
        offset = "offset 0"
        mentions, events = (
            f"(select found.* from unnest(%(records)s::uuid[]) as these (id)"  # noqa: S608 (names of our own)
            f" cross join lateral (select * from {view} where {column} = these.id offset 0) as found)"
            for view, column in ((mentions, "record_id"), (events, "event_id"))
        )
    query = f"""
        with named as (
            -- What an event of a support service names: its best reference that leads to one incident.
            select distinct on (event_id) event_id, incident_id
            from (
                select
                    events.event_id, events.grade, min(incidents.incident_id::text)::uuid as incident_id,
                    count(distinct incidents.incident_id) as count_incidents
                from {events} as events
                cross join lateral (
                    select incident_id from linkage.report_incidents as known
                    where known.report_id = events.report_id {offset}
                ) as incidents
                group by events.event_id, events.grade
            ) as graded
            where count_incidents = 1
            order by event_id, grade
        ),
        decided as (
            select
                mention_id, bool_or(not is_together) as is_set_apart,
                md5(string_agg(other_id || is_together::text, ',' order by other_id)) as pins
            from (
                select mention_a as mention_id, mention_b as other_id, is_together from linkage.person_pins
                union all
                select mention_b, mention_a, is_together from linkage.person_pins
            ) as both_ways
            group by mention_id
        )
        select
            mentions.mention_id, mentions.record_id, mentions.feed, mentions.role, mentions.is_reporter_victim,
            mentions.delivery_id, mentions.row_number, coalesce(incidents.incident_id, named.incident_id),
            mentions.client_id, cast(extract(epoch from mentions.told_at) * 1000000 as bigint), decided.pins,
            coalesce(decided.is_set_apart, false)
        from {mentions} as mentions
        left join lateral (
            select incident_id from linkage.report_incidents as known
            where known.report_id = mentions.record_id {offset}
        ) as incidents on mentions.role = 'victim' or mentions.is_reporter_victim is not false
        left join named on mentions.record_id = named.event_id
        left join decided on mentions.mention_id = decided.mention_id
    """  # noqa: S608 (names of our own)
    schema = MENTION.append(pa.field("is_set_apart", pa.bool_()))
    return read_rows(connection, query, schema, records=list(records or ()))


def read_seen(connection: sa.Connection, records: Collection[str] | None) -> pa.Table:
    """The mentions of these records (None: all) as they were last seen: ``MENTION`` and ``identity_id``."""
    query = f"""
        select
            mention_id, record_id, feed, role, is_reporter_victim, delivery_id, row_number, incident_id, client_id,
            cast(extract(epoch from told_at) * 1000000 as bigint), pins, portrait_id
        from linkage.mention_portraits
        where {"true" if records is None else "record_id = any(%(records)s::uuid[])"}
    """  # noqa: S608 (names of our own)
    schema = MENTION.append(pa.field("identity_id", _NUMBER))
    return read_rows(connection, query, schema, records=list(records or ()))


def read_nothing() -> pa.Table:
    """As :func:`read_seen`, of a hub that has seen nothing."""
    return MENTION.append(pa.field("identity_id", _NUMBER)).empty_table()


def with_values(connection: sa.Connection, reader: VaultReader, mentions: pa.Table) -> pa.Table:
    """Mentions (feed, role, delivery_id, row_number and more) with their values (``FIELDS``) from the vault. A mention
    whose vault row is gone has none."""
    asked = ("feed", "role", "delivery_id", "row_number")
    values = {name: mentions[name].to_pylist() for name in asked}
    source = """
        unnest(
            %(feed)s::text[], %(role)s::text[], %(delivery_id)s::uuid[], %(row_number)s::bigint[]
        ) with ordinality as wanted (feed, role, delivery_id, row_number, place)
    """
    query = sealed_mentions(connection, source, sorted(set(values["feed"])), ["place"])
    with row_by_row(connection):
        sealed = read_rows(connection, query, pa.schema([("place", _NUMBER), *SEALED]), **values).sort_by("place")
    for name, column in zip(FIELDS, open_mentions(connection, reader, sealed, FIELDS), strict=True):
        mentions = mentions.append_column(name, column)
    return mentions


def read_sources(connection: sa.Connection, identities: Sequence[int]) -> pa.Table:
    """Of identity records the mentions that they are read from (all mentions of one say the same: those of its latest
    appearance), with ``first_mention_id``, and separated by blanks the ``incidents`` whose victim it is, those whose
    victim it is or may be (``near_incidents``), and the ``clients`` of support services."""
    query = """
        with seen as materialized (
            select known.* from unnest(%(ids)s::bigint[]) as these (id)
            cross join lateral (select * from linkage.mention_portraits where portrait_id = these.id offset 0) as known
        )
        select
            mentions.portrait_id, of_identity.first_mention_id, of_identity.incidents, of_identity.near_incidents,
            of_identity.clients, mentions.appearance_id, mentions.role, mentions.feed, mentions.delivery_id,
            mentions.row_number
        from (
            select
                portrait_id, min(mention_id::text)::uuid as first_mention_id,
                max(appearance_id::text)::uuid as appearance_id,
                string_agg(distinct incident_id::text, ' ') filter (where role = 'victim' or is_reporter_victim)
                    as incidents,
                string_agg(distinct incident_id::text, ' ') as near_incidents,
                string_agg(distinct client_id::text, ' ') as clients
            from seen
            group by portrait_id
        ) as of_identity
        inner join seen as mentions
            on of_identity.portrait_id = mentions.portrait_id and of_identity.appearance_id = mentions.appearance_id
        order by mentions.feed, mentions.delivery_id, mentions.row_number
    """
    texts = ("first_mention_id", "incidents", "near_incidents", "clients", "appearance_id", "role", "feed")
    columns = [("identity_id", _NUMBER), *((name, _TEXT) for name in texts)]
    schema = pa.schema([*columns, ("delivery_id", _TEXT), ("row_number", _NUMBER)])
    return read_rows(connection, query, schema, ids=list(identities))


def write_mentions(
    connection: sa.Connection, mentions: pa.Table, numbered: pa.Table, before: pa.Table, *, is_full: bool
) -> None:
    """Put mentions (``MENTION``, ``appearance_id``, and beside them their ``NUMBERED``) in the place of those that
    their records had ``before``, and the postcode districts of their homes."""
    ids = ("mention_id", "record_id", "appearance_id", "delivery_id", "incident_id", "client_id")
    columns = {name: _uuids(mentions[name]) for name in ids}
    columns |= {name: mentions[name] for name in ("feed", "role", "is_reporter_victim", "row_number", "pins")}
    columns["told_at"] = mentions["told_at"].cast(pa.timestamp("us", tz="UTC"))
    columns["portrait_id"] = numbered["identity_id"]
    records = {*mentions["record_id"].to_pylist(), *before["record_id"].to_pylist()}
    within = None if is_full else (("record_id",), records)
    exchange_rows(connection, MENTION_PORTRAITS, pa.table(columns), within=within)
    known = numbered.filter(numbered["postcode_district"].is_valid())
    areas = pa.table({"mention_id": _uuids(known["mention_id"]), "postcode_district": known["postcode_district"]})
    changed = {*mentions["mention_id"].to_pylist(), *before["mention_id"].to_pylist()}
    exchange_rows(connection, MENTION_AREAS, areas, within=None if is_full else (("mention_id",), changed))


def read_keys(connection: sa.Connection, identities: Sequence[int]) -> pd.DataFrame:
    """The blocking keys of identity records (``KEY``)."""
    query = """
        select mine.key, these.id from unnest(%(ids)s::bigint[]) as these (id)
        cross join lateral (select key from linkage.portrait_keys where portrait_id = these.id offset 0) as mine
    """
    return _frame(read_rows(connection, query, KEY, ids=list(identities)))


def read_holders(connection: sa.Connection, limits: Mapping[int, int]) -> pd.DataFrame:
    """Who has these blocking keys (``KEY``), up to a limit for each: a key of half the town costs no more than one of a
    hundred."""
    query = """
        select these.key, held.portrait_id
        from unnest(%(keys)s::bigint[], %(limits)s::integer[]) as these (key, most)
        cross join lateral (
            select portrait_id from linkage.portrait_keys as held where held.key = these.key limit these.most
        ) as held
    """
    return _frame(read_rows(connection, query, KEY, keys=list(limits), limits=list(limits.values())))


def write_keys(connection: sa.Connection, keys: pd.DataFrame, identities: Collection[int] | None) -> None:
    """Make these the blocking keys of identity records (None: of all there are)."""
    rows = pa.table(
        {"key": pa.array(keys["key"], pa.int64()), "portrait_id": pa.array(keys["identity_id"], pa.int64())}
    )
    within = None if identities is None else (("portrait_id",), identities)
    exchange_rows(connection, PORTRAIT_KEYS, rows, within=within)
    # What a day adds changes no plan; what a full run writes, it reads on at once.
    if identities is None:
        connection.execute(sa.text("analyze linkage.portrait_keys, linkage.mention_portraits"))


def read_identities_of(connection: sa.Connection, mentions: Collection[str]) -> dict[str, int]:
    """The identity record of each mention that has one."""
    query = """
        select mention_id, portrait_id
        from unnest(%(ids)s::uuid[]) as these (mention_id) inner join linkage.mention_portraits using (mention_id)
        where portrait_id is not null
    """
    rows = read_rows(connection, query, IDENTITY_OF, ids=list(mentions))
    return dict(zip(rows["mention_id"].to_pylist(), rows["identity_id"].to_pylist(), strict=True))


def read_mentions_of(connection: sa.Connection, identities: Collection[int] | None) -> pd.DataFrame:
    """The mentions of identity records (None: of all), the earliest first: mention_id, identity_id, record_id,
    appearance_id, is_reporter_victim."""
    query = f"""
        select mention_id, portrait_id, record_id, appearance_id, is_reporter_victim
        from linkage.mention_portraits
        where {"portrait_id is not null" if identities is None else "portrait_id = any(%(ids)s::bigint[])"}
        order by told_at, mention_id
    """  # noqa: S608 (names of our own)
    more = [("record_id", _TEXT), ("appearance_id", _TEXT), ("is_reporter_victim", pa.bool_())]
    return _frame(read_rows(connection, query, pa.schema([*IDENTITY_OF, *more]), ids=list(identities or ())))


def no_pairs() -> pa.Table:
    """Pairs (``PAIR``) of nobody."""
    return PAIR.empty_table()


def write_pairs(
    connection: sa.Connection,
    pairs: pa.Table,
    mentions: Collection[str] | None,
    confirmed: float,
    model_version: str,
) -> None:
    """Make ``pairs`` (``PAIR``) the pairs that these mentions have (None: all mentions)."""
    # Whether one joins is decided with the persons.
    states = ["confirmed" if one >= confirmed else "review" for one in pairs["probability"].to_pylist()]
    rows = pa.table(
        {
            "mention_a": _uuids(pairs["mention_a"]),
            "mention_b": _uuids(pairs["mention_b"]),
            "probability": pairs["probability"],
            "state": pa.array(states, pa.string()),
            "model_version": pa.array([model_version] * len(states), pa.string()),
        }
    )
    within = None if mentions is None else (("mention_a", "mention_b"), mentions)
    exchange_rows(connection, PERSON_PAIRS, rows, within=within, not_compared=["state"])


def read_of_persons(connection: sa.Connection, mentions: Collection[str]) -> set[int]:
    """The identity records of the persons whose these mentions last were."""
    query = """
        select distinct seen.portrait_id
        from (
            select distinct person_id
            from unnest(%(ids)s::uuid[]) as these (mention_id) inner join linkage.mention_persons using (mention_id)
        ) as persons
        inner join linkage.mention_persons as others on persons.person_id = others.person_id
        inner join linkage.mention_portraits as seen on others.mention_id = seen.mention_id
        where seen.portrait_id is not null
    """
    with row_by_row(connection):
        return _numbers(connection, query, ids=list(mentions))


def read_joined(connection: sa.Connection, identities: Collection[int], confirmed: float) -> set[int]:
    """Who may be one person with one of these identity records: by a likely pair, a manual override, or the person that
    they were."""
    query = """
        with mine as materialized (
            select mention_id from unnest(%(ids)s::bigint[]) as these (portrait_id)
            inner join linkage.mention_portraits using (portrait_id)
        )
        select seen.portrait_id
        from (
            select pairs.mention_b as mention_id
            from mine inner join linkage.person_pairs as pairs on mine.mention_id = pairs.mention_a
            where pairs.probability >= %(confirmed)s
            union
            select pairs.mention_a
            from mine inner join linkage.person_pairs as pairs on mine.mention_id = pairs.mention_b
            where pairs.probability >= %(confirmed)s
            union
            select others.mention_id
            from (select distinct person_id from mine inner join linkage.mention_persons using (mention_id)) as persons
            inner join linkage.mention_persons as others on persons.person_id = others.person_id
            union
            select case when pins.mention_a = mine.mention_id then pins.mention_b else pins.mention_a end
            from mine inner join linkage.person_pins as pins on mine.mention_id in (pins.mention_a, pins.mention_b)
        ) as found
        inner join linkage.mention_portraits as seen on found.mention_id = seen.mention_id
        where seen.portrait_id is not null
    """
    with row_by_row(connection):
        return _numbers(connection, query, ids=list(identities), confirmed=confirmed)


def read_edges(connection: sa.Connection, mentions: Collection[str] | None, confirmed: float) -> pd.DataFrame:
    """The pairs of these mentions (None: of all) that are likely enough to join (``EDGE``)."""
    pairs = "linkage.person_pairs as pairs"
    if mentions is not None:
        pairs = (
            "unnest(%(ids)s::uuid[]) as these (id) cross join lateral"
            " (select * from linkage.person_pairs where mention_a = these.id offset 0) as pairs"
        )
    query = f"""
        select pairs.mention_a, pairs.mention_b, pairs.probability, pairs.state
        from {pairs} where pairs.probability >= %(confirmed)s
    """  # noqa: S608 (names of our own)
    return _frame(read_rows(connection, query, EDGE, ids=list(mentions or ()), confirmed=confirmed))


def read_pins(connection: sa.Connection) -> list[tuple[str, str, bool]]:
    """The manual overrides: two mentions, and whether they are one person."""
    query = "select cast(mention_a as text), cast(mention_b as text), is_together from linkage.person_pins"
    return [(row[0], row[1], row[2]) for row in connection.execute(sa.text(query))]


def read_persons(connection: sa.Connection, mentions: Collection[str] | None) -> dict[str, str]:
    """Whose each of these mentions (None: every one) last was."""
    these = "" if mentions is None else "inner join unnest(%(ids)s::uuid[]) as these (mention_id) using (mention_id)"
    query = f"select mention_id, person_id from linkage.mention_persons {these}"  # noqa: S608 (names of our own)
    schema = pa.schema([("mention_id", _TEXT), ("person_id", _TEXT)])
    rows = read_rows(connection, query, schema, ids=list(mentions or ()))
    return dict(zip(rows["mention_id"].to_pylist(), rows["person_id"].to_pylist(), strict=True))


def write_persons(
    connection: sa.Connection, persons: Mapping[str, str], changed: Collection[str] | None, changes: pd.DataFrame
) -> int:
    """Write the person of each mention of a component and of those of ``changed`` that still have one (None: of all),
    and the log of ``changes`` (kind, old, new). Returns how many have another person than before."""
    rows = pa.table({"mention_id": uuid_column(persons), "person_id": uuid_column(persons.values())})
    within = None if changed is None else (("mention_id",), {*persons, *changed})
    written = exchange_rows(connection, MENTION_PERSONS, rows, within=within)
    log = {
        "kind": pa.array(changes["kind"], pa.string()),
        "old_person_id": uuid_column(changes["old"]),
        "new_person_id": uuid_column(changes["new"]),
    }
    copy_rows(connection, PERSON_CHANGES, [pa.table(log)])
    return written


def write_states(connection: sa.Connection, pairs: pd.DataFrame) -> None:
    """Write the ``state`` of these pairs."""
    connection.execute(
        sa.text("""
            update linkage.person_pairs as pairs set state = now.state
            from unnest(cast(:ones as uuid[]), cast(:others as uuid[]), cast(:states as text[]))
                as now (mention_a, mention_b, state)
            where pairs.mention_a = now.mention_a and pairs.mention_b = now.mention_b
        """),
        {"ones": pairs["mention_a"].tolist(), "others": pairs["mention_b"].tolist(), "states": pairs["state"].tolist()},
    )


def _uuids(ids: pa.ChunkedArray) -> pa.Array:
    return pa.array([None if one is None else uuid.UUID(one).bytes for one in ids.to_pylist()], pa.binary(16))


def _ids(connection: sa.Connection, query: str, **values: object) -> list[str]:
    found: list[str] = read_rows(connection, query, pa.schema([("id", _TEXT)]), **values)["id"].to_pylist()
    return found


def _numbers(connection: sa.Connection, query: str, **values: object) -> set[int]:
    return set(read_rows(connection, query, pa.schema([("id", _NUMBER)]), **values)["id"].to_pylist())


def _frame(rows: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = rows.to_pandas()
    return frame
