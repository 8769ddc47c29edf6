"""What a delivery looks like: counted by sender and column, without a word of anybody's."""

import dataclasses
import uuid
from datetime import date

import numpy as np
import pyarrow as pa

from hub.contracts.model import Contract
from hub.contracts.rules import Rule
from hub.contracts.values import Classification, LogicalType
from hub.deliveries import Chunk
from hub.monitoring.profile import REST, DeliveryProfile
from ingest.small_feeds import column, feed

SUMMER_DAY = date(2026, 7, 2)
Cell = str | None


def closed(name: str) -> Rule:
    """A rule that closes the list of a column's values."""
    return Rule(f"{name}.known", "expect_column_values_to_be_in_set", {"column": name}, "a list", name)


def profiled(contract: Contract, *rows: tuple[Cell, ...], day: date = SUMMER_DAY) -> dict[tuple[str, ...], int]:
    """(sender, column, statistic, bucket) to the rows that were counted."""
    cells = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    chunk = Chunk(pa.table(cells, names=[one.name for one in contract.columns]), numbers, numbers)
    profile = DeliveryProfile(contract, contract.sender, day)
    profile.note(chunk, np.arange(len(rows)))
    return {
        (one["sender"], one["column_name"], one["statistic"], one["bucket"]): one["count_rows"]
        for one in profile.rows(uuid.uuid4()).to_pylist()
    }


def counted(seen: dict[tuple[str, ...], int], column: str, statistic: str) -> dict[str, int]:
    """The buckets of a column's statistic."""
    return {key[3]: count for key, count in seen.items() if key[1:3] == (column, statistic)}


def test_each_sender_of_a_file_is_counted_by_itself_and_a_list_by_its_members() -> None:
    contract = feed(column("platform"), column("words", kind=LogicalType.ARRAY), sender_column="platform")
    contract = dataclasses.replace(contract, row_rules=(closed("words"),))
    seen = profiled(contract, ("x", '["A_B", "C"]'), ("x", '["C"]'), ("y", None), (None, '["C", "C"]'))
    assert seen["x", "*", "rows", ""] == 2
    assert seen["x", "words", "value", "C"] == 2
    assert seen["x", "words", "value", "A_B"] == 1
    assert seen["y", "words", "given", "no"] == 1
    assert seen["a sender", "words", "value", "C"] == 1


def test_a_code_of_several_words_is_one_code_and_only_a_list_is_split() -> None:
    contract = feed(column("outcome"), column("strands"))
    texts = Rule("outcome.known", "expect_column_values_to_be_in_set", {"column": "outcome"}, "a list", "outcome")
    codes = Rule("strands.known", "expect_column_values_to_match_regex", {"column": "strands"}, "codes", "strands")
    contract = dataclasses.replace(contract, row_rules=(texts, codes))
    seen = profiled(contract, ("Offender given a caution", "race|religion"), ("Court result; unknown", "race"))
    assert counted(seen, "outcome", "value") == {"Offender given a caution": 1, "Court result; unknown": 1}
    assert counted(seen, "strands", "value") == {"race": 2, "religion": 1}


def test_two_flags_of_a_row_are_counted_together() -> None:
    contract = feed(column("is_victim", kind=LogicalType.BOOLEAN), column("victim_name"))
    seen = profiled(contract, ("true", None), ("true", "Ann"), ("false", "Bob"))
    assert seen["a sender", "*", "pairs", ""] == 3
    assert counted(seen, "victim_name", "with:is_victim=true") == {"*": 1}
    assert counted(seen, "is_victim", "with:is_victim=true") == {"true": 2}
    assert counted(seen, "victim_name", "with:victim_name=*") == {"*": 2}


def test_words_and_personal_values_are_never_kept() -> None:
    contract = feed(
        column("victim_name", classification=Classification.PERSONAL),
        column("reason", kind=LogicalType.STRING),
    )
    seen = profiled(contract, ("Ann Example", "she said so"), (None, "no"))
    assert seen["a sender", "victim_name", "given", "yes"] == 1
    assert {key[2] for key in seen if key[1] == "victim_name" and not key[2].startswith("with:")} == {"given"}
    assert counted(seen, "reason", "length") == {"10 to 12": 1, "2 to 2.5": 1}
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
    assert counted(seen, "at", "days_before") == {"1 day": 2, "93 to 365 days": 1}
    assert counted(seen, "at", "exactness") == {"whole minutes": 2, "whole hours": 1}


def test_lags_run_from_each_time_to_the_next_and_numbers_with_signs_of_thousands_are_numbers() -> None:
    contract = feed(
        column("happened_on", kind=LogicalType.DATE),
        column("told_on", kind=LogicalType.DATE),
        column("count", kind=LogicalType.NUMBER),
    )
    seen = profiled(contract, ("2026-07-01", "2026-07-03", "1,000.5"), ("2026-07-02", "2026-07-01", "10"))
    assert counted(seen, "told_on", "days_after:happened_on") == {"2 days": 1, "earlier by 1 day": 1}
    assert counted(seen, "count", "size") == {"1000 to 1200": 1, "10 to 12": 1}
    assert counted(seen, "count", "decimals") == {"1": 1, "none": 1}


def test_minutes_between_two_clocks_are_counted_whatever_their_offsets() -> None:
    contract = feed(column("happened_at", kind=LogicalType.TIMESTAMP), column("noted_at", kind=LogicalType.TIMESTAMP))
    seen = profiled(contract, ("2026-07-01T23:30:00+01:00", "2026-07-01T22:40:00Z"))
    assert counted(seen, "noted_at", "minutes_after:happened_at") == {"under 15 minutes": 1}


def test_of_very_many_senders_the_rarest_are_put_together() -> None:
    contract = feed(column("platform"), sender_column="platform")
    seen = profiled(contract, *[(f"p{number:03}",) for number in range(250)], ("p007",))
    assert seen["p007", "*", "rows", ""] == 2
    assert seen[REST, "*", "rows", ""] == 50
    assert seen[REST, "platform", "given", "yes"] == 50


def test_a_sender_that_is_called_as_the_rarest_together_is_counted_once_among_them() -> None:
    contract = feed(column("platform"), sender_column="platform")
    more = [(f"p{number:03}",) for number in range(250)]
    assert profiled(contract, *more, *more, (REST,))[REST, "*", "rows", ""] == 2 * 50 + 1
