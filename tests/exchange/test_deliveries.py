"""Files are handed in once for each content, and checked without being kept."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.samples import stored_sample
from dispatch.conftest import FORCE
from exchange.conftest import OTHER_FORCE, Exchange, sandbox
from hub.exchange.tokens import Scope
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery

FEED = "police_hate_crimes"
HAND_IN, CHECK = f"/v1/deliveries/{FEED}", f"/v1/checks/{FEED}"


@pytest.fixture
def sample(exchange: Exchange) -> bytes:
    """A file with rows that break rules, of a force that may hand such files in."""
    exchange.hub.recipient(FORCE, delivers=[FEED])
    return stored_sample(exchange.hub.catalogue.contracts[FEED], "bad").read_bytes()


def dropped(exchange: Exchange) -> list[Path]:
    folder = exchange.hub.settings.drop / FEED
    return sorted(folder.iterdir()) if folder.exists() else []


def test_the_same_content_has_the_first_receipt_under_whatever_name(exchange: Exchange, sample: bytes) -> None:
    token = exchange.token().token
    first = exchange.post(token, HAND_IN, content=sample)
    again = exchange.post(token, HAND_IN, content=sample, params={"file_name": "another.csv"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    [lying] = dropped(exchange)
    assert lying.read_bytes() == sample


def test_the_outcome_is_asked_for_and_names_rows_and_rules_without_values(exchange: Exchange, sample: bytes) -> None:
    token, settings, engine = exchange.token().token, exchange.hub.settings, exchange.hub.engine
    contract = exchange.hub.catalogue.contracts[FEED]
    outcome = f"/v1/deliveries/{exchange.post(token, HAND_IN, content=sample).json()['delivery_id']}"
    assert exchange.get(token, outcome).json()["status"] == "waiting"
    [receipt] = collect_files(settings, engine, contract, dropped(exchange))
    assert exchange.get(token, outcome).json()["status"] == "received"
    done = ingest_delivery(settings, engine, contract, receipt.delivery_id, released_by=None)
    if done.status == "held":
        assert exchange.get(token, outcome).json()["reason"] == done.reason
        done = ingest_delivery(settings, engine, contract, receipt.delivery_id, released_by="Robin Sample")
    told = exchange.get(token, outcome)
    assert (told.json()["status"], told.json()["rows_quarantined"]) == ("loaded", done.rows_quarantined)
    assert len(told.json()["faults"]) == min(done.rows_quarantined, 100) > 0
    assert "Robin" not in told.text, "who of the hub has released it is the hub's own business"


NAMES = (
    (f"{FEED}_{OTHER_FORCE}_2026-02.csv", "file_name.sender"),
    ("march.csv.part", "file_name.whole"),
    ("../march.csv", "string_pattern_mismatch"),
)


def test_a_name_neither_speaks_for_another_nor_hides_the_file(exchange: Exchange, sample: bytes) -> None:
    token = exchange.token().token
    for name, rule in NAMES:
        for path in (HAND_IN, CHECK):
            wrong = exchange.post(token, path, content=sample, params={"file_name": name})
            assert wrong.status_code == 422
            assert [one["rule"] for one in wrong.json()["faults"]] == [rule]
    assert dropped(exchange) == []


def test_no_file_replaces_another_of_its_name(exchange: Exchange, sample: bytes) -> None:
    token, name = exchange.token().token, {"file_name": "march.csv"}
    exchange.post(token, HAND_IN, content=sample, params=name)
    taken = exchange.post(token, HAND_IN, content=b"other", params=name)
    assert taken.status_code == 409
    [lying] = dropped(exchange)
    assert lying.read_bytes() == sample
    lying.unlink()
    assert exchange.post(token, HAND_IN, content=b"other", params=name).status_code == 202, "no receipt was left"


def test_a_feed_that_the_contract_does_not_name_is_forbidden_whether_it_exists_or_not(
    exchange: Exchange, sample: bytes
) -> None:
    token = exchange.token().token
    exchange.hub.recipient(FORCE, delivers=["true_vision_reports"])
    for feed in (FEED, "force_responses", "no_such_feed"):
        assert exchange.post(token, f"/v1/deliveries/{feed}", content=sample).status_code == 403
    assert exchange.post(exchange.token(FORCE, Scope.READ).token, HAND_IN, content=sample).status_code == 403


def test_answers_cannot_be_handed_in_as_files(exchange: Exchange) -> None:
    exchange.hub.recipient(FORCE, delivers=["force_responses"])
    assert exchange.post(exchange.token().token, "/v1/deliveries/force_responses", content=b"x").status_code == 403


def test_an_empty_file_is_refused_and_leaves_nothing(exchange: Exchange, sample: bytes) -> None:
    for path in (HAND_IN, CHECK):
        assert exchange.post(exchange.token().token, path, content=b"").status_code == 422
    assert dropped(exchange) == []
    assert len(sample) > 0


def test_a_check_says_what_a_delivery_would_be_answered_and_keeps_nothing(exchange: Exchange, sample: bytes) -> None:
    with sandbox(exchange):
        checked = exchange.post(exchange.token().token, CHECK, content=sample)
    assert checked.status_code == 200
    assert checked.json()["rules"]
    assert checked.json()["faults"]
    assert checked.json()["faults"][0]["row_number"] >= 1
    assert dropped(exchange) == []
    assert [path for path in exchange.hub.settings.sandbox.rglob("*") if path.is_file()] == []
    with exchange.hub.engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from ledger.deliveries").scalar() == 0


@pytest.fixture
def small_disk(exchange: Exchange) -> Iterator[Path]:
    """A disk of 64 KB under the drop folder. Needs a user who may mount one of memory."""
    drop = exchange.hub.settings.drop
    drop.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "hub", str(drop)]
    made = subprocess.run(command, capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield drop
    finally:
        subprocess.run(["umount", str(drop)], check=True)


def test_a_full_disk_is_told_and_nothing_is_kept_of_what_did_not_fit(
    exchange: Exchange, sample: bytes, small_disk: Path
) -> None:
    token = exchange.token().token
    answer = exchange.post(token, HAND_IN, content=sample + b"\n" * 100_000)
    assert (answer.status_code, answer.headers["retry-after"]) == (507, "60")
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(small_disk) not in answer.text, "where the hub keeps files is its own business"
    assert dropped(exchange) == []
    assert exchange.post(token, HAND_IN, content=sample).status_code == 202
    assert [lying.read_bytes() for lying in dropped(exchange)] == [sample]
