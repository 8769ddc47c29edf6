"""A random history of a hub: what comes, what people decide, and what kills it, step by step."""

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

from proofs.archive_world import looking
from proofs.archive_world.archived_hub import ArchivedHub
from proofs.archive_world.doomed import Doom, Moment, is_stopped, signalled, started
from proofs.archive_world.model import Model, Receipt, Sent
from proofs.archive_world.statements import COLUMNS, Row, cell, new_statement, new_version, packed, spoiled

LONGEST = 60.0
NAME = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class History:
    """The hub, what it must hold, and all that was done so far."""

    hub: ArchivedHub
    seed: int
    model: Model = field(default_factory=Model)
    statements: dict[str, list[Row]] = field(default_factory=dict)
    releasable: set[Row] = field(default_factory=set)
    right: dict[Row, Row] = field(default_factory=dict)
    died_in: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    arrivals: int = 0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)

    def step(self) -> None:
        """One step, and a comparison."""
        ways = [
            *[self.send] * 4,
            *[self.send_and_kill] * 3,
            *[self.withdraw] * 2,
            *[self.restore] * 2,
            *(self.send_in_another_order, self.send_again, self.take_back_a_repeat, self.kill_a_withdrawal),
            *(self.let_in, self.let_in, self.leave_out, self.release_held, self.sweep, self.sweep_while_it_loads),
        ]
        began = time.monotonic()
        while not (way := self.rng.choice(ways))():
            pass
        print(f"TIME {way.__name__} {time.monotonic() - began:.1f}", flush=True)
        began = time.monotonic()
        self.done[way.__name__] += 1
        self.look()
        print(f"TIME look {time.monotonic() - began:.1f}", flush=True)

    def look(self) -> None:
        """Tables, files and what is read back are as worked out."""
        try:
            is_swept = self.told[-1:] == ["sweep"]
            looking.tables_are_as_worked_out(self.hub, self.model)
            looking.files_are_as_worked_out(self.hub, self.model, is_swept=is_swept)
            looking.archive_is_read_back(self.hub, self.model, self.rng)
        except AssertionError as wrong:
            raise AssertionError(f"{self}: {wrong}") from wrong

    def build(self, *, anew: bool = False) -> None:
        """What analysts see is as worked out."""
        self.done["build"] += 1
        try:
            looking.analysts_see_each_statement_once(self.hub, self.model, anew=anew)
        except AssertionError as wrong:
            raise AssertionError(f"{self}: {wrong}") from wrong

    def __str__(self) -> str:
        return f"seed {self.seed}, after {'; '.join(self.told)}"

    # What comes

    def _one_row(self) -> Row:
        """A new statement, a new version, or what was stated before."""
        if not self.statements or self.rng.random() < 0.45:
            row = new_statement(self.rng)
        else:
            versions = self.rng.choice(list(self.statements.values()))
            row = versions[-1] if self.rng.random() < 0.4 else self.rng.choice(versions)
            row = new_version(row, self.rng) if self.rng.random() < 0.5 else row
        versions = self.statements.setdefault(cell(row, "uuid"), [])
        if row not in versions:
            versions.append(row)
        return row

    def _file(self, wrong_share: float, count: int) -> tuple[dict[int, Row], dict[int, str]]:
        rows: list[Row] = []
        wrong: dict[int, str] = {}
        for _ in range(count):
            row = self.rng.choice(rows) if rows and self.rng.random() < 0.1 else self._one_row()
            if row not in self.right and self.rng.random() < wrong_share:
                right, (row, rule, may_go_in) = row, spoiled(row, self.rng)
                self.right[row] = right
                self.releasable |= {row} if may_go_in else set()
                wrong[len(rows) + 1] = rule
            elif row in self.right:
                row = self.right[row]
            rows.append(row)
        return dict(enumerate(rows, start=1)), wrong

    def _arrive(self, *, wrong_share: float = 0.06, count: int | None = None) -> str:
        """A file comes and waits for its load."""
        self.arrivals += 1
        name = self._name()
        rows, wrong = self._file(wrong_share, count or self.rng.randrange(1, 45))
        self.hub.receive(f"{name}.csv.zip", packed(list(rows.values())))
        receipt = Receipt(name[4:14], self.arrivals)
        self.model.sent[f"{name}.csv.zip"] = Sent(f"{name}.csv.zip", rows, wrong, [receipt])
        self.told.append(f"{name} of {len(rows)}")
        return f"{name}.csv.zip"

    def _name(self) -> str:
        letters = NAME[self.arrivals // 26] + NAME[self.arrivals % 26]
        return f"sor-2026-10-0{self.rng.randrange(1, 6)}-{letters}"

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
        names = self._with_status("loaded")
        if not names:
            return False
        one = self.model.sent[self.rng.choice(names)]
        self.arrivals += 1
        name = self._name()
        self.hub.receive(f"{name}.csv.zip", packed(list(one.rows.values())))
        one.receipts.append(Receipt(name[4:14], self.arrivals))
        self.told.append(f"{one.name} again as {name}")
        return True

    # What kills it

    def send_and_kill(self) -> bool:
        """A file comes, its load is killed, and is tried again."""
        name = self._arrive(count=self.rng.randrange(20, 60))
        if self.rng.random() < 0.7:
            moments = (Moment.BEFORE_PUT, Moment.AFTER_PUT, Moment.BEFORE_COMMIT, Moment.AFTER_COMMIT)
            doom = Doom(self.rng.choice(moments), self.rng.choice((1, 1, 2, 5)))
            process = started(self.hub.settings, "load", self.hub.ids[name], doom)
            told = str(doom.moment)
        else:
            process = started(self.hub.settings, "load", self.hub.ids[name])
            told = f"after {(seconds := self.rng.uniform(0.05, 1.2)):.2f} s"
            process.join(seconds)
            signalled(process, signal.SIGKILL)
        process.join(LONGEST)
        self.done["loads killed"] += process.exitcode == -signal.SIGKILL
        self.told.append(f"its load killed {told}: {process.exitcode}")
        self._nothing_is_half_there(name)
        self.hub.load(name)
        self.model.load(name)
        self._nothing_is_left_of(name)
        return True

    def _nothing_is_half_there(self, name: str) -> None:
        """A killed load has either ended or counts nowhere."""
        (one,) = self.hub.ask("select * from ledger.deliveries where delivery_id = :key", key=self.hub.ids[name])
        count = "select count(*) as count from ledger.archive_{} where delivery_id = :key"
        tables = [self.hub.ask(count.format(table), key=one["delivery_id"])[0]["count"] for table in ("files", "sums")]
        if one["status"] == "received":
            assert tables == [0, 0], f"{self}: a killed load is counted"

    def _nothing_is_left_of(self, name: str) -> None:
        """The next load of a delivery clears away what the killed one left."""
        query = "select name from ledger.archive_files where delivery_id = :key"
        listed = {row["name"] for row in self.hub.ask(query, key=self.hub.ids[name])}
        left = {one for one in self.hub.shelf.names() if str(self.hub.ids[name]) in one}
        assert left == listed, f"{self}: left over {left - listed}, lost {listed - left}"

    def kill_a_withdrawal(self) -> bool:
        """A withdrawal is killed, and asked for again."""
        names = self._with_status("loaded")
        if not names:
            return False
        name = self.rng.choice(names)
        doom = Doom(self.rng.choice(tuple(Moment)), self.rng.choice((1, 2)))
        process = started(self.hub.settings, "withdraw", self.hub.ids[name], doom)
        process.join(LONGEST)
        self.done["withdrawals killed"] += process.exitcode == -signal.SIGKILL
        self.told.append(f"withdrawal of {name} killed {doom.moment}: {process.exitcode}")
        self._withdraw(name)
        return True

    def sweep_while_it_loads(self) -> bool:
        """A load has put files that nobody lists yet when somebody sweeps."""
        name = self._arrive(count=40)
        doom = Doom(self.rng.choice((Moment.AFTER_PUT, Moment.BEFORE_COMMIT)), 1, signal.SIGSTOP)
        load = started(self.hub.settings, "load", self.hub.ids[name], doom)
        until = time.monotonic() + LONGEST
        while load.is_alive() and not is_stopped(load) and time.monotonic() < until:
            time.sleep(0.02)
        self.done["sweeps of a stopped load"] += load.is_alive()
        sweep = started(self.hub.settings, "sweep", self.hub.ids[name])
        sweep.join(self.rng.choice((0.3, 2.0)))
        signalled(load, signal.SIGCONT)
        for process in (load, sweep):
            process.join(LONGEST)
            assert process.exitcode == 0, f"{self}: {process.exitcode}"
        self.told.append(f"swept while it loaded, {doom.moment}")
        self.model.load(name)
        return True

    # What people decide

    def _with_status(self, status: str) -> list[str]:
        return [name for name, one in self.model.sent.items() if one.status == status]

    def _withdraw(self, name: str) -> None:
        self.hub.withdraw(self.hub.ids[name])
        self.model.withdraw(name)
        self._nothing_is_left_of(name)
        query = "select 1 from ledger.archive_files where delivery_id = :key"
        assert not self.hub.ask(query, key=self.hub.ids[name]), f"{self}: files of {name} are listed"

    def withdraw(self) -> bool:
        """A loaded delivery is taken out."""
        names = self._with_status("loaded")
        if not names:
            return False
        name = self.rng.choice(names)
        self.told.append(f"{name} withdrawn")
        self._withdraw(name)
        return True

    def restore(self) -> bool:
        """A withdrawn delivery is taken in again."""
        names = self._with_status("withdrawn")
        if not names:
            return False
        name = self.rng.choice(names)
        self.told.append(f"{name} restored")
        self.hub.restore(name)
        self.model.load(name)
        return True

    def take_back_a_repeat(self) -> bool:
        """That the bytes came once more is taken back."""
        repeated = [one for one in self.model.sent.values() if len(one.receipts) > 1]
        if not repeated:
            return False
        one = self.rng.choice(repeated)
        receipt = self.rng.choice(one.receipts[1:])
        letters = NAME[receipt.number // 26] + NAME[receipt.number % 26]
        self.told.append(f"that {one.name} came as {letters} taken back")
        self.hub.withdraw(self.hub.repeats[f"sor-{receipt.day}-{letters}.csv.zip"])
        one.receipts.remove(receipt)
        return True

    def release_held(self) -> bool:
        """A person looks at a held delivery and lets it in."""
        names = self._with_status("held")
        if not names:
            return False
        name = self.rng.choice(names)
        self.told.append(f"{name} let in")
        self.hub.release_held(name)
        self.model.load(name, released=True)
        return True

    def _waiting(self) -> list[tuple[Sent, int]]:
        return [
            (one, number)
            for one in self.model.sent.values()
            for number in one.quarantined
            if number not in one.rejected
        ]

    def let_in(self) -> bool:
        """A person lets in a row as it is where that goes, and corrects it else."""
        waiting = self._waiting()
        if not waiting:
            return False
        one, number = self.rng.choice(waiting)
        row = one.rows[number]
        correction: dict[str, str | None] | None = None
        if one.quarantined[number] != "uuid.unique":
            right = self.right[row]
            if row not in self.releasable or self.rng.random() < 0.5:
                given = {name: cell(right, name) for name in COLUMNS}
                correction = {name: value for name, value in given.items() if value != cell(row, name)}
                if cell(row, "uuid") in self._keys_kept_of(one):
                    return False
                row = right
        self.told.append(f"row {number} of {one.name} let in, corrected: {correction}")
        self.hub.let_in(one.name, number, correction)
        self.model.let_in(one.name, number, row)
        return True

    def _keys_kept_of(self, one: Sent) -> set[str]:
        """Statements that the delivery has among its accepted rows: a correction may not repeat them."""
        kept = {row for row, owned in self.model.kept.items() if owned.sent == one.name}
        return {cell(row, "uuid") for row in kept}

    def leave_out(self) -> bool:
        """A person leaves a row out for good."""
        waiting = self._waiting()
        if not waiting:
            return False
        one, number = self.rng.choice(waiting)
        self.told.append(f"row {number} of {one.name} left out")
        self.hub.leave_out(one.name, number)
        one.rejected.add(number)
        return True

    def sweep(self) -> bool:
        """Somebody sweeps the archive."""
        self.told.append("sweep")
        self.hub.sweep()
        return True
