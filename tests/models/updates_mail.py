"""A mail server that writes down to whom each mail went, and repeats addresses in what it answers; and the rules that
let a hub send by it."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
import yaml

from hub.reporters import outbox
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_oracle import Published, Said, due, read_published, same
from models.updates_world import UpdatesHub
from notifications.servers import MailServer

SENDER = "updates@hub.example"
HELP = "Somebody helps at any hour: 000 111"
EVERY = ["received", "passed_on", "not_for_police", "outcome"]
SINCE = date(2016, 1, 1)


class Told(NamedTuple):
    """A message that somebody received."""

    address: str
    ref: str
    kind: str


class Postbox(MailServer):
    """Knows the envelope of each mail that it took. A fault ``rcpt 550`` is the answer to the receiver's address;
    ``meanwhile`` happens before it takes a mail."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.envelopes: list[tuple[str, tuple[str, ...]]] = []
        self.asked: list[str] = []
        self.meanwhile: Callable[[], object] = int

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        self.asked.append(address)
        if self.fault.startswith("rcpt"):
            return f"{self.fault.removeprefix('rcpt ')} {address} is no mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        before = len(self.mails)
        self.meanwhile()
        try:
            return await super().handle_DATA(server, session, envelope)
        finally:
            if len(self.mails) > before:
                self.envelopes.append((envelope.mail_from, tuple(envelope.rcpt_tos)))

    @property
    def receivers(self) -> set[str]:
        """Every address that was ever named to the server, in a mail or on its envelope."""
        headers = (str(value) for mail in self.mails for value in mail.get_all("To", []))
        return {same(one) for one in (*self.asked, *headers)}

    def told(self, settings: Settings) -> Counter[Told]:
        """What was received, by what the ledger says that it is."""
        assert [mail["To"] for mail in self.mails] == [address for _, (address,) in self.envelopes]
        notes = messages(settings)
        mails = zip(self.mails, self.envelopes, strict=True)
        return Counter(Told(same(address), *notes[mail["Subject"], text_of(mail)]) for mail, (_, (address,)) in mails)


def text_of(mail: Any) -> str:
    text: str = mail.get_content()
    return text.replace("\r\n", "\n").strip()


def messages(settings: Settings) -> dict[tuple[str, str], tuple[str, str]]:
    """Reference and kind of each message in the ledger, by its subject and words."""
    query = """
        select subject, words, report_ref, kind from ledger.reporter_updates
        inner join publish.incident_evidence_v1 using (report_id)
    """
    rows = fetch(open_warehouse(settings, Role.OWNER), query)
    notes = {(subject, words.strip()): (ref, kind) for subject, words, ref, kind in rows}
    assert len(notes) == len(rows), "no two messages say the same"
    return notes


def states(settings: Settings) -> Counter[str]:
    rows = fetch(open_warehouse(settings, Role.OWNER), "select state from ledger.reporter_updates")
    return Counter(rows)


def write_rules(
    settings: Settings,
    server: str,
    by_rule: Iterable[str] = EVERY,
    since: date = SINCE,
    *,
    takes_simulated: bool = False,
) -> None:
    """Write ``updates.yaml`` and the server's address."""
    folder = settings.secrets / "updates"
    folder.mkdir(exist_ok=True)
    (folder / "mail").write_text(f"{server}\n")
    rules = {"since": since, "sender": SENDER, "server": "mail", "by_rule": list(by_rule), "help": HELP}
    if takes_simulated:
        rules["takes_simulated"] = True
    settings.updates.write_text(yaml.safe_dump(rules))


def expected(
    published: dict[str, Published], delivered: dict[str, Said], since: date = SINCE, *, takes_simulated: bool = False
) -> Counter[Told]:
    """Whom the messages that are due may reach."""
    reach = (
        (one, delivered[one.ref].address(one.kind))
        for one in due(published.values(), since, takes_simulated=takes_simulated)
    )
    return Counter(Told(same(address), one.ref, one.kind) for one, address in reach if address)


def of(told: Iterable[Told], *refs: str) -> set[Told]:
    return {one for one in told if one.ref in refs}


def forget(hub: UpdatesHub, *names: str) -> None:
    """Leave nothing to be told of these reports."""
    reports = [read_published(hub.settings)[hub.named[name]].report_id for name in names]
    with open_warehouse(hub.settings, Role.OWNER).begin() as connection:
        gone = sa.text("delete from ledger.reporter_updates where report_id = any(:reports)")
        assert connection.execute(gone, {"reports": reports}).rowcount > 0


def only(hub: UpdatesHub, *names: str, kinds: Iterable[str] = EVERY) -> None:
    """Leave nothing to be told but what is about these reports, of these kinds."""
    refs = [hub.named[name] for name in names]
    with open_warehouse(hub.settings, Role.OWNER).begin() as connection:
        gone = """
            delete from ledger.reporter_updates where kind <> all(:kinds) or report_id not in (
                select report_id from publish.incident_evidence_v1 where report_ref = any(:refs)
            )
        """
        assert connection.execute(sa.text(gone), {"refs": refs, "kinds": list(kinds)}).rowcount > 0


def stop(hub: UpdatesHub, name: str) -> None:
    report_id = read_published(hub.settings)[hub.named[name]].report_id
    with open_warehouse(hub.settings, Role.DISPATCHER).begin() as connection:
        outbox.stop(connection, report_id, because="not safe", by="a.person")


def resume(hub: UpdatesHub, name: str) -> None:
    report_id = read_published(hub.settings)[hub.named[name]].report_id
    with open_warehouse(hub.settings, Role.DISPATCHER).begin() as connection:
        assert outbox.resume(connection, report_id, datetime.now(UTC), by="a.person")
