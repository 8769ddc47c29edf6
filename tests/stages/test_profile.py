"""What a delivery looks like: counted by sender and column, without a word of anybody's."""

import dataclasses
import uuid
from datetime import date

import numpy as np
import pyarrow as pa

from hub.contract_rules import Rule
from hub.contract_values import Classification, LogicalType
from hub.contracts import Contract
from hub.deliveries import Chunk
from hub.stages.profile import REST, DeliveryProfile
from stages.small_feeds import column, feed

SUMMER_DAY = date(2026, 7, 2)
Cell = str | None


def closed(name: str) -> Rule:
    """A rule that closes the list of a column's values."""
    return Rule(f"{name}.known", "expect_column_values_to_be_in_set", {"column": name}, "a list", name)


def profiled(contract: Contract, *rows: tuple[Cell, ...], day: date = SUMMER_DAY) -> dict[tuple[str, ...], float]:
    """(sender, column, statistic, bucket) to what was counted, or to the median."""
    cells = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    chunk = Chunk(pa.table(cells, names=[one.name for one in contract.columns]), numbers, numbers)
    profile = DeliveryProfile(contract, contract.sender, day)
    profile.note(chunk, np.arange(len(rows)))
    return {
        (one["sender"], one["column_name"], one["statistic"], one["bucket"]): (
            one["count_rows"] if one["amount"] is None else one["amount"]
        )
        for one in profile.rows(uuid.uuid4()).to_pylist()
    }


def test_each_sender_of_a_file_is_counted_by_itself_and_a_list_by_its_members() -> None:
    contract = feed(column("platform"), column("words", kind=LogicalType.ARRAY), sender_column="platform")
    contract = dataclasses.replace(contract, row_rules=(closed("words"),))
    seen = profiled(contract, ("x", '["A_B", "C"]'), ("x", '["C"]'), ("y", None), (None, '["C", "C"]'))
    assert seen["x", "*", "rows", ""] == 2
    assert seen["x", "words", "code", "C"] == 2
    assert seen["x", "words", "code", "A_B"] == 1
    assert seen["y", "words", "given", "no"] == 1
    assert seen["a sender", "words", "code", "C"] == 1


def test_words_and_personal_values_are_never_kept() -> None:
    contract = feed(
        column("victim_name", classification=Classification.PERSONAL),
        column("reason", kind=LogicalType.STRING),
    )
    seen = profiled(contract, ("Ann Example", "she said so"), (None, "no"))
    assert seen["a sender", "victim_name", "given", "yes"] == 1
    assert {key[2] for key in seen if key[1] == "victim_name"} == {"given"}
    assert seen["a sender", "reason", "median_length", ""] == 6.5
    assert not any("said" in part or "Ann" in part for key in seen for part in key)


def test_a_clock_is_read_in_london_and_in_utc_and_an_offset_counts_where_it_tells_something() -> None:
    contract = feed(column("at", kind=LogicalType.TIMESTAMP), event_column="at")
    seen = profiled(
        contract,
        ("2026-07-01T23:30:00+01:00",),
        ("2026-07-01T23:30:00Z",),
        ("2026-01-01T10:00:00+00:00",),
        (None,),
    )
    assert {key[3]: count for key, count in seen.items() if key[2] == "hour_in_london"} == {"23": 1, "0": 1, "10": 1}
    assert {key[3]: count for key, count in seen.items() if key[2] == "hour_in_utc"} == {"22": 1, "23": 1, "10": 1}
    assert {key[3]: count for key, count in seen.items() if key[2] == "offset"} == {"local": 1, "+00:00": 1}
    assert {key[3]: count for key, count in seen.items() if key[2] == "days_before_delivery"} == {"1": 2, "32-365": 1}


def test_lags_run_from_the_event_and_numbers_with_signs_of_thousands_are_numbers() -> None:
    contract = feed(
        column("happened_on", kind=LogicalType.DATE),
        column("told_on", kind=LogicalType.DATE),
        column("count", kind=LogicalType.NUMBER),
        event_column="happened_on",
    )
    seen = profiled(contract, ("2026-07-01", "2026-07-03", "1,000"), ("2026-07-02", "2026-07-01", "10"))
    lags = {key[3]: count for key, count in seen.items() if key[1:3] == ("told_on", "days_after_event")}
    assert lags == {"2-7": 1, "-1": 1}
    assert seen["a sender", "count", "median", ""] == 505
    assert seen["a sender", "count", "spread", ""] == 495


def test_of_very_many_senders_the_rarest_are_put_together() -> None:
    contract = feed(column("platform"), sender_column="platform")
    seen = profiled(contract, *[(f"p{number:03}",) for number in range(250)], ("p007",))
    assert seen["p007", "*", "rows", ""] == 2
    assert seen[REST, "*", "rows", ""] == 50
    assert seen[REST, "platform", "given", "yes"] == 50
