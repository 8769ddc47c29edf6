"""The trigger that starts ingest runs: nothing dropped is missed, and a file that stays starts no storm of runs."""

import asyncio
import importlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from hub.ingest.collect import CLAIMS
from hub.orchestration import drop_trigger
from hub.orchestration.drop_trigger import Announcements, DropTrigger, ready_files

ONE = ("one.csv", 10, 1)
TWO = ("two.csv", 10, 1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drop folder that does not exist yet, watched in quick time."""
    monkeypatch.setattr(drop_trigger, "POLL_SECONDS", 0.01)
    monkeypatch.setattr("hub.ingest.dropped_files.QUIET_SECONDS", 0.05)
    return tmp_path / "drop" / "feed"


def drop(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("x")
    return path


async def next_event(events: AsyncIterator[TriggerEvent], seconds: float = 2.0) -> object:
    return (await asyncio.wait_for(anext(events), seconds)).payload


async def stays_silent(events: AsyncIterator[TriggerEvent], seconds: float = 0.3) -> bool:
    """Whether no event comes; ends the trigger."""
    try:
        await asyncio.wait_for(anext(events), seconds)
    except TimeoutError:
        return True
    return False


def test_a_file_is_announced_once() -> None:
    announcements = Announcements()
    assert announcements.due([ONE], now=0) == [ONE]
    assert announcements.due([ONE], now=1) == []
    assert announcements.due([ONE, TWO], now=2) == [TWO]


def test_a_file_that_was_written_to_again_is_announced_again() -> None:
    announcements = Announcements()
    announcements.due([ONE], now=0)
    assert announcements.due([("one.csv", 11, 2)], now=1) == [("one.csv", 11, 2)]


def test_a_file_that_went_and_came_back_is_announced_again() -> None:
    announcements = Announcements()
    announcements.due([ONE], now=0)
    announcements.due([], now=1)
    assert announcements.due([ONE], now=2) == [ONE]


def test_a_file_that_stays_is_named_again_with_growing_waits_and_never_forgotten() -> None:
    announcements = Announcements()
    named = [second for second in range(4 * 3600) if announcements.due([ONE], now=second)]
    assert named[:5] == [0, 60, 180, 420, 900]
    assert len(named) < 12
    assert named[-1] - named[-2] == 3600


def test_a_trigger_fires_for_a_file_in_a_folder_that_was_made_later(folder: Path) -> None:
    async def scenario() -> None:
        events = DropTrigger(str(folder)).run()
        waiting = asyncio.ensure_future(next_event(events))
        await asyncio.sleep(0.05)
        drop(folder, "late.csv")
        assert await waiting == {"count_files": 1}
        drop(folder, "later.csv")
        assert await next_event(events) == {"count_files": 1}
        assert await stays_silent(events)

    asyncio.run(scenario())


def test_a_restarted_trigger_announces_what_lies_there(folder: Path) -> None:
    async def scenario() -> None:
        drop(folder, "one.csv")
        drop(folder, "two.csv")
        for _ in range(2):
            events = DropTrigger(str(folder)).run()
            await asyncio.sleep(0.1)
            assert await next_event(events) == {"count_files": 2}
            await events.aclose()  # type: ignore[attr-defined]  # an async generator, typed as its protocol

    asyncio.run(scenario())


def test_a_file_that_is_still_being_written_is_announced_when_it_is_closed(folder: Path) -> None:
    async def scenario() -> None:
        path = drop(folder, "slow.csv")
        with path.open("a") as writer:
            events = DropTrigger(str(folder)).run()
            waiting = asyncio.ensure_future(next_event(events))
            await asyncio.sleep(0.3)
            assert not waiting.done()
            writer.write("y")
        assert await waiting == {"count_files": 1}

    asyncio.run(scenario())


def test_a_folder_that_cannot_be_read_for_a_while_does_not_end_the_trigger(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([OSError(5, "Input/output error"), PermissionError(13, "Permission denied")])

    def flaky(path: Path) -> list[drop_trigger.FileState]:
        for failure in failures:
            raise failure
        return ready_files(path)

    async def scenario() -> None:
        drop(folder, "one.csv")
        monkeypatch.setattr(drop_trigger, "ready_files", flaky)
        assert await next_event(DropTrigger(str(folder)).run()) == {"count_files": 1}

    asyncio.run(scenario())


def test_unfinished_transfers_hidden_files_and_folders_are_not_ready(folder: Path) -> None:
    for name in ("a.part", ".hidden", "~lock"):
        drop(folder, name)
    (folder / "nested").mkdir()
    drop(folder, "whole.csv")
    time.sleep(0.1)
    assert [state[0] for state in ready_files(folder)] == ["whole.csv"]


def test_what_a_killed_run_left_aside_is_announced_and_what_a_live_run_works_on_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drop_trigger.CLAIMS == CLAIMS
    drop(folder / CLAIMS / "0123", "aside.csv")
    time.sleep(0.1)
    assert ready_files(folder) == []
    monkeypatch.setattr(drop_trigger, "ABANDONED_SECONDS", 0.05)
    assert [state[0] for state in ready_files(folder)] == ["aside.csv"]


def test_a_look_at_a_folder_of_a_thousand_files_is_light(folder: Path) -> None:
    for number in range(1000):
        drop(folder, f"{number}.csv")
    time.sleep(0.1)
    started = time.process_time()
    assert len(ready_files(folder)) == 1000
    assert time.process_time() - started < 0.5


def test_the_triggerer_can_make_the_trigger_again_from_what_is_stored(folder: Path) -> None:
    path, arguments = DropTrigger(str(folder)).serialize()
    module, name = path.rsplit(".", 1)
    again = getattr(importlib.import_module(module), name)(**arguments)
    assert isinstance(again, BaseEventTrigger)
    assert again.serialize() == (path, {"folder": os.fspath(folder)})


def test_a_folder_that_is_missing_in_the_drop_folder_is_made_and_the_drop_folder_itself_is_not(tmp_path: Path) -> None:
    assert ready_files(tmp_path / "drop" / "new_feed") == []
    assert not (tmp_path / "drop").exists(), "it may be a share that is not mounted yet"
    (tmp_path / "drop").mkdir()
    assert ready_files(tmp_path / "drop" / "new_feed") == []
    assert (tmp_path / "drop" / "new_feed").is_dir()
