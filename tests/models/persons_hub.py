"""A hub that has taken in, built and published a world of reports about people, and sends its dispatches to forces of
which one takes persons; and all that it has then let out, opened with the forces' own keys."""

import dataclasses
import functools
import hashlib
import io
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import sqlalchemy as sa
import yaml
from pypdf import PdfReader
from pysequoia import Tsk

from dispatch.openpgp import new_key, public, read
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.dispatch import deciding, ledger
from hub.dispatch.ledger import Dispatch
from hub.dispatch.package import SCHEMA
from hub.dispatch.rounds import Round, prepare_dispatches, send_due
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.privacy.erasure import erase_person
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.persons_world import BIRMINGHAM, CR, FIELDS, LONDON, MANCHESTER, TV, File, Key, Named, Report, Told
from models.rows import fetch

PROVIDERS_DESK = "providers_desk"
"""A force's desk that takes persons, and what is meant for a provider: that it asks for no persons to be told."""
PERSONS = "select dispatch_id::text, report_id::text, role from ledger.dispatch_persons"
READS = "select coalesce(max(entry_id), 0) from audit.log"


@dataclass(frozen=True)
class Opened:
    """A package as its recipient reads it: what it says, and the words of its PDF."""

    said: Mapping[str, Any]
    text: str
    pdf: str

    @cached_property
    def keys(self) -> dict[str, Key]:
        """The reports of its evidence, by their ids."""
        return {one["report_id"]: (one["feed"], one["report_ref"]) for one in self.said["evidence"]}

    @property
    def named(self) -> Named:
        """Whom it names, each value that is given."""
        given: Named = {
            (self.keys[one["report_id"]], one["role"]): {name: one[name] for name in FIELDS if one[name] is not None}
            for one in self.said["persons"]
        }
        assert len(given) == len(self.said["persons"]), "somebody is named twice"
        return given


@dataclass
class Hub:
    """The hub, and what came to it: the files in their order, and their deliveries by their places in it."""

    settings: Settings
    catalogue: Catalogue
    told: Told
    ids: dict[int, uuid.UUID] = field(default_factory=dict)
    came: list[File] = field(default_factory=list)
    keys: dict[str, Tsk] = field(default_factory=dict)
    histories: Mapping[str, list[Report]] = field(default_factory=dict)

    @property
    def owner(self) -> sa.Engine:
        return open_warehouse(self.settings, Role.OWNER)

    def deliver(self, file: File) -> None:
        """Take a file in by the stages of any delivery; it comes as the last."""
        folder = self.settings.home.parent / "sent" / str(len(self.came))
        folder.mkdir(parents=True)
        path = folder / file.name
        path.write_bytes(file.content())
        contract = self.catalogue.contracts[file.feed]
        [receipt] = collect_files(self.settings, self.owner, contract, [path])
        done = ingest_delivery(self.settings, self.owner, contract, receipt.delivery_id, released_by="a.person")
        assert done.status in (DeliveryStatus.LOADED, DeliveryStatus.DUPLICATE), done
        self.ids[len(self.came)] = receipt.delivery_id
        self.came.append(file)
        self.told.files.append(file)

    def recipients(self) -> None:
        """Four recipients: forces with and without persons and encryption, and one for what a provider is sent."""
        self.london()
        self.recipient(MANCHESTER, "force", MANCHESTER, encrypted=True)
        self.recipient(BIRMINGHAM, "force", BIRMINGHAM, encrypted=False)
        self.recipient(PROVIDERS_DESK, "provider", "x", encrypted=True, takes_persons=True)

    def london(self, **said: Any) -> None:
        """The force that takes persons."""
        folder = self.settings.home.parent / "project"
        for name in ("expectations", "dbt_project"):
            folder.mkdir(exist_ok=True)
            (folder / name).symlink_to(self.settings.project / name)
        self.settings = dataclasses.replace(self.settings, project=folder)
        self.recipient(LONDON, "force", LONDON, encrypted=True, **({"takes_persons": True} | said))

    def recipient(self, code: str, target_kind: str, target_code: str, *, encrypted: bool, **said: Any) -> None:
        """Write a contract for all allocations to one target, with these keys besides."""
        folder = self.settings.recipients / code
        folder.mkdir(parents=True)
        transport: dict[str, Any] = {"kind": "folder", "folder": code}
        if encrypted:
            self.keys[code] = new_key()
            (folder / "desk.asc").write_text(public(self.keys[code]))
            transport["encrypt_to"] = ["desk.asc"]
        contract = {
            "code": code,
            "name": f"Recipient {code}",
            "kind": "force",
            "owner": "hub-allocation-desk",
            "valid_from": "2016-04-01",
            "allocations": [{"target_kind": target_kind, "target_code": target_code}],
            "transport": transport,
        }
        (folder / "recipient.yaml").write_text(yaml.safe_dump(contract | said))

    def prepare(self) -> None:
        prepare_dispatches(self.settings)

    def send(self) -> Round:
        done = send_due(self.settings)
        assert done.problems == {}, done.problems
        return done

    def erase(self, one: Report, role: str) -> None:
        """Erase who is named in this role by what a file stated of a report, asked for by the token of their name."""
        place = next(number for number, file in enumerate(self.came) if one in file.reports)
        column = {TV: "report_ref", CR: "case_ref"}[one.feed]
        query = f"""
            select {role}_name_token from raw.{one.feed}
            where {column} = '{one.ref}' and _delivery_id = '{self.ids[place]}'
        """
        [token] = fetch(self.owner, query)
        erase_person(
            self.settings, self.owner, self.catalogue, token, because="asked for by the person", decided_by="a.person"
        )

    def dispatches(self) -> list[Dispatch]:
        with self.owner.connect() as connection:
            return sorted(ledger.everything(connection), key=lambda one: one.number)

    def dispatch_of(self, key: Key) -> Dispatch:
        """The newest dispatch to London about a report."""
        return [one for one in self.dispatches() if one.recipient == LONDON and key in self.evidence(one)][-1]

    def evidence(self, one: Dispatch) -> set[Key]:
        said = json.loads(self.kept(one))
        return {(report["feed"], report["report_ref"]) for report in said["evidence"]}

    def kept(self, one: Dispatch) -> str:
        """Its package as the ledger has it."""
        with self.owner.connect() as connection:
            return ledger.package_of(connection, one.dispatch_id)

    def change_contract(self, **said: Any) -> None:
        """Change keys of London's contract."""
        path = self.settings.recipients / LONDON / "recipient.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | said))

    def change_publish(self, values: str) -> None:
        """Let the newest publish say something else of every allocation."""
        tables = "select format('%I.%I', schemaname, tablename) from pg_tables where tablename = 'allocations_v1'"
        [table] = fetch(self.owner, tables)
        with self.owner.begin() as connection:
            connection.execute(sa.text(f"update {table} set {values}"))
            assert connection.execute(sa.text(f"select count(*) from {table}")).scalar_one() > 100

    def approve(self, key: Key) -> Dispatch:
        """Let the newest dispatch to London about a report be sent; returns it."""
        one = self.dispatch_of(key)
        deciding.approve(self.owner, one.dispatch_id, decided_by="a.person")
        return one

    def state(self, one: Dispatch) -> str:
        [found] = [other for other in self.dispatches() if other.dispatch_id == one.dispatch_id]
        return found.state.value

    def folder(self, code: str = LONDON) -> Path:
        return self.settings.pickup_folder / code

    def lying(self, code: str = LONDON) -> set[str]:
        """The names of what lies in a recipient's folder to be taken."""
        return {path.name for path in self.folder(code).glob("*") if path.is_file() and path.name != SCHEMA.name}

    def document(self, name: str, code: str = LONDON) -> bytes:
        """A document that lies there, opened by its own recipient; no other's key opens it."""
        if code not in self.keys:
            return (self.folder(code) / name).read_bytes()
        sealed = (self.folder(code) / f"{name}.pgp").read_bytes()
        opened = {one: read(key, sealed) for one, key in self.keys.items()}
        content = opened.pop(code)
        assert content is not None
        assert set(opened.values()) <= {None}
        return content

    def open(self, one: Dispatch) -> Opened:
        """A package that lies in its recipient's folder."""
        text = self.document(f"{one.dispatch_id}.json", one.recipient).decode()
        said = json.loads(text)
        _schema().validate(said)
        pages = PdfReader(io.BytesIO(self.document(f"{one.dispatch_id}.pdf", one.recipient))).pages
        return Opened(said, text, " ".join(page.extract_text() for page in pages))

    def written_down(self) -> set[tuple[str, str, str]]:
        """Who the ledger says was named, by package, report and role."""
        return set(fetch(self.owner, PERSONS))

    def newest_entry(self) -> int:
        return int(fetch(self.owner, READS)[0])

    def reads_since(self, entry: int) -> dict[str, int]:
        """How many subjects of the vault were read since an entry of the audit log, by feed and subject."""
        counts: dict[str, int] = {}
        query = f"select details from audit.log where action = 'vault read' and entry_id > {entry}"
        for details in fetch(self.owner, query):
            for name, count in details["subjects"].items():
                counts[name] = counts.get(name, 0) + count
        return counts

    def purposes_since(self, entry: int) -> set[str]:
        """What the vault was read for since an entry of the audit log."""
        query = f"select purpose from audit.log where action = 'vault read' and entry_id > {entry}"
        return set(fetch(self.owner, query))

    def proofs(self) -> Iterator[tuple[str, str]]:
        """What proves each move and each send, by dispatch."""
        yield from fetch(self.owner, "select dispatch_id::text, proof from ledger.dispatch_moves")
        yield from fetch(self.owner, "select dispatch_id::text, receipt from ledger.dispatch_sends where receipt <> ''")


@functools.cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(SCHEMA.read_text()))


def found_in(text: str, words: Iterable[str]) -> set[str]:
    """Those of many words that stand in a text, whatever spaces are in either."""
    text = without_spaces(text)
    beginnings = {text[place : place + 5] for place in range(len(text))}
    plain = ((word, without_spaces(word)) for word in words)
    return {word for word, one in plain if one[:5] in beginnings and one in text}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def without_spaces(text: str) -> str:
    return "".join(text.split())


def personal(reports: Iterable[Report]) -> set[str]:
    """Every value of every person."""
    return {value for one in reports for values in one.people.values() for value in values.values()}
