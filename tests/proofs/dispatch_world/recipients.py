"""The recipients over every transport, with their servers, keys and contracts."""

import shutil
import stat
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dispatch.conftest import Hub
from dispatch.mail_receiver import PASSWORD, USER, Authority
from dispatch.sftp_server import SftpServer, sftp_server
from hub.exchange import tokens
from hub.exchange.tokens import Scope
from proofs.dispatch_world.apart import Nursery
from proofs.dispatch_world.fetching import ExchangeDesk
from proofs.dispatch_world.keys import KeyRing, PgpKey, SmimeKey
from proofs.dispatch_world.line import Line
from proofs.dispatch_world.post import MailDesk, MailServer
from proofs.dispatch_world.record import Record
from proofs.dispatch_world.sender import ExchangeServer
from proofs.dispatch_world.shelf import Shelf
from proofs.dispatch_world.web import WebDesk, new_secret

FOLDER, SHARE, SFTP, WEB, PGP_MAIL, SMIME_MAIL, PULL, GONE = (f"E2300000{number}" for number in range(1, 9))
WEB_PROVIDER, PULL_PROVIDER = "x", "youtube"
KINDS = {
    **dict.fromkeys((FOLDER, SHARE, SFTP, WEB, PGP_MAIL, SMIME_MAIL, PULL, GONE), "force"),
    **dict.fromkeys((WEB_PROVIDER, PULL_PROVIDER), "provider"),
}
ANSWER_WAYS = {
    **dict.fromkeys((FOLDER, SHARE, SFTP), "folder"),
    **dict.fromkeys((WEB, PULL, PULL_PROVIDER), "exchange"),
    **dict.fromkeys((PGP_MAIL, SMIME_MAIL, WEB_PROVIDER), "file"),
}
OWNER_OF_THE_GONE = "desk-of-the-gone"
SILENCE = 2.0
IMPORTED = (
    *(
        "proofs.dispatch_world.sender",
        "hub.dispatch.readable",
        "hub.exchange.app",
        "typst",
        "uvicorn",
        "h11",
        "httpcore",
    ),
    *(
        "great_expectations",
        "arrow",
        "isoduration",
        "jsonschema",
        "jsonschema_specifications",
        "referencing.jsonschema",
    ),
)
"""What a process of the hub imports sooner or later."""


class Recipients:
    """All of them. ``lines`` lead from the hub to their servers, or from them to the exchange."""

    def __init__(self, hub: Hub, record: Record, folder: Path, stack: ExitStack) -> None:
        self.hub, self.record, self.folder, self.stack = hub, record, folder, stack
        self.shelves: dict[str, Shelf] = {}
        self.web_desks: dict[str, WebDesk] = {}
        self.mail_desks: dict[str, MailDesk] = {}
        self.pullers: dict[str, ExchangeDesk] = {}
        self.rings: dict[str, KeyRing] = {}
        self.lines: dict[str, Line] = {}
        self.tokens: dict[str, list[tokens.Issued]] = {}
        self._transports: dict[str, dict[str, Any]] = {}
        self.nursery = stack.enter_context(Nursery(*IMPORTED))
        self.secrets = hub.settings.secrets / "recipients"
        self.secrets.mkdir(parents=True, exist_ok=True)
        made = Authority(folder, "authority")
        self.authority = made.path
        self._folders()
        self.sftp = self._sftp()
        self._webs(made)
        self._mails(made)
        self.server = self._exchange()
        self._add(GONE, {"kind": "webhook", "url": f"https://127.0.0.1:{self._line(GONE, 1)}/", "secret": WEB})
        hub.recipient(GONE, owner=OWNER_OF_THE_GONE)

    def transport(self, code: str, **said: Any) -> None:
        """Change keys of what a contract says of its transport."""
        known = self._transports[code] | said
        self._transports[code] = known
        self.hub.recipient(code, transport=known)

    def contract(self, code: str) -> dict[str, Any]:
        """What its contract says of its transport."""
        return self._transports[code]

    def start_sftp(self) -> None:
        """Start its server again; meanwhile the recipient takes nothing away, as each file is given to the account."""
        with self.shelves[SFTP].lock:
            self.sftp.start()

    def answer_folder(self, code: str) -> Path:
        """Where a recipient puts files with answers."""
        if code in self.shelves:
            return self.shelves[code].folder / "answers"
        feed = "force_responses" if KINDS[code] == "force" else "provider_responses"
        drop = self.hub.settings.drop / feed
        drop.mkdir(parents=True, exist_ok=True)
        return drop

    def hand_over(self, code: str) -> Callable[[Path], None]:
        return self.sftp.hand_over if code == SFTP else lambda _: None

    def new_token(self, code: str) -> str:
        """A token beside those that the recipient has."""
        settings, engine, now = self.hub.settings, self.hub.engine, datetime.now(UTC)
        made = tokens.issue(settings, engine, code, (Scope.READ, Scope.ANSWER), now, days=2, by="tests")
        self.tokens.setdefault(code, []).append(made)
        return made.token

    def _add(self, code: str, transport: dict[str, Any]) -> None:
        self._transports[code] = transport
        self.hub.add_recipient(code, KINDS[code], transport)

    def _ring(self, code: str, make: Callable[[], PgpKey] | Callable[[], SmimeKey]) -> KeyRing:
        made = KeyRing(make, self.hub.settings.recipients / code, lambda names: self.transport(code, encrypt_to=names))
        self.rings[code] = made
        return made

    def _line(self, code: str, to_port: int) -> int:
        line = Line(to_port, lambda kind: self.record.met_fault(kind, code))
        self.lines[code] = self.stack.enter_context(line)
        return line.port

    def _shelf(self, code: str, folder: Path, ring: KeyRing | None) -> None:
        shelf = Shelf(code, self.record, folder, ring, self.hand_over(code))
        self.shelves[code] = self.stack.enter_context(shelf)

    def _folders(self) -> None:
        self._add(FOLDER, {"kind": "folder", "folder": FOLDER})
        self._shelf(FOLDER, self.hub.settings.pickup_folder / FOLDER, None)
        share = self.folder / "share"
        (share / ".staging").mkdir(parents=True)
        self._add(SHARE, {"kind": "folder", "folder": str(share)})
        self.hub.recipient(SHARE, approval=["transfer"])
        self._shelf(SHARE, share, self._ring(SHARE, PgpKey))

    def _sftp(self) -> SftpServer:
        server = self.stack.enter_context(sftp_server())
        self.sftp = server
        shutil.copy(server.key, self.secrets / "sftp")
        (self.secrets / "sftp").chmod(stat.S_IRUSR | stat.S_IWUSR)
        self._add(SFTP, server.transport(port=self._line(SFTP, server.port), key="sftp"))
        self._shelf(SFTP, server.folder, self._ring(SFTP, PgpKey))
        return server

    def _webs(self, authority: Authority) -> None:
        for code in (WEB, WEB_PROVIDER):
            secret = new_secret(f"a secret of {code} for tests only".encode())
            desk = self.stack.enter_context(WebDesk(code, self.record, authority.server(), secret, SILENCE))
            (self.secrets / code).write_text(f"{secret}\n")
            url = f"https://127.0.0.1:{self._line(code, desk.port)}/dispatches"
            self._add(code, {"kind": "webhook", "url": url, "secret": code})
            self.web_desks[code] = desk

    def _mails(self, authority: Authority) -> None:
        for code, make, scheme in ((PGP_MAIL, PgpKey, "smtp"), (SMIME_MAIL, SmimeKey, "smtps")):
            receiver = MailServer(authority.server(), from_first_byte=scheme == "smtps")
            server = self.stack.enter_context(receiver)
            login = f"{USER}:{quote(PASSWORD, safe='')}@" if scheme == "smtp" else ""
            (self.secrets / code).write_text(f"{scheme}://{login}127.0.0.1:{self._line(code, server.port)}\n")
            mailbox = {"server": code, "sender": "outbox@hub.example", "to": "the-desk@police.example"}
            self._add(code, {"kind": "mail", **mailbox})
            self.mail_desks[code] = MailDesk(code, self.record, server, self._ring(code, make))

    def _exchange(self) -> ExchangeServer:
        server = ExchangeServer(self.nursery, self.hub.settings, self.folder / "exchange.log")
        server.start()
        self.stack.callback(server.kill_and_wait)
        for code in (PULL, PULL_PROVIDER, WEB):
            if code != WEB:
                self._add(code, {"kind": "exchange"})
            port = self._line(f"{code} at the exchange", server.port)
            self.pullers[code] = ExchangeDesk(code, self.record, port, self.new_token, fetches=code != WEB)
        return server
