"""Dispatches of a hub by mail, to a real mail server on the loopback address, read by two libraries."""

import io
import json
import multiprocessing
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from pysequoia import Profile, Tsk, decrypt
from pysequoia.packet import PacketPile, Tag

from dispatch.conftest import FORCE, Hub
from dispatch.mail_desk import Desk, document, fingerprint, gpg, parts, say_nothing, values
from dispatch.mail_receiver import SENDER, TO, MailReceiver, outside
from dispatch.test_recipients import GOOD, write
from hub.dispatch import deciding, ledger
from hub.dispatch.recipients import RecipientRefused, read_recipient
from hub.dispatch.rounds import send_due
from hub.settings import Settings

STRANGE = "Zürich £ 😀 \u2028 .\r\n.\r\nFrom here\t"
TRANSPORT = {"kind": "mail", "server": "london", "sender": SENDER, "to": TO, "encrypt_to": ["desk.asc"]}
BINDING = 0x18
"""The type of a signature that binds a subkey."""
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload([__name__, "hub.dispatch.readable", "hub.dispatch.transports.mail"])


def send_once(settings: Settings) -> None:
    """A round in a process of its own."""
    send_due(settings, at_once=True)


@pytest.fixture
def receiver() -> Iterator[MailReceiver]:
    with MailReceiver() as one:
        yield one


@pytest.fixture
def post(hub: Hub, receiver: MailReceiver) -> Desk:
    """A hub with a force that takes mail; nothing is prepared yet."""
    made = Desk(hub.settings.recipients / FORCE)
    made.certificate()
    hub.recipient(FORCE, transport=TRANSPORT)
    (hub.settings.secrets / "recipients").mkdir()
    address(hub).write_text(f"{receiver.address}\n")
    return made


def address(hub: Hub) -> Path:
    return hub.settings.secrets / "recipients" / "london"


@pytest.fixture(scope="module")
def gnupg() -> Iterator[Path]:
    """A home of GnuPG; its sockets need a short path."""
    if shutil.which("gpg") is None:
        pytest.skip("GnuPG, the second implementation, is not on this machine")
    with tempfile.TemporaryDirectory(prefix="gpg-") as home:
        yield Path(home)
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)


def test_a_whole_dispatch_is_read_by_gnupg_and_outside_it_says_nothing(
    hub: Hub, post: Desk, receiver: MailReceiver, gnupg: Path
) -> None:
    # GnuPG's own key beside one of Sequoia, which by itself is sent messages that GnuPG cannot read.
    gpg(gnupg, "--passphrase", "", "--quick-generate-key", TO, "rsa3072", given=b"")
    gpg(gnupg, "--passphrase", "", "--quick-add-key", fingerprint(gnupg), "rsa3072", "encr", given=b"")
    post.certificate("gnupg.asc", Tsk.from_bytes(gpg(gnupg, "--export-secret-keys", given=b"")[0]))
    codes = [{"list": "strand", "ours": "race", "theirs": "R1x", "valid_from": "2020-01-01"}]
    hub.recipient(FORCE, codes=codes, transport=TRANSPORT | {"encrypt_to": ["desk.asc", "gnupg.asc"]})
    hub.offer(reason=STRANGE, runner_up="E23000002", is_threat_to_life=True)
    hub.prepare()
    [dispatch] = hub.dispatches()
    assert hub.send().problems == {}
    assert hub.way() == ["prepared", "sent"]
    assert hub.send(at_once=True).taken[FORCE] == 0
    [came] = receiver.mails
    with hub.engine.connect() as connection:
        text = ledger.package_of(connection, dispatch.dispatch_id)
    assert "Zürich £ 😀" in text
    inside, status = gpg(gnupg, "--decrypt", given=came.armoured)
    assert "GOODMDC" in status
    assert decrypt(came.armoured, post.key.decryptor()).bytes == inside
    words, *files = [one for one in parts(inside).walk() if not one.is_multipart()]
    assert [one.get_content_type() for one in files] == ["application/pdf", "application/json"]
    assert words.get_content_type() == "text/plain"
    assert dispatch.allocation_ref in words.get_content()
    assert document(parts(inside)).encode() == text.encode()
    pdf = files[0].get_content()
    assert pdf.startswith(b"%PDF-")
    assert "threat to life" in " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert {one.get_filename() for one in files} == {f"{dispatch.dispatch_id}.{end}" for end in ("json", "pdf")}
    seen = outside(came.raw)
    known = json.loads(text)
    not_outside = values(known) - {dispatch.allocation_ref} | {"dispatch_id", "strand"}
    assert [one for one in not_outside if one.lower() in seen.lower()] == []
    assert dispatch.allocation_ref in came.mail["Subject"]
    assert came.raw.count(b"AL-0") == 1


def test_what_was_not_taken_waits_and_goes_later_under_the_same_id(
    hub: Hub, post: Desk, receiver: MailReceiver
) -> None:
    hub.offer()
    hub.prepare()
    receiver.faults.extend(["451 data", "550 rcpt", "dropped taken"])
    for minutes in (0, 2, 5):
        hub.later(minutes=minutes)
        say_nothing(hub.send().problems[FORCE], str(receiver.port))
        assert hub.send().problems == {}, "it waits"
    hub.later(minutes=10)
    assert hub.send().taken[FORCE] == 1
    assert hub.way() == ["prepared", "sent"]
    assert list(receiver.came.values()) == [2]
    assert len({one.message_id for one in receiver.shown}) == 1
    assert len({document(post.inside(one)) for one in receiver.shown}) == 1


@pytest.mark.usefixtures("post")
def test_a_hub_that_is_killed_while_it_sends_loses_nothing(hub: Hub, receiver: MailReceiver) -> None:
    steps = ("rcpt", "data", "taken")
    for step in steps:
        hub.offer()
        hub.offer()
        hub.prepare()
        receiver.faults.append(f"killed {step}")
        child = APART.Process(target=send_once, args=(hub.settings,))
        child.start()
        receiver.sender_pid = child.pid
        child.join()
        assert child.exitcode == -signal.SIGKILL
        assert hub.states()[-2:] == ["prepared", "prepared"]
        hub.send(at_once=True)
        assert hub.states()[-2:] == ["sent", "sent"]
        assert sorted(receiver.came.values())[-1] == (2 if step == "taken" else 1)
    assert receiver.came.total() == 2 * len(steps) + 1


def test_a_withdrawal_goes_only_to_who_may_have_the_package(hub: Hub, post: Desk, receiver: MailReceiver) -> None:
    for _ in range(2):
        hub.offer(is_threat_to_life=True)
    hub.prepare()
    first, second = (one.dispatch_id for one in hub.dispatches())
    deciding.withdraw(hub.engine, first, because="not theirs", decided_by="amy")
    hub.send()
    assert hub.states() == ["withdrawn", "sent"]
    [sent] = receiver.mails
    deciding.withdraw(hub.engine, second, because="ganz anders: £ 😀\r\nBcc: x@elsewhere.example", decided_by="amy")
    assert hub.send().problems == {}
    [_, withdrawn] = receiver.mails
    said = json.loads(document(post.inside(withdrawn)))
    assert (said["document"], said["dispatch_id"]) == ("withdrawal", str(second))
    assert withdrawn.message_id != sent.message_id
    assert withdrawn.mail["Bcc"] is None
    assert withdrawn.to == (TO,)
    assert "£ 😀" in said["because"]
    assert said["allocation_ref"] in withdrawn.mail["Subject"]
    assert "anders" not in outside(withdrawn.raw)
    assert str(second) not in outside(withdrawn.raw)
    assert hub.send(at_once=True).taken[FORCE] == 0


def test_what_a_recipient_answers_moves_a_mailed_dispatch_on(hub: Hub, post: Desk) -> None:
    assert post.folder.is_dir()
    hub.offer()
    hub.prepare()
    hub.send()
    for kind in ("acknowledged", "accepted", "outcome"):
        hub.answer(kind)
        hub.send()
    assert hub.way() == ["prepared", "sent", "acknowledged", "accepted", "closed"]


def test_without_a_key_that_holds_nothing_is_sent(hub: Hub, post: Desk, receiver: MailReceiver) -> None:
    hub.offer()
    hub.prepare()
    certificate, path = post.key.extract_certificate(), post.folder / "desk.asc"
    soon_over = Tsk.generate(TO, profile=Profile.RFC4880, validity_seconds=1)
    no_certificate = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"
    revoked = bytes(certificate) + bytes(certificate.revoke(post.key.certifier()))
    of_a_later_standard = bytes(certificate)
    for packet in PacketPile.from_bytes(of_a_later_standard):
        if packet.tag == Tag.Signature and packet.body[1] == BINDING:
            of_a_later_standard = of_a_later_standard.replace(packet.body, b"\x04\x5e" + packet.body[2:])
    unknown = bytes(certificate) + b"\xfb\x01?"
    time.sleep(1.1)
    useless = (revoked, bytes(soon_over.extract_certificate()), no_certificate.encode(), bytes(post.key), b"")
    for said in (*useless, of_a_later_standard, unknown, None):
        path.unlink(missing_ok=True)
        if said is not None:
            path.write_bytes(said)
        say_nothing(hub.send(at_once=True).problems[FORCE])
        assert hub.states() == ["prepared"]
    assert receiver.met.total() == 0
    post.certificate()
    assert hub.send(at_once=True).taken[FORCE] == 1


def test_each_attempt_is_encrypted_to_what_holds_then(hub: Hub, post: Desk, receiver: MailReceiver) -> None:
    hub.offer()
    hub.prepare()
    receiver.faults.append("554 data")
    hub.send()
    newer, other = Tsk.generate(TO), Tsk.generate(TO)
    post.certificate(key=newer)
    post.certificate("other.asc", other)
    hub.recipient(FORCE, transport=TRANSPORT | {"encrypt_to": ["desk.asc", "other.asc"]})
    hub.send(at_once=True)
    first, second = receiver.shown
    text = document(post.inside(first))
    assert {document(post.inside(second, key)) for key in (newer, other)} == {text}
    for came, key in ((first, newer), (first, other), (second, post.key)):
        with pytest.raises(RuntimeError, match="No key to decrypt message"):
            decrypt(came.armoured, key.decryptor())


@pytest.mark.usefixtures("post")
def test_without_the_address_of_a_server_nothing_is_sent(hub: Hub, receiver: MailReceiver) -> None:
    hub.offer()
    hub.prepare()
    wrong = (
        "",
        "\n",
        "https://h.example",
        "\udcff\udcfe\0",
        "smtp://h:x",
        "smtp://user:päss@h.example",
        "smtp://h..example",
    )
    for said in wrong:
        address(hub).write_text(said, errors="surrogateescape")
        problem = hub.send(at_once=True).problems[FORCE]
        say_nothing(problem, "h.example")
        assert "london" in problem
    for make, take_away in ((Path.unlink, None), (Path.mkdir, Path.rmdir)):
        make(address(hub))
        problem = hub.send(at_once=True).problems[FORCE]
        say_nothing(problem, str(hub.settings.home))
        assert "london" in problem
        if take_away:
            take_away(address(hub))
    assert hub.states() == ["prepared"]
    address(hub).write_text(receiver.address)
    assert hub.send(at_once=True).taken[FORCE] == 1


@pytest.mark.parametrize(
    "said",
    [
        {"encrypt_to": None},
        {"encrypt_to": []},
        {"encrypt_to": ["nowhere.asc"]},
        {"encrypt_to": ["secret.asc"]},
        {"server": "../vault/key"},
        {"server": "smtp://user:password@mail.example"},
        {"server": "london\n"},
        *(
            {name: wrong}
            for name in ("to", "sender")
            for wrong in (
                None,
                "",
                f"{TO}\n",
                f"{TO}\r\nBcc: x@y.example",
                f"{TO}\n\n",
                f"{TO}, x@y.example",
                f"{TO} x@y.example",
                f"Desk <{TO}>",
                "desk@police.example\u2028",
                "dösk@police.example",
                "desk",
            )
        ),
    ],
)
def test_a_contract_that_leaves_a_doubt_is_refused_with_line_and_rule(tmp_path: Path, said: dict[str, object]) -> None:
    transport = {name: one for name, one in (TRANSPORT | said).items() if one is not None}
    old = "transport:\n  kind: folder\n  folder: BTP\n"
    path = write(tmp_path, "BTP", GOOD.replace(old, f"transport:\n  {json.dumps(transport)}\n"))
    desk = Desk(path.parent)
    desk.certificate()
    (path.parent / "secret.asc").write_text(str(desk.key))
    with pytest.raises(RecipientRefused, match=r"line 10: .*\(rule: \w+\)"):
        read_recipient(path)
    path.write_text(GOOD.replace(old, f"transport: {json.dumps(TRANSPORT)}\n"))
    assert read_recipient(path).certificates == (path.parent / "desk.asc",)
