"""Mail servers on the loopback address that fail as they are told to, and the reading of what came: twice, by Python's
``email`` and by the letter of RFC 3156."""

import asyncio
import contextlib
import datetime
import ipaddress
import re
import ssl
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import free_port
from notifications.servers import SILENCE_SECONDS, Receiver

SENDER, TO = "outbox@hub.example", "the-desk@police.example"
USER, PASSWORD = "hub", "open/sesame:@50%"
SAID = f"5.7.1 words-of-the-server about {TO} and {PASSWORD}"
"""What the server adds to each refusal."""
STEPS = ("mail", "rcpt", "data")
TAKEN_WITHOUT_A_WORD = ("silent taken", "dropped taken", "451 taken")
"""The server has the mail, and the sender does not hear that it has."""
NOT_TAKEN = (
    *(f"{what} {step}" for step in STEPS for what in ("421", "451", "550", "554", "silent", "dropped")),
    *("552 mail", "552 data", "999 rcpt"),
)


@dataclass(frozen=True)
class Came:
    """A mail with its envelope, as the server was given it."""

    sender: str
    to: tuple[str, ...]
    raw: bytes
    user: str | None
    is_under_tls: bool

    @property
    def mail(self) -> EmailMessage:
        read = message_from_bytes(self.raw, policy=SMTP)
        assert isinstance(read, EmailMessage)
        assert [one.defects for one in read.walk()] == [[]] * 3
        return read

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.raw, policy=SMTP)["Message-ID"])

    @property
    def armoured(self) -> bytes:
        return rfc3156(self.raw)


class MailReceiver(Receiver):
    """An SMTP server of aiosmtpd; with ``tls`` it offers STARTTLS, or speaks TLS ``from_first_byte``. A fault is what
    is said and at which step; ``shown`` has also what was not taken."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, from_first_byte: bool = False) -> None:
        super().__init__()
        self.fault, self.mails, self.shown = "", list[Came](), list[Came]()
        self.logins = list[bytes]()
        self.is_tls = tls is not None
        scheme = "smtps" if from_first_byte else "smtp" if tls else "smtp+plain"
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=free_port(),
            server_hostname="mail.example",
            ssl_context=tls if from_first_byte else None,
            tls_context=None if from_first_byte else tls,
            require_starttls=not from_first_byte,
            auth_required=self.is_tls and not from_first_byte,
            auth_require_tls=not from_first_byte,
            authenticator=self._authenticate,
        )
        self.scheme = scheme

    def _authenticate(self, _: Any, session: Any, __: Any, ___: str, said: Any) -> AuthResult:
        self.logins.append(said.login)
        is_right = (said.login, said.password) == (USER.encode(), PASSWORD.encode())
        session.user = said.login.decode() if is_right else None
        return AuthResult(success=is_right)

    async def handle_MAIL(self, server: Any, _: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        self.fault = self.next_fault()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._meet("mail", server)

    async def handle_RCPT(self, server: Any, _: Any, envelope: Any, address: str, __: list[str]) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        return await self._meet("rcpt", server)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        sender, to = envelope.mail_from, tuple(envelope.rcpt_tos)
        # From the first byte the server of aiosmtpd does not know of it by itself.
        is_under_tls = self.is_tls and server.transport.get_extra_info("sslcontext") is not None
        came = Came(sender, to, envelope.original_content, getattr(session, "user", None), is_under_tls)
        self.shown.append(came)
        if not self.fault.endswith(" data"):
            self.mails.append(came)
            self.came[came.message_id] += 1
        answer = await self._meet("data", server)
        return answer if answer[0] != "2" else await self._meet("taken", server)

    async def _meet(self, step: str, server: Any) -> str:
        what, _, where = self.fault.partition(" ")
        if where != step:
            return "250 OK"
        if what == "killed":
            self.kill_sender()
        if what == "silent":
            await asyncio.sleep(SILENCE_SECONDS)
        if not what.isdigit():
            server.transport.abort()
        return f"{what} {SAID}" if what.isdigit() else "250 OK"

    def __enter__(self) -> Self:
        self.controller.start()
        self.port = self.controller.port
        self.address = f"{self.scheme}://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()


class Scripted:
    """A server that says one answer after the other, whatever it is told, and keeps what it is told in clear."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.heard = answers, list[bytes]()
        scripted = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    for answer in scripted.answers:
                        self.wfile.write(answer)
                        scripted.heard.append(self.rfile.readline(4096))
                    scripted.heard.append(self.rfile.read())

        self.server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, daemon=True, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def headers(entity: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """Names and unfolded values of an entity's headers, and what comes after the empty line."""
    head, _, body = entity.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n(?=[ \t])", b"", head).decode("ascii").split("\r\n")
    return [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)], body


def rfc3156(raw: bytes) -> bytes:
    """The armoured message of a mail, read without a library and refused wherever RFC 3156, section 4, is not kept."""
    raw.decode("ascii")
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None, "lines end with CRLF"
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    said, body = headers(raw)
    names = [name for name, _ in said]
    assert len(names) == len(set(names)), "no header is there twice"
    assert dict(said)["mime-version"] == "1.0"
    kind, *parameters = (one.strip() for one in dict(said)["content-type"].split(";"))
    assert kind.lower() == "multipart/encrypted"
    known = {name.lower(): value.strip('"') for name, _, value in (one.partition("=") for one in parameters)}
    assert known.keys() == {"protocol", "boundary"}
    assert known["protocol"] == "application/pgp-encrypted"
    parts = f"\r\n{body.decode()}".split(f"\r\n--{known['boundary']}")
    assert len(parts) == 4, "two parts, nothing of a third"
    assert (parts[0].strip(), parts[3].rstrip("\r\n")) == ("", "--"), "nothing before or after them in clear"
    (control, version), (data, content) = (headers(one.removeprefix("\r\n").encode()) for one in parts[1:3])
    assert dict(control)["content-type"] == "application/pgp-encrypted"
    assert [line for line in version.split(b"\r\n") if line] == [b"Version: 1"]
    assert dict(data)["content-type"].split(";")[0] == "application/octet-stream"
    assert dict(data).get("content-transfer-encoding", "7bit") == "7bit"
    lines = content.strip(b"\r\n").split(b"\r\n")
    assert (lines[0], lines[1], lines[-1]) == (b"-----BEGIN PGP MESSAGE-----", b"", b"-----END PGP MESSAGE-----")
    assert all(re.fullmatch(rb"[A-Za-z0-9+/=]{1,76}", line) for line in lines[2:-1])
    return content


def outside(raw: bytes) -> str:
    """All that can be read of a mail without a key."""
    return re.sub(r"(?s)-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----", "", raw.decode())


class Authority:
    """A certificate authority of a test's own; ``path`` is for those that trust it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.path = folder / f"{name}.pem"
        basic = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)  # signs certificates
        mine = self._signed(self.name, self.key, 1).add_extension(basic, True).add_extension(usage, True)
        self.path.write_bytes(mine.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _signed(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=3))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )

    def server(self, address: str = "127.0.0.1", *, days: int = 1) -> ssl.SSLContext:
        """What a server at an address needs."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        signed = self._signed(name, key, days).add_extension(names, False).sign(self.key, hashes.SHA256())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self.folder / "server.pem"
        path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(path)
        return context
