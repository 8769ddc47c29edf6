"""The pick-up folder on an SFTP server, against OpenSSH's own."""

import errno
import json
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from asyncssh import SFTPClientFile, SFTPFailure

from conftest import free_port
from dispatch.conftest import FORCE, Hub
from dispatch.sftp_server import LARGEST, SftpServer, make_key, needs_sshd, sftp_server
from hub.dispatch.transports import AnswersLeft, Parcel, TransientFault
from hub.dispatch.transports.pickup import PickUp

pytestmark = needs_sshd

PARCEL = Parcel(uuid.UUID(int=1), "package", '{"said": "£"}')
NAME = f"{PARCEL.dispatch_id}.json"
ANSWERS = "force_responses_E23000001_2026-03-03.xml"


@pytest.fixture(scope="module")
def running() -> Iterator[SftpServer]:
    with sftp_server() as server:
        yield server


@pytest.fixture
def server(running: SftpServer) -> Iterator[SftpServer]:
    """The module's server with an empty folder; a test may stop it and change its keys."""
    yield running
    if running.process is None:
        running.start()
    for path in sorted(running.folder.rglob("*"), reverse=True):
        if path != running.folder / ".staging":
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def send(server: SftpServer, parcel: Parcel = PARCEL, **said: Any) -> str:
    with closing(PickUp(server.files(**said))) as transport:
        return transport.send(parcel).proof


def collect(server: SftpServer, drop: Path, **said: Any) -> int:
    with closing(PickUp(server.files(), **said)) as transport:
        return transport.collect_answers(drop)


def delivered(server: SftpServer) -> dict[uuid.UUID, str]:
    with closing(PickUp(server.files())) as transport:
        return dict(transport.deliveries([PARCEL.dispatch_id]))


def test_a_document_lies_on_the_server_once_with_its_schema_beside_it(server: SftpServer) -> None:
    for _ in range(2):
        assert f"{NAME} lies in the SFTP server" in send(server)
    [path] = server.documents()
    assert path.name == NAME
    assert path.read_text() == PARCEL.text
    assert (server.folder / "package.schema.json").exists()
    assert (server.folder / "answers").is_dir()


def test_one_that_was_taken_away_is_delivered_and_not_put_there_again(server: SftpServer) -> None:
    send(server)
    assert delivered(server) == {}
    server.documents()[0].unlink()
    assert "was taken from the SFTP server" in delivered(server)[PARCEL.dispatch_id]
    send(server)
    assert server.documents() == []


def test_one_with_a_receipt_beside_it_is_delivered(server: SftpServer) -> None:
    send(server)
    receipt = server.folder / f"{PARCEL.dispatch_id}.received"
    receipt.symlink_to("/etc/hostname")
    assert delivered(server) == {}, "a link proves nothing"
    receipt.unlink()
    receipt.write_text("by PC Sample")
    assert delivered(server)[PARCEL.dispatch_id].startswith(f"{PARCEL.dispatch_id}.received, SHA-256 ")


def test_whole_files_with_answers_are_collected_and_no_others(server: SftpServer, tmp_path: Path) -> None:
    send(server)
    server.put_answers(ANSWERS, "<forceResponses/>")
    server.put_answers("growing.xml", "<force", quiet_seconds=1)
    server.put_answers(".hidden.xml", "<force")
    server.put_answers("upload.xml.filepart", "<force")
    (server.folder / "answers" / "link.xml").symlink_to("/etc/passwd")
    os.mkfifo(server.folder / "answers" / "pipe.xml")
    assert collect(server, tmp_path / "drop") == 1
    assert (tmp_path / "drop" / ANSWERS).read_text() == "<forceResponses/>"
    assert [path.name for path in (tmp_path / "drop").iterdir()] == [ANSWERS]
    left = {path.name for path in (server.folder / "answers").iterdir()}
    assert left == {"growing.xml", ".hidden.xml", "upload.xml.filepart", "link.xml", "pipe.xml"}


def test_a_file_that_grows_while_it_is_fetched_is_left_for_the_next_round(
    server: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(server)
    path = server.put_answers(ANSWERS, "<forceResponses>")
    read = SFTPClientFile.read

    async def read_while_it_grows(file: SFTPClientFile, *place: int) -> str:
        path.write_text("<forceResponses></forceResponses>")
        return await read(file, *place)

    with monkeypatch.context() as patched:
        patched.setattr(SFTPClientFile, "read", read_while_it_grows)
        assert collect(server, tmp_path) == 0
    assert list(tmp_path.iterdir()) == []
    server.put_answers(ANSWERS, path.read_text())
    assert collect(server, tmp_path) == 1
    assert (tmp_path / ANSWERS).read_text() == "<forceResponses></forceResponses>"


def test_an_answer_for_somebody_else_stays_on_the_server(server: SftpServer, tmp_path: Path) -> None:
    send(server)
    server.put_answers("another.xml", "for another")
    server.put_answers(ANSWERS, "our own")
    with pytest.raises(AnswersLeft, match="names another"):
        collect(server, tmp_path / "drop", is_foreign=lambda path: path.read_text() == "for another")
    assert [path.name for path in (tmp_path / "drop").iterdir()] == [ANSWERS]
    assert [path.name for path in (server.folder / "answers").iterdir()] == ["another.xml"]


def test_no_answer_replaces_one_that_waits_or_fills_the_disk(server: SftpServer, tmp_path: Path) -> None:
    send(server)
    server.put_answers(ANSWERS, "second")
    (tmp_path / ANSWERS).write_text("first")
    assert collect(server, tmp_path) == 0
    assert (tmp_path / ANSWERS).read_text() == "first"
    server.put_answers("large.xml", "x" * (LARGEST + 1))
    with pytest.raises(TransientFault, match=f"larger than {LARGEST} bytes"):
        collect(server, tmp_path)


def test_answers_that_cannot_be_collected_keep_no_other_back_and_each_reason_is_said_once(
    server: SftpServer, tmp_path: Path
) -> None:
    send(server)
    for name in ("a.xml", "b.xml"):
        server.put_answers(name, "x" * (LARGEST + 1))
    server.put_answers("c.xml", "for another")
    server.put_answers("d.xml", "our own")
    with pytest.raises(AnswersLeft) as left:
        collect(server, tmp_path / "drop", is_foreign=lambda path: path.read_text() == "for another")
    assert left.value.count_collected == 1
    assert [str(left.value).count(why) for why in ("larger than", "names another")] == [1, 1]
    assert (tmp_path / "drop" / "d.xml").read_text() == "our own"


def test_a_server_with_another_host_key_is_told_nothing(server: SftpServer) -> None:
    before = list(server.host_keys)
    server.stop()
    changed = server.change_host_key()
    server.start()
    with pytest.raises(TransientFault, match="host key is none of those in the contract"):
        send(server)
    assert not list(server.folder.glob("[!.]*"))
    server.host_keys = [*before, changed]
    send(server)
    server.host_keys = [changed]


def test_a_server_with_a_host_key_of_another_kind_is_told_nothing(server: SftpServer) -> None:
    with pytest.raises(TransientFault, match="no host key of a known kind"):
        send(server, host_keys=[make_key(server.home / "other", "ecdsa-sha2-nistp256")])


def test_while_the_hubs_key_is_changed_both_hold(server: SftpServer) -> None:
    old = server.key.read_text()
    new = make_key(server.home / "new_key")
    server.key.write_text(old + (server.home / "new_key").read_text())
    send(server)
    server.accept(new)
    send(server)
    server.key.write_text(old)
    with pytest.raises(TransientFault, match="does not accept the hub's key"):
        send(server)
    server.accept(server.public_key)


@pytest.mark.parametrize("lines", [None, 0, 3])
def test_without_a_whole_key_nobody_is_asked(server: SftpServer, lines: int | None) -> None:
    other = server.home / "no_key"
    other.unlink(missing_ok=True)
    if lines is not None:
        other.write_text("".join(server.key.read_text().splitlines(keepends=True)[:lines]))
    with pytest.raises(TransientFault, match="no key can be read from no_key"):
        send(server, key="no_key", port=free_port())


def test_nobody_listens(server: SftpServer) -> None:
    with pytest.raises(TransientFault, match="cannot be reached: Connection refused"):
        send(server, port=free_port())


def test_a_folder_without_staging_is_another_folder(server: SftpServer) -> None:
    with pytest.raises(TransientFault, match=r"no \.staging"):
        send(server, folder=str(server.folder / "elsewhere"))


def test_a_server_that_refuses_the_permission_says_so(server: SftpServer) -> None:
    staging = server.folder / ".staging"
    before = stat.S_IMODE(staging.stat().st_mode)
    staging.chmod(0o555)
    try:
        with pytest.raises(TransientFault, match="refuses the permission"):
            send(server)
    finally:
        staging.chmod(before)
    send(server)


def test_a_full_disk_of_the_server_is_a_fault_that_passes(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def write(*_: Any) -> int:
        raise SFTPFailure("write: No space left on device")

    with monkeypatch.context() as full:
        full.setattr(SFTPClientFile, "write", write)
        with pytest.raises(TransientFault, match="as with a full disk"):
            send(server)
    assert server.documents() == []
    send(server)
    assert server.documents()[0].read_text() == PARCEL.text


def test_a_server_that_is_silent_holds_up_no_round(server: SftpServer) -> None:
    with closing(PickUp(server.files(patience=0.5))) as transport:
        transport.send(PARCEL)
        with server.silence(), pytest.raises(TransientFault, match="does not answer in time"):
            transport.send(Parcel(uuid.UUID(int=2), "package", "{}"))
        with pytest.raises(TransientFault, match="does not answer in time"):
            transport.deliveries([PARCEL.dispatch_id])  # it is not asked again in this round
    send(server, Parcel(uuid.UUID(int=2), "package", "{}"))
    assert len(server.documents()) == 2


def test_all_of_a_round_together_ends_by_its_limit(server: SftpServer) -> None:
    with closing(PickUp(server.files(longest=0.0))) as transport, pytest.raises(TransientFault, match="in time"):
        transport.send(PARCEL)


def test_a_connection_that_is_cut_is_a_fault_and_the_next_round_sends(server: SftpServer) -> None:
    with closing(PickUp(server.files())) as transport:
        transport.send(PARCEL)
        server.stop()
        with pytest.raises(TransientFault, match="the SFTP server"):
            transport.send(Parcel(uuid.UUID(int=2), "package", "{}"))
    server.start()
    send(server, Parcel(uuid.UUID(int=2), "package", "{}"))
    assert len(server.documents()) == 2


def test_a_full_disk_of_the_hub_leaves_the_answers_where_they_are(
    server: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(server)
    server.put_answers(ANSWERS, "<forceResponses/>")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("hub.dispatch.transports.sftp.os.fsync", full)
        with pytest.raises(TransientFault, match="No space left"):
            collect(server, tmp_path / "drop")
    assert collect(server, tmp_path / "drop") == 1


def test_a_contract_leads_to_the_server_and_back(hub: Hub, server: SftpServer) -> None:
    hub.recipient(FORCE, transport=server.transport(key="london"))
    hub.offer()
    hub.prepare()
    assert "no key can be read from london" in hub.send().problems[FORCE]
    (hub.settings.secrets / "recipients").mkdir()
    (hub.settings.secrets / "recipients" / "london").write_text(server.key.read_text())
    assert hub.send(at_once=True).taken[FORCE] == 1
    [path] = server.documents()
    package = json.loads(path.read_text())
    jsonschema.validate(package, json.loads((server.folder / "package.schema.json").read_text()))
    said = f"""<?xml version="1.0" encoding="UTF-8"?>
<forceResponses force="{FORCE}" count="1">
  <response><response_ref>FR-99000001</response_ref><force_code>{FORCE}</force_code>
    <incident_ref>{package["answer"]["fields"]["incident_ref"]}</incident_ref><kind>accepted</kind>
    <happened_at>2026-03-03T10:00:00+00:00</happened_at></response>
</forceResponses>"""
    server.put_answers(ANSWERS, said)
    server.put_answers("force_responses_E23000003_2026-03-03.xml", said.replace(FORCE, "E23000003"))
    path.unlink()
    done = hub.send()
    assert done.count_delivered == 1
    assert done.count_answer_files == 1
    assert "names another" in done.problems[FORCE]
    assert hub.way() == ["prepared", "sent", "delivered"]
