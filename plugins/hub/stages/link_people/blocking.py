"""Which portraits are compared at all: those that share a blocking key.

Each key joins two things that seldom agree by chance; a key that more than ``most_alike`` portraits share (a common
name in a large town, the telephone of a charity) tells nothing and is passed over, so work stays in proportion.
"""

import hmac
from collections.abc import Sequence

import pyarrow as pa

from hub.stages.link_people.comparable import open_memory

HASH_BITS = 48
"""Bits of a key of an incident below the incident's place."""
_KEYS = """
    with born as (
        select
            *, unnest(coalesce(first_forms, [null])) as form,
            birth_date[1:4] as birth_year, least(birth_date, birth_swapped) as birth_key
        from portraits
    ),
    of_incident as (select *, unnest(near_incidents) as incident from portraits),
    victims as (
        select
            of_incident.*, unnest(coalesce(first_forms, [null])) as form,
            least(birth_date, birth_swapped) as birth_key
        from of_incident
    )
    select portrait_id, 'email' as kind, email as one, '' as two, '' as three from portraits
    union all select portrait_id, 'phone, first name', phone, form, '' from born
    union all select portrait_id, 'phone, surname', phone, surname_sound, '' from portraits
    union all select portrait_id, 'birth, first name', birth_key, form, '' from born
    union all select portrait_id, 'birth, surname', birth_key, surname_sound, '' from born
    union all select portrait_id, 'birth, sector', birth_key, sector, '' from born
    union all select portrait_id, 'postcode, first name', postcode, form, '' from born
    union all select portrait_id, 'postcode, surname', postcode, surname_sound, '' from portraits
    union all select portrait_id, 'name, year', form, surname, birth_year from born
    union all select portrait_id, 'name, day', form, surname, birth_key[5:] from born
    union all select portrait_id, 'name, district', form, surname, outward from born
    union all select portrait_id, 'incident, first name', incident, form, '' from victims
    union all select portrait_id, 'incident, surname', incident, surname_sound, '' from victims
    union all select portrait_id, 'incident, birth', incident, birth_key, '' from victims
    union all select portrait_id, 'incident', unnest(incidents), '', '' from portraits
    union all select portrait_id, 'client', unnest(clients), '', '' from portraits
"""
_DISTINCT = f"""
    select distinct
        portrait_id,
        case when kind like 'incident%' then one[1:4] end as place,
        concat_ws(chr(31), kind, one, two, three) as key_text
    from ({_KEYS})
    where one is not null and two is not null and three is not null
    order by portrait_id, key_text
"""  # noqa: S608 - the statement holds no value


def block(secret: bytes, portraits: pa.Table) -> pa.Table:
    """The keyed blocking keys of portraits: columns key and portrait_id (64-bit numbers), each pair once. The key of an
    incident begins as the incident's id does, so that what a day brings of it stands on few pages of the index."""
    with open_memory() as memory:
        memory.register("portraits", portraits)
        rows = memory.sql(_DISTINCT).to_arrow_table()
    keys = [
        number if place is None else _placed(number, int(place, 16))
        for number, place in zip(
            keyed_numbers(secret, "key", rows["key_text"].to_pylist()), rows["place"].to_pylist(), strict=True
        )
    ]
    return pa.table({"key": pa.array(keys, pa.int64()), "portrait_id": rows["portrait_id"].cast(pa.int64())})


def _placed(number: int, place: int) -> int:
    """The number (64 bits, signed) with ``place`` in the stead of its first sixteen bits."""
    bits = (place << HASH_BITS) | (number & ((1 << HASH_BITS) - 1))
    return bits - (1 << 64) if bits >> 63 else bits


def keyed_numbers(secret: bytes, purpose: str, texts: Sequence[str]) -> list[int]:
    """A 64-bit number for each text, under the hub's key: the same for the same text, meaningless without the key."""
    prefix = purpose.encode() + b"\x1e"
    return [
        int.from_bytes(hmac.digest(secret, prefix + text.encode("utf-8", "surrogatepass"), "sha256")[:8], signed=True)
        for text in texts
    ]
