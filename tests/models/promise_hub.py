"""A hub with recipients of every kind, what happens to what it was delivered, and all that it then lets out."""

import io
import json
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml
from pypdf import PdfReader

from dispatch.mail_desk import parts
from dispatch.mail_receiver import SENDER, TO, MailReceiver
from dispatch.openpgp import new_key, public, read
from hub.build.warehouse_build import build_warehouse
from hub.dispatch import deciding
from hub.dispatch.ledger import Dispatch
from hub.dispatch.rounds import prepare_dispatches, send_due
from hub.ingest.release import reject_row, release_row
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.privacy.erasure import erase_person
from hub.privacy.rotate_keys import rotate_key
from hub.publish import publish
from hub.reporters import outbox, sending
from hub.vault.hub_keys import Purpose
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.persons_hub import Hub
from models.persons_world import BIRMINGHAM, CR, LONDON, MANCHESTER, TV, File, Key
from models.promise_world import Account, Truth, every_account
from models.rows import fetch
from models.updates_mail import Postbox, text_of, write_rules

PROVIDER = "x"
WAITING = "select update_id::text, report_id::text, kind from ledger.reporter_updates where state = 'waiting'"
SAID = "select subject, words, report_id::text, kind from ledger.reporter_updates"
REPORTS = "select report_id::text, feed, report_ref from publish.incident_evidence_v1"
HELD = """
    select quarantine_id, row_number from quarantine.rows where state = 'open' and delivery_id = '{}'
"""


@dataclass(frozen=True)
class Document:
    """Something that a recipient can read now, and to which of its dispatches it belongs; ``name`` ends after it."""

    recipient: str
    dispatch_id: str
    name: str
    text: str

    @property
    def is_package(self) -> bool:
        return self.name in (".json", ".pdf")


@dataclass(frozen=True)
class Letter:
    """A message that somebody received."""

    address: str
    key: Key
    kind: str
    text: str


@dataclass
class PromisedHub(Hub):
    """The hub, its clock, and the mailboxes of a force and of those who reported."""

    truth: Truth = field(default_factory=Truth)
    reports: dict[str, Key] = field(default_factory=dict)
    ahead: timedelta = timedelta()
    count: int = 0
    seen: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def open_doors(self, desk: MailReceiver, postbox: Postbox) -> None:
        """A force with a folder and one with a mailbox take persons; a force and a provider do not."""
        self.desk, self.postbox, self.count_read, self.count_told = desk, postbox, 0, 0
        self.london(approval="always")
        self.recipient(BIRMINGHAM, "force", BIRMINGHAM, encrypted=False, approval="always")
        by = {"notifier": "Online Hate Crime Hub", "contact": "notices@hub.example", "xarf": True}
        self.recipient(PROVIDER, "provider", PROVIDER, encrypted=True, kind="provider", notices=by, approval="always")
        self.keys[MANCHESTER] = new_key()
        self.recipient(MANCHESTER, "force", MANCHESTER, encrypted=False, takes_persons=True, approval="always")
        folder = self.settings.recipients / MANCHESTER
        (folder / "desk.asc").write_text(public(self.keys[MANCHESTER]))
        contract = yaml.safe_load((folder / "recipient.yaml").read_text())
        contract["transport"] = {"kind": "mail", "server": "desk", "sender": SENDER, "to": TO}
        contract["transport"]["encrypt_to"] = ["desk.asc"]
        (folder / "recipient.yaml").write_text(yaml.safe_dump(contract))
        (self.settings.secrets / "recipients").mkdir()
        (self.settings.secrets / "recipients" / "desk").write_text(f"{desk.address}\n")
        write_rules(self.settings, postbox.address, by_rule=[])
        self.get_ready()

    def get_ready(self) -> None:
        """Prepare all that is due by the newest publish."""
        self.reports |= {report: (feed, ref) for report, feed, ref in fetch(self.owner, REPORTS)}
        prepare_dispatches(self.settings, clock=self.now)
        sending.prepare_updates(self.settings, clock=self.now)

    # What happens.

    def comes(self, *accounts: Account, day: str = "") -> File:
        """Deliver a file that states these; by default it counts as the newest of its feed."""
        self.count += 1
        feed = accounts[0].feed
        later = datetime(2026, 10, 12, tzinfo=UTC) + timedelta(days=self.count)
        file = File(feed, day or f"{later:%Y-%m-%d}", self.count + 10)
        for one in accounts:
            (file.quarantined if one.is_held else file.reports).append(one)
        self.deliver(file)
        self.truth.touch(accounts)
        return file

    def come_again(self, file: File) -> None:
        """The same bytes under a newer name."""
        self.count += 1
        later = datetime(2026, 10, 12, tzinfo=UTC) + timedelta(days=self.count)
        self.deliver(File(file.feed, f"{later:%Y-%m-%d}", self.count + 10, list(file.reports)))
        self.truth.touch(file.reports)

    def id_of(self, file: File) -> Any:
        return self.ids[next(place for place, one in enumerate(self.came) if one is file)]

    def withdraw(self, file: File) -> None:
        withdraw_delivery(self.settings, self.catalogue, self.id_of(file), because="a mistake", decided_by="a.person")
        file.is_withdrawn = True
        self.truth.touch(file.reports)

    def restore(self, file: File) -> None:
        restore_delivery(self.settings, self.catalogue, self.id_of(file), because="it was none", decided_by="a.person")
        file.is_withdrawn = False
        self.truth.touch(file.reports)

    def release(self, file: File, *keys: Key) -> None:
        """Let in what a file brought and the hub has quarantined; all of it, or of these reports alone."""
        for quarantine_id in self._waits_in(file, keys):
            release_row(self.settings, self.owner, self.catalogue, quarantine_id, "a.person")
        let_in = [one for one in file.quarantined if not keys or one.key in keys]
        self.truth.touch(let_in)
        file.reports = [*file.reports, *let_in]
        file.quarantined = [one for one in file.quarantined if one not in let_in]

    def reject(self, file: File, *keys: Key) -> None:
        """Leave out for good what a file brought and the hub has quarantined; all of it, or of these reports alone."""
        for quarantine_id in self._waits_in(file, keys):
            reject_row(self.settings, self.owner, quarantine_id, "a.person")
        left_out = [one for one in file.quarantined if not keys or one.key in keys]
        file.rejected = [*file.rejected, *left_out]
        file.quarantined = [one for one in file.quarantined if one not in left_out]

    def _waits_in(self, file: File, keys: Collection[Key]) -> list[uuid.UUID]:
        """The rows in quarantine that a file brought; all, or of these reports alone."""
        file.rows = file.rows or [*file.reports, *file.quarantined]
        waits = fetch(self.owner, HELD.format(self.id_of(file)))
        found = [one for one, number in waits if not keys or file.rows[number - 1].key in keys]
        assert len(found) == sum(not keys or one.key in keys for one in file.quarantined) > 0
        return found

    def forget(self, one: Account, role: str) -> None:
        """Erase a person by the token of the name that an account gives."""
        place = next(n for n, file in enumerate(self.came) if one in file.reports and not file.is_withdrawn)
        column = {TV: "report_ref", CR: "case_ref"}[one.feed]
        query = f"select {role}_name_token from raw.{one.feed} where {column} = '{one.ref}'"
        [token] = fetch(self.owner, f"{query} and _delivery_id = '{self.ids[place]}'")
        erase_person(self.settings, self.owner, self.catalogue, token, because="asked for", decided_by="a.person")
        self.truth.erased |= set(one.people[role].values())
        self.truth.touch([one])

    def rotate(self, purpose: Purpose) -> None:
        rotate_key(self.settings, self.owner, self.catalogue, purpose)
        self.truth.is_key_moved |= purpose is Purpose.RECORD

    def stop(self, key: Key) -> None:
        with open_warehouse(self.settings, Role.DISPATCHER).begin() as connection:
            outbox.stop(connection, self._report(key), because="not safe", by="a.person")
        self.truth.stops.add(key)

    def resume(self, key: Key) -> None:
        with open_warehouse(self.settings, Role.DISPATCHER).begin() as connection:
            assert outbox.resume(connection, self._report(key), self.now(), by="a.person")
        self.truth.stops.discard(key)

    def _report(self, key: Key) -> Any:
        return next(report for report, one in self.reports.items() if one == key)

    def build(self) -> None:
        build_warehouse(self.settings)
        self.truth.note_build()

    def publish(self) -> None:
        publish(self.settings, open_warehouse(self.settings, Role.PUBLISHER))
        self.truth.note_publish()
        self.get_ready()

    # What is let out.

    def waiting(self) -> list[Dispatch]:
        return [one for one in self.dispatches() if one.state.value == "prepared"]

    def waiting_messages(self) -> dict[str, tuple[Key, str]]:
        return {one: (self.reports[report], kind) for one, report, kind in fetch(self.owner, WAITING)}

    def let_go(self, one: Dispatch) -> None:
        deciding.approve(self.owner, one.dispatch_id, decided_by="a.person")

    def let_message_go(self, update_id: str) -> None:
        with open_warehouse(self.settings, Role.DISPATCHER).begin() as connection:
            outbox.decide(connection, uuid.UUID(update_id), self.now(), by="a.person")

    def send_documents(self) -> list[Document]:
        """A round; returns all that came to any recipient by it, opened by the recipient's own key and by no other."""
        done = send_due(self.settings, clock=self.now, at_once=True)
        assert done.problems == {}, done.problems
        return [*self._from_folders(), *self._from_mails()]

    def _from_folders(self) -> Iterator[Document]:
        for code in (LONDON, BIRMINGHAM, PROVIDER):
            for path in sorted(self.folder(code).glob("*-*-*-*")):
                content = path.read_bytes()
                if self.seen.get((code, path.name)) != content:
                    self.seen[code, path.name] = content
                    opened = self._opened(code, content)
                    name = path.name.removesuffix(".pgp")
                    yield Document(code, name[:36], name[36:], _text(opened, is_pdf=name.endswith(".pdf")))

    def _from_mails(self) -> Iterator[Document]:
        mails, self.count_read = self.desk.mails[self.count_read :], len(self.desk.mails)
        for mail in mails:
            assert mail.to == (TO,)
            yield Document(MANCHESTER, "", "outside", mail.raw.decode())
            inside = list(parts(self._opened(MANCHESTER, mail.armoured)).walk())
            [said] = [json.loads(_bytes(one)) for one in inside if one.get_content_type() == "application/json"]
            name = ".json" if "evidence" in said else ".other"
            for one in inside:
                if not one.is_multipart():
                    text = _text(_bytes(one), is_pdf=one.get_content_type() == "application/pdf")
                    yield Document(MANCHESTER, (said.get("dispatch") or said)["dispatch_id"], name, text)

    def _opened(self, code: str, sealed: bytes) -> bytes:
        if code not in self.keys:
            return sealed
        opened = {one: read(key, sealed) for one, key in self.keys.items()}
        content = opened.pop(code)
        assert content is not None, f"{code} cannot read what it was sent"
        assert set(opened.values()) <= {None}, f"what {code} was sent can be read by others"
        return content

    def send_messages(self) -> list[Letter]:
        """A round of messages to who reported; returns what came."""
        sending.send_due(self.settings, clock=self.now, at_once=True)
        notes = {(subject, words.strip()): (self.reports[one], kind) for subject, words, one, kind in self._said()}
        count, self.count_told = self.count_told, len(self.postbox.mails)
        letters = []
        for mail, (_, to) in zip(self.postbox.mails[count:], self.postbox.envelopes[count:], strict=True):
            assert (mail["To"],) == to
            key, kind = notes[mail["Subject"], text_of(mail)]
            letters.append(Letter(to[0], key, kind, f"{mail['Subject']}\n{text_of(mail)}"))
        return letters

    def _said(self) -> list[Any]:
        return fetch(self.owner, SAID)


def _bytes(one: Any) -> bytes:
    content = one.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _text(content: bytes, *, is_pdf: bool) -> str:
    if is_pdf:
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode()


def all_words(truth: Truth) -> set[str]:
    """What people wrote, of every account."""
    return {word for one in every_account(truth) for word in one.words}


def all_values(truth: Truth) -> set[str]:
    return {value for one in every_account(truth) for value in one.values}
