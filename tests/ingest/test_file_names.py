"""The name of a file that holds an e-mail address or a telephone number is kept nowhere, and its sender is told."""

import dataclasses
import logging

import pytest
import sqlalchemy as sa

from hub.contracts.file_names import holds_contact
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest.collect import UNKNOWN, collect_drop, collect_unknown
from hub.ingest.ingest import ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.orchestration import delivery_log
from hub.settings import Settings
from ingest.deliveries import drop, ledger_rows, let_it_rest
from privacy.letters import ADA, BO, LETTERS, as_csv


@pytest.mark.parametrize(
    "name",
    [
        "from ada.quill@example.org.csv",
        "ada%40example.org",
        "export_07700900123.csv",
        "call +44 7700 900 123 back.csv",
        "0044-7700-900123.jsonl",
        "re_(0)20_7946_0018.csv",
        "call +44 7700 201112 back.csv",
        "07700-190112.csv",
    ],
)
def test_contacts_are_found_in_names(name: str) -> None:
    assert holds_contact(name)


@pytest.mark.parametrize(
    "name",
    [
        "true_vision_2026-01-01_2026-01-31.csv",
        "letters_01-02-2026_28-02-2026_000123.csv",
        "statements_20260102T030405_0017.zip",
        "month 2026-03 v0.1.2.csv",
        "0123.csv",
    ],
)
def test_days_and_numbers_are_no_contacts(name: str) -> None:
    assert not holds_contact(name)


def test_only_the_period_and_the_number_of_a_name_are_no_contact(catalogue: Catalogue) -> None:
    pattern = catalogue.contracts["force_responses"].file_name_pattern
    assert holds_contact("force_responses_07700900123_2026-01-31.xml", pattern)


def test_every_sample_of_every_feed_keeps_its_name(catalogue: Catalogue, settings: Settings) -> None:
    for feed in catalogue.contracts:
        names = [path.name for path in (settings.expectations / feed / "samples").rglob("*")]
        assert not [name for name in names if holds_contact(name)]


def test_who_drops_a_file_outside_of_every_folder_is_told_too(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    settings.drop.mkdir(parents=True, exist_ok=True)
    (settings.drop / "quill@example.org").write_bytes(b"a")
    let_it_rest()
    collect_unknown(settings, engine, catalogue)
    (row,) = ledger_rows(engine)
    assert "name files without" in row.reason
    assert "quill" not in row.file_name


def test_a_contact_in_the_name_of_a_folder_is_neither_logged_nor_kept(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    drop(settings, "tel_07700900123", "a.csv", b"a")
    let_it_rest()
    collect_unknown(settings, engine, catalogue)
    assert [row.feed for row in ledger_rows(engine)] == [UNKNOWN]
    drop(settings, "quill@example.org", "large.csv", b"too large")
    let_it_rest()
    collect_unknown(dataclasses.replace(settings, max_file_bytes=1), engine, catalogue)
    assert "cannot be taken" in caplog.text
    assert "quill" not in caplog.text


def test_the_sender_is_told_and_the_name_is_kept_nowhere(
    settings: Settings, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    prepare_warehouse(engine, [LETTERS])
    caplog.set_level(logging.INFO)
    data = as_csv({"ref": "A", **ADA}, {"ref": "", **BO})
    names = ("ada@example.org.csv", "again 07700 900123.csv")
    for name in names:
        drop(settings, LETTERS.feed, name, data)
        let_it_rest()
        (receipt,) = collect_drop(settings, engine, LETTERS)
        if receipt.is_first:
            result = ingest_delivery(settings, engine, LETTERS, receipt.delivery_id)
            delivery_log.tell(result)
            assert result.status is DeliveryStatus.LOADED
            assert "name files without" in str(result.reason)
        else:
            delivery_log.tell_known(receipt)
    first, again = ledger_rows(engine)
    assert (first.status, again.status) == (DeliveryStatus.LOADED, DeliveryStatus.DUPLICATE)
    assert first.file_name.startswith("withheld-")
    assert again.file_name.startswith("withheld-")
    assert first.file_name != again.file_name
    assert first.file_name.endswith(".csv")
    assert "name files without" in caplog.text
    (errors,) = settings.outbox.rglob("*.csv")
    for said in (caplog.text, str(first), str(again), errors.read_text(), errors.name):
        assert "ada@" not in said
        assert "900123" not in said
