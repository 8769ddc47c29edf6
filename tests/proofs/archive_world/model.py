"""What a hub must hold after a history of deliveries, worked out row by row in plain Python."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from proofs.archive_world.statements import SENDERS, Row, cell

PATHS = {
    ("ILLEGAL_OR_HARMFUL_SPEECH", "HATE_SPEECH"),
    ("ILLEGAL_OR_HARMFUL_SPEECH", "DISCRIMINATION"),
    ("CYBER_VIOLENCE", "CYBER_HARASSMENT"),
    ("CYBER_VIOLENCE", "CYBER_INCITEMENT"),
    ("CYBER_VIOLENCE", "CYBER_STALKING"),
    ("CYBER_VIOLENCE", "CYBER_BULLYING_INTIMIDATION"),
    ("VIOLENCE", "INCITEMENT_VIOLENCE_HATRED"),
}
HELD_SHARE, HELD_ROWS = 0.2, 20

Figure = tuple[str, str, str, bool, str, str, bool]
"""Provider, day, category, path of hate, decisions, automation and detection."""


def codes_in(text: str) -> set[str]:
    """The codes of a list in a cell."""
    return set(json.loads(text)) if text else set()


def is_hate(row: Row) -> bool:
    """Whether a statement is on the path of hate."""
    categories = {cell(row, "category"), *codes_in(cell(row, "category_addition"))}
    bare = {one.removeprefix("STATEMENT_CATEGORY_") for one in categories}
    words = {one.removeprefix("KEYWORD_") for one in codes_in(cell(row, "category_specification"))}
    return any((category, word) in PATHS for category in bare for word in words)


def goes_to_archive(row: Row) -> bool:
    """Whether a row that no person lets in is kept in the archive."""
    return not is_hate(row) and not cell(row, "source_identity")


def figure(row: Row) -> Figure:
    """Where analysts count a statement."""
    single = (cell(row, f"decision_{name}") for name in ("monetary", "provision", "account"))
    codes = sorted({*codes_in(cell(row, "decision_visibility")), *filter(None, single)})
    return (
        SENDERS[cell(row, "platform_name")],
        cell(row, "created_at")[:10],
        cell(row, "category").removeprefix("STATEMENT_CATEGORY_").lower(),
        is_hate(row),
        " + ".join(one.removeprefix("DECISION_").lower() for one in codes),
        cell(row, "automated_decision").removeprefix("AUTOMATED_DECISION_").lower(),
        cell(row, "automated_detection") == "Yes",
    )


@dataclass(frozen=True)
class Receipt:
    """One arrival of a file: the day in its name, and its number among all arrivals."""

    day: str
    number: int


@dataclass
class Sent:
    """A file's rows (by number from 1), the rules that wrong ones break, and how it stands."""

    name: str
    rows: dict[int, Row]
    wrong: dict[int, str]
    receipts: list[Receipt]
    status: str = "received"
    quarantined: dict[int, str] = field(default_factory=dict)
    rejected: set[int] = field(default_factory=set)

    @property
    def first(self) -> Receipt:
        return self.receipts[0]

    @property
    def place(self) -> tuple[str, int]:
        """Among all deliveries, by its latest arrival."""
        return max((one.day, one.number) for one in self.receipts)


@dataclass(frozen=True)
class Owned:
    """The row under which a record is kept, and whether in the archive."""

    sent: str
    number: int
    is_archived: bool


@dataclass
class Model:
    """All deliveries by name, where each record is kept, and which rows state it again."""

    sent: dict[str, Sent] = field(default_factory=dict)
    kept: dict[Row, Owned] = field(default_factory=dict)
    again: dict[Row, set[tuple[str, int]]] = field(default_factory=dict)

    def load(self, name: str, *, released: bool = False) -> None:
        """A delivery is read from its beginning; one with too many wrong rows is held, unless a person let it in."""
        one = self.sent[name]
        before = dict(self.kept), {row: set(places) for row, places in self.again.items()}
        stated: set[str] = set()
        for number, row in one.rows.items():
            self._read(one, number, row, stated)
        if not released and len(one.rows) >= HELD_ROWS and len(one.quarantined) > HELD_SHARE * len(one.rows):
            self.kept, self.again = before
            one.quarantined = {}
            one.status = "held"
        else:
            one.status = "loaded"

    def _read(self, one: Sent, number: int, row: Row, stated: set[str]) -> None:
        """A known record is a duplicate; a second record of a key in the same file is wrong."""
        if number in one.wrong:
            one.quarantined[number] = one.wrong[number]
            return
        if row in self.kept:
            self.again.setdefault(row, set()).add((one.name, number))
        elif cell(row, "uuid") in stated:
            one.quarantined[number] = "uuid.unique"
        else:
            self.kept[row] = Owned(one.name, number, goes_to_archive(row))
        stated.add(cell(row, "uuid"))

    def let_in(self, name: str, number: int, row: Row) -> None:
        """A person lets in a row out of quarantine, as it is or corrected: it is kept in raw."""
        one = self.sent[name]
        del one.quarantined[number]
        if row in self.kept:
            self.again.setdefault(row, set()).add((name, number))
        else:
            self.kept[row] = Owned(name, number, is_archived=False)

    def withdraw(self, name: str) -> None:
        """Records that others state too go to the first of those, as if this delivery had never come."""
        one = self.sent[name]
        for places in self.again.values():
            places -= {place for place in places if place[0] == name}
        for row, owned in list(self.kept.items()):
            if owned.sent != name:
                continue
            heirs = sorted((self.sent[of].first.number, number, of) for of, number in self.again.get(row, ()))
            if heirs:
                _, number, of = heirs[0]
                self.kept[row] = Owned(of, number, owned.is_archived)
                self.again[row].remove((of, number))
            else:
                del self.kept[row]
        one.status, one.quarantined, one.rejected = "withdrawn", {}, set()

    def rows_of(self, name: str, *, archived: bool) -> dict[int, Row]:
        """The rows of a delivery that are kept in the archive, or in raw, by number."""
        found = {
            owned.number: row
            for row, owned in self.kept.items()
            if owned.sent == name and owned.is_archived is archived
        }
        return dict(sorted(found.items()))

    def repeated_in(self, name: str) -> set[int]:
        """The rows of a delivery that state a record again."""
        return {number for places in self.again.values() for of, number in places if of == name}

    def _stated(self, *, with_repeats: bool) -> Iterator[tuple[str, int, Row]]:
        for row, owned in self.kept.items():
            yield owned.sent, owned.number, row
            for of, number in self.again.get(row, ()) if with_repeats else ():
                yield of, number, row

    def figures(self, *, with_repeats: bool = True) -> Counter[Figure]:
        """What analysts must see: each statement once, as the last delivery that has it states it. Repeats are states,
        too; without them it is what a hub would show that passes over them."""
        newest: dict[str, tuple[tuple[tuple[str, int], int], Row]] = {}
        for of, number, row in self._stated(with_repeats=with_repeats):
            when = self.sent[of].place, number
            key = cell(row, "uuid")
            if key not in newest or when > newest[key][0]:
                newest[key] = when, row
        return Counter(figure(row) for _, row in newest.values())
