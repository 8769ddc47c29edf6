"""A hub, its recipients over every transport, and turns in which things change, go wrong and are answered."""

import dataclasses
import random
import uuid
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conftest import free_port
from dispatch.conftest import Hub
from exchange.outside import ingested
from hub.dispatch import deciding
from hub.dispatch.ledger import IllegalMove
from proofs.dispatch_world.answering import Desks
from proofs.dispatch_world.cases import Cases
from proofs.dispatch_world.faults import Faults
from proofs.dispatch_world.fetching import Unreachable
from proofs.dispatch_world.recipients import ANSWER_WAYS, GONE, Recipients
from proofs.dispatch_world.record import Record, Said
from proofs.dispatch_world.rotations import Rotations
from proofs.dispatch_world.sender import Orders, Outcome, obey, outcome

CALM, KILLED, TWO_AT_ONCE, CLOCK = "calm", "sender killed", "two rounds at once", "clock jumps"
RUNS = (CALM, KILLED, KILLED, KILLED, TWO_AT_ONCE, CLOCK)
JUMPS = (timedelta(days=-2), timedelta(hours=-3), timedelta(hours=3), timedelta(days=2))
HASTY, PATIENT = 1.5, 20.0
MOST_ROUNDS_TO_SETTLE = 150
WITHDRAWN_SHARE = 0.002
FEEDS = ("force_responses", "provider_responses")
STATES = sa.text("""
    select distinct on (dispatch_id) dispatch_id::text, to_state, recipient, dispatches.needs_approval
    from ledger.dispatch_moves inner join ledger.dispatches using (dispatch_id)
    order by dispatch_id, move_number desc
""")


class World:
    """All of it, from one seed. ``prepared_in`` says in which turn each dispatch was first seen in the ledger, and
    ``loaded_in`` each reference or delivery of an answer in its raw table."""

    def __init__(
        self, hub: Hub, folder: Path, seed: int, stack: ExitStack, *, talkative: float = 0.8, faulty: float = 0.55
    ) -> None:
        self.chance = random.Random(seed)
        hub.settings = dataclasses.replace(hub.settings, exchange_port=free_port())
        self.hub, self.record = hub, Record()
        self.recipients = Recipients(hub, self.record, folder, stack)
        self.desks = Desks(self.record, self.chance, ANSWER_WAYS, talkative)
        self.cases = Cases(hub, self.chance)
        self.faults = Faults(self.recipients, self.record, self.chance, faulty)
        self.rotations = Rotations(self.recipients, self.record)
        self.prepared_in: dict[str, int] = {}
        self.loaded_in: dict[str, int] = {}
        self.killed_in: Counter[int] = Counter()
        self.statuses: Counter[str] = Counter()
        self.steps, self.runs = 400, list[str]()
        self.is_prepared = True
        in_order = ("prepare urgent", "send urgent", "prepare", "send")
        self._orders = Orders(in_order, self.recipients.authority, PATIENT)

    def turn(self, new: int, gone: int = 0) -> None:
        """Something new, something wrong, and what comes of it; so many new allocations."""
        self.record.turn += 1
        self.rotations.step(self.chance)
        self._decide()
        self.cases.change(self.answered_to_the_end(), new, gone)
        with ExitStack() as stack:
            faults = self.faults.begin(stack)
            with self.desks.writing():
                self._run(faults)
            self.faults.begin_to_fetch()
            self._fetch(is_patient=False)
        self._take()
        self.desks.write_on()
        self._say(is_patient=False)
        self._ingest()

    def settle(self) -> None:
        """Everything is up again: go on until nothing changes any more, and the recipient that is gone was given up."""
        self.rotations.finish()
        for shelf in self.recipients.shelves.values():
            shelf.is_diligent = True
        before, quiet = "", 0
        for number in range(MOST_ROUNDS_TO_SETTLE):
            self.record.turn += 1
            self._decide(is_diligent=True)
            # The first rounds come by themselves, two hours later; what they leave an operator sends at once.
            is_by_itself = number < 3
            with self.desks.writing():
                self.run_round(at_once=not is_by_itself, ahead=timedelta(hours=2 * is_by_itself))
            self._fetch(is_patient=True)
            self._take()
            self.desks.write_on()
            self._say(is_patient=True)
            self._ingest()
            now = self.ledger_as_text()
            quiet = quiet + 1 if now == before else 0
            before = now
            if quiet >= 2 and number > 3 and not self._is_waiting():
                return
        self.record.note_wrong("the hub does not come to rest")

    def run_round(self, *, at_once: bool, ahead: timedelta) -> None:
        """A round without a fault."""
        orders = dataclasses.replace(self._orders, at_once=at_once, ahead=ahead)
        if ahead:
            self._go(dataclasses.replace(self._orders, what=("prepare",)))
            orders = dataclasses.replace(orders, what=("send",))
        self._go(orders)

    def replay(self) -> None:
        """Everything once more, hours later: prepare, send, look, fetch, and take in answers."""
        self.record.turn += 1
        self.run_round(at_once=False, ahead=timedelta(hours=4))
        self._fetch(is_patient=True)
        self._take()
        self._ingest()

    def ledger_as_text(self) -> str:
        """All rows of the ledger of dispatches, as they are."""
        tables = ("dispatches", "dispatch_moves", "dispatch_sends")
        with self.hub.engine.connect() as connection:
            return "\n".join(
                str(row)
                for table in tables
                for row in connection.exec_driver_sql(f"select * from ledger.{table} as t order by 1, 2").all()
            )

    def states(self) -> dict[str, Any]:
        """The state of each dispatch: where its last move led."""
        with self.hub.engine.connect() as connection:
            return {row.dispatch_id: row for row in connection.execute(STATES).all()}

    def answered_to_the_end(self) -> set[uuid.UUID]:
        """Allocations of which an answer was loaded that may end them."""
        ends = {one.dispatch_id for one in self.record.said if one.loaded_in is not None and one.kind not in _GO_ON}
        with self.hub.engine.connect() as connection:
            query = "select dispatch_id::text, allocation_id from ledger.dispatches"
            return {row.allocation_id for row in connection.exec_driver_sql(query) if row.dispatch_id in ends}

    def _decide(self, *, is_diligent: bool = False) -> None:
        """Persons approve, withdraw, and have sent again what was given up."""
        not_taken = self._documents_not_taken()
        for dispatch_id, one in self.states().items():
            if self.chance.random() > 0.6 and not is_diligent:
                continue
            with suppress(IllegalMove):  # it has moved on
                if one.to_state == "prepared" and one.needs_approval:
                    deciding.approve(self.hub.engine, uuid.UUID(dispatch_id), decided_by="a.person")
                elif (one.to_state == "failed" or dispatch_id in not_taken) and one.recipient != GONE:
                    deciding.send_again(self.hub.engine, uuid.UUID(dispatch_id))
                elif self.chance.random() < WITHDRAWN_SHARE and not is_diligent and one.recipient != GONE:
                    self._withdraw(dispatch_id)

    def _documents_not_taken(self) -> set[str]:
        """Dispatches of which a withdrawal was given up: the alert of their recipient says so."""
        query = (
            "select distinct dispatch_id::text from ledger.dispatch_sends"
            " where state = 'given_up' and document <> 'package'"
        )
        with self.hub.engine.connect() as connection:
            return set(connection.exec_driver_sql(query).scalars())

    def _withdraw(self, dispatch_id: str) -> None:
        if not self.is_prepared:
            return  # whether there is more to say than the person has seen, nobody could tell
        deciding.withdraw(self.hub.engine, uuid.UUID(dispatch_id), because="no need", decided_by="a.person")
        self.cases.withdrawn_by_a_person(dispatch_id)
        self.record.met["a person withdraws"] += 1

    def _run(self, faults: dict[str, str]) -> None:
        if not self.runs:
            self.runs = list(RUNS)
            self.chance.shuffle(self.runs)
        run = self.runs.pop()
        patience = HASTY if any("silent" in kind for kind in faults.values()) else PATIENT
        largest = self.faults.largest_file
        at_once = self.chance.random() < 0.7 or self.record.turn < 16
        orders = dataclasses.replace(self._orders, patience=patience, largest_file=largest, at_once=at_once)
        if run == CLOCK:
            orders = dataclasses.replace(orders, ahead=self.chance.choice(JUMPS))
        killed = dataclasses.replace(orders, killed_at=self.chance.randrange(self.steps))
        all_orders = {KILLED: [killed], TWO_AT_ONCE: [orders, self.chance.choice((orders, killed))]}.get(run, [orders])
        self.record.met[run] += run != KILLED
        self._go(*all_orders)

    def _go(self, *orders: Orders) -> None:
        """Processes of the hub, side by side."""
        nursery = self.recipients.nursery
        self.is_prepared = False
        for pid in [nursery.start(obey, self.hub.settings, one) for one in orders]:
            self._note(outcome(nursery.wait(pid)))

    def _note(self, came: Outcome) -> None:
        if came.was_killed:
            self.record.met[KILLED] += 1
            self.killed_in[self.record.turn] += 1
        elif came.error:
            self.record.note_wrong(f"a round ends with {came.error}")
        else:
            self.is_prepared = True
            self.steps = max(100, came.steps)
        for dispatch_id in self.states():
            self.prepared_in.setdefault(dispatch_id, self.record.turn)
        self.cases.note_dispatches()

    def _fetch(self, *, is_patient: bool) -> None:
        for desk in self.recipients.pullers.values():
            if desk.fetches:
                with suppress(Unreachable):
                    desk.fetch_all(is_patient=is_patient)

    def _take(self) -> None:
        """Recipients look at what came, and decide what to say of it."""
        for desk in self.recipients.mail_desks.values():
            desk.read_all()
        for shelf in self.recipients.shelves.values():
            with shelf.lock:
                shelf.look()
        self.desks.plan(self.record.newly_acted_on())

    def _say(self, *, is_patient: bool) -> None:
        files: dict[str, list[Said]] = {}
        for one in self.desks.due():
            if one.way == "exchange":
                with suppress(Unreachable):
                    one.is_said = self.recipients.pullers[one.recipient].answer(one, is_patient=is_patient)
            elif self.recipients.answer_folder(one.recipient).is_dir():
                files.setdefault(one.recipient, []).append(one)
        for recipient, said in files.items():
            name, content = self.desks.file_of(said, recipient)
            path, hand_over = self.recipients.answer_folder(recipient) / name, self.recipients.hand_over(recipient)
            self.desks.put(path, content, hand_over, by_halves=recipient in self.recipients.shelves)
            for one in said:
                one.is_said = True

    def _ingest(self) -> None:
        """The hub takes in what lies in its drop folder."""
        for feed in FEEDS:
            for result in ingested(self.hub, feed):
                self.statuses[result.status.value] += 1
            with self.hub.engine.connect() as connection:
                query = f"select response_ref, _delivery_id::text from raw.{feed}"
                rows = connection.exec_driver_sql(query).all()
            loaded = {one for row in rows for one in row}
            for one in loaded:
                self.loaded_in.setdefault(one, self.record.turn)
            for said in self.record.said:
                # A receipt that was lost comes later than the load.
                if said.loaded_in is None and (known := (said.references | said.delivery_ids) & loaded):
                    said.loaded_in = min(self.loaded_in[one] for one in known)

    def _is_waiting(self) -> bool:
        """Whether somebody has still something to say, or the hub has not heard it."""
        is_unsaid = any(not one.is_said for one in self.record.said)
        is_unloaded = any(
            one.is_said and one.loaded_in is None and one.way in ANSWER_WAYS.values() for one in self.record.said
        )
        gone = [one for one in self.states().values() if one.recipient == GONE and one.to_state == "prepared"]
        return is_unsaid or is_unloaded or bool(gone)


_GO_ON = ("acknowledged", "accepted")
