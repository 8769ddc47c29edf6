"""To a recipient that does not exist goes no case in which anybody real has reported anything, whatever changes.

``simulated_world.why_not`` says from contract and evidence alone what may go; nothing here asks the code that prepares.
"""

import itertools
import random
import uuid
from collections.abc import Iterable

import pytest

from dispatch.conftest import FORCE, Hub
from dispatch.door import Door
from dispatch.simulated_world import EVIDENCE, MODES, REAL, SAMPLE, World, files_are_whole_at_once, why_not
from hub.dispatch import ledger
from hub.dispatch.preparing import MADE_UP, left_out
from hub.dispatch.recipients import read_recipients
from hub.dispatch.states import State
from hub.dispatch.transports import PermanentFault, TransientFault
from hub.orchestration import dispatching

CHANGES = [
    ("plain", "made up"),
    ("for trying", "made up"),
    ("for trying", "made up and for trying"),
    *(("made up", after) for after in MODES),
]
TRANSITIONS = tuple(itertools.product(EVIDENCE.values(), EVIDENCE.values()))
KINDS = ("acknowledged", "accepted", "outcome")


@pytest.fixture
def world(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> World:
    files_are_whole_at_once(monkeypatch)
    return World(hub)


def goes(world: World, mode: str) -> set[uuid.UUID]:
    """The allocations that may be with the recipient."""
    return {one for one, evidence in world.rests.items() if why_not(mode, kinds_of(evidence)) is None}


def kinds_of(evidence: Iterable[str]) -> set[str]:
    return {one.partition(" ")[0] for one in evidence}


def check(world: World, mode: str) -> None:
    """What is with the recipient and what is not, and that the hub says so."""
    assert set(world.active()) == goes(world, mode)
    with world.hub.engine.connect() as connection:
        assert left_out(connection, read_recipients(world.hub.settings.recipients)) == world.left(mode)


def named(world: World) -> set[str]:
    """What packages that lie in the folder say that their allocation is."""
    return {world.hub.package(place)["dispatch"]["allocation_id"] for place in range(len(world.hub.files()))}


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_only_what_may_goes_to_a_recipient_before_and_after_a_change(world: World, before: str, after: str) -> None:
    """Of each change of evidence, one dispatch that was sent before it, and one that was prepared alone."""
    world.become(before)
    changes = {world.offer(one): other for one, other in TRANSITIONS}
    assert world.hub.prepare().left_out == world.left(before)
    check(world, before)
    world.hub.send()
    sent = set(world.rests)
    if before.startswith("made up"):
        world.check_folder()
    changes |= {world.offer(one): other for one, other in TRANSITIONS}
    world.hub.prepare()
    check(world, before)
    lay = world.lies()
    world.become(after)
    for allocation, evidence in changes.items():
        world.rest(allocation, evidence)
    had = {one for one in world.active() if one in sent}
    prepared = world.hub.prepare()
    check(world, after)
    assert prepared.left_out == world.left(after)
    world.hub.send()
    check(world, after)
    assert set(world.active().values()) <= {"sent"}
    if after.startswith("made up"):
        world.check_folder(lay)
        withdrawn = {name.partition(".")[0] for name in world.lies() if name.endswith(".withdrawal.json")}
        gone = {one.allocation_id for one in world.hub.dispatches() if str(one.dispatch_id) in withdrawn}
        assert gone == had - goes(world, after), "who has what is withdrawn is told of it, and nobody else"
    again = world.hub.prepare()
    assert (again.new, again.count_withdrawn, again.count_superseded) == ([], 0, 0)


@pytest.mark.parametrize("seed", range(2))
def test_through_any_changes_no_file_speaks_of_a_real_case_while_its_recipient_is_made_up(
    world: World, seed: int
) -> None:
    """Reports join, part and join again, contracts change, rounds are left out, and answers come between."""
    chance = random.Random(seed)
    pool = [*(f"{SAMPLE} {one}" for one in range(1, 4)), *(f"{REAL} {one}" for one in range(1, 4))]
    for _ in range(8):
        world.offer(chance.sample(pool[:3], chance.randint(1, 3)))
    made_up = 0
    for _ in range(8):
        mode = chance.choice(["made up", "made up", "made up and for trying", "for trying", "plain"])
        world.become(mode)
        for allocation in chance.sample(sorted(world.rests), 4):
            among = pool[: chance.choice([3, 6])]
            world.rest(allocation, chance.sample(among, chance.randint(1, len(among))))
        lay = world.lies() if world.folder().exists() else {}
        if chance.random() < 0.7:
            world.hub.prepare()
            answered = {one for one, state in world.active().items() if state in ("closed", "returned")}
            assert set(world.active()) - answered == goes(world, mode) - answered
        world.hub.send()
        if mode.startswith("made up"):
            made_up += 1
            world.check_folder(lay)
    assert made_up > 2


@pytest.mark.parametrize("mode", ["made up", "made up and for trying"])
def test_an_incident_without_any_report_does_not_go_to_a_made_up_recipient(world: World, mode: str) -> None:
    """That nothing in it is real, nobody can say."""
    world.become(mode)
    allocation = world.offer({SAMPLE})
    world.rest(allocation, ())
    assert world.hub.prepare().new == []
    world.hub.send()
    assert world.hub.files() == []


@pytest.mark.parametrize(("evidence", "approval"), [("real", None), ("mixed", "always")])
def test_what_was_prepared_for_a_real_recipient_is_not_sent_once_it_is_made_up(
    world: World, evidence: str, approval: str | None
) -> None:
    """Its contract changes between two publishes: rounds of sending come first."""
    world.become("for trying")
    world.hub.recipient(FORCE, approval=approval)
    world.offer(EVIDENCE[evidence])
    [dispatch_id] = world.hub.prepare().new
    if approval:
        with world.hub.engine.begin() as connection:
            ledger.move(connection, dispatch_id, State.APPROVED, at=world.hub.now(), actor="a.person", proof="read")
    world.become("made up")
    for _ in range(2):
        world.hub.send(at_once=True)
        dispatching.collect(world.hub.settings)
    assert world.hub.files() == []
    dispatching.prepare_and_send(world.hub.settings)
    assert world.hub.states() == ["withdrawn"]
    assert world.hub.files() == []


def test_what_was_not_taken_by_a_real_recipient_is_not_sent_once_it_is_made_up(world: World) -> None:
    world.offer({REAL})
    world.hub.prepare()
    world.hub.send(transport_of=Door({"": TransientFault("nobody is there")}))
    world.become("made up")
    world.hub.later(hours=3)
    world.hub.send()
    assert world.hub.files() == []
    assert [one.state.value for one in world.hub.dispatches()] == ["prepared"]


@pytest.mark.parametrize("evidence", ["real", "mixed"])
def test_nothing_is_answered_for_a_real_case_that_a_recipient_had_before_it_was_made_up(
    world: World, evidence: str
) -> None:
    """A package that rests on both says that it is simulated; its case is real all the same."""
    world.become("for trying")
    world.offer(EVIDENCE[evidence])
    world.hub.prepare()
    world.hub.send()
    world.become("made up")
    for _ in range(3):
        world.collect()
    assert world.said(1) == ()
    world.hub.prepare()
    for _ in range(3):
        world.collect()
    assert world.said(1) == ()
    assert world.hub.states() == ["withdrawn"]


def answered(world: World, count: int) -> uuid.UUID:
    """A case of which a made-up recipient has given so many answers, and which a real report has joined since."""
    world.become("made up")
    allocation = world.offer({SAMPLE})
    world.hub.prepare()
    world.hub.send()
    for kind in KINDS[:count]:
        world.hub.answer(kind, allocation_ref=world.hub.dispatches()[0].allocation_ref)
    world.hub.send()
    assert world.said(1) == ("acknowledged", "accepted", "closed")[:count]
    world.rest(allocation, {SAMPLE, REAL})
    status = ("acknowledged", "accepted", "closed")[count - 1]
    said = "status = :status, acknowledged_at = now(), closed_at = case when :status = 'closed' then now() end"
    world.hub.change(f"update publish.allocations_v1 set {said}", status=status)
    return allocation


@pytest.mark.parametrize("count", [1, 2])
def test_a_case_that_a_made_up_recipient_has_answered_is_withdrawn_when_a_real_report_joins_it(
    world: World, count: int
) -> None:
    answered(world, count)
    assert world.hub.prepare().count_withdrawn == 1
    world.hub.send()
    assert world.hub.states() == ["withdrawn"]
    world.check_folder()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_real_case_that_a_made_up_recipient_alone_has_answered_is_counted_as_with_nobody(
    world: World, count: int
) -> None:
    answered(world, count)
    assert world.hub.prepare().left_out == world.left("made up")


def test_what_a_person_sends_again_is_not_sent_to_a_recipient_that_is_made_up_by_now(world: World) -> None:
    world.offer({REAL})
    [dispatch_id] = world.hub.prepare().new
    world.hub.send(transport_of=Door({"": PermanentFault("it is refused")}))
    assert world.hub.states() == ["failed"]
    world.become("made up")
    dispatching.send_again(world.hub.settings, str(dispatch_id))
    assert world.hub.files() == []


def test_a_pause_of_a_made_up_recipient_lets_no_real_case_through_when_it_ends(world: World) -> None:
    world.become("made up")
    dispatching.pause(world.hub.settings, FORCE, because="a test", decided_by="a.person")
    first, second = world.offer({SAMPLE}), world.offer({SAMPLE})
    world.hub.prepare()
    world.rest(first, {SAMPLE, REAL})
    world.hub.prepare()
    dispatching.resume(world.hub.settings, FORCE, decided_by="a.person")
    world.hub.send()
    assert named(world) == {str(second)} or set(world.active()) == {second}
    assert len(world.hub.files()) == 1
    world.check_folder()


def test_what_dispatch_allocations_and_the_list_count_says_that_the_recipient_is_made_up(world: World) -> None:
    world.become("made up")
    for evidence in EVIDENCE.values():
        world.offer(evidence)
    done = dispatching.prepare_and_send(world.hub.settings)
    assert (done["new"], done["not_sent"], done["taken"][FORCE]) == (1, 2, 1)
    with world.hub.engine.connect() as connection:
        left = left_out(connection, read_recipients(world.hub.settings.recipients))
    assert MADE_UP == "its recipient is made up"
    assert left == {("force", FORCE, "evidence_package", MADE_UP): 2}
