"""Reads the facts beside this file: places, border districts, localities, names, words and
forms of addresses."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FACTS = Path(__file__).with_name("facts")


@dataclass(frozen=True)
class Place:
    """A local authority, its force, and some of its postcode districts, small areas and localities."""

    name: str
    force: str
    districts: tuple[str, ...]
    small_areas: tuple[str, ...]
    localities: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """Names of one origin, common ones first; each is a tuple of the forms in which one person is written."""

    origin: str
    share: int
    women: Sequence[tuple[str, ...]]
    men: Sequence[tuple[str, ...]]
    family: Sequence[tuple[str, ...]]


@cache
def places() -> tuple[Place, ...]:
    """All authorities."""
    localities = {row["place"]: tuple(row["localities"].split("|")) for row in _rows("localities.csv")}
    return tuple(
        Place(
            name=row["name"],
            force=row["force"],
            districts=tuple(row["districts"].split("|")),
            small_areas=tuple(row["small_areas"].split("|")),
            localities=localities.get(row["name"], ()),
        )
        for row in _rows("places.csv")
    )


@cache
def border_districts() -> Mapping[str, Mapping[str, float]]:
    """The share of each force in the postcode districts that have several."""
    shares: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for row in _rows("border_districts.csv"):
        shares[row["district"]][row["force"]] = float(row["share"])
    return shares


@cache
def names() -> tuple[Names, ...]:
    """The names of all origins."""
    read = yaml.safe_load((FACTS / "names.yaml").read_text(encoding="utf-8"))
    return tuple(
        Names(origin, one["share"], *(_forms(one[kind]) for kind in ("women", "men", "family")))
        for origin, one in read.items()
    )


@cache
def words(kind: str) -> Sequence[str]:
    """Words and sentences of one kind, such as ``topics`` or ``threats``."""
    return tuple(_words()[kind])


@cache
def groups(strand: str) -> Sequence[str]:
    """Who is attacked for a strand, as people say it."""
    return tuple(_words()["groups"][strand])


@cache
def addresses() -> dict[str, Any]:
    """Forms of addresses by kind, and by platform where they are of one."""
    read: dict[str, Any] = yaml.safe_load((FACTS / "addresses.yaml").read_text(encoding="utf-8"))
    return read


@cache
def _words() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FACTS / "words.yaml").read_text(encoding="utf-8"))
    return read


def _forms(written: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(name.split("/")) for name in written]


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (FACTS / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
