"""What approved masking changed in what others wrote: nothing but the person's own words in the texts on the list."""

import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from proofs.erasure_search import forms
from proofs.erasure_search.compare import named
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.persons import Person
from proofs.erasure_search.snapshots import RowPlace, Snapshot

STAR = "*"
ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")


@dataclass(frozen=True)
class ListedText:
    """A text that was masked because an erasure listed it, and the index of the person that it named."""

    person: int
    row: RowPlace
    column: str


def masked_texts(connection: sa.Connection, person: int, erasure_id: str) -> list[ListedText]:
    """The texts of an erasure that are masked."""
    query = """
        select feed, delivery_id, row_number, column_name from vault.text_mentions
        where erasure_id = :id and state = 'masked'
    """
    rows = connection.execute(sa.text(query), {"id": uuid.UUID(erasure_id)}).all()
    return [ListedText(person, (row[0], row[1], row[2]), row[3]) for row in rows]


@dataclass(frozen=True)
class Masking:
    """Two snapshots, one before and one after, and the texts that were masked."""

    before: Snapshot
    after: Snapshot
    texts: Collection[ListedText]
    persons: list[Person]

    def wrong(self) -> list[str]:
        """What changed and is no masked mention, and listed texts that name the person still."""
        raw = (("raw", row, was, self.after.raw.get(row, {})) for row, was in self.before.raw.items())
        changed = [*self._changed(raw, "_token"), *self._changed(self._cells())]
        return sorted({*changed, *self._lost(), *self._still_named()})

    def _cells(self) -> Iterator[tuple[str, RowPlace, Mapping[str, str], Mapping[str, str]]]:
        for row, was in self.before.vault.items():
            yield "vault", row, was, self.after.vault.get(row, {})
        for row, (table_row, record) in self.before.quarantine.items():
            now_row, now = self.after.quarantine[row]
            yield "quarantine", row, record.cells or {"": record.text}, now.cells or {"": now.text}
            yield "quarantine", row, table_row, now_row
        for delivery, records in self.before.landed.items():
            for was_in, now_in in zip(records, self.after.landed.get(delivery, []), strict=False):
                row = (*delivery, was_in.number)
                yield "landed", row, was_in.cells or {"": was_in.text}, now_in.cells or {"": now_in.text}

    def _changed(
        self, rows: Iterator[tuple[str, RowPlace, Mapping[str, str], Mapping[str, str]]], ending: str = ""
    ) -> Iterator[str]:
        listed: dict[tuple[RowPlace, str], list[Person]] = {}
        for one in self.texts:
            listed.setdefault((one.row, one.column + ending), []).append(self.persons[one.person])
        for store, row, was, now in rows:
            if was == now:
                continue
            for column in sorted(was.keys() | now.keys()):
                said, says = was.get(column, ""), now.get(column, "")
                if said == says:
                    continue
                if (row, column) not in listed:
                    yield f"{store}: {named(row)}, {column or 'the line'} is on no list"
                elif not ending and not is_only_masked(said, says, listed[row, column]):
                    yield f"{store}: {named(row)}, {column} lost more than the person's words"

    def _lost(self) -> Iterator[str]:
        pairs = (("raw", self.before.raw, self.after.raw), ("vault", self.before.vault, self.after.vault))
        for store, before, after in pairs:
            for row in before.keys() ^ after.keys():
                yield f"{store}: {named(row)} is not in both"
        for delivery, records in self.before.landed.items():
            if len(records) != len(self.after.landed.get(delivery, [])):
                yield f"landed: {delivery[0]}, delivery {delivery[1]} has another number of records"

    def _still_named(self) -> Iterator[str]:
        landed = {
            (*delivery, record.number): record for delivery, records in self.after.landed.items() for record in records
        }
        for one in self.texts:
            finder = Finder([self.persons[one.person]])
            texts = {"vault": self.after.vault.get(one.row, {}).get(one.column, "")}
            texts["landed"] = landed[one.row].cells.get(one.column, "") if one.row in landed else ""
            for store, text in texts.items():
                if finder.hits(text):
                    yield f"{store}: {named(one.row)}, {one.column} still names person {one.person}"


def is_only_masked(was: str, now: str, persons: Collection[Person]) -> bool:
    """Whether a text has changed in nothing but words of these persons that are stars now."""
    if len(was) != len(now):
        return False
    changed = "".join(old if old != new else " " for old, new in zip(was, now, strict=True))
    is_starred = all(new in (old, STAR) for old, new in zip(was, now, strict=True))
    return is_starred and all(any(_is_of(part, person) for person in persons) for part in changed.split())


def _is_of(part: str, person: Person) -> bool:
    """Whether each word and number of a masked part is one of a person's."""
    words = {word for name in person.names for word in name}
    numbers = [part for kind, value in person.contacts if kind == "telephone" for part in _written(value)]
    for kind, value in person.contacts:
        if kind != "telephone":
            words |= set(_pieces(value)) | {value}
    for code in person.postcodes:
        words |= {code.casefold(), code[:-3].casefold(), code[-3:].casefold()}
    for born in person.births:
        year, month, day = born.split("-")
        words |= {year, month, day, month.lstrip("0"), day.lstrip("0"), year + month + day}
        words |= {piece for piece in _pieces(part) if piece.startswith(forms.MONTHS[int(month) - 1])}
    return all(
        piece in words or ORDINAL.sub(r"\1", piece) in words or _is_of_number(piece, numbers) for piece in _pieces(part)
    )


def _is_of_number(piece: str, numbers: Collection[str]) -> bool:
    return piece.isdigit() and any(piece in number for number in numbers)


def _written(number: str) -> tuple[str, ...]:
    return f"00440{number}", f"0044{number}", f"0{number}"


def _pieces(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", forms.without_accents(text).casefold())
