"""Bounds that no expectation can express: of times against the receipt of their delivery, and of what a wide file
gathers under its headers.

The receipt and not the clock at validation is what times are held against, so that a delivery that is read again, or
released after months, gets the same verdict.
"""

import functools
import json
from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.typing import NaTType

from hub.contracts.model import Contract
from hub.contracts.rules import BOUNDS, COLLECTED_AT_MOST, NOT_AFTER_RECEIPT, Rule
from hub.contracts.values import Collected, Column

DAY_LENGTH = len("2016-01-01")
MOST_DIGITS = 18

type Moment = pd.Timestamp | NaTType


def out_of_bounds(
    contract: Contract, frame: pd.DataFrame, rows: pa.Table, received_at: datetime
) -> dict[str, np.ndarray]:
    """The positions of the rows that break each of these rules. ``frame`` holds the typed values of ``rows``, in the
    same order; ``received_at`` has an offset."""
    found: dict[str, np.ndarray] = {}
    for rule in contract.row_rules:
        if rule.expectation not in BOUNDS or rule.column is None:
            continue
        column = contract.column(rule.column)
        earliest, latest = _bounds(rule, column, received_at)
        if column.collected is None:
            times = frame[column.name]
            positions = np.flatnonzero(((times < earliest) | (times > latest)).to_numpy(dtype=bool))
        else:
            positions = _positions_of_collected(rows.column(column.name), rule, column.collected, earliest, latest)
        if len(positions):
            found[rule.name] = positions
    return found


def without_impossible(contract: Contract, frame: pd.DataFrame, hits: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The frame without the times that are out of bounds: no other rule can say anything of what cannot be."""
    for column in contract.columns:
        positions = [hits[name] for name in rules_of_times(column) if name in hits]
        if positions:
            is_out = np.zeros(len(frame), dtype=bool)
            is_out[np.concatenate(positions)] = True
            frame = frame.assign(**{column.name: frame[column.name].mask(is_out)})
    return frame


def rules_of_times(column: Column) -> tuple[str, ...]:
    """Names of the rules that bound the times of a column."""
    if column.time_limit is None or column.collected is not None:
        return ()
    return (f"{column.name}.range", f"{column.name}.future")


def _bounds(rule: Rule, column: Column, received_at: datetime) -> tuple[Moment, Moment]:
    """The first and the last time that a rule allows; NaT where there is none, with which nothing compares."""
    if rule.expectation == NOT_AFTER_RECEIPT:
        days = column.time_limit.days_ahead if column.time_limit is not None else 0
        return pd.NaT, pd.Timestamp(received_at).tz_convert("UTC") + pd.Timedelta(days=days)
    earliest, latest = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
    return (
        pd.NaT if earliest is None else stated_time(earliest, is_latest=False),
        pd.NaT if latest is None else stated_time(latest, is_latest=True),
    )


def stated_time(limit: str, *, is_latest: bool) -> pd.Timestamp:
    """The time that a contract names as the earliest or latest; a day without a time lasts to its end."""
    at = _in_utc(pd.Timestamp(limit))
    return at + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1) if is_latest and len(limit) == DAY_LENGTH else at


def _positions_of_collected(
    text: pa.ChunkedArray, rule: Rule, collected: Collected, earliest: Moment, latest: Moment
) -> np.ndarray:
    """Positions at which a count, or the header that it is filled in under, breaks the rule."""

    # A file has few headers, and each row names all of them.
    @functools.cache
    def is_out(header: str) -> bool:
        moment = collected.format.moment(header)
        if moment is None:  # the reader gathers no such header
            return True
        at = _in_utc(pd.Timestamp(moment))
        return bool(at < earliest or at > latest)

    @functools.cache
    def is_too_many(count: str) -> bool:
        # More digits than a whole number may have break its type.
        return count.isdecimal() and len(count) <= MOST_DIGITS and int(count) > collected.maximum

    def breaks(cells: Mapping[str, str]) -> bool:
        return any(map(is_too_many, cells.values()) if rule.expectation == COLLECTED_AT_MOST else map(is_out, cells))

    wrong = [one for one in pc.unique(text).drop_null().to_pylist() if breaks(json.loads(one))]
    return np.flatnonzero(pc.fill_null(pc.is_in(text, pa.array(wrong, pa.string())), False).to_numpy())


def _in_utc(at: pd.Timestamp) -> pd.Timestamp:
    return at.tz_localize("UTC") if at.tzinfo is None else at.tz_convert("UTC")
