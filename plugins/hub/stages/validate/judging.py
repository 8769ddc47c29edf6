"""Rows → verdict: a chunk judged by its contract's rules, with Great Expectations on a pandas frame.

Results never hold values (``exclude_unexpected_values``): they name rows, and the rows' text goes to the vault.

The frame is handed to the execution engine directly rather than through a data source: the latter hashes every value of
every frame for a fingerprint that nothing here reads, which took 60% of the time (``docs/decisions/0003``).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from hub.contract_rules import COMPUTED_HERE, ROW_COUNT, Rule
from hub.contract_values import LogicalType
from hub.contracts import Contract
from hub.deliveries import Chunk, Rejection, RuleTally, Verdict
from hub.stages.validate.bounds import out_of_bounds, rules_of_times, without_impossible
from hub.stages.validate.computing import RuleFailed, compute_rules
from hub.stages.validate.day_month import swapped_reasons, swapped_tallies
from hub.stages.validate.formats import wrong_formats
from hub.stages.validate.typed import typed_frame

LARGE_FRAME = 20_000
RULES_NAMED = 3
TIMED = frozenset({LogicalType.DATE, LogicalType.TIMESTAMP})
TYPE_REASONS = {
    LogicalType.INTEGER: "the contract says that it is a whole number",
    LogicalType.NUMBER: "the contract says that it is a number",
    LogicalType.BOOLEAN: "the contract says that it is true or false",
    LogicalType.DATE: "the contract says that it is a date of the calendar",
    LogicalType.TIMESTAMP: "the contract says that it is a point in time",
    LogicalType.ARRAY: "the contract says that it is a JSON list of texts",
    LogicalType.OBJECT: "the contract says that each collected cell is a whole number",
}


def validate_chunk(contract: Contract, chunk: Chunk, received_at: datetime) -> Verdict:
    """Judge one chunk of a delivery that was received at ``received_at`` (with an offset). Types first, then the
    contract's row rules in its order; a row's first broken rule is its rejection. Broken rows of the chunk are part of
    the verdict.

    Raises :class:`RuleFailed` when an expectation raises or is not computed.
    """
    frame, hits = typed_frame(contract, chunk.rows)
    hits |= wrong_formats(contract, chunk.rows)
    hits |= out_of_bounds(contract, frame, chunk.rows, received_at)
    frame = without_impossible(contract, frame, hits)
    of_delivery = _judged(contract.delivery_rules)
    results = _run(contract, frame, (*_computed(contract), *of_delivery))
    tallies = (*_tallies(of_delivery, results), *swapped_tallies(contract, chunk.rows, hits))
    return _verdict(contract, chunk, _with_rules(contract, hits, results), tallies)


def validate_small(contract: Contract, chunks: Sequence[Chunk], received_at: Sequence[datetime]) -> list[Verdict]:
    """Judge small deliveries, each a chunk with the time of its receipt, by one pass over the row rules: a rule takes
    some 1.5 ms to be computed for however few rows, as much as for twenty thousand. What :func:`validate_chunk` would
    say of each.

    Raises :class:`RuleFailed` when an expectation raises or is not computed.
    """
    rows = pa.concat_tables([chunk.rows for chunk in chunks]).combine_chunks()
    frame, hits = typed_frame(contract, rows)
    hits |= wrong_formats(contract, rows)
    ends = np.cumsum([chunk.rows.num_rows for chunk in chunks]).tolist()
    spans = list(zip(chunks, received_at, [0, *ends[:-1]], ends, strict=True))
    for chunk, at, start, end in spans:
        for rule, places in out_of_bounds(contract, frame.iloc[start:end], chunk.rows, at).items():
            hits[rule] = np.concatenate([hits.get(rule, np.empty(0, dtype=np.int64)), places + start])
    frame = without_impossible(contract, frame, hits)
    hits = _with_rules(contract, hits, _run(contract, frame, _computed(contract)))
    verdicts = []
    for chunk, _, start, end in spans:
        own = {rule: places[(places >= start) & (places < end)] - start for rule, places in hits.items()}
        # A rule of the delivery says nothing of one that is too small for it, so it need not be computed.
        speaking = [rule for rule in _judged(contract.delivery_rules) if rule.minimum_rows <= end - start]
        results = _run(contract, frame.iloc[start:end], speaking)
        tallies = (*_tallies(speaking, results), *swapped_tallies(contract, chunk.rows, own))
        verdicts.append(_verdict(contract, chunk, own, tallies))
    return verdicts


def judge_delivery(contract: Contract, tallies: Sequence[RuleTally], rows_read: int) -> list[str]:
    """The reasons for which the delivery as a whole is not plausible; empty when it is."""
    reasons = []
    for rule in contract.delivery_rules:
        if rule.expectation == ROW_COUNT:
            low, high = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
            if (low is not None and rows_read < low) or (high is not None and rows_read > high):
                reasons.append(f"{rule.name}: {rows_read} rows, where {rule.because}")
            continue
        looked_at = sum(tally.looked_at for tally in tallies if tally.rule == rule.name)
        failed = sum(tally.failed for tally in tallies if tally.rule == rule.name)
        if looked_at >= rule.minimum_rows and (looked_at - failed) / looked_at < rule.mostly:
            share = failed / looked_at
            reasons.append(f"{rule.name}: {share:.1%} of {looked_at} rows fail, where {rule.because}")
    return [*reasons, *swapped_reasons(contract, tallies)]


def judge_rejections(contract: Contract, rows_read: int, by_rule: Mapping[str, int]) -> list[str]:
    """The reason for which a delivery with so many rejected rows (``by_rule``: by the rule that each breaks) is held;
    empty where the contract allows them."""
    limit, rejected = contract.rejected_rows, sum(by_rule.values())
    if rows_read < limit.minimum_rows or rejected <= limit.most_share * rows_read:
        return []
    most = sorted(by_rule.items(), key=lambda one: (-one[1], one[0]))[:RULES_NAMED]
    named = ", ".join(f"{rule} ({count})" for rule, count in most)
    said = f"{rejected} of {rows_read} rows ({rejected / rows_read:.1%}) break a rule, most often {named}"
    return [f"rows.rejected: {said}; at most {limit.most_share:.0%} may, because {limit.because}"]


def _computed(contract: Contract) -> list[Rule]:
    """The row rules that Great Expectations computes."""
    return [rule for rule in contract.row_rules if rule.expectation not in COMPUTED_HERE]


def _judged(rules: Sequence[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.expectation != ROW_COUNT]


def _with_rules(
    contract: Contract, hits: Mapping[str, np.ndarray], results: Mapping[str, Mapping[str, Any]]
) -> dict[str, np.ndarray]:
    """The places that break each rule of type, format or bounds (``hits``) and, of those whose value has its type and
    is a time within its bounds, each other row rule."""
    unusable: dict[str | None, set[int]] = {}
    for column in contract.columns:
        for name in (f"{column.name}.type", *rules_of_times(column)):
            unusable.setdefault(column.name, set()).update(hits.get(name, np.empty(0)).tolist())
    found = dict(hits)
    for rule in _computed(contract):
        failing = np.asarray(results.get(rule.name, {}).get("unexpected_index_list") or [], dtype=np.int64)
        if ignored := unusable.get(rule.column):
            failing = failing[[place not in ignored for place in failing.tolist()]]
        if len(failing):
            found[rule.name] = failing
    return found


def _run(contract: Contract, frame: pd.DataFrame, rules: Sequence[Rule]) -> dict[str, Mapping[str, Any]]:
    """Each rule's result by its name; nothing where there are no rows."""
    results: dict[str, Mapping[str, Any]] = {}
    if not len(frame):
        return results
    timed = frozenset(column.name for column in contract.columns if column.logical_type in TIMED)
    for columns, group in _groups(rules, frame):
        results |= compute_rules(contract.feed, frame[columns], group, timed)
    if len(results) != len(rules):
        raise RuleFailed(f"{len(rules)} rules of {contract.feed} were asked for, {len(results)} were computed")
    return results


def _groups(rules: Sequence[Rule], frame: pd.DataFrame) -> Iterator[tuple[list[str], list[Rule]]]:
    """Rules that are judged together, with the columns that they need. Before a rule is judged, the engine copies the
    rows that have a value: of a large frame only the rule's own column should be copied with them."""
    everything = list(frame.columns)
    if len(frame) < LARGE_FRAME:
        if rules:
            yield everything, list(rules)
        return
    alone: dict[str, list[Rule]] = {}
    together = []
    for rule in rules:
        if rule.column is not None and rule.when is None and set(rule.kwargs) & {"column"}:
            alone.setdefault(str(rule.kwargs["column"]), []).append(rule)
        else:
            together.append(rule)
    for column, group in alone.items():
        yield [column], group
    if together:
        yield everything, together


def _tallies(rules: Sequence[Rule], results: Mapping[str, Mapping[str, Any]]) -> tuple[RuleTally, ...]:
    found = [(rule.name, results.get(rule.name, {})) for rule in rules]
    return tuple(
        RuleTally(name, int(result.get("element_count", 0)), int(result.get("unexpected_count", 0)))
        for name, result in found
    )


def _verdict(
    contract: Contract, chunk: Chunk, hits: Mapping[str, np.ndarray], tallies: tuple[RuleTally, ...]
) -> Verdict:
    order: dict[str, tuple[str, str | None]] = {
        f"{column.name}.type": (TYPE_REASONS.get(column.logical_type, ""), column.name) for column in contract.columns
    }
    order |= {rule.name: (rule.because, rule.column) for rule in contract.row_rules}
    rules_of: dict[int, list[str]] = {}
    for rule in order:
        for place in hits.get(rule, ()):
            rules_of.setdefault(int(place), []).append(rule)
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
