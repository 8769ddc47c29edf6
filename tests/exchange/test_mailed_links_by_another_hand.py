"""Links that are mailed, as their recipients meet them, whatever happens in between: a stranger's proof of
docs/dispatch.md, docs/exchange.md and decisions 0158 and 0164, by the mails that came and by what the exchange says."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exchange.mailed_links_world import Desk, World
from exchange.test_mailed_links import Correspondence, post

__all__ = ["post"]


@pytest.fixture
def desk(post: Correspondence, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Desk]:
    made = Desk(post, tmp_path / "log")
    yield made
    # The test's own client and mail server log what they send and get.
    records = [one for one in caplog.get_records("call") if not one.name.startswith(("httpx", "mail.", "asyncio"))]
    assert records
    told = "\n".join(one.getMessage() for one in records)
    assert not [one for one in made.secrets if re.search(rf"(?<![0-9a-f.]){one}(?![0-9a-f])", told)]


def walk(desk: Desk, seed: int, count: int) -> World:
    world = World(desk, random.Random(seed))
    world.offer()
    world.send()
    world.tell()
    often: list[Callable[[], object]] = [*[world.tell] * 4, *[world.answer] * 5, *[world.follow] * 3, *[world.wait] * 3]
    twice: list[Callable[[], object]] = [world.offer, world.send, world.fail] * 2
    once: list[Callable[[], object]] = [world.kill, world.guess, world.pause, world.withdraw, world.revoke]
    does = [*often, *twice, *once]
    for _ in range(count):
        act = world.chance.choice(does)
        act()
        if world.is_paused() and world.chance.random() < 0.3:
            world.pause()
        world.check()
    world.end()
    return world


@pytest.mark.parametrize("seed", [52])
def test_whatever_happens_one_pair_of_link_and_code_answers_and_in_the_end_there_is_one(desk: Desk, seed: int) -> None:
    walk(desk, seed, 45)
    assert desk.count["answers"] > 2


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 112))
def test_many_ways_to_the_same_end(desk: Desk, seed: int) -> None:
    walk(desk, seed, 80)


def test_a_round_that_is_killed_at_each_step_leaves_at_most_one_pair_and_the_next_makes_one(desk: Desk) -> None:
    world = World(desk, random.Random(1))
    for left in range(0, 90, 9):
        world.offer()
        world.send()
        world.kill(left)
        world.check()
        world.wait(hours=2)
    world.end()
    assert desk.count["killed"] > 5
