"""An SMTP server, named by ``smtp://user:password@host:587`` and the like, and what it says to a mail."""

import contextlib
import io
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import SplitResult, unquote, urlsplit

PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
"""With STARTTLS, with TLS from the first byte, and without any: for a relay on the same machine."""
HERE = ("127.0.0.1", "::1", "localhost")
PATIENCE_SECONDS = 20.0


class MailNotTaken(Exception):
    """The server did not say that it has taken a mail; why, in a few words that hold no secret. It can have taken it
    all the same."""


@dataclass(frozen=True)
class MailServer:
    """Where a mail is handed over. No whole answer to a command in ``seconds`` is a failure."""

    address: SplitResult
    seconds: float = PATIENCE_SECONDS

    @classmethod
    def at(cls, address: str, seconds: float = PATIENCE_SECONDS) -> Self:
        """The server at an address. Raises ValueError where it is none, or would be told a login in clear; the message
        does not repeat it."""
        try:
            split = urlsplit(address.strip())
            is_one = split.scheme in PORTS and split.hostname is not None and split.port != 0
            # What smtplib can neither look up nor log in with would fail in each attempt, in words of its own.
            (split.hostname or "").encode("idna")
            unquote(split.netloc.rpartition("@")[0]).encode("ascii")
        except ValueError:
            is_one = False
        if not is_one:
            raise ValueError("it is not the address of a mail server")
        if split.scheme == "smtp+plain" and split.username and split.hostname not in HERE:
            raise ValueError("a login in clear is for this machine alone: smtp:// or smtps://")
        return cls(split, seconds)

    def take(self, sender: str, to: str, mail: bytes) -> str:
        """Hand over a whole mail; returns what the server answers. Raises :class:`MailNotTaken`."""
        try:
            client = self._connected()
        except (OSError, smtplib.SMTPException) as problem:
            raise MailNotTaken(_said(problem)) from None
        try:
            # One after the other: what follows a refusal is refused too, with another code.
            _refuse_bad(client.mail(sender))
            _refuse_bad(client.rcpt(to))
            _, answer = _refuse_bad(client.data(mail))
        except (OSError, smtplib.SMTPException) as problem:
            raise MailNotTaken(_said(problem)) from None
        finally:
            # Whatever the server says now, it has said before whether it took the mail.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()
        return answer.decode(errors="replace")

    def _connected(self) -> smtplib.SMTP:
        address, context = self.address, ssl.create_default_context()
        host, port = address.hostname or "", address.port or PORTS[address.scheme]
        if address.scheme == "smtps":
            client: _Client = _SecureClient(host, port, timeout=self.seconds, context=context)
        else:
            client = _Client(host, port, timeout=self.seconds)
        try:
            if address.scheme == "smtp":
                client.starttls(context=context)
            client.ehlo_or_helo_if_needed()
            if address.username:
                client.login(unquote(address.username), unquote(address.password or ""))
        except BaseException:
            client.close()
            raise
        return client


class _Answers(io.RawIOBase):
    """What a server says, until ``ends_at``. The time-out of a socket starts again with each byte that comes."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.ends_at = connection, 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if (left := self.ends_at - time.monotonic()) <= 0:
            raise TimeoutError
        patience = self.connection.gettimeout()
        self.connection.settimeout(left)
        try:
            return self.connection.recv_into(buffer)
        finally:
            self.connection.settimeout(patience)


class _Client(smtplib.SMTP):
    def getreply(self) -> tuple[int, bytes]:
        """All lines of an answer, within the time-out."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Answers(self.sock))
        if self.file is not None:
            self.file.raw.ends_at = time.monotonic() + self.timeout
        return super().getreply()


class _SecureClient(_Client, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


def _refuse_bad(step: tuple[int, bytes]) -> tuple[int, bytes]:
    code, answer = step
    if code not in (250, 251):
        raise smtplib.SMTPResponseException(code, answer)
    return step


def _said(problem: Exception) -> str:
    """What went wrong, without what the server says beside its code: that can repeat addresses and logins."""
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"the mail server answered {problem.smtp_code}"
    if isinstance(problem, smtplib.SMTPNotSupportedError):
        return "the mail server does not offer what its address asks for: STARTTLS, or a login"
    if isinstance(problem, ssl.SSLError):
        return f"no secure connection to the mail server: {problem.reason}"
    if isinstance(problem, OSError) and problem.strerror:
        return f"the mail server cannot be reached: {problem.strerror}"
    return "the mail server ended the connection, or did not answer in time"
