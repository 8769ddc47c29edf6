"""Any CSV file of persons, read for linkage: which column says what, and each value in comparable form.

Errors name the file, the line, the column and the rule, and never a value.
"""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from anyascii import anyascii

from hub.linkage.contacts import comparable_email, comparable_phone
from hub.linkage.names.parsing import NOBODY, parse_name, parse_parts
from hub.linkage.people.comparable import NAME_COLUMNS, name_columns

KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "rec_id", "record_id", "unique_id", "row_id"),
    "name": ("name", "full_name"),
    "given_name": ("given_name", "first_name", "forename", "given_names"),
    "surname": ("surname", "last_name", "family_name"),
    "date_of_birth": ("date_of_birth", "dob", "birth_date"),
    "phone": ("phone", "telephone", "phone_number", "mobile"),
    "email": ("email", "email_address"),
}
NAMES = ("name", "given_name", "surname")
MOST_FURTHER = 20
_TIME = re.compile(r"[T ]\d{1,2}:.*")
_YEAR_FIRST = re.compile(r"(?P<year>(?:1[5-9]|20)\d{2})[./-]?(?P<month>\d{2})[./-]?(?P<day>\d{2})")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[./-]?(?P<month>\d{1,2})[./-]?(?P<year>(?:1[5-9]|20)\d{2})")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d{2}(?!\d)")


class FileRefused(ValueError):
    """The file cannot be linked; the message says where and why."""


@dataclass(frozen=True)
class PersonFile:
    """``ids`` as delivered; ``rows`` has ``record`` (its position), ``NAME_COLUMNS``, ``birth_date``, ``birth_swapped``
    and ``birth_year``, and each of ``further`` as text, null where not given. ``has`` are the fields that it gives."""

    ids: Sequence[str]
    rows: pa.Table
    further: Sequence[str]
    has: frozenset[str]


def read_persons(path: Path, *, without: Sequence[str] = ()) -> PersonFile:
    """Read a CSV file with a header; columns named in ``without`` are not compared. Raises :class:`FileRefused`."""
    header, cells = _read(path)
    columns = _columns(path, header, without)
    position = {
        field: columns[alias] for field, names in KNOWN_AS.items() for alias in reversed(names) if alias in columns
    }
    if "id" not in position:
        rule = "it cannot be left out" if {*KNOWN_AS["id"]} & {*header} else "there is none"
        raise FileRefused(f"{path.name}, line 1, column id: {rule}")
    ids = [row[position["id"]] for row in cells]
    _must_be_unique(path, header[position["id"]], ids)
    others = [at for at in columns.values() if at not in position.values()]
    further = [at for at in others if _says_something([row[at] for row in cells])]
    has = {field for field in position if field != "id" and any(row[position[field]] for row in cells)}
    if len(has) + len(further) < 2:
        raise FileRefused(f"{path.name}, line 1: fewer than two columns can be compared")
    if len(further) > MOST_FURTHER:
        raise FileRefused(f"{path.name}, line 1: more than {MOST_FURTHER} further columns; leave some out")
    names = {at: f"further_{number}" for number, at in enumerate(further)}
    rows = [
        {"record": number, **_name(row, position), **_born(row, position), **_contacts(row, position)}
        | {column: _plain(row[at]) for at, column in names.items()}
        for number, row in enumerate(cells)
    ]
    texts = ["birth_date", "birth_swapped", "birth_year", "email", "phone", *names.values()]
    schema = pa.schema([("record", pa.int64()), *NAME_COLUMNS, *((name, pa.string()) for name in texts)])
    compared = [*(name for name in ("email", "phone") if name in has), *names.values()]
    return PersonFile(ids, pa.Table.from_pylist(rows, schema=schema), compared, frozenset(has))


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, skipinitialspace=True, strict=True)
            header = [name.strip().casefold() for name in next(lines, [])]
            cells = []
            for row in lines:
                if not any(cell.strip() for cell in row):
                    continue
                if len(row) != len(header):
                    raise FileRefused(
                        f"{path.name}, line {lines.line_num}: {len(row)} cells under {len(header)} columns"
                    )
                cells.append([cell.strip() for cell in row])
    except OSError as error:
        raise FileRefused(f"{path.name}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FileRefused(f"{path.name}: byte {error.start} is no UTF-8") from None
    except csv.Error as error:
        raise FileRefused(f"{path.name}, line {lines.line_num}: {error}") from None
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise FileRefused(f"{path.name}, line 1, column {repeated[0]}: it is there twice")
    if len(cells) < 2:
        raise FileRefused(f"{path.name}: fewer than two rows")
    return header, cells


def _columns(path: Path, header: Sequence[str], without: Sequence[str]) -> dict[str, int]:
    """The columns that may be read, and where each is."""
    left_out = {name.strip().casefold() for name in without}
    if unknown := sorted(left_out.difference(header)):
        raise FileRefused(f"{path.name}, line 1: no column {unknown[0]}")
    return {name: at for at, name in enumerate(header) if name not in left_out}


def _must_be_unique(path: Path, column: str, ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for number, one in enumerate(ids, start=1):
        if not one or one in seen:
            rule = "empty" if not one else "not unique"
            raise FileRefused(f"{path.name}, row {number}, column {column}: {rule}")
        seen.add(one)


def _says_something(values: Sequence[str]) -> bool:
    """Whether some rows share a value, and not all do."""
    given = [value for value in values if value]
    return 1 < len(set(given)) < len(given)


def _name(row: Sequence[str], position: Mapping[str, int]) -> dict[str, object]:
    given, surname = (row[position[name]] if name in position else "" for name in ("given_name", "surname"))
    name = parse_parts(given, surname)
    if name == NOBODY and "name" in position:
        name = parse_name(row[position["name"]])
    return name_columns([name])


def _born(row: Sequence[str], position: Mapping[str, int]) -> dict[str, str]:
    """A date that is written year first or day first, or a year alone, of four digits: of which century a year of two
    is nobody knows. A month that there is not is left as it is: it was typed so."""
    text = _TIME.sub("", row[position["date_of_birth"]]) if "date_of_birth" in position else ""
    if parted := _YEAR_FIRST.fullmatch(text):
        year, month, day = parted["year"], parted["month"], parted["day"]
    elif parted := _DAY_FIRST.fullmatch(text):
        year, month, day = parted["year"], f"{parted['month']:0>2}", f"{parted['day']:0>2}"
    else:
        years = _YEAR.findall(text)
        return {"birth_year": years[0]} if len(years) == 1 else {}
    if month + day in {"0101", "0000"}:
        return {"birth_year": year}
    return {"birth_year": year, "birth_date": year + month + day, "birth_swapped": year + day + month}


def _contacts(row: Sequence[str], position: Mapping[str, int]) -> dict[str, str | None]:
    """An e-mail address and a telephone number; one that is none of the kind is compared as it is."""
    found: dict[str, str | None] = {}
    for field, comparable in (("email", comparable_email), ("phone", comparable_phone)):
        if field in position and (text := row[position[field]]):
            found[field] = comparable(text) or _plain(text)
    return found


def _plain(text: str) -> str | None:
    """Lower case without accents and punctuation."""
    words = re.findall(r"[a-z0-9]+", anyascii(text).lower())
    return " ".join(words) or None
