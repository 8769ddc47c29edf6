"""What is written of a person, made comparable: an *identity record*.

An *appearance* is one person as one record tells of them: its victim, its reporter, or both roles together where the
reporter is the victim (the reporter gives an e-mail address, the victim's part of the form a date of birth).
Everything here stays in this process: DuckDB in memory, no file, no values in errors.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

FIELDS = ("name", "email", "phone", "date_of_birth", "postcode")
"""What a mention may bring; all text as delivered, null where not given."""

NICKNAMES = Path(__file__).with_name("nicknames.csv")
TITLES = ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "rev", "sir", "dame", "lord", "lady", "master")
NO_BIRTH_DATE = ("19000101", "19700101")
"""What forms and databases fill in where no date of birth was given."""

IDENTITY = pa.schema(
    [
        ("appearance_id", pa.string()),
        ("first_name", pa.string()),
        ("surname", pa.string()),
        ("first_forms", pa.list_(pa.string())),
        ("surname_sound", pa.string()),
        ("email", pa.string()),
        ("email_local", pa.string()),
        ("email_digits", pa.string()),
        ("phone", pa.string()),
        ("birth_date", pa.string()),
        ("birth_swapped", pa.string()),
        ("postcode", pa.string()),
        ("sector", pa.string()),
        ("outward", pa.string()),
    ]
)
"""``birth_date`` is YYYYMMDD and ``birth_swapped`` the same with day and month changed over; ``first_forms`` are the
name and the given names that it is short for; ``surname_sound`` its first letter and next consonants."""

_CLEAN = r"""
    select
        appearance_id,
        case when role = 'victim' then 0 else 1 end as place,
        list_filter(
            string_split(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(strip_accents(lower(name)), '^([^,]+),(.+)$', '\2 \1'),
                        '[''\x{2019}`.\-]', '', 'g'
                    ),
                    '[^\p{L}]+', ' ', 'g'
                ),
                ' '
            ),
            lambda word: word <> '' and not list_contains($titles, word)
        ) as words,
        case
            when regexp_full_match(lower(trim(email)), '[^@\s]+@[^@\s]+\.[^@\s]+')
                then regexp_replace(
                    regexp_replace(lower(trim(email)), '\+[^@]*@', '@'), '@googlemail\.com$', '@gmail.com'
                )
        end as email,
        regexp_replace(regexp_replace(phone, '[^0-9]', '', 'g'), '^(0044|44)0?', '0') as phone,
        regexp_replace(date_of_birth, '[^0-9]', '', 'g') as birth_date,
        regexp_replace(upper(postcode), '[^A-Z0-9]', '', 'g') as postcode
    from mentions
"""

_MERGE = r"""
    select
        appearance_id,
        coalesce(arg_min(words, place) filter (where len(words) > 0), []) as words,
        arg_min(email, place) filter (where email is not null) as email,
        arg_min(phone, place) filter (
            where regexp_full_match(phone, '[0-9]{9,15}') and len(list_distinct(string_split(phone, ''))) > 2
        ) as phone,
        arg_min(birth_date, place) filter (
            where len(birth_date) = 8 and not list_contains($no_birth_date, birth_date)
        ) as birth_date,
        arg_min(postcode, place) filter (
            where regexp_full_match(postcode, '[A-Z]{1,2}[0-9][A-Z0-9]?([0-9][A-Z]{2})?')
        ) as postcode
    from cleaned
    group by appearance_id
"""

# 'SMITH Jane': the last word is a given name that people have, the first is not.
_NAME = """
    select
        merged.*,
        case
            when len(words) > 1 and last_known.name is not null and first_known.name is null then words[-1]
            else words[1]
        end as first_name,
        case
            when len(words) < 2 then null
            when last_known.name is not null and first_known.name is null then words[1]
            else words[-1]
        end as surname
    from merged
    left join known_names as first_known on merged.words[1] = first_known.name
    left join known_names as last_known on merged.words[-1] = last_known.name
"""

_IDENTITY = r"""
    select
        appearance_id,
        first_name,
        surname,
        case
            when first_name is not null
                then list_sort(list_distinct(list_append(coalesce(short.given_names, []), first_name)))
        end as first_forms,
        surname[1] || left(regexp_replace(surname[2:], '[aeiouyhw]', '', 'g'), 3) as surname_sound,
        email,
        split_part(email, '@', 1) as email_local,
        regexp_replace(split_part(email, '@', 1), '[^0-9]', '', 'g') as email_digits,
        phone,
        birth_date,
        birth_date[1:4] || birth_date[7:8] || birth_date[5:6] as birth_swapped,
        case when len(postcode) > 4 then postcode end as postcode,
        case when len(postcode) > 4 then left(postcode, len(postcode) - 2) end as sector,
        case when len(postcode) > 4 then left(postcode, len(postcode) - 3) else postcode end as outward
    from named
    left join (select nickname, list(given_name) as given_names from nicknames group by nickname) as short
        on named.first_name = short.nickname
    order by appearance_id
"""


def open_memory() -> duckdb.DuckDBPyConnection:
    """A DuckDB of this process's own memory, which never spills to disk: it holds personal values."""
    return duckdb.connect(":memory:", config={"temp_directory": "", "threads": 2})


def read_nicknames() -> pa.Table:
    """Columns nickname and given_name, in the form in which identity records hold names."""
    with NICKNAMES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return pa.table(
        {"nickname": [row["nickname"] for row in rows], "given_name": [row["given_name"] for row in rows]},
        schema=pa.schema([("nickname", pa.string()), ("given_name", pa.string())]),
    )


def make_comparable(mentions: pa.Table, given_names: Sequence[str]) -> pa.Table:
    """An identity record (``IDENTITY``) for each appearance. ``mentions`` has columns appearance_id, role and
    ``FIELDS``, one row a mention; where both roles of an appearance give a field, the victim's is taken.
    ``given_names`` are names known to be first names, beside those of the nicknames."""
    nicknames = read_nicknames()
    known = sorted({*given_names, *nicknames["nickname"].to_pylist(), *nicknames["given_name"].to_pylist()})
    for field in FIELDS:
        place = mentions.schema.get_field_index(field)
        mentions = mentions.set_column(place, field, pc.utf8_normalize(mentions[field].cast(pa.string()), "NFKC"))
    with open_memory() as memory:
        memory.register("mentions", mentions)
        memory.register("nicknames", nicknames)
        memory.register("known_names", pa.table({"name": pa.array(known, pa.string())}))
        statement = f"with cleaned as ({_CLEAN}), merged as ({_MERGE}), named as ({_NAME}) {_IDENTITY}"
        found = memory.sql(statement, params={"titles": list(TITLES), "no_birth_date": list(NO_BIRTH_DATE)})
        return found.to_arrow_table().cast(IDENTITY)
