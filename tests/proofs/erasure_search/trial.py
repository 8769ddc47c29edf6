"""Erases persons from a hub, searches it, and holds the certificates against what is found."""

import logging
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.settings import Settings
from proofs.erasure_search.certificates import Said, Sorted, read_said, sort_left
from proofs.erasure_search.compare import Comparison, Left
from proofs.erasure_search.derived import Allowed, Changes, Derived, read_derived
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.linked_anew import LINKED
from proofs.erasure_search.masking import Masking, masked_texts
from proofs.erasure_search.mentions import TEXT, Place, mentions_in, subjects_of
from proofs.erasure_search.persons import Belongs, Person, Population
from proofs.erasure_search.search import Search
from proofs.erasure_search.search_tables import rows_that_name
from proofs.erasure_search.snapshots import QUARANTINED, RowPlace, Snapshot, take_snapshot
from proofs.erasure_search.whose import Whose

log = logging.getLogger(__name__)


class Eraser(Protocol):
    """What erases. The search knows nothing of it but the certificates that it writes."""

    def erase(self, asked_for: str) -> Path | None:
        """Erase a person; returns the certificate's file, or None where it refuses."""

    def mask(self, erasure_id: str) -> Path:
        """Approve that all texts of others that name the person are masked."""


@dataclass
class Figures:
    """What a trial compared and found, in numbers."""

    erased: int = 0
    refused: int = 0
    masked_persons: int = 0
    masked_texts: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    others_changed: int = 0
    masked_wrong: int = 0
    derived_changed: int = 0
    found: int = 0
    named: int = 0
    excused: dict[str, int] = field(default_factory=dict)
    unnamed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    linked_anew: int = 0
    beside_linked_anew: int = 0

    def __str__(self) -> str:
        rows = ", ".join(f"{store} {count}" for store, count in self.rows.items())
        excused = ", ".join(f"{what} {count}" for what, count in sorted(self.excused.items()))
        seconds = ", ".join(f"{what} {count:.0f}" for what, count in self.seconds.items())
        return "\n".join(
            [
                f"persons erased {self.erased}, refused {self.refused}",
                f"rows compared: {rows}",
                f"others' rows changed: {self.others_changed}; after the next build: {self.derived_changed}",
                f"others' records linked anew by the next build: {self.linked_anew};"
                f" beside the erased: {self.beside_linked_anew}",
                f"persons masked in others' texts {self.masked_persons}, texts {self.masked_texts},"
                f" wrong {self.masked_wrong}",
                f"places found {self.found}, named one by one {self.named}, left unnamed {self.unnamed}",
                f"places excused by a general sentence: {excused or 'none'}",
                f"seconds: {seconds}",
            ]
        )


@dataclass(frozen=True)
class Verdict:
    """What is wrong: rows and cells of others that changed, by the erasures, by masking and in the next build without
    being linked anew, or too many that are; and what is left without being named. ``left`` is what was left before
    anything was masked, and after it."""

    others_changed: list[str]
    masked_wrong: list[str]
    derived_changed: list[str]
    not_named: list[Left]
    left: set[Left]
    refused: list[str]
    figures: Figures

    @property
    def wrong(self) -> list[str]:
        """All of it, in words."""
        return [
            *(f"changed, and not about the erased: {one}" for one in self.others_changed),
            *(f"changed by masking: {one}" for one in self.masked_wrong),
            *(f"changed in the next build: {one}" for one in self.derived_changed),
            *(f"left, and not named by the certificate: {one}" for one in self.not_named),
            *(f"refused: {one}" for one in self.refused),
        ]


@dataclass(frozen=True)
class Trial:
    """One hub and all that was known in it before the erasures."""

    settings: Settings
    engine: sa.Engine
    catalogue: Catalogue
    search: Search
    before: Snapshot
    derived: Derived
    population: Population

    def erase(self, persons: Sequence[Person], eraser: Eraser, build: Callable[[], object] | None = None) -> Verdict:
        """Erase all of them, have every second one masked in what others wrote, then search for all of them; with
        ``build``, look at what the next build makes of the others."""
        figures, clock = Figures(), _Clock()
        said_in_airflow = rows_that_name(self.search.airflow, Finder(persons))
        paths, refused = self._erase_all(persons, eraser)
        erased = [person for person in persons if person.asked_for in paths]
        figures.erased, figures.refused = len(erased), len(refused)
        figures.seconds["erasing"] = clock.lap()
        comparison = self._compare(erased, take_snapshot(self.settings, self.engine, self.catalogue.contracts))
        others_changed = sorted(comparison.others_changed())
        figures.rows = {**self.before.rows_by_store(), "derived": self.derived.count if build else 0}
        certificates = [read_said(paths[person.asked_for]) for person in erased]
        left = comparison.left()
        not_named = {one for _, sorted_left in _sorted(certificates, left) for one in sorted_left.unnamed}
        figures.seconds["comparing"] = clock.lap()
        masking = self._mask(comparison, certificates[::2], eraser)
        certificates = [read_said(paths[person.asked_for]) for person in erased]
        last = self._compare(erased, masking.after)
        figures.seconds["masking"] = clock.lap()
        everywhere = last.left() | set(self._search(last, said_in_airflow))
        by_person = _sorted(certificates, everywhere)
        not_named |= {one for _, sorted_left in by_person for one in sorted_left.unnamed}
        figures.seconds["searching"] = clock.lap()
        derived = self._build(build, comparison, masking) if build else Changes()
        figures.seconds["building"] = clock.lap()
        masked_wrong = masking.wrong()
        figures.masked_persons = len({one.person for one in masking.texts})
        figures.masked_texts, figures.masked_wrong = len(masking.texts), len(masked_wrong)
        figures.others_changed, figures.derived_changed = len(others_changed), len(derived.wrong)
        figures.linked_anew, figures.beside_linked_anew = len(derived.linked_anew), len(derived.beside)
        figures.found, figures.unnamed = len(everywhere), len(not_named)
        figures.named = sum(len(sorted_left.named) for _, sorted_left in by_person)
        excused = [one for _, sorted_left in by_person for one in sorted_left.excused]
        figures.excused = Counter(", ".join(filter(None, (one.store, one.kind, one.about))) for one in excused)
        log.info("%s", figures)
        return Verdict(
            others_changed, masked_wrong, derived.wrong, sorted(not_named), left | everywhere, refused, figures
        )

    def _erase_all(self, persons: Sequence[Person], eraser: Eraser) -> tuple[dict[str, Path], list[str]]:
        paths: dict[str, Path] = {}
        refused = []
        for number, person in enumerate(persons, 1):
            path = eraser.erase(person.asked_for)
            if path is None:
                refused.append(f"person {number} of {len(persons)}, {person.asked_for}")
            else:
                paths[person.asked_for] = path
            log.info("%s %s of %s", "refused" if path is None else "erased", number, len(persons))
        return paths, refused

    def _compare(self, erased: Sequence[Person], after: Snapshot) -> Comparison:
        wide = [self._with_repeats(self.population.reached_from(person)) for person in erased]
        whose = (Whose(erased), Whose(wide), Finder(erased), Finder(wide))
        return Comparison(self.before, after, self.catalogue.contracts, *whose, self.population.linked_places)

    def _with_repeats(self, person: Person) -> Person:
        """A record that was delivered again, the same in every column, is of the same person."""
        repeats = {
            Place(*row, place.subject)
            for place in person.places
            for row in self.before.repeated.get((place.feed, place.delivery_id, place.row_number), ())
        }
        return replace(person, places=person.places | repeats)

    def _mask(self, comparison: Comparison, certificates: Sequence[Said], eraser: Eraser) -> Masking:
        """Have the persons masked whose certificates these are: of every second person."""
        texts = []
        for number, said in enumerate(certificates):
            if any(said.left_in.get("what others wrote", ())):
                eraser.mask(said.erasure_id)
                with self.engine.connect() as connection:
                    texts += masked_texts(connection, 2 * number, said.erasure_id)
        after = take_snapshot(self.settings, self.engine, self.catalogue.contracts)
        return Masking(comparison.after, after, texts, list(comparison.wide.persons))

    def _search(self, comparison: Comparison, said_in_airflow: Sequence[str]) -> Sequence[Left]:
        after, keys = comparison.after, self._keys_of(comparison.strict)
        in_airflow = {one for text in said_in_airflow for one in comparison.finder.identifiers(text)}
        return list(self.search.everywhere(comparison.finder, keys, set(after.paths.values()), in_airflow))

    def _build(self, build: Callable[[], object], comparison: Comparison, masking: Masking) -> Changes:
        build()
        places = {place for person in comparison.wide.persons for place in person.places}
        victims = {str(comparison.linked[place]) for place in places & comparison.linked.keys()}
        masked: dict[RowPlace, set[str]] = defaultdict(set)
        for one in masking.texts:
            masked[one.row].add(one.column)
        return self.derived.changed(read_derived(self.engine), Allowed(comparison.is_of_erased, victims, masked))

    def _keys_of(self, whose: Whose) -> dict[bytes, int]:
        """The wrapped keys of what is the persons' in vault and quarantine; each with the index of one whose it is."""
        owners: dict[tuple[uuid.UUID, int, str], int] = {}
        for place in self.population.places():
            for index, belongs in whose.of_mention(place, self.population.mention(place)).items():
                if belongs is Belongs.YES:
                    row = (place.delivery_id, place.row_number)
                    owners |= {(*row, place.subject): index, (*row, TEXT): index}
        for (feed, delivery_id, number), (_, record) in self.before.quarantine.items():
            for subject, said in mentions_in(record.cells, subjects_of(self.catalogue.contracts[feed])):
                for index, belongs in whose.of_mention(Place(feed, delivery_id, number, subject), said).items():
                    if belongs is Belongs.YES:
                        owners[delivery_id, number, QUARANTINED] = index
        return {wrapped.key: owners[key] for key, wrapped in self.before.keys.items() if key in owners}


class _Clock:
    def __init__(self) -> None:
        self._begun = time.monotonic()

    def lap(self) -> float:
        begun, self._begun = self._begun, time.monotonic()
        return self._begun - begun


def _sorted(certificates: Sequence[Said], left: set[Left]) -> list[tuple[int, Sorted]]:
    return [
        (index, sort_left(said, [one for one in left if one.person == index]))
        for index, said in enumerate(certificates)
    ]


def begin(settings: Settings, engine: sa.Engine, catalogue: Catalogue, search: Search) -> Trial:
    """Look at a hub before anybody is erased."""
    before = take_snapshot(settings, engine, catalogue.contracts)
    with engine.connect() as connection:
        linked: Mapping[Place, uuid.UUID] = {
            Place(*row[:4]): uuid.UUID(str(row[4])) for row in connection.execute(sa.text(LINKED))
        }
        files = connection.execute(sa.text("select distinct file_name from ledger.deliveries")).all()
    population = Population(before.mentions(catalogue.contracts), linked)
    search = replace(search, file_names=tuple(row.file_name for row in files))
    return Trial(settings, engine, catalogue, search, before, read_derived(engine), population)
