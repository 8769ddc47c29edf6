"""What an erasure leaves of landed files: everything of others, read as before; and what it could not search."""

import dataclasses
import gzip
import json
import shutil

import pytest
import sqlalchemy as sa

from hub.contracts.model import Contract
from hub.deliveries import DeliveryStatus
from hub.ingest.landing_store import landed_names
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.privacy import person_traces
from hub.settings import Settings
from ingest.deliveries import assert_nothing_is_lost, ledger_rows, raw_rows, take_in
from privacy.letters import (
    ADA,
    BO,
    CALLS,
    CATALOGUE,
    FEEDS,
    LETTERS,
    PACKS,
    as_csv,
    as_json_lines,
    as_parquet,
    as_pdf,
    as_zip,
    erase,
    landed_texts,
    readable,
    store,
    token_of,
    told,
)


def test_a_landed_file_keeps_everything_but_the_persons_values(hub: Settings, engine: sa.Engine) -> None:
    ada = {**ADA, "words": "first\nsecond, third"}
    data = as_csv({"ref": "B", **BO}, {"ref": "A", **ada}, {"ref": "B2", **BO}).replace(b"\n", b"\r\n")
    data = data.replace(b'"first\r\n', b'"first\n') + b'broken,"ada@example.org\r\nD,' + b"," * 6 + b",2026-01-02\r\n"
    delivered = take_in(hub, engine, LETTERS, data)
    before = told(hub, engine, LETTERS)
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left
    (left,) = landed_texts(hub)
    lines, were = left.split(b"\r\n"), data.split(b"\r\n")
    assert (lines[0], lines[1]) == (were[0], were[1])
    assert b"B2" in left
    assert not any(word in left for word in (b"Ada", b"ada@", b"first", b"third", b"0123"))
    # The ledger keeps the hash of what was delivered, and the same bytes are still the same delivery.
    (row,) = ledger_rows(engine)
    assert row.bytes == len(data)
    assert row.bytes_destroyed_because.startswith("erasure ")
    assert str(row.landing_path) != f"letters/{row.landing_path.split('/')[1]}/{row.sha256}"
    again = take_in(hub, engine, LETTERS, data, "again.csv")
    assert (again.status, again.delivery_id) == (DeliveryStatus.LOADED, delivered.delivery_id)
    assert [row.status for row in ledger_rows(engine)] == ["loaded", "duplicate"]
    assert landed_texts(hub) == [left]
    # Taken out and in again, it is read from what is left: every row at its place.
    withdraw_delivery(hub, CATALOGUE, delivered.delivery_id, because="a test", decided_by="a.person")
    restored = restore_delivery(hub, CATALOGUE, delivered.delivery_id, because="a test", decided_by="a.person")
    assert (restored.rows_read, restored.rows_accepted) == (delivered.rows_read, delivered.rows_accepted)
    assert told(hub, engine, LETTERS) == {**before, "A": {}}
    assert_nothing_is_lost(engine, LETTERS)


@pytest.mark.parametrize("contract", FEEDS, ids=lambda one: one.feed)
def test_every_form_is_read_again_with_the_same_rows(hub: Settings, engine: sa.Engine, contract: Contract) -> None:
    rows = [{"ref": "B", **BO}, {"ref": "A", **ADA}, {"ref": "", **BO}, {"ref": "C", **BO}]
    data = as_json_lines(*rows) if contract is CALLS else as_csv(*rows)
    first = take_in(hub, engine, contract, as_zip(("in.csv", data)) if contract is PACKS else data, "file")
    before = told(hub, engine, contract)
    assert erase(hub, engine, token_of(engine, contract, "A")).nothing_is_left
    withdraw_delivery(hub, CATALOGUE, first.delivery_id, because="a test", decided_by="a.person")
    again = restore_delivery(hub, CATALOGUE, first.delivery_id, because="a test", decided_by="a.person")
    assert (again.rows_accepted, again.rows_quarantined) == (first.rows_accepted, first.rows_quarantined)
    after = told(hub, engine, contract)
    assert {ref: row for ref, row in after.items() if ref != "A"} == {
        ref: row for ref, row in before.items() if ref != "A"
    }
    assert not after.get("A")


def test_an_erasure_removes_what_a_killed_landing_left(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    (name,) = landed_names(hub)
    left = [hub.landing / ".incoming" / "half", hub.landing / "letters" / ".incoming" / "of an earlier version"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        shutil.copy(hub.landing / name, path)
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left
    assert not any(path.exists() for path in left)


REFUSED = {
    "utf-16": as_csv({"ref": "X", **BO}, {"ref": "Y", **ADA}).decode().encode("utf-16"),
    "json": json.dumps(
        [{**BO}, {**ADA, "reporter_email": "", "reporter_phone": "", "victim_name": "Ada Quill"}]
    ).encode(),
    "zip": as_zip(("one.csv", as_csv({"ref": "X", **BO})), ("two.csv", as_csv({"ref": "Y", **ADA}))),
    "gzip": gzip.compress(as_csv({"ref": "X", **BO}, {"ref": "Y", **ADA})),
    "parquet": as_parquet({"ref": "X", **BO}, {"ref": "Y", **ADA}),
    "escapes": b'[{"reporter_email": "\\u0061da@example.org"},\n {"reporter_email": "bo@example.org"}]',
}


@pytest.mark.parametrize("form", REFUSED)
def test_a_refused_file_is_searched_as_text_and_loses_the_persons_pieces(
    hub: Settings, engine: sa.Engine, form: str
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA, "victim_phone": "07700 900123"}))
    assert take_in(hub, engine, LETTERS, REFUSED[form], "refused").status is DeliveryStatus.REFUSED
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A", "victim_phone"))
    assert store(certificate, "landing").found == 2
    assert certificate.nothing_is_left
    left = "".join(map(readable, landed_texts(hub)))
    assert "ada@" not in left
    assert "bo@example.org" in left


def test_a_refused_file_that_lost_the_person_is_read_again_from_what_is_left(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    refused = as_csv({"ref": "X", **BO}, {"ref": "Y", **ADA})
    assert take_in(hub, engine, CALLS, refused, "c.csv").status is DeliveryStatus.REFUSED
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left
    left = landed_texts(hub)
    as_it_comes = dataclasses.replace(LETTERS, feed="calls", version="2.0.0")
    assert take_in(hub, engine, as_it_comes, refused, "again.csv").status is DeliveryStatus.LOADED
    assert landed_texts(hub) == left
    assert [row["ref"] for row in raw_rows(engine, as_it_comes)] == ["X"]


@pytest.mark.parametrize(("says", "left"), [("Bo Nolan\nbo@example.org", 0), ("Ada Quill\nada@example.org", 1)])
def test_a_pdf_is_searched_and_named_where_the_person_is_left_in_it(
    hub: Settings, engine: sa.Engine, says: str, left: int
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    assert take_in(hub, engine, LETTERS, as_pdf(says), "a.pdf").status is DeliveryStatus.REFUSED
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert store(certificate, "landing").left == left
    (sha256,) = (row.sha256 for row in ledger_rows(engine) if row.file_name == "a.pdf")
    assert [one.rsplit("/", 1)[1] for one in store(certificate, "landing").left_in] == [sha256] * left
    assert certificate.nothing_is_left is not bool(left)
    assert store(certificate, "landing").not_searched == []


def test_what_cannot_be_searched_is_named_and_the_certificate_does_not_say_that_nothing_is_left(
    hub: Settings, engine: sa.Engine
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    take_in(hub, engine, LETTERS, b"PK\x03\x04 half an archive", "broken.zip")
    sha256 = next(row.sha256 for row in ledger_rows(engine) if row.file_name == "broken.zip")
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert not certificate.nothing_is_left
    (named,) = store(certificate, "landing").not_searched
    assert named.endswith(sha256)
    assert all(one.how for one in certificate.stores)
    assert any("write-ahead log" in one for one in certificate.not_reached)


def test_killed_on_the_way_it_is_done_again_and_killed_at_its_end_it_is_finished(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = as_csv({"ref": "A", **ADA}, {"ref": "B", **BO})
    take_in(hub, engine, LETTERS, data)
    token = token_of(engine, LETTERS, "A")
    with monkeypatch.context() as patched:
        patched.setattr(person_traces, "find_file_names", _killed)
        with pytest.raises(KeyboardInterrupt):
            erase(hub, engine, token)
    assert told(hub, engine, LETTERS)["A"]
    with monkeypatch.context() as patched:
        patched.setattr(person_traces, "reclaim", _killed)
        with pytest.raises(KeyboardInterrupt):
            erase(hub, engine, token)
    assert told(hub, engine, LETTERS)["A"] == {}
    certificate = erase(hub, engine, token)
    assert certificate.nothing_is_left
    (left,) = landed_texts(hub)
    assert b"ada@" not in left
    assert b"bo@example.org" in left


def _killed(*_: object) -> None:
    raise KeyboardInterrupt
