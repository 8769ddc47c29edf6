"""How messages go to reporters: by a mail server, or by GOV.UK Notify. To people of samples nothing goes."""

import io
import logging
import re
import time
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from hub.mail.server import MailNotTaken, MailServer

ID_DOMAIN = "updates.hub"
GOV_UK_NOTIFY = "https://api.notifications.service.gov.uk"
PATIENCE_SECONDS = 20.0
LONGEST_ANSWER = 65_536
ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY = re.compile(rf"\S*{ID}-{ID}", re.ASCII | re.IGNORECASE)
"""A key of Notify ends with the ids of a service and of a secret, and a hyphen between them."""


class NotTaken(Exception):
    """Nobody said that the message was taken; why, without an address. It can have been taken all the same."""


class NotReady(Exception):
    """The hub itself lacks what it needs to hand anything over; which."""


@dataclass(frozen=True)
class Letter:
    """A message with the address that it goes to; its id stays the same however often it is handed over."""

    update_id: UUID
    email: str
    subject: str
    words: str
    written_at: datetime


class Carrier(Protocol):
    """Takes messages."""

    def take(self, one: Letter) -> None:
        """Hand over a message. Raises :class:`NotTaken` and :class:`NotReady`."""


@dataclass(frozen=True)
class ByMail:
    """A mail server, whose address is in the file ``server``."""

    sender: str
    server: Path

    def take(self, one: Letter) -> None:
        """As one mail, under one Message-ID."""
        try:
            server = MailServer.at(self.server.read_text(encoding="utf-8") if self.server.is_file() else "")
        except (OSError, ValueError):
            raise NotReady(f"no address of a mail server can be read from {_shown(self.server)}") from None
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, one.email, one.subject
        mail["Date"] = format_datetime(one.written_at)
        mail["Message-ID"] = f"<{one.update_id}@{ID_DOMAIN}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(one.words)
        try:
            server.take(self.sender, one.email, mail.as_bytes())
        except MailNotTaken as problem:
            raise NotTaken(str(problem)) from None


@dataclass(frozen=True)
class ToNobody:
    """For reporters who do not exist: messages stay in the ledger, and nothing is sent."""

    def take(self, one: Letter) -> None:
        """Nothing leaves."""


@dataclass(frozen=True)
class ByNotify:
    """GOV.UK Notify, which sends ``((subject))`` and ``((message))`` by an e-mail template of the hub's service there.
    The service's key is in the file ``key``."""

    template: str
    key: Path
    address: str = GOV_UK_NOTIFY

    def take(self, one: Letter) -> None:
        """As one notification whose reference is the message's id. Notify takes a reference twice, so one that it has
        is looked for first."""
        # They bring an HTTP client with them, which no other command should pay for.
        from notifications_python_client import NotificationsAPIClient  # noqa: PLC0415
        from notifications_python_client.errors import HTTPError, InvalidResponse  # noqa: PLC0415

        # It logs what Notify answers, and that can repeat the address.
        logging.getLogger("notifications_python_client.base").disabled = True
        client = NotificationsAPIClient(self._key(), self.address, timeout=PATIENCE_SECONDS)
        # A redirect would send the reporter's address to another host.
        client.request_session.max_redirects = 0
        client.request_session.hooks["response"].append(_read_whole)
        reference = str(one.update_id)
        try:
            known = client.get_all_notifications(reference=reference)["notifications"]
            if not isinstance(known, list):
                raise TypeError
            if any(notification["reference"] == reference for notification in known):
                return
            said = {"subject": one.subject, "message": one.words}
            if not client.send_email_notification(one.email, self.template, said, reference)["id"]:
                raise KeyError
        except HTTPError as problem:
            raise NotTaken(f"GOV.UK Notify answered {problem.status_code}") from None
        except (InvalidResponse, KeyError, TypeError):
            raise NotTaken("GOV.UK Notify answered with something else than its interface says") from None

    def _key(self) -> str:
        try:
            key = self.key.read_text(encoding="utf-8").strip() if self.key.is_file() else ""
        except (OSError, UnicodeDecodeError):
            key = ""
        if not KEY.fullmatch(key):
            raise NotReady(f"no key of GOV.UK Notify can be read from {_shown(self.key)}")
        return key


def _read_whole(answer: Any, **_: Any) -> Any:
    """An answer with its body, which the client would read for as long as more of it comes."""
    end, body = time.monotonic() + PATIENCE_SECONDS, bytearray()
    for byte in answer.iter_content(1):
        body += byte
        if len(body) > LONGEST_ANSWER or time.monotonic() > end:
            answer.close()
            raise NotTaken("GOV.UK Notify answered without an end")
    whole = type(answer)()
    whole.status_code, whole.headers, whole.url, whole.reason = (
        answer.status_code, answer.headers, answer.url, answer.reason,
    )  # fmt: skip
    whole.request, whole.raw = answer.request, io.BytesIO(bytes(body))
    return whole


def _shown(path: Path) -> str:
    return f"secrets/updates/{path.name}"
