"""Rows → verdict: a chunk validated by its contract's rules.

Results never hold values: they name rows, and the rows' text goes to the vault.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from hub.contracts.model import Contract
from hub.contracts.rules import COMPUTED_BY_THE_HUB, ROW_COUNT, Rule
from hub.contracts.values import LogicalType
from hub.deliveries import Chunk, Rejection, RuleTally, Verdict
from hub.ingest.validation.bounds import out_of_bounds, rules_of_times, without_impossible
from hub.ingest.validation.day_month import swapped_tallies
from hub.ingest.validation.expectations import RuleFailed, compute_rules, parameter_problems
from hub.ingest.validation.formats import wrong_formats
from hub.ingest.validation.typed import typed_frame

TIMED = frozenset({LogicalType.DATE, LogicalType.TIMESTAMP})
TYPE_REASONS = {
    LogicalType.INTEGER: "the contract requires a whole number",
    LogicalType.NUMBER: "the contract requires a number",
    LogicalType.BOOLEAN: "the contract requires true or false",
    LogicalType.DATE: "the contract requires a valid date in the agreed format",
    LogicalType.TIMESTAMP: "the contract requires a valid date and time in the agreed format",
    LogicalType.ARRAY: "the contract requires a JSON list of texts",
    LogicalType.OBJECT: "the contract requires a whole number in each cell that the column collects",
}


def validate_chunk(contract: Contract, chunk: Chunk, received_at: datetime) -> Verdict:
    """Validate one chunk of a delivery that was received at ``received_at`` (with an offset): types first, then the
    contract's row rules in its order. The first rule that a row breaks is the reason of its rejection. The verdict also
    has the rows of the chunk that could not be read.

    Raises :class:`RuleFailed` when an expectation raises or is not computed.
    """
    frame, hits = typed_frame(contract, chunk.rows)
    hits |= wrong_formats(contract, chunk.rows)
    hits |= out_of_bounds(contract, frame, chunk.rows, received_at)
    frame = without_impossible(contract, frame, hits)
    of_delivery = _delivery_rules(contract)
    results = _compute(contract, frame, (*_expectation_rules(contract), *of_delivery))
    found = _with_rules(contract, hits, results)
    tallies = (*_tallies(of_delivery, results), *swapped_tallies(contract, chunk.rows, hits))
    of_rows = (RuleTally(name, len(frame), len(found.get(name, ()))) for name in reasons_of_rows(contract))
    return _verdict(contract, chunk, found, (*tallies, *of_rows))


def rule_problems(contract: Contract) -> list[str]:
    """What is wrong with the parameters of the contract's rules, a sentence each; empty where all can be computed."""
    return parameter_problems((*_expectation_rules(contract), *contract.delivery_rules), _timed(contract))


def _delivery_rules(contract: Contract) -> list[Rule]:
    """The rules of the delivery that are counted chunk by chunk. The number of rows is checked elsewhere, once all
    chunks have been read."""
    return [rule for rule in contract.delivery_rules if rule.expectation != ROW_COUNT]


def _expectation_rules(contract: Contract) -> list[Rule]:
    """The row rules that Great Expectations computes."""
    return [rule for rule in contract.row_rules if rule.expectation not in COMPUTED_BY_THE_HUB]


def _with_rules(
    contract: Contract, hits: Mapping[str, np.ndarray], results: Mapping[str, Mapping[str, Any]]
) -> dict[str, np.ndarray]:
    """The positions that break each rule of type, format or bounds (``hits``) and, of those whose value has its type
    and is a time within its bounds, each other row rule."""
    unusable: dict[str | None, list[np.ndarray]] = {}
    for column in contract.columns:
        for name in (f"{column.name}.type", *rules_of_times(column)):
            if name in hits:
                unusable.setdefault(column.name, []).append(hits[name])
    found = dict(hits)
    for rule in _expectation_rules(contract):
        failing = _failing(rule.name, results.get(rule.name, {}))
        if ignored := unusable.get(rule.column):
            failing = failing[~np.isin(failing, np.concatenate(ignored))]
        if len(failing):
            found[rule.name] = failing
    return found


def _failing(rule: str, result: Mapping[str, Any]) -> np.ndarray:
    """Indexes of the rows that break a rule. A result that counts rows and does not name them would let them in."""
    failing = np.asarray(result.get("unexpected_index_list") or [], dtype=np.int64)
    if bool(result.get("unexpected_count")) != bool(len(failing)):
        raise RuleFailed(f"{rule}: rows that break it were counted, but not named")
    return failing


def _compute(contract: Contract, frame: pd.DataFrame, rules: Sequence[Rule]) -> dict[str, Mapping[str, Any]]:
    """Each rule's result by its name; nothing where there are no rows."""
    if not len(frame) or not rules:
        return {}
    return compute_rules(contract.feed, frame, rules, _timed(contract))


def _timed(contract: Contract) -> frozenset[str]:
    """The columns that hold points in time."""
    return frozenset(column.name for column in contract.columns if column.logical_type in TIMED)


def _tallies(rules: Sequence[Rule], results: Mapping[str, Mapping[str, Any]]) -> tuple[RuleTally, ...]:
    found = [(rule.name, results.get(rule.name, {})) for rule in rules]
    return tuple(
        RuleTally(name, int(result.get("element_count", 0)), int(result.get("unexpected_count", 0)))
        for name, result in found
    )


def reasons_of_rows(contract: Contract) -> dict[str, tuple[str, str | None]]:
    """The reason of each rule about rows, and its column, in the order in which a row is held against them."""
    typed = (column for column in contract.columns if column.logical_type in TYPE_REASONS)
    order = {f"{one.name}.type": (TYPE_REASONS[one.logical_type], one.name) for one in typed}
    return {**order, **{rule.name: (rule.because, rule.column) for rule in contract.row_rules}}


def _verdict(
    contract: Contract, chunk: Chunk, hits: Mapping[str, np.ndarray], tallies: tuple[RuleTally, ...]
) -> Verdict:
    order = reasons_of_rows(contract)
    if unknown := sorted(hits.keys() - order.keys()):
        raise RuleFailed(f"rows break rules that the contract does not have: {', '.join(unknown)}")
    rules_of: dict[int, list[str]] = {}
    for rule in order:
        for position in hits.get(rule, ()):
            rules_of.setdefault(int(position), []).append(rule)
    rejections = [row.rejection for row in chunk.broken]
    other_rules = {}
    at = pa.array(rules_of, pa.int64())
    numbers, lines = chunk.row_numbers.take(at).to_pylist(), chunk.line_numbers.take(at).to_pylist()
    for rules, number, line in zip(rules_of.values(), numbers, lines, strict=True):
        because, column = order[rules[0]]
        rejections.append(Rejection(number, line, rules[0], because, column))
        if len(rules) > 1:
            other_rules[number] = tuple(rules[1:])
    in_order = tuple(sorted(rejections, key=lambda rejection: rejection.row_number))
    return Verdict(in_order, other_rules, tallies)
