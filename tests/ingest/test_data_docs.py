"""The pages of Great Expectations' Data Docs: counts and shares of each delivery's rules, and no value of a row."""

import csv
import io
import re

import pytest
import sqlalchemy as sa
from lxml import html

from contracts.samples import stored_sample
from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from hub.ingest.data_docs import page_of_delivery, write_data_docs
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import ledger_rows, take_in
from ingest.test_ingest import DAYS
from searching import files_holding

REPORTS = "true_vision_reports"
ROWS_THAT_MAY_BE_WRONG = 15
"""In a file of more rows, the share of wrong ones would hold the delivery."""


def bad_rows(contract: Contract) -> bytes:
    return b"".join(stored_sample(contract, "bad").read_bytes().splitlines(keepends=True)[:ROWS_THAT_MAY_BE_WRONG])


def words(settings: Settings, feed: str, engine: sa.Engine) -> str:
    """What the page of a feed's one delivery says."""
    page = page_of_delivery(settings, feed, ledger_rows(engine)[0].delivery_id)
    assert page is not None
    tree = html.fromstring(page.read_text())
    for unread in tree.xpath("//script|//style"):
        unread.drop_tree()
    return " ".join(tree.text_content().split())


def test_the_ledger_counts_for_every_rule_the_rows_that_were_checked_and_those_that_break_it(
    settings: Settings, engine: sa.Engine
) -> None:
    prepare_warehouse(engine, [DAYS])
    take_in(settings, engine, DAYS, b"place,note,seen_on\nLeeds,,2026-01-05\n,a,2026-01-06\nBath,,yesterday\n")
    (row,) = ledger_rows(engine)
    counts = {rule: tuple(one) for rule, one in row.rule_counts.items()}
    assert counts["place.required"] == (3, 1)
    assert counts["seen_on.type"] == (3, 1)
    assert counts["note.mostly_given"] == (3, 2)


def test_a_page_says_how_many_rows_broke_which_rule_and_holds_no_value_of_a_victim(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    contract = catalogue.contracts[REPORTS]
    data = bad_rows(contract)
    take_in(settings, engine, contract, data)
    assert write_data_docs(settings, catalogue.contracts) == 1
    said = words(settings, REPORTS, engine)
    assert f"Data asset: {REPORTS}" in said
    with engine.connect() as connection:
        query = "select rule, count(*) as broken from quarantine.rows group by rule order by broken desc, rule limit 1"
        most = connection.execute(sa.text(query)).one()
    rule, count = str(most.rule), most.broken
    assert re.search(rf"{re.escape(rule)}: .*?{count} unexpected values found\. ≈?[\d.]+% of \d+ total rows", said)
    personal = [column.name for column in contract.personal_columns] + ["description"]
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    told = {row[name] for row in rows for name in personal if len(row.get(name) or "") >= 5}
    assert "robin.sample@example.org" in told
    assert files_holding(settings.data_docs, told) == set()
    assert files_holding(settings.data_docs, {rule}) != set()


def test_the_page_of_a_held_delivery_shows_the_rule_that_holds_it(settings: Settings, engine: sa.Engine) -> None:
    prepare_warehouse(engine, [DAYS])
    result = take_in(settings, engine, DAYS, b"place,note,seen_on\nLeeds,,\nBath,,\nYork,a,\n")
    assert result.status is DeliveryStatus.HELD
    write_data_docs(settings, {"days": DAYS})
    said = words(settings, "days", engine)
    broken = r"note\.mostly_given: notes are seldom left out 2 unexpected values found\. ≈66\.\d+% of 3 total rows\."
    assert re.search(broken, said)
    assert "Status: Failed" in said


@pytest.mark.parametrize("gone_by", ["status = 'withdrawn'", "status = 'superseded'", "rule_counts = null"])
def test_the_page_of_a_delivery_that_is_gone_goes_and_those_that_stay_are_not_written_again(
    gone_by: str, settings: Settings, engine: sa.Engine
) -> None:
    prepare_warehouse(engine, [DAYS])
    for place in ("Leeds", "Bath"):
        take_in(settings, engine, DAYS, f"place,note,seen_on\n{place},a,\nYork,a,\n".encode(), f"{place}.csv")
    first, second = (row.delivery_id for row in ledger_rows(engine))
    assert write_data_docs(settings, {"days": DAYS}) == 2
    with engine.begin() as connection:
        gone = sa.text(f"update ledger.deliveries set {gone_by} where delivery_id = :first")
        connection.execute(gone, {"first": first})
    assert write_data_docs(settings, {"days": DAYS}) == 0
    assert page_of_delivery(settings, "days", first) is None
    assert page_of_delivery(settings, "days", second) is not None
