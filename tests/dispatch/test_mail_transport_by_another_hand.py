"""The transport by mail against mail servers that are in order, are not, or are none: over TLS, and never in clear
where TLS was asked for."""

import json
import socket
import uuid
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from conftest import free_port
from dispatch.mail_desk import Desk, document, mail_to, say_nothing
from dispatch.mail_receiver import (
    NOT_TAKEN,
    PASSWORD,
    SENDER,
    TAKEN_WITHOUT_A_WORD,
    TO,
    USER,
    Authority,
    Came,
    MailReceiver,
    Scripted,
    outside,
)
from hub.dispatch.transports import Parcel, TransientFault
from hub.mail.server import MailServer

PATIENCE = 0.5
LOGIN = f"{USER}:{quote(PASSWORD, safe='')}"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    at = MailServer.at
    monkeypatch.setattr(MailServer, "at", staticmethod(lambda address: at(address, PATIENCE)))


@pytest.fixture
def receiver() -> Iterator[MailReceiver]:
    with MailReceiver() as one:
        yield one


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority that this machine trusts, for once."""
    made = Authority(tmp_path, "known")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    return made


def package(reference: str = "AL-00000007", *, is_urgent: bool = False, **said: Any) -> Parcel:
    dispatch = {"dispatch_id": str(uuid.UUID(int=9)), "allocation_ref": reference, "is_urgent": is_urgent}
    text = json.dumps({"document": "package", "dispatch": dispatch, **said}, ensure_ascii=False)
    return Parcel(uuid.UUID(int=9), "package", text)


def test_outside_stand_who_when_what_and_whether_it_is_urgent(desk: Desk, receiver: MailReceiver) -> None:
    mail = mail_to(desk, receiver.address)
    receipt = mail.send(package())
    assert not receipt.is_delivered
    mail.send(package(is_urgent=True))
    calm, urgent = receiver.mails
    for one in (calm, urgent):
        assert (one.sender, one.to) == (SENDER, (TO,))
        assert document(desk.inside(one)).count("AL-00000007") == 1
        assert (one.mail["From"], one.mail["To"]) == (SENDER, TO)
        parsedate_to_datetime(one.mail["Date"])
        allowed = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted"}
        assert {name.lower() for name in one.mail} - {"importance", "priority", "x-priority"} <= allowed
    assert "urgent" in outside(urgent.raw).lower()
    assert "urgent" not in outside(calm.raw).lower()
    assert calm.mail["Subject"] != urgent.mail["Subject"]
    assert calm.message_id == urgent.message_id
    assert mail.deliveries([uuid.UUID(int=9)]) == {}


@pytest.mark.parametrize("fault", [*NOT_TAKEN, *TAKEN_WITHOUT_A_WORD])
def test_whatever_the_server_does_is_a_fault_that_passes(desk: Desk, receiver: MailReceiver, fault: str) -> None:
    receiver.faults.append(fault)
    mail = mail_to(desk, receiver.address)
    with pytest.raises(TransientFault) as told:
        mail.send(package())
    say_nothing(str(told.value), "127.0.0.1", str(receiver.port))
    if fault[0].isdigit() and fault[0] != "9":
        assert fault[:3] in str(told.value)
    mail.send(package())
    assert len(receiver.mails) == (2 if fault in TAKEN_WITHOUT_A_WORD else 1)
    assert len({one.message_id for one in receiver.shown}) == 1


@pytest.mark.parametrize(
    "greeting", [b"", b"554 no\r\n", b"\xff\xfe\r\n", b"HTTP/1.1 400 Bad\r\n", b"220 " + b"x" * 9000]
)
def test_what_is_no_mail_server_is_a_fault(desk: Desk, receiver: MailReceiver, greeting: bytes) -> None:
    assert receiver.mails == []
    with Scripted(greeting) as server, pytest.raises(TransientFault) as told:
        mail_to(desk, f"smtp+plain://127.0.0.1:{server.port}").send(package())
    say_nothing(str(told.value), "127.0.0.1")
    with pytest.raises(TransientFault) as told:
        mail_to(desk, f"smtp+plain://127.0.0.1:{free_port()}").send(package())
    say_nothing(str(told.value), "127.0.0.1")


def test_a_name_that_nobody_knows_and_a_server_that_never_answers(desk: Desk, receiver: MailReceiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        for host in ("mail.invalid", f"127.0.0.1:{mute.getsockname()[1]}"):
            for scheme in ("smtp", "smtps", "smtp+plain"):
                with pytest.raises(TransientFault) as told:
                    mail_to(desk, f"{scheme}://{USER}:{quote(PASSWORD, safe='')}@{host}").send(package())
                say_nothing(str(told.value), host, USER + ":")
    assert receiver.shown == []


def with_login(receiver: MailReceiver, login: str = LOGIN) -> str:
    return receiver.address.replace("://", f"://{login}@")


@pytest.mark.parametrize("from_first_byte", [False, True])
def test_a_mail_goes_under_tls_with_a_login(desk: Desk, authority: Authority, from_first_byte: bool) -> None:
    with MailReceiver(authority.server(), from_first_byte=from_first_byte) as receiver:
        mail_to(desk, with_login(receiver)).send(package(said="£ 😀"))
        [came] = receiver.mails
        assert (came.is_under_tls, came.user) == (True, USER)
        assert document(desk.inside(came)) == package(said="£ 😀").text
        for login in (f"{USER}:wrong", "somebody:wrong", f"{USER}:{quote('geheim')}", USER):
            with pytest.raises(TransientFault) as told:
                mail_to(desk, with_login(receiver, login)).send(package())
            say_nothing(str(told.value), "wrong", "somebody", "geheim", str(receiver.port))
        assert len(receiver.shown) == 1


@pytest.mark.parametrize("from_first_byte", [False, True])
@pytest.mark.parametrize("wrong", ["authority", "name", "day"])
def test_a_server_with_a_bad_certificate_is_told_nothing(
    desk: Desk, authority: Authority, tmp_path: Path, from_first_byte: bool, wrong: str
) -> None:
    signer = Authority(tmp_path, "unknown") if wrong == "authority" else authority
    tls = signer.server("127.0.0.2" if wrong == "name" else "127.0.0.1", days=-1 if wrong == "day" else 1)
    with MailReceiver(tls, from_first_byte=from_first_byte) as receiver:
        with pytest.raises(TransientFault) as told:
            mail_to(desk, with_login(receiver)).send(package())
        say_nothing(str(told.value), "127.0.0", str(receiver.port))
        assert (receiver.logins, receiver.met.total()) == ([], 0)


@pytest.mark.parametrize(
    "answers",
    [
        (b"250 mail.example\r\n",),
        (b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n",),
        (b"250-mail.example\r\n250 STARTTLS\r\n", b"454 not now\r\n"),
        (b"250-mail.example\r\n250 STARTTLS\r\n", b"502 unknown\r\n", b"250 OK\r\n"),
        (b"250-mail.example\r\n250 STARTTLS\r\n", b"220 go\r\n250 mail.example\r\n250 OK\r\n250 OK\r\n354 go\r\n"),
        (b"502 unknown\r\n", b"250 mail.example\r\n"),
    ],
)
def test_where_starttls_is_not_had_nothing_goes_in_clear(desk: Desk, answers: tuple[bytes, ...]) -> None:
    more = (b"250 OK\r\n",) * 4
    with Scripted(b"220 mail.example ESMTP\r\n", *answers, *more) as server:
        with pytest.raises(TransientFault) as told:
            mail_to(desk, f"smtp://{LOGIN}@127.0.0.1:{server.port}").send(package())
        say_nothing(str(told.value), "127.0.0.1")
    assert ("STARTTLS" in str(told.value)) == (b"STARTTLS" not in b"".join(answers))
    heard = b"".join(server.heard).upper()
    assert heard.startswith(b"EHLO ")
    for told_in_clear in (b"AUTH", b"MAIL", b"RCPT", b"DATA\r", b"PGP", b"AL-0", b"POLICE"):
        assert told_in_clear not in heard


def test_tls_from_the_first_byte_says_nothing_to_a_server_in_clear(desk: Desk) -> None:
    with Scripted(b"220 mail.example ESMTP\r\n") as server, pytest.raises(TransientFault) as told:
        mail_to(desk, f"smtps://{LOGIN}@127.0.0.1:{server.port}").send(package())
    say_nothing(str(told.value), "127.0.0.1")


@pytest.mark.parametrize(
    "reference",
    [
        "AL-00000007\r\nBcc: x@elsewhere.example",
        "AL-00000007\nBcc: x@elsewhere.example\n\nin clear",
        "AL-00000007\rBcc: x@elsewhere.example",
        "AL-00000007\u2028Bcc: x@elsewhere.example",
        "AL-\x00\x0b\x0c\x1c\x85",
        "AL-" + "x" * 2000,
        "=?utf-8?q?=0d=0aBcc:_x@elsewhere.example?=",
        "Zürich £ 😀" * 30,
    ],
)
@pytest.mark.parametrize("kind", ["package", "withdrawal"])
def test_no_word_of_a_package_becomes_a_header(desk: Desk, receiver: MailReceiver, reference: str, kind: str) -> None:
    parcel = package(reference, because=f"x\r\nBcc: {reference}")
    if kind == "withdrawal":
        text = json.dumps({"document": kind, "dispatch_id": "x", "allocation_ref": reference, "because": reference})
        parcel = Parcel(parcel.dispatch_id, kind, text)
    try:
        mail_to(desk, receiver.address).send(parcel)
    except (TransientFault, ValueError):
        assert receiver.met.total() == 0
    for came in receiver.shown:
        assert came.to == (TO,)
        assert not {"bcc", "cc", "reply-to"} & {name.lower() for name in came.mail}
        assert b"in clear" not in came.raw
        desk.inside(came)


def seen(came: Came) -> list[str]:
    """What stands outside, but for what is another in each mail."""
    boundary = came.mail.get_boundary() or ""
    lines = outside(came.raw).replace(boundary, "").splitlines()
    return [one for one in lines if not one.startswith(("Date:", "Message-ID:"))]


def test_a_withdrawal_is_another_mail_about_the_same_reference(desk: Desk, receiver: MailReceiver) -> None:
    text = json.dumps({"document": "withdrawal", "allocation_ref": "AL-00000007", "because": "gone"})
    mail = mail_to(desk, receiver.address)
    for parcel in (package(), package(), Parcel(uuid.UUID(int=9), "withdrawal", text)):
        mail.send(parcel)
    first, again, withdrawn = receiver.mails
    assert first.message_id == again.message_id != withdrawn.message_id
    assert first.raw != again.raw, "it is encrypted anew"
    assert "AL-00000007" in withdrawn.mail["Subject"]
    inside = desk.inside(withdrawn)
    assert document(inside) == text
    assert "withdrawn" in next(one.get_content() for one in inside.walk() if one.get_content_type() == "text/plain")
    assert [one for one in seen(withdrawn) if one not in seen(first)] == [], "outside it looks the same"


def test_a_mail_of_many_megabytes_keeps_its_form(desk: Desk, receiver: MailReceiver) -> None:
    mail = mail_to(desk, receiver.address)
    mail.readable = lambda _: bytes(range(256)) * 4096
    mail.send(package(said="ü" * 100_000 + "\n.\n"))
    [came] = receiver.mails
    assert document(desk.inside(came)) == package(said="ü" * 100_000 + "\n.\n").text
