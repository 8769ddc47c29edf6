"""Error files and letters for senders lie in the bucket where there is one: the same names and bytes as in a folder."""

import csv
import io
import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from conftest import share_keys
from contracts.samples import stored_sample
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus, RowState
from hub.ingest import dropped_files
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.release import reject_delivery, reject_row, release_delivery, release_row
from hub.ingest.samples import note_simulated
from hub.local import sample_removal
from hub.privacy.certificate import Store
from hub.settings import Settings
from hub.store import StoreUnavailable
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import ledger_rows, quarantined, take_in
from page.conftest import FEED, HEADER, entries, pages_of
from page.shown import shown
from privacy.letters import ADA, BO, LETTERS, as_csv, erase, token_of, told
from privacy.letters import CATALOGUE as OF_LETTERS
from store.faulty_proxy import FaultyProxy
from store.outbox import AWAY, OUTBOX_AWAY, TODAY, in_bucket, in_folder, plant, read, write_all
from store.s3 import Bucket
from store.storm import BY_NAME, FEEDS, PERSON, Worker, put, wave

HUB = str(Path(sys.executable).parent / "hub")
REPORTS = "true_vision_reports"
WRONG = {"ref": "W", **ADA, "day": "2 January of Ada Quill"}


@pytest.fixture
def storm_tables(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_warehouse(engine, FEEDS)
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


@pytest.mark.usefixtures("storm_tables")
def test_names_and_bytes_are_those_of_a_folder(
    bucket_hub: Settings, bucket: Bucket, engine: sa.Engine, make_settings: Callable[[], Settings], tmp_path: Path
) -> None:
    own = make_settings()
    shared = replace(make_settings(), store_url=f"file://{tmp_path}/shared")
    files = wave(1, 7, large=[])
    for hub in (bucket_hub, own, shared):
        if hub is not bucket_hub:
            share_keys(bucket_hub, hub)
        warehouse = open_warehouse(hub, Role.OWNER)
        prepare_warehouse(warehouse, FEEDS)
        put(hub, files)
        Worker(hub, warehouse).take_all()
        write_all(hub, warehouse, FEEDS)
    found = in_bucket(bucket)
    assert found == in_folder(own) == in_folder(replace(own, home=tmp_path / "shared"))
    with_errors = {one.feed for one in ledger_rows(engine) if one.rows_quarantined}
    assert {name.split("/")[0] for name in found if name.endswith(".errors.csv")} == with_errors == set(BY_NAME)
    assert {name.split("/")[1] for name in found if name.count("/") == 2} == {"letters"}
    for hub in (bucket_hub, shared):
        assert in_folder(hub) == {}
    texts = {one for file in files for row in file.data.decode("latin-1").splitlines() for one in row.split(",")}
    long_texts = {one for one in texts if len(one) >= 20}
    assert len(long_texts) > 100
    for name, data in found.items():
        assert not any(one in data.decode() for one in (PERSON, *long_texts)), name


def rows_listed(bucket: Bucket) -> list[str]:
    return [line.split(",")[0] for data in in_bucket(bucket).values() for line in data.decode().splitlines()[1:]]


@pytest.mark.usefixtures("letter_tables")
def test_an_error_file_is_renewed_by_each_decision_and_goes_with_the_last(
    bucket_hub: Settings, bucket: Bucket, engine: sa.Engine
) -> None:
    wrong = [{**WRONG, "ref": str(number)} for number in range(4)]
    take_in(bucket_hub, engine, LETTERS, as_csv({"ref": "B", **BO}, *wrong))
    first, second, third, fourth = quarantined(engine)
    assert rows_listed(bucket) == ["2", "3", "4", "5"]
    release_row(bucket_hub, engine, OF_LETTERS, first.quarantine_id, "desk", {"day": "2026-01-02"})
    assert rows_listed(bucket) == ["3", "4", "5"]
    reject_row(bucket_hub, engine, third.quarantine_id, "desk")
    assert rows_listed(bucket) == ["3", "5"]
    reject_row(bucket_hub, engine, fourth.quarantine_id, "desk")
    reject_row(bucket_hub, engine, second.quarantine_id, "desk")
    assert in_bucket(bucket) == {}


@pytest.mark.usefixtures("letter_tables")
def test_a_decision_whose_error_file_is_not_taken_is_renewed_when_it_is_asked_for_again(
    bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, engine: sa.Engine
) -> None:
    take_in(bucket_hub, engine, LETTERS, as_csv({"ref": "B", **BO}, WRONG, {**WRONG, "ref": "V"}))
    first, second = quarantined(engine)
    with proxy.failing(OUTBOX_AWAY), pytest.raises(StoreUnavailable):
        reject_row(bucket_hub, engine, first.quarantine_id, "desk")
    assert reject_row(bucket_hub, engine, first.quarantine_id, "desk").state is RowState.REJECTED
    assert rows_listed(bucket) == ["3"]
    correction = {"day": "2026-01-02"}
    with proxy.failing(OUTBOX_AWAY), pytest.raises(StoreUnavailable):
        release_row(bucket_hub, engine, OF_LETTERS, second.quarantine_id, "desk", correction)
    release_row(bucket_hub, engine, OF_LETTERS, second.quarantine_id, "desk", correction)
    assert in_bucket(bucket) == {}
    (row,) = ledger_rows(engine)
    assert (row.rows_read, row.rows_accepted, row.rows_quarantined) == (3, 2, 1)


@pytest.mark.usefixtures("letter_tables")
def test_a_held_or_refused_file_names_its_first_hundred_wrong_rows(
    bucket_hub: Settings, bucket: Bucket, engine: sa.Engine
) -> None:
    wrong = [{**WRONG, "ref": str(number)} for number in range(150)]
    assert take_in(bucket_hub, engine, LETTERS, as_csv(*wrong)).status is DeliveryStatus.HELD
    (held,) = ledger_rows(engine)
    assert set(in_bucket(bucket)) == {f"letters/{held.delivery_id}.errors.csv"}
    assert rows_listed(bucket) == [str(number) for number in range(1, 101)]
    release_delivery(bucket_hub, engine, OF_LETTERS, held.delivery_id, "desk")
    assert rows_listed(bucket) == [str(number) for number in range(1, 151)]
    more = [{**WRONG, "ref": f"more {number}"} for number in range(30)]
    result = take_in(bucket_hub, engine, LETTERS, as_csv(*more))
    reject_delivery(engine, result.delivery_id, "desk")
    assert len(read(bucket, f"letters/{result.delivery_id}.errors.csv").splitlines()) == 31


def test_the_command_writes_letters_into_the_bucket_and_says_where(
    bucket_hub: Settings, bucket: Bucket, engine: sa.Engine, catalogue: Catalogue
) -> None:
    contract = catalogue.contracts[REPORTS]
    data = b"".join(stored_sample(contract, "bad").read_bytes().splitlines(keepends=True)[:15])
    take_in(bucket_hub, engine, contract, data, "bad.csv")
    environment = bucket.environment(bucket_hub)
    command = [HUB, "letters", "--month", TODAY.isoformat()[:7]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    (said,) = (json.loads(line) for line in done.stdout.splitlines())
    letters = {name: data for name, data in in_bucket(bucket).items() if "/letters/" in name}
    assert {said["text"], said["rules"]} == {f"{bucket.url}/outbox/{name}" for name in letters}
    assert not bucket_hub.outbox.exists() or in_folder(bucket_hub) == {}
    values = {one for row in csv.reader(io.StringIO(data.decode())) for one in row if "@" in one or len(one) > 40}
    assert values
    assert not any(one in text.decode() for one in values for text in in_bucket(bucket).values())


@pytest.fixture
def half_bad(bucket_hub: Settings, engine: sa.Engine, catalogue: Catalogue) -> uuid.UUID:
    """A delivery of which half is wrong."""
    wrong = b"".join(entries(number, 1).replace(b"other", b"meeting") for number in range(300, 305))
    return take_in(bucket_hub, engine, catalogue.contracts[FEED], HEADER + entries(1, 5) + wrong).delivery_id


def test_the_page_serves_an_error_file_from_the_bucket_and_says_when_it_is_away(
    bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, half_bad: uuid.UUID, engine: sa.Engine
) -> None:
    address = f"/hub/deliveries/{half_bad}"
    with pages_of(bucket_hub) as client_of:
        client = client_of("operator")
        answer = client.get(f"{address}/errors.csv")
        assert answer.headers["content-disposition"] == f'attachment; filename="{half_bad}.errors.csv"'
        assert answer.content == read(bucket, f"{FEED}/{half_bad}.errors.csv")
        assert f"{address}/errors.csv" in shown(client.get(address)).addresses
        with proxy.failing(AWAY):
            assert client.get(f"{address}/errors.csv").status_code == 503
            away = shown(client.get(address)).words
            assert shown(client_of("viewer").get(address)).words
        words = shown(client.get(address)).words
        assert words != away, "the page of the delivery does not say that its error file cannot be looked at"
        for row in quarantined(engine):
            reject_row(bucket_hub, engine, row.quarantine_id, "desk")
        assert client.get(f"{address}/errors.csv").status_code == 404
        assert f"{address}/errors.csv" not in shown(client.get(address)).addresses


@pytest.fixture
def planted(bucket_hub: Settings, bucket: Bucket, engine: sa.Engine) -> dict[str, bytes]:
    """Files for senders with Ada in them, as no hub would write them: an error file, a letter, and others of Bo."""
    take_in(bucket_hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}, WRONG))
    write_all(bucket_hub, engine, [LETTERS])
    for name, data in in_bucket(bucket).items():
        plant(bucket, name, data + b"2,3,day,day.type,ask ada@example.org\n3,4,day,day.type,ask bo@example.org\n")
    plant(bucket, "calls/of-bo.errors.csv", b"row_number\n1,2,,a.rule,bo@example.org\n")
    return in_bucket(bucket)


def files_of(stores: tuple[Store, ...] | list[Store]) -> list[Store]:
    return [one for one in stores if "file" in one.store]


@pytest.mark.usefixtures("letter_tables")
def test_an_erasure_writes_over_a_person_in_files_for_senders(
    bucket_hub: Settings, bucket: Bucket, engine: sa.Engine, planted: dict[str, bytes]
) -> None:
    assert len(planted) == 4
    certificate = erase(bucket_hub, engine, token_of(engine, LETTERS, "A"))
    assert certificate.nothing_is_left, certificate.stores
    found = in_bucket(bucket)
    assert not any(b"ada@" in data for data in found.values())
    assert found.keys() <= planted.keys()
    assert found["calls/of-bo.errors.csv"] == planted["calls/of-bo.errors.csv"]
    letters = [name for name in found if "/letters/" in name]
    assert len(letters) == 2
    for name in letters:
        assert b"bo@example.org" in found[name]
        assert len(found[name]) == len(planted[name])
    assert not any(b"ada@" in data for _, data in bucket.everything())
    assert told(bucket_hub, engine, LETTERS)["B"]


@pytest.mark.usefixtures("letter_tables", "planted")
def test_no_certificate_is_written_while_files_for_senders_cannot_be_looked_through(
    bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, engine: sa.Engine
) -> None:
    token = token_of(engine, LETTERS, "A")
    with proxy.failing(OUTBOX_AWAY), pytest.raises(StoreUnavailable):
        erase(bucket_hub, engine, token)
    assert any(b"ada@" in data for data in in_bucket(bucket).values())
    assert erase(bucket_hub, engine, token).nothing_is_left
    assert not any(b"ada@" in data for data in in_bucket(bucket).values())


@pytest.mark.usefixtures("letter_tables", "planted")
def test_a_packed_file_for_a_sender_is_named_as_one_that_cannot_be_searched(
    bucket_hub: Settings, bucket: Bucket, engine: sa.Engine
) -> None:
    plant(bucket, "letters/packed.errors.csv", b"PK\x03\x04 somebody's own")
    certificate = erase(bucket_hub, engine, token_of(engine, LETTERS, "A"))
    assert not certificate.nothing_is_left
    assert "packed.errors.csv" in str(certificate.stores)


def test_removed_samples_leave_no_file_for_a_sender(
    bucket_hub: Settings,
    bucket: Bucket,
    proxy: FaultyProxy,
    half_bad: uuid.UUID,
    engine: sa.Engine,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sample_removal, "_empty_airflows_record", Mock())
    write_all(bucket_hub, engine, [catalogue.contracts[FEED]])
    with begin(engine) as connection:
        note_simulated(connection, [one.sha256 for one in ledger_rows(engine)])
    assert f"{FEED}/{half_bad}.errors.csv" in in_bucket(bucket)
    assert len(in_bucket(bucket)) == 3
    with proxy.failing(OUTBOX_AWAY), pytest.raises(StoreUnavailable):
        sample_removal.remove_samples(bucket_hub)
    sample_removal.remove_samples(bucket_hub)
    assert bucket.keys() == []
