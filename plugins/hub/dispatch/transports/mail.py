"""Mail, encrypted to the recipient by OpenPGP (PGP/MIME, RFC 3156) or S/MIME (RFC 8551): a mail program that has the
key shows words, the PDF and the package. Everybody else sees only the addresses, a reference and whether it is urgent.

The server's answer is the receipt. Where it is lost nobody can know whether the mail was taken: it is sent again, under
the same Message-ID.
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from pathlib import Path
from uuid import UUID, uuid5

from hub.dispatch.transports import Parcel, Receipt, TransientFault
from hub.mail.server import MailNotTaken, MailServer

ID_DOMAIN = "dispatches.hub"
NEWS = {"package": "", "withdrawal": " is withdrawn"}
WORDS = """\
This is a dispatch of the hate crime hub: {what}.

The PDF is for people, the JSON for programs; both say the same, and how to answer.
Who has had {name} before need not act on it again.
"""


class Mail:
    """One address ``to`` which mails go, from ``sender``, by the server that the file ``server`` names; it is read each
    time, so that a changed one holds at once. ``readable`` makes the PDF of a document, ``xarf`` the reports of a
    notice (None for any other), ``encrypt`` an armoured OpenPGP message of a mail's inside, and ``envelope``, where it
    is given, enveloped data for S/MIME in its place; both raise :class:`~hub.dispatch.transports.TransientFault`."""

    def __init__(
        self,
        server: Path,
        *,
        sender: str,
        to: str,
        readable: Callable[[str], bytes],
        xarf: Callable[[str], bytes | None] | None = None,
        encrypt: Callable[[bytes], bytes],
        envelope: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.server, self.sender, self.to, self.readable = server, sender, to, readable
        self.xarf, self.encrypt, self.envelope = xarf, encrypt, envelope

    def send(self, parcel: Parcel) -> Receipt:
        """Mail the document. Raises :class:`TransientFault`."""
        said = json.loads(parcel.text)
        heading = said.get("dispatch", said)
        is_urgent, reference = heading.get("is_urgent", False), heading["allocation_ref"]
        mail = self._mail(self.to, f"{'[urgent] ' if is_urgent else ''}Dispatch {reference}")
        # The name itself would show the id, and which mail is a withdrawal.
        mail["Message-ID"] = f"<{uuid5(parcel.dispatch_id, parcel.document)}@{ID_DOMAIN}>"
        self._encrypt(mail, self._inside(parcel, reference))
        self._hand_over(mail)
        taken = f"{parcel.name} was taken by the mail server at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        return Receipt(f"{taken}, SHA-256 {parcel.sha256}", False)

    def tell(self, subject: str, words: str) -> None:
        """Mail words to the recipient, encrypted. Raises :class:`TransientFault`."""
        mail, inside = self._mail(self.to, subject), EmailMessage(policy=SMTP)
        mail["Message-ID"] = make_msgid(domain=ID_DOMAIN)
        inside.set_content(words)
        self._encrypt(mail, inside.as_bytes())
        self._hand_over(mail)

    def tell_openly(self, to: str, subject: str, words: str) -> None:
        """Mail words that anybody may read, to another mailbox. Raises :class:`TransientFault`."""
        mail = self._mail(to, subject)
        mail["Message-ID"] = make_msgid(domain=ID_DOMAIN)
        mail.set_content(words)
        self._hand_over(mail)

    def deliveries(self, _: Collection[UUID], /) -> Mapping[UUID, str]:
        """None: what a mail server has taken may come back as a mail to the sender's address, for people."""
        return {}

    def collect_answers(self, _: Path, /) -> int:
        """None: answers come by another way."""
        return 0

    def close(self) -> None:
        """Nothing is open."""

    def _hand_over(self, mail: EmailMessage) -> None:
        try:
            server = MailServer.at(self.server.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            fault = f"no address of a mail server can be read from {self.server.name} under secrets/recipients"
            raise TransientFault(fault) from None
        try:
            server.take(self.sender, str(mail["To"]), mail.as_bytes())
        except MailNotTaken as problem:
            raise TransientFault(str(problem)) from None

    def _mail(self, to: str, subject: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, to, subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Auto-Submitted"] = "auto-generated"
        return mail

    def _encrypt(self, mail: EmailMessage, inside: bytes) -> None:
        """Let the mail hold this, encrypted."""
        if self.envelope is not None:
            data = self.envelope(inside)
            mail.set_content(data, maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
            mail.replace_header("Content-Type", 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"')
            return
        mail["MIME-Version"] = "1.0"
        mail["Content-Type"] = 'multipart/encrypted; protocol="application/pgp-encrypted"'
        version, content = MIMEPart(policy=SMTP), MIMEPart(policy=SMTP)
        version["Content-Type"] = "application/pgp-encrypted"
        version.set_payload("Version: 1\r\n")
        content["Content-Type"] = 'application/octet-stream; name="encrypted.asc"'
        content["Content-Disposition"] = 'inline; filename="encrypted.asc"'
        content.set_payload(self.encrypt(inside).decode("ascii"))
        mail.set_payload([version, content])

    def _inside(self, parcel: Parcel, reference: str) -> bytes:
        inside = EmailMessage(policy=SMTP)
        what = f"{reference}{NEWS.get(parcel.document, ', from which persons were erased')}"
        inside.set_content(WORDS.format(what=what, name=parcel.name))
        reports = self.xarf(parcel.text) if self.xarf is not None else None
        for ending, content, subtype in (
            ("pdf", self.readable(parcel.text), "pdf"),
            *((("xarf.jsonl", reports, "json"),) if reports is not None else ()),
            ("json", parcel.text.encode(), "json"),
        ):
            inside.add_attachment(content, maintype="application", subtype=subtype, filename=f"{parcel.name}.{ending}")
        return inside.as_bytes()
