"""Whole rows: values at the edges of every column, changed until the rules between columns are met."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

import pandas as pd

from proofs.contract_rows.edges import PYTHON_FORMATS, edge_value
from proofs.contract_rows.reading import FeedContract, Field, Rule
from proofs.contract_rows.relations import Pool

ROUNDS = 40
OFTEN_EMPTY = 0.25
"""How often an optional cell is empty, in a row that is neither full nor bare."""

BREAKS: dict[str, Callable[["pd.Series[Any]", Mapping[str, Any]], "pd.Series[bool]"]] = {
    "be_null": lambda values, _: values.notna(),
    "not_be_null": lambda values, _: values.isna(),
    "be_in_set": lambda values, kwargs: values.notna() & ~values.isin(kwargs["value_set"]),
    "not_be_in_set": lambda values, kwargs: values.isin(kwargs["value_set"]),
    "match_regex": lambda values, kwargs: values.notna() & ~values.fillna("").str.contains(kwargs["regex"]),
    "not_match_regex": lambda values, kwargs: values.notna() & values.fillna("").str.contains(kwargs["regex"]),
}
"""Which values break an expectation. One that is not here ends the test: the generator does not know it yet."""

type Row = dict[str, str | None]


def draw_rows(rng: Random, contract: FeedContract, count: int, pool: Pool, today: datetime) -> list[Row]:
    """Rows that meet every rule that the contract states; their references come from the pool of all feeds."""
    rows: list[Row] = []
    taken: set[str | None] = set()
    unique = next((field.name for field in contract.fields if field.unique), None)
    while len(rows) < count:
        drawn = [_draw(rng, contract, pool, today) for _ in range(count)]
        for row in _meeting(rng, contract, drawn, pool, today):
            if unique is None or row[unique] not in taken:
                taken.add(unique and row[unique])
                rows.append(row)
            if len(rows) == count:
                break
    pool.remember(contract, rows)
    return rows


def _draw(rng: Random, contract: FeedContract, pool: Pool, today: datetime) -> Row:
    emptied = rng.choice((0.0, 1.0, OFTEN_EMPTY, OFTEN_EMPTY, OFTEN_EMPTY, OFTEN_EMPTY))
    # A file whose column is suddenly empty is held, so rows are bare less often than not.
    if emptied == 1.0 and rng.random() < 0.5:
        emptied = OFTEN_EMPTY
    return {
        field.name: None if not field.required and rng.random() < emptied else _value(rng, contract, field, pool, today)
        for field in contract.fields
    }


def _value(rng: Random, contract: FeedContract, field: Field, pool: Pool, today: datetime) -> str:
    return pool.pick(rng, contract.feed, field) or edge_value(rng, field, today)


def _meeting(rng: Random, contract: FeedContract, rows: Sequence[Row], pool: Pool, today: datetime) -> Iterator[Row]:
    """The rows, as soon as they break no rule; what is broken is emptied, given or drawn again."""
    for turn in range(ROUNDS):
        broken = dict(_broken(contract, rows))
        yield from (row for number, row in enumerate(rows) if number not in broken)
        for number, rule in broken.items():
            field, row = contract.field(rule.column), rows[number]
            may_be_empty = not field.required and not rule.expectation.endswith("to_not_be_null")
            if may_be_empty and (turn > 5 or rng.random() < 0.5):
                row[field.name] = None
            else:
                row[field.name] = _value(rng, contract, field, pool, today)
            if turn > 10:
                # Two rules can ask for opposite things of one column, by another that both look at.
                other = rng.choice(contract.fields)
                row[other.name] = _value(rng, contract, other, pool, today)
        rows = [rows[number] for number in broken]
        if not rows:
            return


def _broken(contract: FeedContract, rows: Sequence[Row]) -> Iterator[tuple[int, Rule]]:
    """The rows that break a rule, by number, with the first rule that each breaks."""
    frame = _typed(contract, rows)
    seen: set[int] = set()
    for rule in contract.rules:
        looked_at = frame if rule.condition is None else frame.query(rule.condition, engine="python")
        for number in looked_at.index[_breaks(rule, looked_at)]:
            if number not in seen:
                seen.add(int(number))
                yield int(number), rule


def _breaks(rule: Rule, frame: pd.DataFrame) -> "pd.Series[bool]":
    arguments = rule.arguments
    if rule.expectation == "expect_column_pair_values_a_to_be_greater_than_b":
        pair = frame[[arguments["column_A"], arguments["column_B"]]]
        return pair.notna().all(axis="columns") & (pair.iloc[:, 0] < pair.iloc[:, 1])
    return BREAKS[rule.expectation.removeprefix("expect_column_values_to_")](frame[rule.column], arguments)


def _typed(contract: FeedContract, rows: Sequence[Row]) -> pd.DataFrame:
    """As rules see it: numbers and times by their type, in UTC, all else as text."""
    frame = pd.DataFrame(rows, columns=[field.name for field in contract.fields], dtype="object")
    for field in contract.fields:
        column = frame[field.name]
        if field.kind in {"integer", "number"}:
            frame[field.name] = pd.to_numeric(column)
        elif field.kind in {"date", "timestamp"}:
            pattern = PYTHON_FORMATS.get(field.options.get("format", "yyyy-MM-dd" if field.kind == "date" else ""))
            frame[field.name] = pd.to_datetime(column, format=pattern or "ISO8601", utc=True)
    return frame
