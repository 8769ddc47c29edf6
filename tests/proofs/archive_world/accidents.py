"""What kills or stops a hub at random while it loads, withdraws or sweeps."""

import signal
import time
from dataclasses import dataclass

from proofs.archive_world.arrivals import Arrivals
from proofs.archive_world.doomed import Doom, Moment, is_stopped, signalled, started

LONGEST = 60.0
UNDER_WAY = Moment.BEFORE_PUT, Moment.AFTER_PUT, Moment.BEFORE_COMMIT


@dataclass
class Accidents(Arrivals):
    """Steps that do not come to their end at once, and what must then be true."""

    def _nothing_is_left_of(self, name: str) -> None:
        """The next load of a delivery clears away what the killed one left."""
        query = "select name from ledger.archive_files where delivery_id = :key"
        listed = {row["name"] for row in self.hub.ask(query, key=self.hub.ids[name])}
        left = {one for one in self.hub.shelf.names() if str(self.hub.ids[name]) in one}
        assert left == listed, f"{self}: left over {left - listed}, lost {listed - left}"

    def _withdraw(self, name: str) -> None:
        self.hub.withdraw(self.hub.ids[name])
        self.model.withdraw(name)
        self._nothing_is_left_of(name)
        query = "select 1 from ledger.archive_files where delivery_id = :key"
        assert not self.hub.ask(query, key=self.hub.ids[name]), f"{self}: files of {name} are listed"

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

    def send_and_kill_and_send_a_part(self) -> bool:
        """A load that has put files is killed. Before it is tried again, another delivery brings some of its rows, so
        that other files are put the next time."""
        name = self._arrive(count=self.rng.randrange(20, 40))
        doom = Doom(self.rng.choice((Moment.AFTER_PUT, Moment.BEFORE_COMMIT)))
        process = started(self.hub.settings, "load", self.hub.ids[name], doom)
        process.join(LONGEST)
        self.done["loads killed"] += process.exitcode == -signal.SIGKILL
        self.told.append(f"its load killed {doom.moment}: {process.exitcode}")
        for one in (self._arrive_as_a_part_of(name), name):
            self.hub.load(one)
            self.model.load(one)
            self._nothing_is_left_of(one)
        return True

    def _nothing_is_half_there(self, name: str) -> None:
        """A killed load has either ended or counts nowhere."""
        (one,) = self.hub.ask("select * from ledger.deliveries where delivery_id = :key", key=self.hub.ids[name])
        count = "select count(*) as count from ledger.archive_{} where delivery_id = :key"
        tables = [self.hub.ask(count.format(table), key=one["delivery_id"])[0]["count"] for table in ("files", "sums")]
        if one["status"] == "received":
            assert tables == [0, 0], f"{self}: a killed load is counted"

    def kill_a_withdrawal(self) -> bool:
        """A withdrawal is killed, and asked for again."""
        name = self._one_that_is("loaded")
        if name is None:
            return False
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
        doom = Doom(self.rng.choice(UNDER_WAY), 1, signal.SIGSTOP)
        self._beside("load", name, doom, "sweep", name)
        self.told.append(f"swept while it loaded, {doom.moment}")
        self.model.load(name)
        return True

    def withdraw_beside_another(self) -> bool:
        """A withdrawal has put files of records that another delivery states too when somebody sweeps, or when that
        delivery is asked to load once more."""
        heirs = self._heirs()
        if not heirs:
            return False
        name = self.rng.choice(sorted(heirs))
        doom = Doom(self.rng.choice(UNDER_WAY), 1, signal.SIGSTOP)
        step, of = self.rng.choice((("sweep", name), *(("load", heir) for heir in sorted(heirs[name]))))
        self._beside("withdraw", name, doom, step, of)
        self.told.append(f"{name} withdrawn beside a {step} of {of}, {doom.moment}")
        self.model.withdraw(name)
        return True

    def _heirs(self) -> dict[str, set[str]]:
        """Deliveries whose withdrawal hands archived records to others, and those others."""
        found: dict[str, set[str]] = {}
        for row, owned in self.model.kept.items():
            others = {of for of, _ in self.model.again.get(row, ()) if of != owned.sent}
            if owned.is_archived and others:
                found.setdefault(owned.sent, set()).update(others)
        return found

    def _beside(self, step: str, name: str, doom: Doom, other: str, of: str) -> None:
        """A step is stopped, another begins, and the first goes on."""
        first = started(self.hub.settings, step, self.hub.ids[name], doom)
        until = time.monotonic() + LONGEST
        while first.is_alive() and not is_stopped(first) and time.monotonic() < until:
            time.sleep(0.02)
        self.done[f"{step} stopped for a {other}"] += first.is_alive()
        second = started(self.hub.settings, other, self.hub.ids[of])
        second.join(self.rng.choice((0.5, 2.0)))
        signalled(first, signal.SIGCONT)
        for process in (first, second):
            process.join(LONGEST)
            assert process.exitcode == 0, f"{self}: {process.exitcode}"
