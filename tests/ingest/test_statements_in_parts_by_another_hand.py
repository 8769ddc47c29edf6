"""A day of statements in parts is, from receipt to erasure, the day that one file would have been."""

import csv
import io
import itertools
import random
import uuid
import zipfile

import pytest
import sqlalchemy as sa

from contracts.samples import stored_sample
from encrypting import vault_rows
from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.landing_store import landed_names, open_landed
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.privacy.erasure import erase_person
from hub.settings import Settings
from ingest.archive.statements import archived
from ingest.deliveries import counts, ledger_rows, quarantined, raw_rows, take_in
from ingest.zips_in_parts import PARTS, WHOLE, body, cut, packed, zip_of

FEED = "provider_statements"
BECAUSE, BY = "a test", "a.person"
PERSON = "Orla Venn"
OTHER = "Tam Birk"
OWN = {"_delivery_id", "_loaded_at"}


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return catalogue.contracts[FEED]


def day(contract: Contract, count: int) -> tuple[bytes, list[bytes]]:
    """A header, and the records of a day: most right and of two persons, some that break a rule, some no record."""
    chance = random.Random(count)
    good = list(csv.reader(io.StringIO(stored_sample(contract, "good").read_text())))
    bad = list(csv.reader(io.StringIO(stored_sample(contract, "bad").read_text())))
    header, identity, facts = good[0], good[0].index("source_identity"), good[0].index("decision_facts")
    records: list[bytes] = []
    for number in range(count):
        row = list(chance.choice(good[1:]))
        row[0] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        row[identity] = (PERSON, OTHER, "")[number % 3]
        row[facts] = "Seen\nby a reviewer." if number % 5 == 0 else row[facts]
        records.append(_line(row))
    records += [_line(row) for row in bad[1 : count // 12]] + [b"ragged,line\n", b"\xff,\n"]
    chance.shuffle(records)
    return _line(header), records


def _line(row: list[str]) -> bytes:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerow(row)
    return target.getvalue().encode()


def in_parts(header: bytes, records: list[bytes], seed: int) -> bytes:
    """The records in some parts, some of them packed once more."""
    chance = random.Random(seed)
    places = [0, *sorted(chance.sample(range(len(records)), 6)), len(records)]
    parts = [header + b"".join(records[start:stop]) for start, stop in itertools.pairwise(places)]
    return zip_of(zip_of(*parts[:2]), *parts[2:4], zip_of(*parts[4:], method=zipfile.ZIP_STORED))


def deliver(
    settings: Settings, engine: sa.Engine, contract: Contract, data: bytes, name: str = "sor-2026-10-02-full.csv.zip"
) -> DeliveryResult:
    return take_in(settings, engine, contract, data, name)


type Held = tuple[object, ...]


def held(settings: Settings, engine: sa.Engine, contract: Contract) -> Held:
    """Raw and archive, vault, quarantine and the ledger's counts, without what tells one delivery from another."""
    rows = [*raw_rows(engine, contract), *archived(settings, engine, contract)]
    raw = [{key: row[key] for key in row if key not in OWN} for row in rows]
    kept = vault_rows(settings, engine, contract)
    personal = [{key: value for key, value in row.items() if key != "_delivery_id"} for row in kept]
    wrong = [(one.row_number, one.line_number, one.rule, one.column_name) for one in quarantined(engine)]
    return raw, sorted(personal, key=lambda row: str(row["_row_number"])), wrong


def test_a_day_in_parts_is_what_it_is_in_one_file(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, contract: Contract
) -> None:
    header, records = day(contract, 90)
    in_one = deliver(settings, engine, contract, zip_of(header + b"".join(records)))
    assert in_one.status is DeliveryStatus.LOADED
    assert in_one.rows_quarantined >= 7
    of_one = held(settings, engine, contract)
    withdraw_delivery(settings, catalogue, in_one.delivery_id, because=BECAUSE, decided_by=BY)
    assert raw_rows(engine, contract) == archived(settings, engine, contract) == []
    first, other = in_parts(header, records, 1), in_parts(header, records, 2)
    delivered = deliver(settings, engine, contract, first)
    assert (delivered.status, counts(delivered)) == (DeliveryStatus.LOADED, counts(in_one))
    assert held(settings, engine, contract) == of_one
    # The same bytes add nothing, and the same rows cut otherwise are known.
    again = deliver(settings, engine, contract, first, "again.csv.zip")
    assert (again.delivery_id, ledger_rows(engine)[-1].status) == (delivered.delivery_id, "duplicate")
    assert held(settings, engine, contract) == of_one
    otherwise = deliver(settings, engine, contract, other)
    accepted, wrong = delivered.rows_accepted, delivered.rows_quarantined
    known = delivered.rows_duplicate
    assert counts(otherwise) == (delivered.rows_read, 0, wrong, known + accepted)
    withdraw_delivery(settings, catalogue, otherwise.delivery_id, because=BECAUSE, decided_by=BY)
    withdraw_delivery(settings, catalogue, delivered.delivery_id, because=BECAUSE, decided_by=BY)
    assert held(settings, engine, contract) == ([], [], [])
    restored = restore_delivery(settings, catalogue, delivered.delivery_id, because=BECAUSE, decided_by=BY)
    assert (restored.status, counts(restored)) == (DeliveryStatus.LOADED, counts(in_one))
    assert held(settings, engine, contract) == of_one


def test_an_erased_person_leaves_a_day_in_parts_and_every_other_row_stays_at_its_place(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, contract: Contract
) -> None:
    header, records = day(contract, 60)
    delivered = deliver(settings, engine, contract, in_parts(header, records, 3))
    before = raw_rows(engine, contract)
    tokens = {row["_row_number"]: row["source_identity_token"] for row in before}
    names = {row["_row_number"]: row.get("source_identity") for row in vault_rows(settings, engine, contract)}
    of_person = {number for number, name in names.items() if name == PERSON}
    token = str(tokens[next(iter(of_person))])
    certificate, _ = erase_person(settings, engine, catalogue, token, because=BECAUSE, decided_by=BY)
    assert certificate.nothing_is_left
    (name,) = landed_names(settings)
    with open_landed(settings, name) as landed:
        archive = zipfile.ZipFile(io.BytesIO(landed.read()))
    (left,) = (archive.read(one) for one in archive.infolist())
    assert PERSON.encode() not in left
    lines, place = left.split(b"\n"), 1
    for record in records:
        count = record.count(b"\n")
        is_as_it_was = b"\n".join([*lines[place : place + count], b""]) == record
        assert is_as_it_was is (PERSON.encode() not in record)
        place += count
    assert lines[place:] == [b""]
    withdraw_delivery(settings, catalogue, delivered.delivery_id, because=BECAUSE, decided_by=BY)
    restored = restore_delivery(settings, catalogue, delivered.delivery_id, because=BECAUSE, decided_by=BY)
    assert counts(restored) == counts(delivered)
    after = vault_rows(settings, engine, contract)
    assert {row["_row_number"]: row.get("source_identity") for row in after if row.get("source_identity")} == {
        number: name for number, name in names.items() if name and number not in of_person
    }
    unchanged = [row for row in before if row["_row_number"] not in of_person]
    again = {row["_row_number"]: row for row in raw_rows(engine, contract)}
    for row in unchanged:
        now = again[row["_row_number"]]
        assert {key: now[key] for key in row if key not in OWN} == {key: row[key] for key in row if key not in OWN}


def assert_is_loaded_alike(settings: Settings, engine: sa.Engine, seed: int, taken: set[bytes]) -> None:
    """A small file of any kind, whole in a feed without parts, then in parts: verdicts and counts. ``taken`` are the
    files that came before."""
    chance = random.Random(seed)
    made = cut(chance, body(chance, 30))
    whole, parts = zip_of(made.whole), packed(chance, made.parts)
    if parts == whole or taken & {whole, parts}:  # the ledger knows it as a delivery that was withdrawn
        return
    taken |= {whole, parts}
    found = []
    for contract, data in ((WHOLE, whole), (PARTS, parts)):
        result = take_in(settings, engine, contract, data, "file.zip")
        found.append((result.status, counts(result), result.reason, held(settings, engine, contract)))
        if result.status is DeliveryStatus.LOADED:
            withdraw_delivery(
                settings, Catalogue({contract.feed: contract}, {}), result.delivery_id, because=BECAUSE, decided_by=BY
            )
    assert found[0] == found[1]


def test_any_file_has_the_same_verdict_in_the_ledger_in_parts(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [WHOLE])
    taken: set[bytes] = set()
    for seed in (1, 4, 5, 9):
        assert_is_loaded_alike(settings, engine, seed, taken)
    assert len(taken) == 8


@pytest.mark.long
def test_hundreds_of_files_have_the_same_verdict_in_the_ledger_in_parts(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [WHOLE])
    taken: set[bytes] = set()
    for seed in range(100, 300):
        assert_is_loaded_alike(settings, engine, seed, taken)
    assert len(taken) > 380
