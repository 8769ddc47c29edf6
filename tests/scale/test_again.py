"""The same rows cut otherwise add nothing, whichever way they and those before them were read."""

from dataclasses import replace

import pytest

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryStatus
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from ingest.archive.statements import archived
from ingest.deliveries import counts, raw_rows
from ingest.test_statements_in_parts_by_another_hand import BECAUSE, BY, day, in_parts
from scale.hubs import Both, answer, by_spark, needs_spark, small_groups, watched

pytestmark = [pytest.mark.long, needs_spark]


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return catalogue.contracts["provider_statements"]


def test_the_same_rows_cut_otherwise_add_nothing(both: Both, contract: Contract) -> None:
    header, records = day(contract, 120)
    first, _, _ = both.deliver(contract, in_parts(header, records, 1), "first.csv.zip")
    before = raw_rows(both.engine(both.spark), contract)
    kept = archived(both.spark, both.engine(both.spark), contract)
    one, other, seen = both.deliver(contract, in_parts(header, records, 2), "second.csv.zip")
    assert first.rows_accepted == len(before) + len(kept) > 50 < len(before)
    assert kept
    assert answer(one) == answer(other)
    assert counts(other) == (first.rows_read, 0, first.rows_quarantined, first.rows_accepted + first.rows_duplicate)
    seen.assert_spark_did_all(other)
    assert raw_rows(both.engine(both.spark), contract) == before
    assert archived(both.spark, both.engine(both.spark), contract) == kept
    both.assert_equal(contract)
    # What was read in order is known to Spark, and what Spark read is known in order.
    crossed, watch = replace(both, ordered=both.spark, spark=both.ordered), in_parts(header, records, 3)
    one, other, seen = crossed.deliver(contract, watch, "third.csv.zip")
    assert answer(one) == answer(other)
    assert other.rows_accepted == 0
    seen.assert_spark_did_all(other)
    both.assert_equal(contract)


def test_a_file_that_is_withdrawn_and_restored_is_read_on_spark_again(
    both: Both, contract: Contract, catalogue: Catalogue
) -> None:
    header, records = day(contract, 90)
    one, other, _ = both.deliver(contract, in_parts(header, records, 4))
    before = raw_rows(both.engine(both.spark), contract)
    kept = archived(both.spark, both.engine(both.spark), contract)
    on_spark = replace(catalogue, contracts={**catalogue.contracts, contract.feed: by_spark(contract)})
    withdraw_delivery(both.spark, on_spark, other.delivery_id, because=BECAUSE, decided_by=BY)
    assert raw_rows(both.engine(both.spark), contract) == []
    assert archived(both.spark, both.engine(both.spark), contract) == []
    with small_groups(), watched() as seen:
        restored = restore_delivery(both.spark, on_spark, other.delivery_id, because=BECAUSE, decided_by=BY)
    assert (restored.status, counts(restored)) == (DeliveryStatus.LOADED, counts(one))
    print("restored:", seen)
    after = raw_rows(both.engine(both.spark), contract)
    assert archived(both.spark, both.engine(both.spark), contract) == kept
    assert [{**row, "_loaded_at": None} for row in after] == [{**row, "_loaded_at": None} for row in before]
