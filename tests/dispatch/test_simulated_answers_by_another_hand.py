"""Round after round, what lies with recipients that do not exist comes to its end, and nobody else notices."""

import json
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.simulated_world import OTHER, REAL, SAMPLE, World, files_are_whole_at_once
from hub.dispatch.transports.folder import Folder
from hub.ingest.samples import deliveries_not_simulated
from hub.orchestration import dispatching
from hub.orchestration.simulated_recipients import memory_of

COUNT, FEW = 20, 6
ROUNDS = 6
TRYING = "E23000003"
ENDS: dict[str, set[tuple[str, ...]]] = {
    FORCE: {("acknowledged", "accepted", "closed"), ("acknowledged", "returned")},
    PROVIDER: {("acknowledged", "closed"), ("acknowledged", "returned")},
}


@pytest.fixture
def world(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> World:
    """A made-up force and a made-up provider; beside them a real force, and one that takes samples, too."""
    files_are_whole_at_once(monkeypatch)
    for code in (OTHER, TRYING):
        hub.add_recipient(code, "force", {"kind": "folder", "folder": code})
    hub.recipient(TRYING, takes_simulated=True)
    made = World(hub)
    made.become("made up")
    made.become("made up", PROVIDER)
    return made


def send(world: World) -> None:
    # The rights of what a test has published are not those of the hub, and ingest has put these in their place.
    for schema in ("publish", "staging"):
        world.hub.change(f"grant select on all tables in schema {schema} to public")
    world.hub.prepare()
    world.hub.send()


def of(world: World, recipient: str) -> list[int]:
    """The numbers of a recipient's dispatches."""
    return [one.number for one in world.hub.dispatches() if one.recipient == recipient]


def watch_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files with answers that are written; none is before the ledger knows it as simulated."""
    written = list[str]()
    put = Folder.put

    def put_known(self: Folder, path: str, content: bytes) -> None:
        if "answers" in Path(path).parts:
            assert world.is_noted(content), f"{path} lies there before it is known as simulated"
            written.append(path)
        put(self, path, content)

    monkeypatch.setattr(Folder, "put", put_known)
    return written


def everything(world: World) -> dict[str, Any]:
    """All that rounds can change."""
    memory = memory_of(world.hub.settings, FORCE).parent
    return {
        "moves": world.rows("select dispatch_id, move_number, to_state from ledger.dispatch_moves order by 1, 2"),
        "sends": world.rows("select dispatch_id, document, state from ledger.dispatch_sends order by 1, 2"),
        "simulated": world.rows("select sha256 from ledger.simulated_files order by 1"),
        "deliveries": world.rows("select delivery_id, status from ledger.deliveries order by 1"),
        "drop": sorted(str(one) for one in world.hub.settings.drop.rglob("*") if one.is_file()),
        "memory": {one.name: json.loads(one.read_text()) for one in memory.iterdir()},
        "folders": {code: world.lies(code) for code in (FORCE, PROVIDER)},
    }


def test_every_dispatch_to_nobody_comes_to_its_end_and_no_other_moves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(COUNT):
        world.offer({SAMPLE})
        if number < FEW:
            world.offer({SAMPLE}, PROVIDER)
    world.offer({REAL}, OTHER)
    world.offer({SAMPLE}, TRYING)
    send(world)
    counts = Counter(one.recipient for one in world.hub.dispatches())
    assert counts == {FORCE: COUNT, PROVIDER: FEW, OTHER: 1, TRYING: 1}
    real = {code: (world.lies(code), _times(world, code)) for code in (OTHER, TRYING)}
    written = watch_answers(world, monkeypatch)
    taken = Counter[str]()
    for _ in range(ROUNDS):
        dispatching.collect(world.hub.settings)
        taken.update(Path(one).parent.name for one in _dropped(world))
        world.ingest()
    for recipient, ends in ENDS.items():
        assert {world.said(number) for number in of(world, recipient)} <= ends
    assert {world.said(number) for number in of(world, FORCE)} == ENDS[FORCE], "one in four is sent back"
    assert all("delivered" in world.hub.way(number) for number in of(world, FORCE))
    check_answers(world)
    assert taken.total() == len(written) == len(world.rows("select delivery_id from ledger.deliveries"))
    with world.hub.engine.connect() as connection:
        assert deliveries_not_simulated(connection) == {}
    before = everything(world)
    for _ in range(3):
        world.collect()
        assert everything(world) == before
    for code in (OTHER, TRYING):
        assert [world.said(number) for number in of(world, code)] == [()]
        assert (world.lies(code), _times(world, code)) == real[code]
        assert not memory_of(world.hub.settings, code).exists()
    world.offer({SAMPLE})
    send(world)
    for _ in range(ROUNDS):
        world.collect()
    assert world.said(max(of(world, FORCE))) in ENDS[FORCE], "also what comes later"


def _times(world: World, code: str) -> dict[str, int]:
    return {str(one): one.stat().st_mtime_ns for one in world.folder(code).rglob("*")}


def _dropped(world: World) -> list[str]:
    return [str(one) for one in world.hub.settings.drop.glob("*/*") if one.is_file()]


def check_answers(world: World) -> None:
    """Every answer is an accepted row, said once, and a case is closed with an outcome."""
    statuses = world.rows("select status, rows_quarantined, rows_duplicate from ledger.deliveries")
    assert set(statuses) == {("loaded", 0, 0)}
    refs = {one.report_ref: world.said(one.number) for one in world.hub.dispatches()}
    said = Counter(world.rows("select incident_ref, kind from raw.force_responses"))
    assert set(said.values()) == {1}
    outcomes = world.rows("select incident_ref from raw.force_responses where kind = 'outcome' and outcome_code <> ''")
    forces = {one.report_ref for one in world.hub.dispatches() if one.recipient == FORCE}
    assert set(outcomes) == {ref for ref in forces if refs[ref][-1] == "closed"}


def test_what_is_withdrawn_because_a_real_report_joined_is_answered_no_more(world: World) -> None:
    first, second = world.offer({SAMPLE}), world.offer({SAMPLE})
    send(world)
    world.collect()
    world.collect()
    world.rest(first, {SAMPLE, REAL})
    send(world)
    world.collect()
    before = said_of(world, first)
    for _ in range(ROUNDS):
        world.collect()
    ways = {one.allocation_id: world.hub.way(one.number) for one in world.hub.dispatches()}
    assert ways[first][-1] == "withdrawn"
    assert ways[second][-1] in ("closed", "returned")
    assert said_of(world, first) == before
    assert "outcome" in said_of(world, second), "it was to say more"
    assert len(before) < len(said_of(world, second))


def said_of(world: World, allocation: uuid.UUID) -> list[object]:
    """The answers about a case that ingest has taken."""
    ref = world.ref(allocation, SAMPLE)
    return world.rows(f"select kind from raw.force_responses where incident_ref = '{ref}'")


@pytest.mark.parametrize("moment", ["before it writes answers", "after it has written answers"])
def test_a_round_that_dies_as_it_answers_is_made_up_for_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    world.offer({SAMPLE})
    send(world)
    put, died = Folder.put, list[str]()

    def put_and_die(self: Folder, path: str, content: bytes) -> None:
        dies = "answers" in Path(path).parts and len(died) < 2
        if not dies or moment.startswith("after"):
            put(self, path, content)
        if dies:
            died.append(path)
            raise MemoryError

    monkeypatch.setattr(Folder, "put", put_and_die)
    for _ in range(ROUNDS + 2):
        with suppress(MemoryError):
            dispatching.collect(world.hub.settings)
        world.ingest()
    assert len(died) == 2
    assert world.said(1) in ENDS[FORCE]
    with world.hub.engine.connect() as connection:
        assert deliveries_not_simulated(connection) == {}


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _garbage(folder: Path) -> None:
    contents = (
        b"\x00\xff",
        b"",
        b"[]",
        b"{}",
        b"null",
        b'"text"',
        b'{"dispatch": 1}',
        b'{"dispatch": {}}',
        b"[" * 99999,
    )
    for number, content in enumerate(contents):
        _put(folder / f"{uuid.UUID(int=number)}.json", content)
    (folder / f"{uuid.UUID(int=100)}.json").mkdir()
    (folder / f"{uuid.UUID(int=101)}.json").symlink_to("/nowhere/at/all")
    (folder / f"{uuid.UUID(int=102)}.json").symlink_to(f"{uuid.UUID(int=102)}.json")


def _file_in_place_of(path: Path) -> None:
    if path.is_dir():
        path.rename(path.with_name("gone"))
    _put(path, b"")


def _link_in_place_of(path: Path) -> None:
    path.rename(path.with_name("gone"))
    path.symlink_to("nowhere")


FAULTS: dict[str, Callable[[Path, Path], object]] = {
    "its folder is a file": lambda folder, _: _file_in_place_of(folder),
    "its folder is a link to nowhere": lambda folder, _: _link_in_place_of(folder),
    "its folder of answers is a file": lambda folder, _: _file_in_place_of(folder / "answers"),
    "garbage lies in its folder": lambda folder, _: _garbage(folder),
    "its memory is no text": lambda _, memory: _put(memory, b"\xff\x00"),
    "its memory is a list": lambda _, memory: _put(memory, b"[1]"),
    "its memory is a folder": lambda _, memory: memory.mkdir(parents=True),
    "the folder of memories is a file": lambda _, memory: _file_in_place_of(memory.parent),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_somebody_who_does_not_exist_keeps_nobody_real_from_their_round(world: World, fault: str) -> None:
    world.offer({SAMPLE})
    world.offer({REAL}, OTHER)
    send(world)
    [first] = [one for one in world.hub.dispatches() if one.recipient == OTHER]
    folder = world.folder(OTHER)
    (folder / f"{first.dispatch_id}.received").touch()
    answers = folder / "answers" / f"force_responses_{OTHER}_2026-03-03.xml"
    _put(answers, b"<forceResponses/>")
    world.offer({REAL}, OTHER)
    world.hub.prepare()
    FAULTS[fault](world.folder(FORCE), memory_of(world.hub.settings, FORCE))
    for _ in range(2):
        with suppress(Exception):
            dispatching.collect(world.hub.settings)
    ways = [world.hub.way(number) for number in of(world, OTHER)]
    assert ways == [["prepared", "sent", "delivered"], ["prepared", "sent"]]
    assert len(world.hub.files(OTHER)) == 2
    assert [Path(one).name for one in _dropped(world) if OTHER in one] == [answers.name]
    assert not answers.exists()


def test_answers_that_ingest_has_not_taken_yet_are_not_written_over(world: World) -> None:
    """Ingest is slower than the clock: several rounds' files lie in the drop folder together."""
    for _ in range(2):
        world.offer({SAMPLE})
    send(world)
    for _ in range(ROUNDS):
        dispatching.collect(world.hub.settings)
    for _ in range(ROUNDS):
        world.collect()
    assert all(world.said(number) in ENDS[FORCE] for number in of(world, FORCE))
    check_answers(world)
