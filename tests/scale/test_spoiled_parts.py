"""Spoiled rows of every feed that can come in parts have the same verdict, number, line and text on Spark as in order.

``HUB_SCALE_FILES`` and ``HUB_SCALE_SEED`` choose how many spoiled parts the feeds have together, and which.
"""

import os
from collections import Counter
from dataclasses import replace

import pytest

from contracts.samples import EXPECTATIONS, FEEDS
from hub.contracts.model import Catalogue
from hub.contracts.values import FileFormat
from hub.deliveries import DeliveryStatus
from scale.hubs import ANY_SHARE, Both, answer, needs_spark
from scale.mutated import spoiled_file

pytestmark = [pytest.mark.long, needs_spark]
CSV_FEEDS = [feed for feed in FEEDS if (EXPECTATIONS / feed / "samples" / "good.csv").exists()]
PARTS_A_FILE = 400
GROUPS = 8


def scale_files() -> tuple[int, int]:
    """How many spoiled parts each feed has, and the first seed."""
    count = int(os.environ.get("HUB_SCALE_FILES", "240"))
    return -(-count // len(CSV_FEEDS)), int(os.environ.get("HUB_SCALE_SEED", "20261201"))


def test_every_feed_of_csv_files_is_here(catalogue: Catalogue) -> None:
    of_csv = {feed for feed, one in catalogue.contracts.items() if FileFormat.CSV in one.form.formats}
    assert of_csv == set(CSV_FEEDS)


@pytest.mark.parametrize("feed", CSV_FEEDS)
def test_spoiled_parts_have_the_verdicts_that_they_have_in_order(
    feed: str, both: Both, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = replace(catalogue.contracts[feed], rejected_rows=ANY_SHARE)
    count, seed = scale_files()
    ends: Counter[DeliveryStatus] = Counter()
    rows: Counter[str] = Counter()
    for start in range(0, count, PARTS_A_FILE):
        data = spoiled_file(contract, seed + start, min(PARTS_A_FILE, count - start))
        one, other, seen = both.deliver(contract, data, f"file-{start}.csv.zip", groups=GROUPS)
        assert answer(one) == answer(other), f"seed {seed + start}"
        both.assert_equal(contract)
        seen.assert_spark_did_all(other)
        assert seen.chunks_of_spark > 1
        ends[one.status] += 1
        rows.update(read=one.rows_read, quarantined=one.rows_quarantined, duplicate=one.rows_duplicate)
        rows.update(seconds_in_order=round(one.seconds), seconds_on_spark=round(other.seconds))
    assert ends == {DeliveryStatus.LOADED: ends.total()}
    with capsys.disabled():
        print(f"\n{feed}: {count} parts, {dict(rows)}")
