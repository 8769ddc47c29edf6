"""What the hub publishes: allocations that come, change, go away, come back, or go to somebody else."""

import random
import uuid
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from dispatch.conftest import Hub
from proofs.dispatch_world.recipients import GONE, KINDS, SHARE

THERE, NOT_THERE, WITHDRAWN = "there", "not there", "withdrawn by a person"
FORCES = [code for code, kind in KINDS.items() if kind == "force" and code != GONE]


@dataclass
class Case:
    """An allocation. ``wanted`` says what is true of it now; one that was moved has had several recipients."""

    allocation_id: uuid.UUID
    target: str
    wanted: str = THERE
    was_moved: bool = False
    was_away: bool = False


class Cases:
    """All allocations that were ever published."""

    def __init__(self, hub: Hub, chance: random.Random) -> None:
        self.hub, self.chance = hub, chance
        self.cases: dict[uuid.UUID, Case] = {}
        self.allocation_of: dict[str, uuid.UUID] = {}
        self.changed: Counter[str] = Counter()
        self.publish_id = 1
        self._next: list[str] = []
        hub.change("create table raw.kept_allocations as select * from publish.allocations_v1 limit 0")

    def change(self, answered: set[uuid.UUID], new: int, gone: int) -> None:
        """Publish once more: so many new allocations (of them ``gone`` for the one that is gone), and other changes."""
        self.publish_id += 1
        self.hub.change("update publish.allocations_v1 set publish_id = :id", id=self.publish_id)
        for target in [*(GONE for _ in range(gone)), *(self._target() for _ in range(new))]:
            self._offer(target)
        for change, share in ((self._report, 0.08), (self._word, 0.06), (self._remove, 0.06), (self._move, 0.04)):
            count = sum(self.chance.random() < share for _ in range(new))
            open_ones = [
                one
                for one in self.cases.values()
                if self._may_change(one, answered, also_withdrawn=change == self._report)
            ]
            for case in self.chance.sample(open_ones, min(count, len(open_ones))):
                change(case)
                self.changed[change.__name__.strip("_")] += 1
        away = [one for one in self.cases.values() if one.wanted == NOT_THERE and one.allocation_id not in answered]
        if away and self.chance.random() < 0.4:
            self._bring_back(self.chance.choice(away))

    def withdrawn_by_a_person(self, dispatch_id: str) -> None:
        case = self.cases[self.allocation_of[dispatch_id]]
        if case.wanted == THERE:
            case.wanted, case.was_away = WITHDRAWN, True

    def note_dispatches(self) -> None:
        with self.hub.engine.connect() as connection:
            rows = connection.exec_driver_sql("select dispatch_id::text, allocation_id from ledger.dispatches").all()
        self.allocation_of = {row.dispatch_id: row.allocation_id for row in rows}

    def _may_change(self, case: Case, answered: set[uuid.UUID], *, also_withdrawn: bool) -> bool:
        is_there = case.wanted == THERE or (also_withdrawn and case.wanted == WITHDRAWN)
        return is_there and case.target != GONE and case.allocation_id not in answered

    def _target(self) -> str:
        if not self._next:
            self._next = [code for code in KINDS if code != GONE]
            self.chance.shuffle(self._next)
        return self._next.pop()

    def _offer(self, target: str) -> None:
        said: dict[str, object] = {"publish_id": self.publish_id, "is_threat_to_life": self.chance.random() < 0.1}
        if target == SHARE and self.chance.random() < 0.3:
            said["route"] = "transfer"
        allocation_id = self.hub.offer(KINDS[target], target, **said)
        self.cases[allocation_id] = Case(allocation_id, target)

    def _report(self, case: Case) -> None:
        """One more report of its incident."""
        self.hub.count += 1
        number = self.hub.count
        self.hub.change(
            """insert into publish.incident_evidence_v1
               (incident_id, report_id, report_ref, feed, delivery_sha256, row_number, reported_at)
               select incident_id, :report, :ref, 'true_vision_reports', '00', :number, first_reported_at
               from publish.incidents_v1 where incident_id = :incident""",
            report=uuid.UUID(int=number),
            ref=f"TV-{number:08d}",
            number=number,
            incident=uuid.UUID(int=case.allocation_id.int - 1),
        )
        case.wanted = THERE

    def _word(self, case: Case) -> None:
        """Another reason."""
        reason = f"A reason of publish {self.publish_id}"
        query = "update publish.allocations_v1 set reason = :reason where allocation_id = :id"
        self.hub.change(query, reason=reason, id=case.allocation_id)

    def _remove(self, case: Case) -> None:
        with self.hub.engine.begin() as connection:
            for statement in (
                "insert into raw.kept_allocations select * from publish.allocations_v1 where allocation_id = :id",
                "delete from publish.allocations_v1 where allocation_id = :id",
            ):
                connection.execute(sa.text(statement), {"id": case.allocation_id})
        case.wanted, case.was_away = NOT_THERE, True

    def _bring_back(self, case: Case) -> None:
        with self.hub.engine.begin() as connection:
            for statement in (
                "insert into publish.allocations_v1 select * from raw.kept_allocations where allocation_id = :id",
                "delete from raw.kept_allocations where allocation_id = :id",
                "update publish.allocations_v1 set publish_id = (select max(publish_id) from publish.allocations_v1)"
                " where allocation_id = :id",
            ):
                connection.execute(sa.text(statement), {"id": case.allocation_id})
        case.wanted = THERE
        self.changed["bring back"] += 1

    def _move(self, case: Case) -> None:
        """To another force, or to nobody else where it is a provider's."""
        if case.target not in FORCES:
            return
        case.target = self.chance.choice([one for one in FORCES if one != case.target])
        query = "update publish.allocations_v1 set target_code = :code where allocation_id = :id"
        self.hub.change(query, code=case.target, id=case.allocation_id)
        case.was_moved = True
