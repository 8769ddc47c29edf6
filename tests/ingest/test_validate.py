"""What validation of a chunk does with rules, however it is built inside."""

import dataclasses
import warnings

import numpy as np
import pyarrow as pa
import pytest

from contracts.samples import RECEIVED_AT
from hub.contracts.model import Contract
from hub.contracts.rules import Rule
from hub.contracts.values import LogicalType
from hub.deliveries import Chunk
from hub.ingest.validation import RuleFailed, chunks, validate_chunk
from ingest.small_feeds import column, feed

COUNTS = (column("came", kind=LogicalType.INTEGER), column("invited", kind=LogicalType.INTEGER), column("note"))
UNINVITED = Rule(
    "note.of_uninvited",
    "expect_column_values_to_not_be_null",
    {"column": "note"},
    "who comes without being invited is worth a word",
    "note",
    when="came > invited and not note.str.contains('x', na=False)",
)


def validate(contract: Contract, *rows: tuple[str, str, str | None]) -> list[tuple[int, str]]:
    table = pa.table([pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)], ["came", "invited", "note"])
    numbers = pa.array(range(1, len(rows) + 1), pa.int64())
    verdict = validate_chunk(contract, Chunk(table, numbers, numbers), RECEIVED_AT)
    return [(one.row_number, one.rule) for one in verdict.rejections]


def test_a_condition_may_compare_columns_and_nothing_that_it_rests_on_is_about_to_go() -> None:
    contract = dataclasses.replace(feed(*COUNTS), row_rules=(UNINVITED,))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*row_condition.*")
        found = validate(contract, ("2", "3", None), ("3", "2", None), ("3", "2", "x"), ("4", "2", None))
    assert found == [(2, "note.of_uninvited"), (4, "note.of_uninvited")]


def test_rows_that_are_counted_and_not_named_or_break_an_unknown_rule_are_never_let_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contract = dataclasses.replace(feed(*COUNTS), row_rules=(UNINVITED,))
    results = {UNINVITED.name: {"element_count": 1, "unexpected_count": 1, "unexpected_index_list": None}}
    with monkeypatch.context() as patched:
        patched.setattr(chunks, "compute_rules", lambda *_: results)
        with pytest.raises(RuleFailed, match=r"note\.of_uninvited: rows that break it were counted, but not named"):
            validate(contract, ("3", "2", None))
    monkeypatch.setattr(chunks, "wrong_formats", lambda *_: {"note.odd": np.array([0])})
    with pytest.raises(RuleFailed, match=r"rules that the contract does not have: note\.odd"):
        validate(contract, ("2", "3", "y"))
