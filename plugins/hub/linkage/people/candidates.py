"""Which identity records are compared at all: those that share a blocking key.

Each key joins two things that seldom agree by chance; a key that more than ``max_holders`` identity records share (a
common name in a large town, the telephone of a charity) tells nothing and is passed over, so work stays in proportion.
"""

import hmac
from collections.abc import Collection, Sequence

import pandas as pd
import pyarrow as pa

from hub.linkage.people.comparable import open_memory

HASH_BITS = 48
"""Bits of a key of an incident below the incident's place."""
CONTACT_BIT = 1
"""The last bit of a key of a contact: what such a contact weighs rests on all who give it."""
_KEYS = """
    with sounding as (
        select
            *, unnest(coalesce(name_sounds, [null])) as sound,
            least(birth_date, birth_swapped) as birth_key
        from identities
    ),
    named as (
        select identities.identity_id, outward, birth_year, birth_date, first_sounds.sound as one, surname_sound as two
        from identities cross join lateral (select unnest(first_sounds) as sound) as first_sounds
        where surname_sound is not null
    ),
    whole_names as (
        select *, least(one, two) || ' ' || greatest(one, two) as name from named
    ),
    near as (select *, unnest(near_incidents) as incident from sounding)
    select identity_id, 'email' as kind, email as one, '' as two from identities
    union all select identity_id, 'phone', phone, '' from identities
    union all select identity_id, 'postcode', postcode, '' from identities
    union all select identity_id, 'phone, word', phone, sound from sounding
    union all select identity_id, 'postcode, word', postcode, sound from sounding
    union all select identity_id, 'birth, word', birth_key, sound from sounding
    union all select identity_id, 'birth, sector', birth_key, sector from sounding
    union all select identity_id, 'name', name, '' from whole_names
    union all select identity_id, 'name, year', name, birth_year from whole_names
    union all select identity_id, 'name, day', name, birth_date[5:] from whole_names
    union all select identity_id, 'name, district', name, outward from whole_names
    union all select identity_id, 'incident, word', incident, sound from near
    union all select identity_id, 'incident, birth', incident, birth_key from near
    union all select identity_id, 'incident', unnest(incidents), '' from identities
    union all select identity_id, 'client', unnest(clients), '' from identities
"""
_DISTINCT = f"""
    select distinct
        identity_id,
        case when kind like 'incident%' then one[1:4] end as place,
        kind in ('email', 'phone', 'postcode') as is_contact,
        concat_ws(chr(31), kind, one, two) as key_text
    from ({_KEYS})
    where one is not null and two is not null
    order by identity_id, key_text
"""  # noqa: S608 - the statement holds no value


def keys_of(secret: bytes, identities: pa.Table) -> pd.DataFrame:
    """The keyed blocking keys of identity records: columns key and identity_id (64-bit numbers), each pair once. The
    key of an incident begins as the incident's id does, so what a day brings of it is on few pages of the index."""
    with open_memory() as memory:
        memory.register("identities", identities)
        rows = memory.sql(_DISTINCT).to_arrow_table()
    numbers = keyed_numbers(secret, "key", rows["key_text"].to_pylist())
    keys = [
        (number if place is None else _placed(number, int(place, 16))) & ~CONTACT_BIT | is_contact
        for number, place, is_contact in zip(
            numbers, rows["place"].to_pylist(), rows["is_contact"].to_pylist(), strict=True
        )
    ]
    return pd.DataFrame({"key": pd.Series(keys, dtype="int64"), "identity_id": rows["identity_id"].to_numpy()})


def contact_keys(secret: bytes, contact: str, values: Sequence[str]) -> list[int]:
    """The blocking key of each e-mail address, telephone number or postcode."""
    return [
        number & ~CONTACT_BIT | 1
        for number in keyed_numbers(secret, "key", [f"{contact}\x1f{value}\x1f" for value in values])
    ]


def no_keys() -> pd.DataFrame:
    """Keys of nobody."""
    return pd.DataFrame({"key": pd.Series(dtype="int64"), "identity_id": pd.Series(dtype="int64")})


def changed_keys(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """How many identity records came to each key or left it: came and went, by key; keys that none did are left out."""
    both = new.merge(old, on=["key", "identity_id"], how="outer", indicator="side")
    sides = both["side"].astype("str")
    counts = pd.DataFrame({"key": both["key"], "came": sides == "left_only", "went": sides == "right_only"})
    counts = counts.groupby("key").sum()
    return counts[(counts["came"] > 0) | (counts["went"] > 0)]


def affected_holders(changed: pd.DataFrame, holders: pd.DataFrame, max_holders: int) -> set[int]:
    """All that hold a key that has come to tell something, or nothing, or a contact that somebody has come to give or
    no longer gives: ``changed`` as above; ``holders`` (key, identity_id) before the change, up to
    ``max_holders + 1 + went`` of each key."""
    before = holders.groupby("key").size().reindex(changed.index, fill_value=0)
    after = before + changed["came"] - changed["went"]
    told, tells = before <= max_holders, after <= max_holders
    is_contact = (changed.index.to_numpy(dtype="int64") & CONTACT_BIT) == CONTACT_BIT
    affected = changed.index[(told != tells) | (is_contact & (told | tells))]
    return set(holders.loc[holders["key"].isin(affected), "identity_id"].tolist())


def candidate_pairs(
    mine: pd.DataFrame, holders: pd.DataFrame, affected: Collection[int], max_holders: int
) -> pd.DataFrame:
    """The pairs identity_a, identity_b (the smaller first) of some identity records with all that share a telling key:
    ``mine`` are their keys, ``holders`` all who have these, up to ``max_holders + 1`` of each. A pair of two
    ``affected`` ones comes with the keys of the smaller one."""
    sizes = holders.groupby("key")["identity_id"].transform("size")
    pairs = mine.merge(holders[sizes <= max_holders], on="key", suffixes=("_mine", "_other"))
    one, other = pairs["identity_id_mine"], pairs["identity_id_other"]
    is_wanted = (one < other) | ((one > other) & ~other.isin(affected))
    one, other = one[is_wanted], other[is_wanted]
    found = pd.DataFrame({"identity_a": one.where(one < other, other), "identity_b": other.where(one < other, one)})
    return found.drop_duplicates().reset_index(drop=True)


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
