"""Compares what a hub kept before some erasures with what it keeps after them: what changed of others' rows, and what
is left of the erased."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from hub.contracts.model import Contract
from proofs.erasure_search.decode_files import Record
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.forms import Name
from proofs.erasure_search.mentions import TEXT, Mention, Place, mention_of, mentions_in, subjects_of
from proofs.erasure_search.persons import Belongs
from proofs.erasure_search.snapshots import RowPlace, Snapshot
from proofs.erasure_search.whose import Whose

IN_ANOTHERS_TEXT = "text of a row that is not the person's"
IN_ANOTHERS_ROW = "row of another person"
IN_LINKED_ROW = "row that linkage gives to another person"
IN_ROW_OF_ANOTHER_NAME = "row of another person that gives another name"
IN_ROW_OF_ANOTHER_BIRTH = "row of another person that gives another date of birth"
WITHOUT_COLUMNS = "which has no columns"
IN_A_FILE_NAME = "in the name of a delivered file"
AIRFLOW_HELD_IT = "what a row of Airflow's database said before"
DECISION = frozenset({"state", "decided_at", "decided_by", "key_hash"})
"""What the table of quarantined rows says of a row that was rejected."""


@dataclass(frozen=True, order=True)
class Left:
    """An identifier that is still there: person by index, store, the one of its tables, files or rows, and kind; never
    the value. ``detail`` is the column or line; ``row`` is feed, delivery and number, and ``column`` is what of it."""

    person: int
    store: str
    place: str
    kind: str
    detail: str = ""
    about: str = ""
    row: tuple[str, ...] = ()
    column: str = ""

    def __str__(self) -> str:
        where = ", ".join(one for one in (self.store, self.place, self.detail) if one)
        return f"{where}: {self.kind} of person {self.person}{' in a ' + self.about if self.about else ''}"


@dataclass(frozen=True)
class Comparison:
    """Two snapshots. ``strict`` and ``finder`` know the erased persons, ``wide`` also what a chain of mentions leads
    to; ``linked`` names, for each mention, the person that linkage found."""

    before: Snapshot
    after: Snapshot
    contracts: Mapping[str, Contract]
    strict: Whose
    wide: Whose
    finder: Finder
    wide_finder: Finder
    linked: Mapping[Place, uuid.UUID] = field(default_factory=dict)

    def others_changed(self) -> list[str]:
        """Rows that are nobody's of the erased, and cells that are not about them, that are not as they were."""
        changed = [*self._raw_changed(), *self._vault_changed(), *self._quarantine_changed()]
        return [*changed, *(one for delivery in self.before.landed for one in self._landed_changed(delivery))]

    def left(self) -> set[Left]:
        """What is still there in vault, quarantine and landed files."""
        found = set()
        for row, values in self.after.vault.items():
            found |= set(self._left_in_cells("vault", row, values, self.before.vault.get(row, {})))
        for row, (_, record) in self.after.quarantine.items():
            found |= set(self._left_in_record("quarantine", row, record, self.before.quarantine[row][1]))
        for (feed, delivery_id), records in self.after.landed.items():
            for record, was in zip(records, self.before.landed[feed, delivery_id], strict=False):
                row = (feed, delivery_id, record.number)
                found |= {
                    replace(one, place=self.after.paths[feed, delivery_id].name, detail=f"{one.place}, {one.detail}")
                    for one in self._left_in_record("landed", row, record, was)
                }
        return found

    def is_of_erased(self, row: RowPlace) -> bool:
        """Whether a row of the vault is, or may be, about one of the erased."""
        return bool(self._subjects(row, self.before.vault.get(row, {})))

    def _raw_changed(self) -> Iterator[str]:
        """Tokens of an erased subject may go; whatever else a row says is to stay, column by column."""
        for row in self.before.raw.keys() | self.after.raw.keys():
            was, now = self.before.raw.get(row, {}), self.after.raw.get(row, {})
            if was != now:
                may_change = {f"{column}_token" for column in self._may_change(row, self.before.vault.get(row, {}))}
                for column in sorted(_differing(was, now) - may_change):
                    yield f"raw: {named(row)}, {column}"

    def _vault_changed(self) -> Iterator[str]:
        for row in self.before.vault.keys() | self.after.vault.keys():
            values = self.before.vault.get(row, {})
            for column in self._cells_changed(row, values, self.after.vault.get(row, {})):
                yield f"vault: {named(row)}, {column}"

    def _quarantine_changed(self) -> Iterator[str]:
        gone: tuple[Mapping[str, str], Record] = ({}, Record("", 0, ""))
        for row in self.before.quarantine.keys() | self.after.quarantine.keys():
            was, now = self.before.quarantine.get(row, gone), self.after.quarantine.get(row, gone)
            if was != now:
                may_be_lost, may_change = self._may_change_in_quarantine(row, was[1])
                columns = _differing(was[0], now[0]) - (DECISION if may_be_lost else frozenset())
                cells = set() if may_be_lost else _differing(was[1].cells, now[1].cells) - may_change
                if not (may_be_lost or was[1].cells) and was[1] != now[1]:
                    cells = {WITHOUT_COLUMNS}
                for column in sorted(columns | cells):
                    yield f"quarantine: {named(row)}, {column}"

    def _may_change_in_quarantine(self, row: RowPlace, record: Record) -> tuple[bool, set[str]]:
        """Whether a row may lose its whole text, since it is about the erased alone; and which columns it may lose."""
        if not record.cells:
            return bool(self.wide_finder.hits(record.text)), set()
        owned = self._subjects(row, record.cells)
        subjects = subjects_of(self.contracts[row[0]])
        said = {subject for subject, mention in mentions_in(record.cells, subjects) if mention != Mention()}
        may_change = self._may_change(row, record.cells)
        texts = set(subjects.get(TEXT, ()))
        misplaced = {column for column, cell in record.cells.items() if self.wide_finder.hits(cell)} - texts
        return bool(owned) and said <= owned, may_change | misplaced

    def _landed_changed(self, delivery: tuple[str, uuid.UUID]) -> Iterator[str]:
        before, after = self.before.landed[delivery], self.after.landed.get(delivery, [])
        if len(before) != len(after):
            yield f"landed: {delivery[0]}, delivery {delivery[1]} has {len(after)} records instead of {len(before)}"
        for was, now in zip(before, after, strict=False):
            row = (*delivery, was.number)
            if was == now:
                continue
            if was.cells:
                for column in self._cells_changed(row, was.cells, now.cells):
                    yield f"landed: {named(row)}, {column}"
            elif not self.wide_finder.hits(was.text):
                yield f"landed: {named(row)}, {WITHOUT_COLUMNS}"

    def _cells_changed(self, row: RowPlace, was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
        """The columns that changed and are about nobody of the erased."""
        changed = _differing(was, now)
        return sorted(changed - self._may_change(row, was)) if changed else []

    def _may_change(self, row: RowPlace, cells: Mapping[str, str]) -> set[str]:
        subjects = subjects_of(self.contracts[row[0]])
        return {column for subject in self._subjects(row, cells) for column in subjects[subject]}

    def _subjects(self, row: RowPlace, cells: Mapping[str, str]) -> set[str]:
        return set(self.wide.of_row(row, cells, subjects_of(self.contracts[row[0]])))

    def _left_in_record(self, store: str, row: RowPlace, record: Record, was: Record) -> Iterator[Left]:
        if record.cells:
            yield from self._left_in_cells(store, row, record.cells, was.cells)
        else:
            for hit in self.finder.hits(record.text):
                yield Left(hit.person, store, named(row), hit.kind, WITHOUT_COLUMNS, row=_as_texts(row))

    def _left_in_cells(
        self, store: str, row: RowPlace, cells: Mapping[str, str], was: Mapping[str, str]
    ) -> Iterator[Left]:
        subjects, place = subjects_of(self.contracts[row[0]]), _as_texts(row)
        owners = self.strict.of_row(row, was, subjects)
        for subject, of_subject in owners.items():
            is_left = any(cells.get(column) for column in subjects[subject])
            for person, belongs in of_subject.items():
                if is_left and belongs is Belongs.YES:
                    kind = f"values of {subject}"
                    yield Left(person, store, named(row), kind, row=place, column=subject)
        mine = {person for person, belongs in owners.get(TEXT, {}).items() if belongs is Belongs.YES}
        found = cells.items() if self.finder.hits(" | ".join(cells.values())) else ()
        for column, text in found:
            for hit in self.finder.hits(text):
                about = "" if hit.person in mine else self._about(hit.person, row, column, was)
                yield Left(hit.person, store, named(row), hit.kind, column, about, place, column)

    def _about(self, person: int, row: RowPlace, column: str, cells: Mapping[str, str]) -> str:
        """Whose row or text it is that holds something of a person who is not in it."""
        subjects = subjects_of(self.contracts[row[0]])
        subject = next((subject for subject, columns in subjects.items() if column in columns), TEXT)
        if subject == TEXT:
            return IN_ANOTHERS_TEXT
        erased = self.strict.persons[person]
        own = {self.linked[place] for place in erased.places if place in self.linked}
        linked = self.linked.get(Place(*row, subject))
        if column.endswith("_email") and linked is not None and linked not in own:
            return IN_LINKED_ROW
        said = mention_of(cells, subjects[subject])
        if said.name in erased.names and said.born and erased.births and said.born not in erased.births:
            return IN_ROW_OF_ANOTHER_BIRTH
        names = {said.name} if said.name else {name for one in said.contacts for name in self._names_with[one]}
        return IN_ROW_OF_ANOTHER_NAME if names - erased.names else IN_ANOTHERS_ROW

    @cached_property
    def _names_with(self) -> Mapping[tuple[str, str], set[Name]]:
        """The names that the vault has with each contact."""
        names: dict[tuple[str, str], set[Name]] = defaultdict(set)
        for mention in self.before.mentions(self.contracts).values():
            for contact in mention.contacts:
                names[contact] |= {mention.name} - {frozenset()}
        return names


def named(row: RowPlace) -> str:
    """A row in words."""
    return f"{row[0]}, delivery {row[1]}, row {row[2]}"


def _as_texts(row: RowPlace) -> tuple[str, str, str]:
    return row[0], str(row[1]), str(row[2])


def _differing(was: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    return {column for column in was.keys() | now.keys() if (was.get(column) or "") != (now.get(column) or "")}
