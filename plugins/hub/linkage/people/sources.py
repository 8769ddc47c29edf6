"""What the linkage of persons reads of mentions from the warehouse and the vault. Personal values are read into Arrow
tables and go no further than the caller's memory."""

import uuid
from collections.abc import Collection, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.linkage.people.comparable import FIELDS
from hub.linkage.people.store import MENTION
from hub.linkage.tables import row_by_row
from hub.vault.people import ENCRYPTED, decrypt_mentions, encrypted_mentions_query
from hub.vault.reading import VaultReader
from hub.warehouse.row_exchange import read_rows

_TEXT, _NUMBER = pa.string(), pa.int64()


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
        select record_id from linkage.mention_identities where overrides is not null
        union
        select seen.record_id from linkage.person_overrides as overrides
        inner join linkage.mention_identities as seen on seen.mention_id in (overrides.mention_a, overrides.mention_b)
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
                md5(string_agg(other_id || is_together::text, ',' order by other_id)) as overrides
            from (
                select mention_a as mention_id, mention_b as other_id, is_together from linkage.person_overrides
                union all
                select mention_b, mention_a, is_together from linkage.person_overrides
            ) as both_ways
            group by mention_id
        )
        select
            mentions.mention_id, mentions.record_id, mentions.feed, mentions.role, mentions.is_reporter_victim,
            mentions.delivery_id, mentions.row_number, coalesce(incidents.incident_id, named.incident_id),
            mentions.client_id, cast(extract(epoch from mentions.told_at) * 1000000 as bigint), decided.overrides,
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


def with_values(connection: sa.Connection, reader: VaultReader, mentions: pa.Table) -> pa.Table:
    """Mentions (feed, role, delivery_id, row_number and more) with their values (``FIELDS``) from the vault. A mention
    whose key is gone has none: it ``is_erased``."""
    asked = ("feed", "role", "delivery_id", "row_number")
    values = {name: mentions[name].to_pylist() for name in asked}
    source = """
        unnest(
            %(feed)s::text[], %(role)s::text[], %(delivery_id)s::uuid[], %(row_number)s::bigint[]
        ) with ordinality as wanted (feed, role, delivery_id, row_number, place)
    """
    query = encrypted_mentions_query(connection, source, sorted(set(values["feed"])), ["place"])
    with row_by_row(connection):
        encrypted = read_rows(connection, query, pa.schema([("place", _NUMBER), *ENCRYPTED]), **values).sort_by("place")
    for name, column in zip(FIELDS, decrypt_mentions(reader, encrypted, FIELDS), strict=True):
        mentions = mentions.append_column(name, column)
    return mentions.append_column("is_erased", pc.is_null(encrypted["_wrapped"]))


def read_sources(connection: sa.Connection, identities: Sequence[int]) -> pa.Table:
    """Of identity records the mentions that they are read from (all mentions of one say the same: those of its latest
    appearance), with ``first_mention_id``, and separated by blanks the ``incidents`` whose victim it is, those whose
    victim it is or may be (``near_incidents``), and the ``clients`` of support services."""
    query = """
        with seen as materialized (
            select known.* from unnest(%(ids)s::bigint[]) as these (id)
            cross join lateral (select * from linkage.mention_identities where identity_id = these.id offset 0) as known
        )
        select
            mentions.identity_id, of_identity.first_mention_id, of_identity.incidents, of_identity.near_incidents,
            of_identity.clients, mentions.appearance_id, mentions.role, mentions.feed, mentions.delivery_id,
            mentions.row_number
        from (
            select
                identity_id, min(mention_id::text)::uuid as first_mention_id,
                max(appearance_id::text)::uuid as appearance_id,
                string_agg(distinct incident_id::text, ' ') filter (where role = 'victim' or is_reporter_victim)
                    as incidents,
                string_agg(distinct incident_id::text, ' ') as near_incidents,
                string_agg(distinct client_id::text, ' ') as clients
            from seen
            group by identity_id
        ) as of_identity
        inner join seen as mentions
            on of_identity.identity_id = mentions.identity_id and of_identity.appearance_id = mentions.appearance_id
        order by mentions.feed, mentions.delivery_id, mentions.row_number
    """
    texts = ("first_mention_id", "incidents", "near_incidents", "clients", "appearance_id", "role", "feed")
    columns = [("identity_id", _NUMBER), *((name, _TEXT) for name in texts)]
    schema = pa.schema([*columns, ("delivery_id", _TEXT), ("row_number", _NUMBER)])
    return read_rows(connection, query, schema, ids=list(identities))


def _ids(connection: sa.Connection, query: str, **values: object) -> list[str]:
    found: list[str] = read_rows(connection, query, pa.schema([("id", _TEXT)]), **values)["id"].to_pylist()
    return found
