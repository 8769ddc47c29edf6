"""Notices are sent with XARF beside the package where the contract asks for it, by folder, SFTP and mail, also when the
hub is killed at any step; no other recipient gets XARF."""

import json
import random
import uuid
from pathlib import Path
from typing import Any

import pytest
from pysequoia import Tsk, encrypt

from dispatch.conftest import PROVIDER, Hub
from dispatch.mail_desk import Desk
from dispatch.mail_receiver import SENDER, TO, MailReceiver, outside
from dispatch.notices_read import Told, lying, told, xarf_faults
from dispatch.notices_world import NOTIFIER, add_report, made_up_package, publish_case, removal, takes_xarf
from dispatch.openpgp import documents, new_key, public, read
from dispatch.receiver import SECRET, WebhookReceiver
from dispatch.sftp_server import SftpServer, needs_sshd, sftp_server
from dispatch.test_encrypted_files_by_another_hand import KILL, Killed
from hub.dispatch import deciding, ledger
from hub.dispatch.readable import readable
from hub.dispatch.transports import Parcel
from hub.dispatch.transports.folder import Folder
from hub.dispatch.transports.pickup import PickUp
from hub.dispatch.xarf import as_xarf

FOLDER = {"kind": "folder", "folder": PROVIDER}
MAIL = {"kind": "mail", "server": "mail", "sender": SENDER, "to": TO, "encrypt_to": ["desk.asc"]}
URLS = ("https://x.example/one?a=ü", "https://x.example/two")
FORMS = {"json", "pdf", "xarf.jsonl"}


def offer(hub: Hub, *urls: str) -> uuid.UUID:
    """Publish a case that the provider is asked to remove, and prepare it."""
    first, *more = urls or URLS
    case = removal(first, *((PROVIDER, one) for one in more), ("tiktok", "https://elsewhere.example/1"))
    publish_case(hub, case)
    hub.prepare()
    return case.allocation_id


def kept(hub: Hub, place: int = -1) -> str:
    with hub.engine.connect() as connection:
        return ledger.package_of(connection, hub.dispatches()[place].dispatch_id)


def assert_whole(hub: Hub, found: dict[str, Told], *, xarf: bool = True) -> None:
    [one] = found.values()
    assert one.text == kept(hub)
    assert one.pdf == readable(one.text)
    assert one.xarf == (as_xarf(one.text) if xarf else None)
    assert [each["url"] for each in one.reports] == (list(one.addresses) if xarf else [])
    assert [xarf_faults(each) for each in one.reports] == [[] for _ in one.reports]
    assert "elsewhere.example" not in one.words


@pytest.mark.parametrize("is_sealed", [False, True], ids=["open", "sealed"])
@pytest.mark.parametrize("xarf", [True, False, None])
def test_xarf_lies_beside_the_package_where_the_contract_asks_for_it(
    hub: Hub, xarf: bool | None, is_sealed: bool
) -> None:
    key = new_key()
    (hub.settings.recipients / PROVIDER / "desk.asc").write_text(public(key))
    takes_xarf(hub, xarf=xarf, transport=FOLDER | ({"encrypt_to": ["desk.asc"]} if is_sealed else {}))
    offer(hub)
    assert hub.send().problems == {}
    files = documents(hub.settings.pickup_folder / PROVIDER)
    assert {name.partition(".")[2] for name in files} == {
        f"{one}.pgp" if is_sealed else one for one in (FORMS if xarf else FORMS - {"xarf.jsonl"})
    }
    if is_sealed:
        assert not any(b"x.example" in content for content in files.values())
        files = {name.removesuffix(".pgp"): read(key, content) or b"" for name, content in files.items()}
    assert_whole(hub, told(files), xarf=bool(xarf))


@needs_sshd
@pytest.mark.parametrize("is_sealed", [False, True], ids=["open", "sealed"])
def test_xarf_lies_on_an_sftp_server_too_and_goes_with_its_package(hub: Hub, is_sealed: bool) -> None:
    key = new_key()
    (hub.settings.recipients / PROVIDER / "desk.asc").write_text(public(key))
    with sftp_server() as server:
        takes_xarf(hub, transport=over(hub, server, is_sealed=is_sealed))
        offer(hub)
        assert hub.send().problems == {}
        files = documents(server.folder)
        if is_sealed:
            assert all(name.endswith(".pgp") for name in files)
            files = {name.removesuffix(".pgp"): read(key, content) or b"" for name, content in files.items()}
        assert_whole(hub, told(files))
        withdraw(hub)
        hub.send()
        assert {name.removesuffix(".pgp").partition(".")[2] for name in documents(server.folder)} == {
            "withdrawal.json",
            "withdrawal.pdf",
        }


def over(hub: Hub, server: SftpServer, *, is_sealed: bool) -> dict[str, Any]:
    (hub.settings.secrets / "recipients").mkdir()
    (hub.settings.secrets / "recipients" / "london").write_text(server.key.read_text())
    return server.transport(key="london", **({"encrypt_to": ["desk.asc"]} if is_sealed else {}))


def withdraw(hub: Hub, place: int = -1) -> None:
    deciding.withdraw(hub.engine, hub.dispatches()[place].dispatch_id, because="not theirs", decided_by="amy")


@pytest.mark.parametrize("xarf", [True, None])
def test_a_mail_has_xarf_inside_and_nothing_of_it_outside(hub: Hub, xarf: bool | None) -> None:
    desk = Desk(hub.settings.recipients / PROVIDER)
    desk.certificate()
    takes_xarf(hub, xarf=xarf, transport=MAIL)
    (hub.settings.secrets / "recipients").mkdir()
    with MailReceiver() as receiver:
        (hub.settings.secrets / "recipients" / "mail").write_text(receiver.address)
        offer(hub)
        receiver.faults.append("451 data")
        hub.send()
        assert hub.send(at_once=True).problems == {}
        withdraw(hub)
        hub.send()
        first, second, withdrawal = receiver.shown
    files = [attached(desk, one) for one in (first, second)]
    assert files[0] == files[1], "each attempt says the same"
    assert_whole(hub, told(files[0]), xarf=bool(xarf))
    assert not {"x.example", "hate_speech", "xarf", "rticle"} & {
        word for word in ("x.example", "hate_speech", "xarf", "rticle") if word in outside(second.raw)
    }
    assert {name.partition(".")[2] for name in attached(desk, withdrawal)} == {"withdrawal.json", "withdrawal.pdf"}


def attached(desk: Desk, came: Any) -> dict[str, bytes]:
    found = {}
    for part in desk.inside(came).walk():
        if name := part.get_filename():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            assert name not in found
            found[name] = content
    return found


def test_a_webhook_is_given_the_package_alone(hub: Hub) -> None:
    (hub.settings.secrets / "recipients").mkdir()
    (hub.settings.secrets / "recipients" / "hook").write_text(SECRET)
    with WebhookReceiver() as receiver:
        takes_xarf(hub, xarf=None, transport={"kind": "webhook", "url": receiver.address, "secret": "hook"})
        offer(hub)
        assert hub.send().problems == {}
        [[text]] = receiver.texts.values()
    assert text == kept(hub)
    said = json.loads(text)
    assert sorted(one["address"] for one in said["objects"]) == sorted(URLS)
    assert said["notice"]["notifier"]["email"] == NOTIFIER["email"]


@pytest.mark.parametrize("is_received", [False, True])
def test_a_withdrawal_takes_away_all_forms_of_what_was_not_taken(hub: Hub, is_received: bool) -> None:
    takes_xarf(hub)
    offer(hub)
    hub.send()
    [one] = lying(hub).values()
    folder = hub.settings.pickup_folder / PROVIDER
    if is_received:
        (folder / f"{one.name}.received").write_text("by PC Sample")
    withdraw(hub)
    hub.send()
    left = {name.removeprefix(f"{one.name}.") for name in documents(folder)} - {"received"}
    assert left == {"withdrawal.json", "withdrawal.pdf"} | (FORMS if is_received else set())


def test_a_newer_version_leaves_nothing_of_the_older_but_what_was_received(hub: Hub) -> None:
    takes_xarf(hub)
    allocation_id = offer(hub)
    hub.send()
    [old] = lying(hub).values()
    add_report(hub, allocation_id, PROVIDER, "https://x.example/three", is_first=False)
    hub.prepare()
    hub.send()
    [new] = lying(hub).values()
    assert new.name != old.name
    assert set(old.addresses) < set(new.addresses)
    assert {one["report_id"] for one in new.reports if one["url"] == "https://x.example/three"}
    assert len(new.reports) == 3


def on_disk(folder: Path, key: Tsk | None) -> PickUp:
    def sealed(content: bytes) -> bytes:
        assert key is not None
        return encrypt(recipients=[key.extract_certificate()], bytes=content)

    files = Folder(folder, is_own=True, outside_of=Path("/nowhere"))
    return PickUp(files, readable=lambda text: b"%PDF" + text.encode(), xarf=as_xarf, encrypt=sealed if key else None)


def killed_before(transport: PickUp, parcel: Parcel, step: int) -> bool:
    """Send, and be killed before a step; False where it came to its end."""
    KILL.left = step
    try:
        transport.send(parcel)
    except Killed:
        return True
    finally:
        KILL.left = None
    return False


@pytest.mark.parametrize("is_sealed", [False, True], ids=["open", "sealed"])
@pytest.mark.parametrize("document", ["package", "withdrawal"])
def test_killed_at_any_step_the_next_attempt_leaves_the_same_files(
    tmp_path: Path, document: str, is_sealed: bool
) -> None:
    key, text = new_key() if is_sealed else None, json.dumps(notice())
    package = Parcel(uuid.UUID(int=7), "package", text)
    parcel = package if document == "package" else Parcel(package.dispatch_id, document, '{"because": "gone"}')
    expected = {f"{parcel.name}.{one}" for one in (FORMS if document == "package" else FORMS - {"xarf.jsonl"})}
    step, was_killed = 0, True
    while was_killed:
        folder = tmp_path / str(step)
        if document == "withdrawal":
            on_disk(folder, key).send(package)
        was_killed = killed_before(on_disk(folder, key), parcel, step)
        visible = {name.removesuffix(".pgp") for name in documents(folder)}
        if f"{parcel.name}.json" in visible:
            assert expected <= visible, "who sees the package sees all of its forms"
        for _ in range(2):
            on_disk(folder, key).send(parcel)
            lies = documents(folder)
            assert {name.removesuffix(".pgp") for name in lies} == expected, step
            for name, content in lies.items():
                whole = {".xarf.jsonl": as_xarf(text), ".pdf": b"%PDF" + parcel.text.encode()}
                ending = name.removesuffix(".pgp").removeprefix(parcel.name)
                said = read(key, content) if key else content
                assert said == whole.get(ending, parcel.text.encode())
        step += 1
    assert step > 10


def test_killed_and_no_longer_asked_for_xarf_is_not_named(tmp_path: Path) -> None:
    """Neither in clear nor for a key that was changed with it."""
    first, then, text = new_key(), new_key(), json.dumps(notice())
    parcel = Parcel(uuid.UUID(int=7), "package", text)
    step, was_killed = 0, True
    while was_killed:
        folder = tmp_path / str(step)
        was_killed = killed_before(on_disk(folder, first), parcel, step)
        is_complete = f"{parcel.name}.json.pgp" in documents(folder)
        later = on_disk(folder, then)
        later.xarf = None
        later.send(parcel)
        if not is_complete:
            lies = documents(folder)
            assert {name.removeprefix(parcel.name) for name in lies} == {".pdf.pgp", ".json.pgp"}, step
            assert all(read(then, content) for content in lies.values()), step
        step += 1


def test_killed_and_encrypted_since_nothing_lies_there_in_clear_beside_it(tmp_path: Path) -> None:
    key, parcel = new_key(), Parcel(uuid.UUID(int=7), "package", json.dumps(notice()))
    step, was_killed = 0, True
    while was_killed:
        folder = tmp_path / str(step)
        was_killed = killed_before(on_disk(folder, None), parcel, step)
        is_complete = f"{parcel.name}.json" in documents(folder)
        on_disk(folder, key).send(parcel)
        if not is_complete:
            assert set(documents(folder)) == {f"{parcel.name}.{one}.pgp" for one in FORMS}, step
        step += 1


def notice(**said: Any) -> dict[str, Any]:
    """A package that is a notice."""
    one = {"kind": "illegal_content", "basis": None, "reasons": "A crime.", "notifier": NOTIFIER, "good_faith": "So."}
    objects = [{"kind": "online_content", "platform": "x", "address": url} for url in URLS]
    return made_up_package() | {"notice": one, "objects": objects} | said


def test_a_hub_that_is_killed_while_it_sends_leaves_the_same_three_files(hub: Hub) -> None:
    takes_xarf(hub)
    chance, count_killed = random.Random(5), 0
    for _ in range(25):
        offer(hub)
        KILL.left = chance.randrange(22)
        try:
            hub.send(at_once=True)
        except Killed:
            count_killed += 1
        finally:
            KILL.left = None
        assert hub.send(at_once=True).problems == {}
        found = lying(hub)
        assert_whole(hub, found)
        for path in (hub.settings.pickup_folder / PROVIDER).glob("*-*.*"):
            path.unlink()
    assert count_killed > 10
