"""What recipients that do not exist have had and said goes with the samples, and nothing of anybody else does."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from unittest.mock import Mock

import pytest
import yaml

from contracts.samples import stored_sample
from dispatch.conftest import FORCE, PROVIDER, Hub, hub
from dispatch.simulated_world import OTHER, REAL, SAMPLE, World, files_are_whole_at_once
from hub.ingest.samples import deliveries_not_simulated
from hub.local import sample_removal
from hub.local.outcome import RunProblem
from hub.local.sample_updates import forget_people_of_samples, tell_people_of_samples
from hub.orchestration import dispatching
from hub.orchestration.simulated_recipients import memory_of
from hub.reporters.rules import read_rules
from hub.reporters.words import Kind
from hub.settings import Settings, read_settings
from models.rows import put_files

__all__ = ["hub"]
SINCE = date(2026, 3, 1)
OWN = "since: 2026-03-01\nsimulated: true\nby_rule: [received]\nhelp: Somebody helps at any hour\n"
REMOVED = "hub.local.sample_removal._empty_airflows_record"


@pytest.fixture
def world(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> World:
    """A made-up force and provider that are about to answer, and a real force that has a file."""
    files_are_whole_at_once(monkeypatch)
    monkeypatch.setattr(REMOVED, Mock())
    hub.add_recipient(OTHER, "force", {"kind": "folder", "folder": OTHER})
    made = World(hub)
    for code in (FORCE, PROVIDER):
        made.become("made up", code)
        made.offer({SAMPLE}, code)
    made.offer({REAL}, OTHER)
    hub.prepare()
    hub.send()
    dispatching.collect(hub.settings)
    assert made.lies(OTHER)
    return made


def lies(*paths: Path) -> dict[str, bytes]:
    """Every file at or under these paths."""
    files = (one for path in paths for one in ([path] if path.is_file() else sorted(path.rglob("*"))) if one.is_file())
    return {str(one): one.read_bytes() for one in files}


def of_nobody(world: World) -> list[Path]:
    """What the hub keeps of recipients that do not exist."""
    settings = world.hub.settings
    memories = [memory_of(settings, code) for code in (FORCE, PROVIDER)]
    return [*(world.folder(code) for code in (FORCE, PROVIDER)), *memories]


def test_of_made_up_recipients_nothing_is_left_and_a_real_one_keeps_its_folder(world: World) -> None:
    settings = world.hub.settings
    for _ in range(3):
        world.collect()
    assert world.said(1)
    assert world.said(2)
    tell_people_of_samples(settings, SINCE)
    with world.hub.engine.connect() as connection:
        assert deliveries_not_simulated(connection) == {}
    gone, stays = of_nobody(world), lies(world.folder(OTHER))
    assert all(one.exists() for one in gone)
    (world.folder(FORCE) / "answers" / "waits.xml").write_text("<x/>")
    count = len(world.rows("select delivery_id from ledger.deliveries"))
    assert sample_removal.remove_samples(settings) == count > 1
    assert [one for one in gone if one.exists()] == []
    assert not memory_of(settings, FORCE).parent.exists() or not lies(memory_of(settings, FORCE).parent)
    assert not settings.updates.exists()
    assert lies(world.folder(OTHER)) == stays
    assert not [one for one in settings.drop.glob("*/*") if one.is_file()]


def test_what_waits_in_the_drop_folder_goes_and_a_real_file_stays(world: World) -> None:
    settings = world.hub.settings
    dispatching.collect(settings)
    waiting = [one for one in settings.drop.glob("*_responses/*") if one.is_file()]
    assert waiting
    own = settings.drop / "force_responses" / f"force_responses_{OTHER}_2026-03-03.xml"
    own.write_text("<forceResponses/>")
    sample_removal.remove_samples(settings)
    assert [one for one in settings.drop.glob("*/*") if one.is_file()] == [own]


def test_a_hub_that_anybody_real_has_delivered_to_keeps_all_of_it(world: World) -> None:
    settings = world.hub.settings
    tell_people_of_samples(settings, SINCE)
    contract = world.hub.catalogue.contracts["true_vision_reports"]
    put_files(settings, contract, [stored_sample(contract, "good")])
    paths = [*of_nobody(world), world.folder(OTHER), settings.updates]
    before = lies(*paths)
    assert len(before) > len(paths)
    with pytest.raises(RunProblem, match="true_vision_reports 1"):
        sample_removal.remove_samples(settings)
    assert lies(*paths) == before


def test_of_answers_that_a_real_force_has_given_none_is_taken_for_simulated(world: World) -> None:
    """The same words, from a real recipient."""
    settings = world.hub.settings
    contract = world.hub.catalogue.contracts["force_responses"]
    put_files(settings, contract, [stored_sample(contract, "good")])
    with world.hub.engine.connect() as connection:
        assert deliveries_not_simulated(connection) == {"force_responses": 1}
    with pytest.raises(RunProblem, match="force_responses 1"):
        sample_removal.remove_samples(settings)


@pytest.mark.parametrize(
    ("of_nobody", "of_somebody"),
    [("shared", "shared/real"), ("shared", "shared"), (".", OTHER), ("..", OTHER)],
)
def test_a_real_recipients_folder_stays_wherever_it_lies(world: World, of_nobody: str, of_somebody: str) -> None:
    for code, folder in ((FORCE, of_nobody), (OTHER, of_somebody)):
        world.hub.recipient(code, transport={"kind": "folder", "folder": folder})
    known = {one.dispatch_id for one in world.hub.dispatches()}
    world.offer({REAL}, OTHER)
    world.hub.prepare()
    world.hub.send()
    [new] = [one.dispatch_id for one in world.hub.dispatches() if one.dispatch_id not in known]
    package = world.hub.settings.pickup_folder / of_somebody / f"{new}.json"
    content = package.read_bytes()
    try:
        sample_removal.remove_samples(world.hub.settings)
    finally:
        assert package.exists()
    assert package.read_bytes() == content
    assert (world.hub.settings.secrets / "master.keys").exists()


def test_a_folder_that_became_a_real_recipients_stays(world: World) -> None:
    world.become("plain")
    stays = lies(world.folder())
    sample_removal.remove_samples(world.hub.settings)
    assert lies(world.folder()) == stays
    assert not world.folder(PROVIDER).exists()


def test_a_second_call_finishes_what_the_first_could_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tell_people_of_samples(world.hub.settings, SINCE)
    with monkeypatch.context() as broken:
        broken.setattr(REMOVED, Mock(side_effect=OSError("it does not answer")))
        with pytest.raises(OSError, match="it does not answer"):
            sample_removal.remove_samples(world.hub.settings)
    sample_removal.remove_samples(world.hub.settings)
    assert [one for one in (*of_nobody(world), world.hub.settings.updates) if one.exists()] == []


CHANGES: dict[str, Callable[[str], str]] = {
    "other words": lambda _: OWN,
    "a line more": lambda text: f"{text}takes_simulated: false\n",
    "another first line": lambda text: f"# ours\n{text}",
    "no day": lambda text: text.replace("since:", "# since:"),
    "no YAML any more": lambda text: f"{text}] simulated: true\n",
    "a list": lambda _: "- simulated: true\n",
    "nothing but a comment": lambda _: "# simulated: true\n",
    "a blank line more": lambda text: f"{text}\n",
    "no comment": lambda text: "\n".join(line for line in text.splitlines() if not line.startswith("#")),
    "real ones": lambda _: "since: 2026-03-01\nsender: updates@hub.example\nserver: mail\nhelp: Somebody helps\n",
    "nothing": lambda _: "",
}


@pytest.fixture
def apart(tmp_path: Path) -> Settings:
    """Of a hub without a warehouse."""
    return read_settings({"HUB_HOME": str(tmp_path)})


@pytest.mark.parametrize("change", CHANGES)
def test_an_operators_own_updates_stay_byte_for_byte(apart: Settings, change: str) -> None:
    tell_people_of_samples(apart, SINCE)
    apart.updates.write_text(CHANGES[change](apart.updates.read_text()))
    own = apart.updates.read_bytes()
    tell_people_of_samples(apart, SINCE)
    assert apart.updates.read_bytes() == own, "the file is not written again"
    forget_people_of_samples(apart)
    assert apart.updates.read_bytes() == own


@pytest.mark.parametrize("change", ["other words", "nothing but a comment"])
def test_samples_are_removed_beside_an_operators_own_updates(world: World, change: str) -> None:
    updates = world.hub.settings.updates
    updates.write_text(CHANGES[change](""))
    own = updates.read_bytes()
    sample_removal.remove_samples(world.hub.settings)
    assert updates.read_bytes() == own
    assert [one for one in of_nobody(world) if one.exists()] == []


@pytest.mark.parametrize("since", [date(2016, 1, 1), date(2026, 12, 31)])
def test_what_was_written_with_the_samples_is_a_rule_for_samples_and_is_forgotten(apart: Settings, since: date) -> None:
    forget_people_of_samples(apart)
    tell_people_of_samples(apart, since)
    rules = read_rules(apart)
    assert rules is not None
    assert (rules.since, rules.is_simulated) == (since, True)
    assert Kind.RECEIVED in rules.by_rule
    assert not {"sender", "server", "notify"} & set(yaml.safe_load(apart.updates.read_text()))
    forget_people_of_samples(apart)
    assert not apart.updates.exists()
