"""The written values of a person, made comparable: an *identity record*.

An *appearance* is one person as one record describes them: its victim, its reporter, or both roles together where the
reporter is the victim (the reporter gives an e-mail address, the victim's part of the form a date of birth).
Everything here stays in this process: DuckDB in memory, no file, no values in errors.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from hub.linkage.contacts import comparable_birth, comparable_email, comparable_phone, comparable_postcode
from hub.linkage.names.parsing import NOBODY, Name, parse_name
from hub.linkage.names.spelling import forms_of, initials_of, sound, spellings_in_common, spellings_of

FIELDS = ("name", "email", "phone", "date_of_birth", "postcode")
"""What a mention may bring; all text as delivered, null where not given."""
_TEXTS = pa.list_(pa.string())
NAME_COLUMNS = pa.schema(
    [
        ("first_name", pa.string()),
        ("first_initial", pa.string()),
        ("first_initials", _TEXTS),
        ("first_sound", pa.string()),
        ("first_forms", _TEXTS),
        ("first_spellings", _TEXTS),
        ("first_sounds", _TEXTS),
        ("first_in_common", _TEXTS),
        ("surname", pa.string()),
        ("surname_sound", pa.string()),
        ("surname_forms", _TEXTS),
        ("surname_in_common", _TEXTS),
        ("lone_name", pa.string()),
        ("name_words", _TEXTS),
        ("name_sounds", _TEXTS),
        ("name_letters", pa.string()),
    ]
)
"""``first_name`` is missing where only its ``first_initial`` is given; ``first_initials`` are those of all its forms.
``first_forms`` are all given names and those that they are short for, ``first_spellings`` also what is short for those;
``surname_forms`` a surname and the parts of a double one. ``lone_name`` is a single word, or all words in one.
``name_words`` are all that are no initials, ``name_sounds`` how those and the forms sound; ``first_in_common`` and
``surname_in_common`` what other spellings of them share. ``name_letters`` are the given names and the surname in one
word."""
IDENTITY = pa.schema(
    [
        ("appearance_id", pa.string()),
        *NAME_COLUMNS,
        ("email", pa.string()),
        ("email_local", pa.string()),
        ("email_digits", pa.string()),
        ("email_is_named", pa.bool_()),
        ("email_has_given", pa.bool_()),
        ("phone", pa.string()),
        ("birth_date", pa.string()),
        ("birth_swapped", pa.string()),
        ("birth_year", pa.string()),
        ("postcode", pa.string()),
        ("sector", pa.string()),
        ("outward", pa.string()),
    ]
)
"""``birth_date`` is YYYYMMDD and ``birth_swapped`` the same with day and month changed over; both are null where only
the ``birth_year`` is known. ``email_is_named`` where the address holds a part of the name, ``email_has_given`` where it
holds a given one. ``outward`` is the first part of a postcode, ``sector`` what some 3,000 homes share."""
OUTWARD_AND_SECTOR = 3, 2


def open_memory() -> duckdb.DuckDBPyConnection:
    """A DuckDB of this process's own memory, which never spills to disk: it holds personal values."""
    return duckdb.connect(":memory:", config={"temp_directory": "", "threads": 2})


def make_comparable(mentions: pa.Table) -> pa.Table:
    """An identity record (``IDENTITY``) for each appearance. ``mentions`` has columns appearance_id, role and
    ``FIELDS``, one row per mention; where both roles of an appearance give a field, the victim's is taken, but of two
    names the fuller one."""
    rows: dict[str, dict[str, Any]] = {}
    told: defaultdict[str, list[Name]] = defaultdict(list)
    parsed = cache(parse_name)
    columns = [mentions[name].to_pylist() for name in ("appearance_id", "role", *FIELDS)]
    for appearance, _, name, email, phone, birth, postcode in sorted(
        zip(*columns, strict=True), key=lambda row: (row[0], row[1] != "victim")
    ):
        row = rows.setdefault(appearance, {"appearance_id": appearance})
        if name and parsed(name) != NOBODY:
            told[appearance].append(parsed(name))
        for values in (of_email(email), of_phone(phone), of_birth(birth), of_postcode(postcode)):
            row |= {column: value for column, value in values.items() if column not in row}
    for appearance, row in rows.items():
        row.update(name_columns(told[appearance]))
        if "email" in row:
            row["email_is_named"] = _holds_any(row["email_local"], row.get("name_words"))
            row["email_has_given"] = _holds_any(row["email_local"], row.get("first_forms"))
    return pa.Table.from_pylist(list(rows.values()), schema=IDENTITY)


def _holds_any(local: str, words: Sequence[str] | None) -> bool:
    return any(len(word) > 2 and word in local for word in words or ())


def name_columns(told: Sequence[Name]) -> dict[str, object]:
    """``NAME_COLUMNS`` of one person's names: the first that is full, and the given names of all; nothing of nobody."""
    if not told:
        return {}
    name = next((name for name in told if name.is_full), _completed(told))
    given = {given for one in (*told, name) for given in one.given if len(given) > 1}
    forms = {form for one in given for form in forms_of(one)}
    spellings = {spelling for one in given for spelling in spellings_of(one)}
    words = {word for one in told for word in one.words}
    lone = forms_of(name.lone) if name.lone else frozenset()
    first = name.given[0] if name.given and len(name.given[0]) > 1 else None
    return {
        "first_name": first,
        "first_initial": name.given[0][0] if name.given else None,
        "first_initials": sorted(initials_of(name.given[0])) if name.given else None,
        "first_sound": sound(first) if first else None,
        "first_forms": sorted(forms) if name.given else None,
        "first_spellings": sorted(spellings) if name.given else None,
        "first_sounds": sorted(map(sound, forms)) if name.given else None,
        "first_in_common": sorted({one for word in given for one in spellings_in_common(word)}),
        "surname": name.surname,
        "surname_sound": sound(name.surname) if name.surname else None,
        "surname_forms": sorted({*name.surname_parts, name.surname}) if name.surname else None,
        "surname_in_common": sorted(spellings_in_common(name.surname)) if name.surname else None,
        "lone_name": name.lone,
        "name_words": sorted(words),
        "name_sounds": sorted(
            {sound(word) for word in words | forms | lone}
            | {one for word in words | lone for one in spellings_in_common(word)}
        ),
        "name_letters": name.letters if name.is_full else None,
    }


def _completed(told: Sequence[Name]) -> Name:
    """The first name of several; its initial, where a single word beside it begins so, as that word: J. Ash and Jo."""
    name = told[0]
    begun = [one for one in told if one.surname and len(one.given) == 1 and len(one.given[0]) == 1]
    for one in begun:
        for other in told:
            if other.lone and other.lone != one.surname and other.lone.startswith(one.given):
                return replace(one, given=(other.lone,), letters=other.lone + one.letters)
    return begun[0] if begun else name


def of_email(text: str | None) -> Mapping[str, str]:
    """The columns of an e-mail address."""
    email = comparable_email(text) if text else None
    if email is None:
        return {}
    local = email.partition("@")[0]
    return {"email": email, "email_local": local, "email_digits": "".join(filter(str.isdigit, local))}


def of_phone(text: str | None) -> Mapping[str, str]:
    """The column of a telephone number."""
    phone = comparable_phone(text) if text else None
    return {} if phone is None else {"phone": phone}


def of_birth(text: str | None) -> Mapping[str, str | None]:
    """The columns of a date of birth."""
    born = comparable_birth(text) if text else None
    if born is None:
        return {}
    return {"birth_date": born.date, "birth_swapped": born.swapped, "birth_year": born.year}


def of_postcode(text: str | None) -> Mapping[str, str]:
    """The columns of a postcode."""
    postcode = comparable_postcode(text) if text else None
    if postcode is None:
        return {}
    if len(postcode) <= 4:
        return {"outward": postcode}
    outward, sector = (postcode[:-last] for last in OUTWARD_AND_SECTOR)
    return {"postcode": postcode, "sector": sector, "outward": outward}
