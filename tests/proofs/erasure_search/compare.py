"""Compares what a hub kept before some erasures with what it keeps after them: what changed of others' rows, and what
is left of the erased."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from hub.contracts.model import Contract
from proofs.erasure_search.decode_files import Record
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.mentions import TEXT, subjects_of
from proofs.erasure_search.persons import Belongs
from proofs.erasure_search.snapshots import RowPlace, Snapshot
from proofs.erasure_search.whose import Whose

IN_ANOTHERS_TEXT = "text of a row that is not the person's"
IN_ANOTHERS_ROW = "row of another person"


@dataclass(frozen=True, order=True)
class Left:
    """An identifier that is still there: person by index, store, the one of its tables, files or rows, and kind; never
    the value. ``detail`` is the column or line."""

    person: int
    store: str
    place: str
    kind: str
    detail: str = ""
    about: str = ""

    def __str__(self) -> str:
        where = ", ".join(one for one in (self.store, self.place, self.detail) if one)
        return f"{where}: {self.kind} of person {self.person}{' in a ' + self.about if self.about else ''}"


@dataclass(frozen=True)
class Comparison:
    """Two snapshots. ``strict`` and ``finder`` know the erased persons, ``wide`` also what a chain of mentions leads
    to."""

    before: Snapshot
    after: Snapshot
    contracts: Mapping[str, Contract]
    strict: Whose
    wide: Whose
    finder: Finder
    wide_finder: Finder

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

    def _raw_changed(self) -> Iterator[str]:
        for row in self.before.raw.keys() | self.after.raw.keys():
            is_same = self.before.raw.get(row) == self.after.raw.get(row)
            if not is_same and not self._subjects(row, self.before.vault.get(row, {})):
                yield f"raw: {_named(row)}"

    def _vault_changed(self) -> Iterator[str]:
        for row, values in self.before.vault.items():
            for column in self._cells_changed(row, values, self.after.vault.get(row, {})):
                yield f"vault: {_named(row)}, {column}"

    def _quarantine_changed(self) -> Iterator[str]:
        for row, (text, record) in self.before.quarantine.items():
            is_whole = self.after.quarantine.get(row) == (text, record)
            if not is_whole and not self._subjects(row, record.cells) and not self.wide_finder.hits(record.text):
                yield f"quarantine: {_named(row)}"

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
                    yield f"landed: {_named(row)}, {column}"
            elif not self.wide_finder.hits(was.text):
                yield f"landed: {_named(row)}, which has no columns"

    def _cells_changed(self, row: RowPlace, was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
        """The columns that changed and are about nobody of the erased."""
        changed = {column for column in was.keys() | now.keys() if (was.get(column) or "") != (now.get(column) or "")}
        if not changed:
            return []
        subjects = subjects_of(self.contracts[row[0]])
        may_change = {column for subject in self._subjects(row, was) for column in subjects[subject]}
        return sorted(changed - may_change)

    def _subjects(self, row: RowPlace, cells: Mapping[str, str]) -> set[str]:
        return set(self.wide.of_row(row, cells, subjects_of(self.contracts[row[0]])))

    def _left_in_record(self, store: str, row: RowPlace, record: Record, was: Record) -> Iterator[Left]:
        if record.cells:
            yield from self._left_in_cells(store, row, record.cells, was.cells)
        else:
            for hit in self.finder.hits(record.text):
                yield Left(hit.person, store, _named(row), hit.kind, "which has no columns")

    def _left_in_cells(
        self, store: str, row: RowPlace, cells: Mapping[str, str], was: Mapping[str, str]
    ) -> Iterator[Left]:
        subjects = subjects_of(self.contracts[row[0]])
        owners = self.strict.of_row(row, was, subjects)
        for subject, of_subject in owners.items():
            is_left = any(cells.get(column) for column in subjects[subject])
            for person, belongs in of_subject.items():
                if is_left and belongs is Belongs.YES:
                    yield Left(person, store, _named(row), f"values of {subject}")
        personal = {column for subject, columns in subjects.items() if subject != TEXT for column in columns}
        mine = {person for person, belongs in owners.get(TEXT, {}).items() if belongs is Belongs.YES}
        found = cells.items() if self.finder.hits(" | ".join(cells.values())) else ()
        for column, text in found:
            for hit in self.finder.hits(text):
                if hit.person in mine:
                    yield Left(hit.person, store, _named(row), hit.kind, column)
                else:
                    about = IN_ANOTHERS_ROW if column in personal else IN_ANOTHERS_TEXT
                    yield Left(hit.person, store, _named(row), hit.kind, column, about)


def _named(row: RowPlace) -> str:
    return f"{row[0]}, delivery {row[1]}, row {row[2]}"
