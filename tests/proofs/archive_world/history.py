"""A random history of a hub: what comes, what people decide, and what kills it, step by step."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hub.ingest.release import DecisionRefused
from proofs.archive_world import looking
from proofs.archive_world.accidents import Accidents
from proofs.archive_world.arrivals import file_name
from proofs.archive_world.model import Sent
from proofs.archive_world.statements import COLUMNS, cell


@dataclass
class History(Accidents):
    """The hub, what it must hold, and all that was done so far."""

    def step(self) -> None:
        """A step of any kind, and a comparison."""
        often = [self.send, self.send_and_kill, self.withdraw, self.restore, self.let_in]
        others = [self.send_in_another_order, self.send_again, self.take_back_a_repeat, self.kill_a_withdrawal]
        others += [
            self.send_and_kill_and_send_a_part,
            self.withdraw_beside_another,
            self.sweep_while_it_loads,
            self.sweep,
            self.leave_out,
        ]
        ways = [*often * 2, self.send, *others, self.release_held]
        while not self.take(self.rng.choice(ways)):
            pass

    def take(self, way: Callable[[], bool]) -> bool:
        """A step of this kind, where it can be taken, and a comparison."""
        if not way():
            return False
        self.done[way.__name__] += 1
        self.look()
        return True

    def look(self) -> None:
        """Tables, files and what is read back are as worked out."""
        try:
            is_swept = self.told[-1:] == ["sweep"]
            looking.tables_are_as_worked_out(self.hub, self.model)
            looking.files_are_as_worked_out(self.hub, self.model, is_swept=is_swept)
            looking.archive_is_read_back(self.hub, self.model, self.rng)
        except AssertionError as wrong:
            raise AssertionError(f"{self}: {wrong}") from wrong

    def build(self, *, full_refresh: bool = False) -> None:
        """What analysts see is as worked out."""
        self.done["build"] += 1
        figures, without = self.model.figures(), self.model.figures(with_repeats=False)
        self.done["counted otherwise for a repeat"] += (figures - without).total()
        try:
            looking.analysts_see_each_statement_once(self.hub, self.model, full_refresh=full_refresh)
        except AssertionError as wrong:
            raise AssertionError(f"{self}: {wrong}") from wrong

    def withdraw(self) -> bool:
        """A loaded delivery is taken out."""
        name = self._one_that_is("loaded")
        if name is None:
            return False
        self.told.append(f"{name} withdrawn")
        self._withdraw(name)
        return True

    def restore(self) -> bool:
        """A withdrawn delivery is taken in again."""
        name = self._one_that_is("withdrawn")
        if name is None:
            return False
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
        name = file_name(receipt.day, receipt.number)
        self.told.append(f"that {one.name} came as {name} taken back")
        self.hub.withdraw(self.hub.repeats[f"{name}.csv.zip"])
        one.receipts.remove(receipt)
        return True

    def release_held(self) -> bool:
        """A person looks at a held delivery and lets it in."""
        name = self._one_that_is("held")
        if name is None:
            return False
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
                    return self._is_refused(one, number, correction)
                row = right
        self.told.append(f"row {number} of {one.name} let in, corrected: {correction}")
        self.hub.let_in(one.name, number, correction)
        self.model.let_in(one.name, number, row)
        return True

    def _is_refused(self, one: Sent, number: int, correction: dict[str, str | None]) -> bool:
        """A correction may not repeat a statement that the delivery has, in raw or in the archive."""
        self.told.append(f"row {number} of {one.name} not let in")
        with pytest.raises(DecisionRefused, match=r"uuid\.unique"):
            self.hub.let_in(one.name, number, correction)
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
