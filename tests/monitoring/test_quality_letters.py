"""A letter a month to each sender says what came, what was wrong and what to mend first, and no value of a row."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from contracts.samples import stored_sample
from hub.contracts.files import RejectedRows
from hub.contracts.model import Catalogue, Contract
from hub.monitoring.quality_letters import RULES_NAMED, Letter, month_before, write_letters
from hub.settings import Settings
from ingest.deliveries import take_in

FEED = "true_vision_reports"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return replace(catalogue.contracts[FEED], rejected_rows=RejectedRows(1.0, 1, "a test"))


def letters(settings: Settings, engine: sa.Engine, contract: Contract, month: date = TODAY) -> list[Letter]:
    with engine.connect() as connection:
        return write_letters(settings, connection, contract, month)


def in_outbox(settings: Settings, name: str) -> str:
    """What a file for a sender says."""
    return (settings.outbox / name).read_text()


def rules(settings: Settings, letter: Letter) -> dict[str, dict[str, str]]:
    with (settings.outbox / letter.rules).open(newline="") as source:
        return {row["rule"]: row for row in csv.DictReader(source)}


def test_a_letter_counts_the_rows_of_each_rule(settings: Settings, engine: sa.Engine, contract: Contract) -> None:
    result = take_in(settings, engine, contract, stored_sample(contract, "bad").read_bytes(), "bad.csv")
    (letter,) = letters(settings, engine, contract)
    written = rules(settings, letter)
    assert sum(int(one["rows"]) for one in written.values()) == result.rows_quarantined > 0
    text = in_outbox(settings, letter.text)
    assert f"{result.rows_accepted:,} were accepted" in text
    assert all(f"- {rule}: " in text for rule in list(written)[:RULES_NAMED])
    assert f"and {len(written) - RULES_NAMED} rules more" in text
    counts = [int(one["rows"]) for one in written.values()]
    assert counts == sorted(counts, reverse=True)
    assert f"Mend first: {next(iter(written))}" in text


def test_a_refused_file_is_named_and_to_be_mended_first(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    take_in(settings, engine, contract, b"%PDF-1.7\n", "report.csv")
    (letter,) = letters(settings, engine, contract)
    text = in_outbox(settings, letter.text)
    assert "report.csv was refused" in text
    assert "Mend first: deliver again" in text


def test_a_file_that_was_delivered_again_and_loaded_is_not_asked_for(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    for number in range(5):
        take_in(settings, engine, contract, b"%PDF-1.7\n" + b"\n" * number, f"{number}.csv")
    take_in(settings, engine, contract, stored_sample(contract, "good").read_bytes(), "0.csv")
    (letter,) = letters(settings, engine, contract)
    assert "what was refused or held (1.csv, 2.csv, 3.csv and 1 more)" in in_outbox(settings, letter.text)


def test_what_came_before_the_contract_is_in_the_letter_of_its_sender(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    take_in(settings, engine, contract, stored_sample(contract, "bad").read_bytes(), "bad.csv")
    take_in(settings, engine, contract, b"%PDF-1.7\n", "early.csv")
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.deliveries set sender = null where file_name = 'early.csv'"))
    (letter,) = letters(settings, engine, contract)
    assert "2 files came" in in_outbox(settings, letter.text)
    assert rules(settings, letter)


def test_a_letter_holds_no_value_of_a_wrong_row(settings: Settings, engine: sa.Engine, contract: Contract) -> None:
    name = "Aurelia Quillfeather"
    rows = list(csv.DictReader(stored_sample(contract, "good").read_text().splitlines()))[:1]
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, rows[0])
    writer.writeheader()
    writer.writerow(rows[0] | {"victim_name": name, "is_anonymous": name})
    data = target.getvalue().encode()
    assert take_in(settings, engine, contract, data, "bad.csv").rows_quarantined == 1
    (letter,) = letters(settings, engine, contract)
    assert not any(name in in_outbox(settings, place) for place in (letter.text, letter.rules))


def test_each_sender_gets_a_letter_of_its_own(settings: Settings, engine: sa.Engine, contract: Contract) -> None:
    good = stored_sample(contract, "good").read_bytes()
    take_in(settings, engine, contract, good, "one.csv")
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.deliveries set sender = 'Übung & Söhne'"))
    take_in(settings, engine, contract, good + b"\n", "two.csv")
    found = letters(settings, engine, contract)
    assert len({one.sender for one in found}) == len({one.text for one in found}) == 2
    assert all(in_outbox(settings, one.text).count("1 file came") == 1 for one in found)


def test_nobody_gets_a_letter_of_a_month_without_deliveries(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    take_in(settings, engine, contract, stored_sample(contract, "good").read_bytes(), "one.csv")
    assert letters(settings, engine, contract, month_before(TODAY)) == []


@pytest.mark.parametrize(
    ("day", "before"), [(date(2026, 1, 31), date(2025, 12, 1)), (date(2026, 3, 1), date(2026, 2, 1))]
)
def test_the_month_before_begins_on_its_first_day(day: date, before: date) -> None:
    assert month_before(day) == before
