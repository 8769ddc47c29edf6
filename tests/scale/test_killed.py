"""Spark's processes are killed at their work: the delivery is what it is in order, and nothing of it is there twice."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hub.contracts.model import Catalogue, Contract
from hub.contracts.rules import Rule
from hub.deliveries import DeliveryStatus
from hub.ingest import on_spark
from hub.ingest.validation import RuleFailed
from ingest.deliveries import assert_nothing_is_lost, ledger_rows, quarantined, raw_rows
from ingest.zips_in_parts import zip_of
from scale.hubs import ANY_SHARE, Both, answer, needs_spark
from scale.mutated import header_of, rows_of
from scale.processes import Process, at_the_same_time, java_below, workers_below
from scale.small_parts import NOTES, good, part, prepared

pytestmark = [pytest.mark.long, needs_spark]
ROWS_A_PART = 1_500
POISON = """
import os, signal, sys
if any("pyspark" in one for one in sys.orig_argv):
    os.register_at_fork(after_in_child=lambda: signal.setitimer(signal.ITIMER_REAL, {seconds}))
"""
"""A worker that is made by forking dies so soon, whatever it does."""


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return replace(catalogue.contracts["provider_statements"], rejected_rows=ANY_SHARE)


def day(contract: Contract, seed: int, parts: int = 6) -> bytes:
    """A day of statements whose parts take a worker a second or so."""
    chance = random.Random(seed)
    rows = rows_of(contract, chance, ROWS_A_PART * parts)
    pieces = (rows[start : start + ROWS_A_PART] for start in range(0, len(rows), ROWS_A_PART))
    return zip_of(*(header_of(contract) + b"".join(piece) for piece in pieces))


@dataclass
class Killer:
    """Kills one of the processes that ``find`` gives, when it has seen it so many times."""

    find: Callable[[], list[Process]]
    after: int
    killed: int = 0
    seen: int = 0

    def look(self) -> None:
        if self.killed or not (found := self.find()):
            return
        self.seen += 1
        if self.seen >= self.after:
            found[-1].kill()
            self.killed += 1


def assert_is_the_same(both: Both, contract: Contract, data: bytes, killer: Killer, *, may_fail: bool) -> None:
    """Taken in while something is killed: it ends as in order, or fails with nothing written and ends so later."""
    one = both.in_order(contract, data)
    try:
        with at_the_same_time(killer.look):
            other, seen = both.on_spark(contract, data)
        print(f"{killer.killed} killed, seen {killer.seen} times; {seen}")
    except Exception as error:
        print(f"the load failed: {type(error).__name__}: {error}")
        assert may_fail
        assert_nothing_is_written(both, contract)
        other, _ = both.waiting(contract)
    assert killer.killed == 1
    assert one.status is DeliveryStatus.LOADED
    assert answer(one) == answer(other)
    both.assert_equal(contract)


@pytest.mark.parametrize("after", [1, 60, 150])
def test_a_worker_that_is_killed_costs_no_row_and_doubles_none(both: Both, contract: Contract, after: int) -> None:
    assert_is_the_same(both, contract, day(contract, after), Killer(workers_below, after), may_fail=False)


@pytest.mark.parametrize("after", [1, 60, 150, 250])
def test_java_that_is_killed_costs_no_row_and_doubles_none(both: Both, contract: Contract, after: int) -> None:
    assert_is_the_same(both, contract, day(contract, after + 1), Killer(java_below, after), may_fail=True)


def test_a_delivery_after_java_was_killed_is_read_by_the_same_process(both: Both, contract: Contract) -> None:
    both.deliver(contract, day(contract, 90, parts=2), "first.csv.zip")
    for process in java_below():
        process.kill()
    one, other, _ = both.deliver(contract, day(contract, 91, parts=2), "second.csv.zip")
    assert answer(one) == answer(other)
    both.assert_equal(contract)


@pytest.mark.parametrize("chunks", [1, 3])
def test_java_that_is_killed_while_rows_are_loaded_leaves_nothing_or_all(
    both: Both, contract: Contract, chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    validated, data = on_spark.validated_on_spark, day(contract, 70 + chunks)

    def killing(*arguments: Any) -> Iterator[Any] | None:
        found = validated(*arguments)
        return None if found is None else until(found)

    def until(found: Iterator[Any]) -> Iterator[Any]:
        for number, pair in enumerate(found):
            if number == chunks:
                java_below()[0].kill()
            yield pair

    one = both.in_order(contract, data)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(on_spark, "validated_on_spark", killing)
            other, _ = both.on_spark(contract, data)
    except Exception as error:
        print("the load failed:", type(error).__name__, error)
        assert_nothing_is_written(both, contract)
        other, _ = both.waiting(contract)
    assert answer(one) == answer(other)
    both.assert_equal(contract)


def assert_nothing_is_written(both: Both, contract: Contract) -> None:
    """Of the one file of the hub with Spark."""
    engine = both.engine(both.spark)
    assert raw_rows(engine, contract) == []
    assert quarantined(engine) == []
    assert [row.status for row in ledger_rows(engine)] == ["received"]
    assert [row.unfinished_reads for row in ledger_rows(engine)] == [0]


@pytest.mark.parametrize("seconds", ["0.2", "6"])
def test_a_file_that_kills_every_worker_is_read_in_order(
    both: Both, contract: Contract, seconds: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "poison"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(POISON.format(seconds=seconds))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    one, other, seen = both.deliver(contract, day(contract, 80))
    assert answer(one) == answer(other)
    seen.assert_read_in_order()
    both.assert_equal(contract)


def test_a_rule_that_cannot_be_computed_fails_the_load_and_nothing_is_written(both: Both) -> None:
    wrong = Rule("note.odd", "expect_column_values_to_match_regex", {"column": "note", "regex": "("}, "a test", "note")
    contract = prepared(both, replace(NOTES, row_rules=(wrong,)))
    data = zip_of(part(good(0, 3)), part(good(9, 3)))
    with pytest.raises(RuleFailed):
        both.in_order(contract, data)
    with pytest.raises(RuleFailed):
        both.on_spark(contract, data)
    assert_nothing_is_written(both, contract)
    both.in_order(NOTES, data, "again.csv.zip")
    both.waiting(NOTES)
    assert_nothing_is_lost(both.engine(both.spark), NOTES)
