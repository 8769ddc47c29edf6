"""A hub of generated people: who stands where is known from the files that are made here.

What vault, quarantine and landed files hold is compared cell by cell before and after an erasure, and all that the hub
keeps is searched for the person's values.
"""

import csv
import io
import json
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryResult, DeliveryStatus, quarantine_id_of
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.landing_store import open_landed
from hub.linkage.person_tables import MENTION_IDENTITIES
from hub.linkage.tables import MENTION_PERSONS
from hub.orchestration.answers import NothingToDecide
from hub.orchestration.erasures import describe
from hub.privacy.certificate import Certificate, Store
from hub.privacy.erasure import erase_person
from hub.settings import Settings
from hub.vault.reading import VaultReader, encrypted_texts, read_records
from hub.vault.store import RAW_TEXT
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS
from ingest.deliveries import assert_nothing_is_lost
from models.rows import fetch
from privacy.people_in_files import (
    CONTACTS,
    CR,
    FEEDS,
    NUMBERS,
    RANDOM,
    REPORTED,
    SUFFERED,
    TV,
    VS,
    Person,
    Row,
    Said,
    family,
    row,
    squeezed,
)

BECAUSE, BY = "asked for by the person", "a.person"
ERASURES = "select count(*) from vault.erasures"
type Key = tuple[uuid.UUID, int]
type Place = tuple[uuid.UUID, int, str]
type Cell = tuple[str, uuid.UUID, int, str]
type Crowd = list[tuple[Person, Key, str]]


def landed_rows(feed: str, text: str) -> list[dict[str, Any]]:
    if feed != CR:
        return [{str(name): value for name, value in one.items()} for one in csv.DictReader(io.StringIO(text))]
    return [json.loads(one) if one.endswith("}") else {"line": one} for one in text.splitlines()]


def store(certificate: Certificate, name: str) -> Store:
    return next((one for one in certificate.stores if one.store == name), Store(name, 0, 0, 0, 0))


def called(key: Key, subject: str = "reporter") -> str:
    return f"{quarantine_id_of(*key)}:{subject}"


@dataclass
class Hub:
    settings: Settings
    engine: sa.Engine
    catalogue: Catalogue
    folder: Path
    rows: dict[Key, Row] = field(default_factory=dict)
    paths: dict[uuid.UUID, Path] = field(default_factory=dict)

    def deliver(self, *rows: Row, broken: str = "") -> list[Key]:
        """Take in a file of these rows, and of a line that cannot be split; returns their places."""
        contract, out = self.catalogue.contracts[rows[0].feed], io.StringIO()
        writer = csv.DictWriter(out, [column.name for column in contract.columns], lineterminator="\n")
        if contract.feed == CR:
            out.writelines(json.dumps(one.values, ensure_ascii=False) + "\n" for one in rows)
        else:
            writer.writeheader()
            writer.writerows(one.values for one in rows)
        path = self.folder / f"{next(NUMBERS)}.{contract.form.formats[0]}"
        path.write_text(out.getvalue() + broken, encoding="utf-8")
        result = self.take_in(path, contract)
        assert result.status is DeliveryStatus.LOADED, result
        assert result.rows_quarantined == sum(one.is_wrong for one in rows) + bool(broken)
        self.paths[result.delivery_id] = path
        keys = [(result.delivery_id, number) for number in range(1, len(rows) + 1)]
        self.rows |= zip(keys, rows, strict=True)
        return keys

    def take_in(self, path: Path, contract: Contract) -> DeliveryResult:
        (receipt,) = collect_files(self.settings, self.engine, contract, [path])
        return ingest_delivery(self.settings, self.engine, contract, receipt.delivery_id)

    def of(self, *persons: Person) -> set[Place]:
        """Where these persons stand."""
        said = ((key, role, one.who) for key, row in self.rows.items() for role, one in row.said.items())
        return {(*key, role) for key, role, who in said if who in persons}

    def states(self) -> dict[uuid.UUID, sa.Row[Any]]:
        with self.engine.connect() as connection:
            return {one.quarantine_id: one for one in connection.execute(sa.select(QUARANTINED_ROWS))}

    def cells(self) -> dict[Cell, str]:
        """All that vault, quarantine and landed files hold, by store, delivery, row and column."""
        found: list[tuple[str, uuid.UUID, int, dict[str, Any]]] = []
        reader, rows = VaultReader(self.settings, "a test"), self.states()
        with self.engine.connect() as connection:
            for feed in FEEDS:
                contract = self.catalogue.contracts[feed]
                found += [("vault", *record) for record in read_records(reader, connection, contract)]
            texts = encrypted_texts(connection, rows)
            for one, told in zip(map(rows.__getitem__, texts), reader.decrypt(list(texts.values())), strict=True):
                text = told.get(RAW_TEXT, "{}")
                values = {"line": text} if one.rule.startswith("row.") else json.loads(text)
                found.append(("quarantine", one.delivery_id, one.row_number, values))
            for one in connection.execute(sa.select(DELIVERIES)):
                lines = landed_rows(one.feed, self._landed(one.landing_path))
                found += [("landed", one.delivery_id, number, values) for number, values in enumerate(lines, 1)]
        return {
            (kept, delivery_id, number, name): str(value)
            for kept, delivery_id, number, values in found
            for name, value in values.items()
            if value not in (None, "")
        }

    def _landed(self, name: str) -> str:
        with open_landed(self.settings, name) as landed:
            return landed.read().decode()

    def holding(self, *persons: Person, address: bool = True) -> set[str]:
        """Where that stands which nobody else has: in cells, in files of the hub's home (landed ones decrypted) or in
        tables. Others may have the ``address``."""
        told = {str(cell): value for cell, value in self.cells().items()}
        for path in (path for path in self.settings.home.rglob("*") if path.is_file()):
            told[str(path)] = path.read_bytes().decode(errors="ignore")
            if path.is_relative_to(self.settings.landing):
                told[str(path)] = self._landed(str(path.relative_to(self.settings.landing)))
        tables = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname !~ '^(pg_|info)'"
        for table in fetch(self.engine, tables):
            told[table] = " ".join(fetch(self.engine, f"select one::text from {table} as one"))
        words = {squeezed(word) for one in persons for word in (one.given, one.phone[1:], one.born)}
        words |= {squeezed(one.email) for one in persons if address}
        return {where for where, text in told.items() if any(word in squeezed(text) for word in words)}

    def link(self, *keys: Key, role: str = "reporter") -> uuid.UUID:
        """Let these records be of one person of the linkage, as a build leaves it; returns the person's id."""
        person_id = uuid.uuid4()
        with self.engine.begin() as connection:
            for delivery_id, number in keys:
                mention = {name: uuid.uuid4() for name in ("mention_id", "record_id", "appearance_id")}
                place = {"feed": self.rows[delivery_id, number].feed, "delivery_id": delivery_id, "row_number": number}
                connection.execute(sa.insert(MENTION_IDENTITIES).values(mention | place | {"role": role}))
                told = {"mention_id": mention["mention_id"], "person_id": person_id}
                connection.execute(sa.insert(MENTION_PERSONS).values(told))
        return person_id

    def mentions(self, person_id: uuid.UUID) -> list[uuid.UUID]:
        return fetch(self.engine, f"select mention_id from linkage.mention_persons where person_id = '{person_id}'")

    def same_address(self, certificate: Certificate) -> list[str]:
        """What the certificate names of others who have the person's address."""
        found = store(certificate, "records that give another name with the same address")
        assert found.left == len(found.left_in)
        return found.left_in

    def last_entry(self) -> int:
        return int(fetch(self.engine, "select max(entry_id) from audit.log")[0])

    def entries_since(self, entry: int) -> str:
        """What the audit log says after an entry."""
        return " ".join(fetch(self.engine, f"select one::text from audit.log as one where entry_id > {entry}"))

    def ask(self, asked_for: str) -> tuple[Certificate, Path]:
        return erase_person(self.settings, self.engine, self.catalogue, asked_for, because=BECAUSE, decided_by=BY)

    def refuses(self, *calls: str, because: tuple[type[Exception], ...]) -> list[str]:
        """Hold that nobody is erased by these, nor a second person asked, and that nothing changes; returns why."""
        before, count, messages = (self.cells(), self.states()), fetch(self.engine, ERASURES), []
        for asked_for in calls:
            with pytest.raises(because) as said:
                self.ask(asked_for)
            with pytest.raises(NothingToDecide):
                describe(self.settings, asked_for, BECAUSE)
            messages.append(str(said.value))
        assert (self.cells(), self.states(), fetch(self.engine, ERASURES)) == (*before, count)
        return messages

    def erase(self, key: Key, gone: set[Place], *, subject: str = "reporter", broken: Key | None = None) -> Certificate:
        """Erase by a quarantined row. What stands in these places and a broken line is gone, all else is as it was; and
        what is counted is what was there."""
        before, states = self.cells(), self.states()
        certificate, path = self.ask(called(key, subject))
        after, now = self.cells(), self.states()
        assert after.items() <= before.items()
        must, may, rejected = _to_go(before, gone, broken)
        lost = before.keys() - after.keys()
        assert must <= lost <= must | may, (must - lost, lost - must - may)
        assert {one for one in now if now[one].state != states[one].state} == {
            one for one in rejected if states[one].state == "open"
        }
        assert {now[one].state for one in rejected} <= {"rejected"}
        keys = set(fetch(self.engine, "select delivery_id, row_number, subject from vault.subject_keys"))
        assert not keys & (gone | {(now[one].delivery_id, now[one].row_number, "quarantined") for one in rejected})
        for feed in FEEDS:
            assert_nothing_is_lost(self.engine, self.catalogue.contracts[feed])
        in_vault = {(*cell[1:3], _subject(cell)) for cell in must if cell[0] == "vault"}
        counted = Counter(f"{self.rows[delivery, number].feed}.{role}" for delivery, number, role in in_vault)
        assert Counter({name: n for name, n in certificate.subjects.items() if not name.endswith(".text")}) == counted
        files = {cell[1] for cell in must if cell[0] == "landed"}
        waiting = {cell[1:3] for cell in must if cell[0] == "quarantine"}
        for name, count in (("landing", len(files)), ("quarantine", len(waiting))):
            found = store(certificate, name)
            assert (found.found, found.removed, found.left) == (count, count, 0)
        written = json.loads(path.read_text())
        assert (written["asked_for"], written["nothing_is_left"]) == (called(key, subject), certificate.nothing_is_left)
        return certificate


def _subject(cell: Cell) -> str:
    word = cell[3].split("_")[0]
    return word if word in ("reporter", "victim") else ""


def _to_go(
    before: dict[Cell, str], gone: set[Place], broken: Key | None
) -> tuple[set[Cell], set[Cell], set[uuid.UUID]]:
    """The cells that must go with these places, the texts that may, and the quarantined rows that nobody else is in."""
    must, may, rejected = set[Cell](), set[Cell](), set[uuid.UUID]()
    keys = {place[:2] for place in gone} | {broken}
    staying = {
        cell[1:3]
        for cell in before
        if cell[0] == "quarantine" and _subject(cell) and (*cell[1:3], _subject(cell)) not in gone
    }
    for cell in (cell for cell in before if cell[1:3] in keys):
        is_text, is_alone = cell[3] == "description", cell[0] == "quarantine" and cell[1:3] not in staying
        if (
            (*cell[1:3], _subject(cell)) in gone
            or is_alone
            or (cell[0] == "landed" and cell[3] in ("description", "line"))
        ):
            must.add(cell)
        elif is_text:
            may.add(cell)
        if is_alone:
            rejected.add(quarantine_id_of(*cell[1:3]))
    return must, may, rejected


def crowd_of(hub: Hub) -> Crowd:
    """Five households in eight files, by chance in quarantine or not. Four people of them, each with a quarantined row
    that says enough to find all other records: of reporters a contact, of victims everything."""
    RANDOM.seed(1)  # whatever was made before
    people = [one for _ in range(5) for one in family(3)]
    asked = people[0:12:3]

    def suffers(feed: str, one: Person) -> Said:
        kinds = [kind for kind in SUFFERED[feed] if one not in asked or "home" not in kind]
        kind = RANDOM.choice([one for one in kinds if CONTACTS & set(one.split())] if one in asked[:2] else kinds)
        return one.says(kind, RANDOM.randrange(4 if CONTACTS & set(kind.split()) else 3))

    for feed in (TV, CR, VS, TV, CR):
        rows = []
        for _ in range(14):
            one, other = RANDOM.sample(people[:-1], 2)
            one, other = (other, one) if feed == TV and other in asked[:2] else (one, other)
            other = people[-1] if feed == TV and other in asked[:2] else other
            reporter = one.says(RANDOM.choice(REPORTED), RANDOM.randrange(4)) if feed != VS else None
            rows.append(row(feed, reporter, suffers(feed, other), wrong=RANDOM.random() < 0.4))
        hub.deliver(*rows)
    contacts, home = "name email phone", people[7].says("name home")
    first = row(TV, asked[0].says(contacts), people[1].says("name born postcode"))
    second = row(CR, asked[1].says(contacts, 1), people[4].says("name home"))
    third = row(CR, home, asked[2].says("name email phone born postcode"))
    fourth = row(VS, None, asked[3].says("name email phone born postcode", 1))
    keys = [*hub.deliver(first), *hub.deliver(second, third), *hub.deliver(fourth)]
    return list(zip(asked, keys, ("reporter", "reporter", "victim", "victim"), strict=True))
