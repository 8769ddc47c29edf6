"""The pick-up folder: it shows one file for each id, even if the sender is killed at any step."""

import errno
import json
import multiprocessing
import os
import shutil
import signal
import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dispatch.conftest import FORCE, PROVIDER, Hub
from hub.dispatch.transports import Parcel, TransientFault
from hub.dispatch.transports import folder as folder_module
from hub.dispatch.transports.folder import Folder
from hub.dispatch.transports.pickup import PickUp
from hub.ingest import dropped_files

PARCEL = Parcel(uuid.UUID(int=1), "package", '{"a": 1}')
ELSEWHERE = Path("/nowhere")
APART = multiprocessing.get_context("fork")


STEPS = frozenset({"open", "os.mkdir", "os.rename"})
"""Audit events that Python raises just before it changes something on the disk."""


def pick_up(folder: Path, *, is_own: bool = True) -> PickUp:
    return PickUp(Folder(folder, is_own=is_own, outside_of=ELSEWHERE), readable=str.encode)


def send_and_die(folder: Path, left: int) -> None:
    """Send, but be killed after so many steps, just before the next one."""

    def count(event: str, _: tuple[Any, ...]) -> None:
        nonlocal left
        if event in STEPS:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)
    pick_up(folder).send(PARCEL)


def is_killed_after(folder: Path, left: int) -> bool:
    """Send in a process that is killed after so many steps; False if it came to its end before."""
    child = APART.Process(target=send_and_die, args=(folder, left))
    child.start()
    child.join()
    return child.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("takes_away", [True, False])
def test_killed_at_any_step_the_file_appears_whole_and_once(tmp_path: Path, takes_away: bool) -> None:
    step = 0
    while True:
        folder = tmp_path / str(step)
        was_killed = is_killed_after(folder, step)
        visible = list(folder.glob("*-*.json"))
        both = [one for path in visible for one in (path, path.with_suffix(".pdf"))]
        assert all(path.read_text() == PARCEL.text for path in both), "never a part of it"
        if takes_away:
            for path in visible:
                path.unlink()
        for _ in range(2):
            pick_up(folder).send(PARCEL)
        assert len(list(folder.glob("*-*.json"))) == (0 if takes_away and visible else 1), step
        if not was_killed:
            break
        step += 1
    assert step > 10


def test_a_package_is_delivered_when_it_was_taken_or_a_receipt_lies_beside_it(hub: Hub) -> None:
    for _ in range(3):
        hub.offer()
    hub.prepare()
    assert hub.send().taken[FORCE] == 3
    assert hub.send().count_delivered == 0
    first, second, _ = hub.files()
    first.unlink()
    second.with_suffix(".received").write_text("by PC Sample")
    assert hub.send().count_delivered == 2
    assert sorted(hub.states()) == ["delivered", "delivered", "sent"]
    assert hub.send().count_delivered == 0


def test_a_folder_that_is_gone_has_delivered_nothing(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    shutil.rmtree(hub.settings.pickup_folder)
    hub.send()
    assert hub.states() == ["sent"]


def test_a_share_that_is_not_mounted_is_no_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(TransientFault, match="the pick-up folder share is not there"):
        pick_up(tmp_path / "share", is_own=False).send(PARCEL)


def test_the_folder_on_which_a_share_is_mounted_is_not_the_share(tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    with pytest.raises(TransientFault, match=r"the pick-up folder share has no \.staging"):
        pick_up(share, is_own=False).send(PARCEL)
    (share / ".staging").mkdir()
    pick_up(share, is_own=False).send(PARCEL)
    assert len(list(share.glob("*-*.json"))) == 1


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_receipt_that_is_no_plain_file_proves_nothing(tmp_path: Path, kind: str) -> None:
    folder = pick_up(tmp_path / "out")
    folder.send(PARCEL)
    (tmp_path / "key").write_text("a secret of the hub")
    receipt = tmp_path / "out" / f"{PARCEL.dispatch_id}.received"
    if kind == "link":
        receipt.symlink_to(tmp_path / "key")
    elif kind == "pipe":
        os.mkfifo(receipt)
    else:
        receipt.mkdir()
    assert folder.deliveries([PARCEL.dispatch_id]) == {}


def test_a_search_for_receipts_that_fails_half_way_reports_what_it_has_found(tmp_path: Path) -> None:
    class Failing(Folder):
        left = 100

        def exists(self, path: str) -> bool:
            self.left -= 1
            if self.left < 0:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().exists(path)

    files = Failing(tmp_path / "out", is_own=True, outside_of=ELSEWHERE)
    folder, parcels = PickUp(files), [Parcel(uuid.UUID(int=one), "package", "{}") for one in range(5)]
    sent = [parcel.dispatch_id for parcel in parcels]
    for parcel in parcels:
        folder.send(parcel)
        (tmp_path / "out" / f"{parcel.name}.json").unlink()
    files.left = 2
    assert folder.deliveries(sent).keys() == set(sent[:2])
    with pytest.raises(TransientFault, match="Input/output error"):
        folder.deliveries(sent[2:])


def test_of_a_long_receipt_the_start_alone_is_read(tmp_path: Path) -> None:
    folder = pick_up(tmp_path / "out")
    folder.send(PARCEL)
    with (tmp_path / "out" / f"{PARCEL.dispatch_id}.received").open("wb") as file:
        file.truncate(10 * 1024**3)
    [proof] = folder.deliveries([PARCEL.dispatch_id]).values()
    assert "of its first 1048576 bytes" in proof


def test_answers_are_never_collected_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "is_ready", lambda _: True)
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "force_responses.xml").write_text("a file of the hub")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "answers").symlink_to(tmp_path / "hub")
    folder = pick_up(tmp_path / "out")
    assert folder.collect_answers(tmp_path / "drop") == 0


def test_a_recipients_folder_may_not_lie_in_the_hubs_home(hub: Hub) -> None:
    hub.recipient(FORCE, transport={"kind": "folder", "folder": str(hub.settings.home / "out")})
    hub.offer()
    hub.prepare()
    assert "lies in the hub's home" in hub.send().problems[FORCE]
    assert hub.states() == ["prepared"]


def test_the_package_names_its_dispatch_and_is_valid_by_the_schema_beside_it(hub: Hub) -> None:
    hub.offer()
    hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.send()
    for one, code in zip(hub.dispatches(), (FORCE, PROVIDER), strict=True):
        [path] = hub.files(code)
        package = json.loads(path.read_text())
        assert path.stem == package["dispatch"]["dispatch_id"] == str(one.dispatch_id)
        schema = json.loads((path.parent / "package.schema.json").read_text())
        jsonschema.validate(package, schema)
        assert package["persons"] == []
        assert bool(package["locations"]) == (code == FORCE), "a provider is not told where it happened"
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(package | {"persons": [{"role": "suspect", "name": "x"}]}, schema)


def test_answers_in_the_folder_go_into_the_drop_folder_of_their_feed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    answers = hub.settings.pickup_folder / FORCE / "answers"
    (answers / "force_responses_E23000001_2026-03-03.xml").write_text("<forceResponses/>")
    (answers / ".half.xml").write_text("<force")
    (answers / "link.xml").symlink_to("/etc/passwd")
    monkeypatch.setattr(folder_module, "is_ready", lambda _: False)
    assert hub.send().count_answer_files == 0, "one that was written just now may grow"
    monkeypatch.setattr(folder_module, "is_ready", lambda path: not path.name.startswith("."))
    assert hub.send().count_answer_files == 1
    assert [path.name for path in (hub.settings.drop / "force_responses").iterdir()] == [
        "force_responses_E23000001_2026-03-03.xml"
    ]
    assert sorted(path.name for path in answers.iterdir()) == [".half.xml", "link.xml"]


def test_no_recipient_answers_for_another_through_its_folder(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "is_ready", lambda _: True)
    hub.offer()
    hub.prepare()
    hub.send()
    [one] = hub.dispatches()
    answers = hub.settings.pickup_folder / FORCE / "answers"
    for code in (FORCE, "E23000003"):
        said = f"""<?xml version="1.0" encoding="UTF-8"?>
<forceResponses force="{FORCE}" count="1">
  <response><response_ref>FR-99000001</response_ref><force_code>{code}</force_code>
    <incident_ref>{one.report_ref}</incident_ref><kind>accepted</kind>
    <happened_at>2026-03-03T10:00:00+00:00</happened_at></response>
</forceResponses>"""
        (answers / f"force_responses_{code}_2026-03-03.xml").write_text(said)
    done = hub.send()
    assert "names another" in done.problems[FORCE]
    assert done.count_answer_files == 1
    assert [path.name for path in answers.iterdir()] == ["force_responses_E23000003_2026-03-03.xml"]
    collected = (hub.settings.drop / "force_responses").iterdir()
    assert [path.name for path in collected] == [f"force_responses_{FORCE}_2026-03-03.xml"]


def test_staging_files_of_a_killed_send_are_gone_once_a_newer_package_is_sent(tmp_path: Path) -> None:
    step = 0
    while is_killed_after(tmp_path / f"{step}", step):
        newer = Parcel(uuid.UUID(int=2), "package", '{"a": 2}', supersedes=PARCEL.name)
        pick_up(tmp_path / f"{step}").send(newer)
        left = {path.name for path in (tmp_path / f"{step}" / ".staging").iterdir() if path.suffix != ".whole"}
        assert left <= {"package.schema.json", ".part"}
        step += 1
    assert step > 5


def an_answer(folder: Path, name: str) -> Path:
    answer = folder / "answers" / name
    answer.parent.mkdir(parents=True, exist_ok=True)
    answer.write_text("an answer")
    return answer


@pytest.mark.parametrize("wrong", ["a name too long", "a pipe"])
def test_one_file_among_the_answers_that_cannot_be_taken_keeps_no_other_from_ingest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", -1)
    if wrong == "a pipe":
        (tmp_path / "folder" / "answers").mkdir(parents=True)
        os.mkfifo(tmp_path / "folder" / "answers" / "a.xml")
    else:
        an_answer(tmp_path / "folder", f"{251 * 'a'}.xml")
    an_answer(tmp_path / "folder", "b.xml")
    with suppress(TransientFault):
        pick_up(tmp_path / "folder").collect_answers(tmp_path / "drop")
    assert (tmp_path / "drop" / "b.xml").exists()


def test_an_answer_is_on_the_disk_in_the_drop_folder_before_it_is_taken_from_the_recipients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", -1)
    answer, synced, fsync = an_answer(tmp_path / "folder", "b.xml"), set[int](), os.fsync

    def note(handle: int) -> None:
        if answer.exists():
            synced.add(os.fstat(handle).st_ino)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    pick_up(tmp_path / "folder").collect_answers(tmp_path / "drop")
    assert {(tmp_path / "drop" / "b.xml").stat().st_ino, (tmp_path / "drop").stat().st_ino} <= synced
