"""Files that come to a hub, at random: new statements, new versions, repeats, and wrong ones."""

import random
from collections import Counter
from dataclasses import dataclass, field

from proofs.archive_world.archived_hub import ArchivedHub
from proofs.archive_world.model import Model, Receipt, Sent
from proofs.archive_world.statements import SENDERS, Row, cell, changed, new_statement, new_version, packed, spoiled

MANY = 30
"""Statements, from which on few are new: then most rows are of those that came before."""
NAME = "abcdefghijklmnopqrstuvwxyz"


def file_name(day: str, number: int) -> str:
    """The name of the n-th file that comes, for a day of the register, without its end."""
    return f"sor-{day}-{NAME[number // 26]}{NAME[number % 26]}"


@dataclass
class Arrivals:
    """The hub, what it must hold, and all that was done so far."""

    hub: ArchivedHub
    seed: int
    model: Model = field(default_factory=Model)
    statements: dict[str, list[Row]] = field(default_factory=dict)
    releasable: set[Row] = field(default_factory=set)
    right: dict[Row, Row] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    arrivals: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.senders = self.rng.sample(tuple(SENDERS), 3)

    def __str__(self) -> str:
        return f"seed {self.seed}, after {'; '.join(self.told)}"

    def _one_that_is(self, status: str) -> str | None:
        names = [name for name, one in self.model.sent.items() if one.status == status]
        return self.rng.choice(names) if names else None

    def _one_row(self, keys: set[str]) -> Row:
        """A new statement, a new version, or what was stated before; seldom of a statement that the file has."""
        may_repeat = self.rng.random() < 0.02
        known = [versions for key, versions in self.statements.items() if may_repeat or key not in keys]
        if not known or self.rng.random() < (0.35 if len(self.statements) < MANY else 0.1):
            row = self._of_a_sender(new_statement(self.rng))
        else:
            versions = self.rng.choice(known)
            row = versions[-1] if self.rng.random() < 0.3 else self.rng.choice(versions)
            row = self._of_a_sender(new_version(row, self.rng)) if self.rng.random() < 0.4 else row
        versions = self.statements.setdefault(cell(row, "uuid"), [])
        if row not in versions:
            versions.append(row)
        return row

    def _of_a_sender(self, row: Row) -> Row:
        """A history has few senders, so that files are few."""
        is_one = cell(row, "platform_name") in self.senders
        return row if is_one else changed(row, platform_name=self.rng.choice(self.senders))

    def _file(self, wrong_share: float, count: int) -> tuple[dict[int, Row], dict[int, str]]:
        rows: list[Row] = []
        wrong: dict[int, str] = {}
        keys: set[str] = set()
        for _ in range(count):
            row = self.rng.choice(rows) if rows and self.rng.random() < 0.1 else self._one_row(keys)
            if row not in self.right and self.rng.random() < wrong_share:
                right, (row, rule, may_go_in) = row, spoiled(row, self.rng)
                self.right[row] = right
                self.releasable |= {row} if may_go_in else set()
                wrong[len(rows) + 1] = rule
            elif row in self.right:
                row = self.right[row]
            rows.append(row)
            keys.add(cell(row, "uuid"))
        return dict(enumerate(rows, start=1)), wrong

    def _arrive(self, *, wrong_share: float = 0.06, count: int | None = None) -> str:
        """A file comes and waits for its load."""
        return self._arrived(*self._file(wrong_share, count or self.rng.randrange(1, 45)))

    def _arrive_as_a_part_of(self, name: str) -> str:
        """Every other row of a file comes once more, in one of its own."""
        one = self.model.sent[name]
        numbers = list(one.rows)[::2]
        rows = {number: one.rows[old] for number, old in enumerate(numbers, start=1)}
        wrong = {number: one.wrong[old] for number, old in enumerate(numbers, start=1) if old in one.wrong}
        return self._arrived(rows, wrong)

    def _arrived(self, rows: dict[int, Row], wrong: dict[int, str]) -> str:
        self.arrivals += 1
        name = self._name()
        self.hub.receive(f"{name}.csv.zip", packed(list(rows.values())))
        receipt = Receipt(name[4:14], self.arrivals)
        self.model.sent[f"{name}.csv.zip"] = Sent(f"{name}.csv.zip", rows, wrong, [receipt])
        self.told.append(f"{name} of {len(rows)}")
        return f"{name}.csv.zip"

    def _name(self) -> str:
        return file_name(f"2026-10-0{self.rng.randrange(1, 6)}", self.arrivals)

    def send(self) -> bool:
        """A file comes and is loaded; some have so many wrong rows that they are held."""
        is_bad = self.rng.random() < 0.12
        name = self._arrive(wrong_share=0.7, count=30) if is_bad else self._arrive()
        self.hub.load(name)
        self.model.load(name)
        return True

    def send_in_another_order(self) -> bool:
        """Several come, and are loaded in another order."""
        names = [self._arrive() for _ in range(self.rng.randrange(2, 4))]
        self.rng.shuffle(names)
        for name in names:
            self.hub.load(name)
            self.model.load(name)
        self.told.append(f"loaded as {names}")
        return True

    def send_again(self) -> bool:
        """The bytes of a loaded delivery come once more, under the name of another day."""
        sent = self._one_that_is("loaded")
        if sent is None:
            return False
        one = self.model.sent[sent]
        self.arrivals += 1
        name = self._name()
        self.hub.receive(f"{name}.csv.zip", packed(list(one.rows.values())))
        one.receipts.append(Receipt(name[4:14], self.arrivals))
        self.told.append(f"{one.name} again as {name}")
        return True
