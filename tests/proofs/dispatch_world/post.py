"""A recipient's mailbox, by OpenPGP or S/MIME, behind a real mail server that fails as it is told to."""

from typing import Any

from dispatch.mail_receiver import Came, MailReceiver, rfc3156
from proofs.dispatch_world.keys import KeyRing, PgpKey, parts
from proofs.dispatch_world.record import Record

NOT_TAKEN = (
    "421 mail",
    "451 mail",
    "451 rcpt",
    "550 rcpt",
    "452 data",
    "554 data",
    "silent rcpt",
    "silent data",
    "dropped data",
)
TAKEN_UNHEARD = ("silent taken", "dropped taken", "451 taken")
MAIL_FAULTS = (*NOT_TAKEN, *TAKEN_UNHEARD)


class MailServer(MailReceiver):
    """Takes mails of any form."""

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:  # noqa: N802
        if not self.fault.endswith(" data"):
            raw = envelope.original_content
            self.mails.append(Came(envelope.mail_from, tuple(envelope.rcpt_tos), raw, None, is_under_tls=True))
        answer = await self._meet("data", server)
        return answer if answer[0] != "2" else await self._meet("taken", server)


class MailDesk:
    """Reads what its server has taken."""

    def __init__(self, recipient: str, record: Record, server: MailServer, ring: KeyRing) -> None:
        self.recipient, self.record, self.server, self.ring = recipient, record, server, ring
        self.message_ids: dict[tuple[str, str], str] = {}

    def read_all(self) -> None:
        """Read what has come since the last time; only once the hub's round is over."""
        mails = list(self.server.mails)
        del self.server.mails[: len(mails)]
        for one in mails:
            try:
                self._read(one)
            except (ValueError, KeyError, AssertionError) as wrong:
                self.record.note_wrong(f"{self.recipient} got a mail that it cannot use: {wrong}")

    def count_faults(self, before: dict[str, int]) -> None:
        """Note the faults that its server has met since ``before``."""
        for fault, count in self.server.met.items():
            if fault and count > before.get(fault, 0):
                self.record.met_fault(f"mail {fault}", self.recipient, count - before.get(fault, 0))

    def _read(self, came: Came) -> None:
        is_pgp = isinstance(self.ring.keys[0], PgpKey)
        files = parts(self.ring.read(rfc3156(came.raw) if is_pgp else came.raw, strictly=True))
        [name] = [one for one in files if one.endswith(".json")]
        stem = name.removesuffix(".json")
        if not files[f"{stem}.pdf"].startswith(b"%PDF-"):
            raise ValueError("its PDF is none")
        # As read by the letter of RFC 5322, without the checks of another form of mail.
        head = came.raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").split(b"\r\n")
        [message_id] = [line.split(b":", 1)[1].strip() for line in head if line.lower().startswith(b"message-id:")]
        known = self.message_ids.setdefault((self.recipient, stem), message_id.decode())
        if known != message_id.decode():
            raise ValueError(f"{stem} came under two message ids")
        self.record.came(self.recipient, stem, files[name].decode())
