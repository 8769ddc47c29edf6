"""The trigger that starts rounds of notifications: soon, not in storms, and whatever happens it goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from airflow.triggers.base import TriggerEvent

from hub.notifications import sending
from hub.orchestration import outbox_trigger
from hub.orchestration.assets import OUTBOX
from hub.orchestration.outbox_trigger import OutboxTrigger
from hub.warehouse.engine import WarehouseProblem

Look = Callable[[Iterator[bool | Exception]], AsyncIterator[TriggerEvent]]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """A trigger whose looks find these one after the other, a hundredth of a second apart."""

    def begin(seen: Iterator[bool | Exception]) -> AsyncIterator[TriggerEvent]:
        def is_round_due(_: object) -> bool:
            found = next(seen, False)
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(sending, "is_round_due", is_round_due)
        return OutboxTrigger(every_seconds=0.01).run()

    return begin


async def count_events(events: AsyncIterator[TriggerEvent], seconds: float = 0.3) -> int:
    """How many events come in so long; ends the trigger."""
    count = 0
    try:
        async with asyncio.timeout(seconds):
            async for _ in events:
                count += 1
    except TimeoutError:
        pass
    return count


def test_a_round_is_announced_once_and_the_next_when_there_is_more(look: Look) -> None:
    assert asyncio.run(count_events(look(iter([False, True, True, True, False, True])))) == 2


def test_a_round_that_did_not_come_to_its_end_is_announced_again(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_trigger, "ANNOUNCED_AGAIN_SECONDS", 0.0)
    assert asyncio.run(count_events(look(iter([True, True, True])))) == 3


def test_the_trigger_outlives_a_database_that_is_away(look: Look) -> None:
    assert asyncio.run(count_events(look(iter([WarehouseProblem("it is away"), OSError(), True])))) == 1


def test_a_trigger_is_the_same_after_it_was_serialised() -> None:
    (watcher,) = OUTBOX.watchers
    trigger = watcher.trigger
    assert isinstance(trigger, OutboxTrigger)
    path, arguments = trigger.serialize()
    assert path == "hub.orchestration.outbox_trigger.OutboxTrigger"
    assert OutboxTrigger(**arguments).serialize() == (path, arguments)
