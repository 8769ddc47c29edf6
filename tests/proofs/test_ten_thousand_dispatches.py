"""Dispatches over every transport, with real servers on the loopback address and everything that can go wrong: none is
lost, none is acted on twice, each state has its proof in what the recipient knows, and to go on changes nothing."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dispatch.conftest import Hub, hub
from dispatch.sftp_server import needs_sshd
from hub.dispatch import ledger as hubs_own
from proofs.dispatch_world.ledger import Ledger
from proofs.dispatch_world.oracles import everything_wrong
from proofs.dispatch_world.proofs import unproven
from proofs.dispatch_world.recipients import GONE, KINDS
from proofs.dispatch_world.world import World

__all__ = ["hub"]
pytestmark = needs_sshd
LOG = logging.getLogger(__name__)
SHOWN = 25
SHORT, WORLDS, IN_A_WORLD = 32, 5, 2_000
AT_A_TURN, AT_A_LONG_TURN = 9, 40
MOST_TURNS = 100
GONE_AT_FIRST, GONE_AT_A_LONG_TURN = 1, 0.08
KINDS_OF_FAULTS = (
    "sender killed",
    "two rounds at once",
    "clock jumps",
    "silent",
    "refused",
    "cut on the way",
    "web 5",
    "web 4",
    "web taken",
    "mail",
    "full disk",
    "sftp",
    "exchange server killed",
    "an answer twice",
    "answers in the wrong order",
    "half a file with answers",
)
KINDS_OF_KEYS = (
    "key changed: sftp host key",
    "key changed: sftp key of the hub",
    "key changed: webhook secret",
    "key changed: certificate",
    "key changed: token",
)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as one:
        yield one


def go_through(world: World, count: int, at_a_turn: int, gone: float, kinds: tuple[str, ...] = ()) -> None:
    """Turn after turn until there are so many dispatches and each kind of fault was met; then all comes to rest."""
    while len(world.prepared_in) < count or (unmet(world, kinds) and world.record.turn < MOST_TURNS):
        is_first = world.record.turn == 0
        world.turn(at_a_turn, GONE_AT_FIRST if is_first else int(world.chance.random() < gone))
    world.settle()


def unmet(world: World, kinds: tuple[str, ...]) -> list[str]:
    return [kind for kind in kinds if not any(one.startswith(kind) for one in +world.record.met)]


def check(world: World) -> None:
    """All that has to be true, before and after everything is done once more."""
    has = {one.key: one for one in reversed(world.record.arrivals)}
    wrong = [*everything_wrong(world), *unproven(world, has)]
    LOG.info("%s turns, %s dispatches, %s arrivals", world.record.turn, len(world.prepared_in), len(has))
    LOG.info("met: %s", dict(sorted(world.record.met.items())))
    LOG.info("changed: %s; answers: %s", dict(world.cases.changed), dict(world.statuses))
    assert not wrong, "\n".join([f"{len(wrong)} things are wrong:", *wrong[:SHOWN]])
    ledger, arrivals = world.ledger_as_text(), len(world.record.arrivals)
    for _ in range(3):
        world.replay()
    assert world.ledger_as_text() == ledger, "to go on changes nothing"
    assert len(world.record.arrivals) == arrivals, "nothing comes again"
    by_moves = {one.dispatch_id: one.state for one in Ledger.read(world.hub.engine).dispatches.values()}
    with world.hub.engine.connect() as connection:
        told = {str(one.dispatch_id): one.state.value for one in hubs_own.everything(connection)}
    assert told == by_moves, "the moves alone say where each dispatch is"


@pytest.mark.parametrize("seed", [29])
def test_dispatches_over_every_transport_with_some_faults_of_any_kind(
    hub: Hub, tmp_path: Path, stack: ExitStack, seed: int
) -> None:
    world = World(hub, tmp_path, seed, stack, talkative=0.25, faulty=0.8)
    go_through(world, SHORT, AT_A_TURN, 0)
    check(world)
    assert {one.recipient for one in world.record.arrivals} == KINDS.keys() - {GONE}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(WORLDS))
def test_ten_thousand_dispatches_over_every_transport_with_every_kind_of_fault(
    hub: Hub, tmp_path: Path, stack: ExitStack, seed: int
) -> None:
    world = World(hub, tmp_path, seed, stack, talkative=0.3)
    go_through(world, IN_A_WORLD, AT_A_LONG_TURN, GONE_AT_A_LONG_TURN, KINDS_OF_FAULTS)
    check(world)
    assert unmet(world, (*KINDS_OF_FAULTS, *KINDS_OF_KEYS)) == []
    faults = sum(
        count for kind, count in world.record.met.items() if not kind.startswith(("an answer", "key", "a person"))
    )
    LOG.info("%s faults", faults)
    assert faults > IN_A_WORLD / 10
