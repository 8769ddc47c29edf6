"""Two tables held against each other: each difference is said with the figure, both values and the column."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from recomputed.inputs import Row, empty_as_none, rows_of

OF_THE_PUBLISH = {"publish_id", "data_as_of", "published_at"}
"""Columns of every view that say which publish a row is of."""


def differences(view: str, key: list[str], recomputed: pd.DataFrame, published: pd.DataFrame) -> list[str]:
    """All that one table says and the other does not; empty where they say the same to the last digit.

    A published column that nobody has recomputed is a difference, too.
    """
    columns = [str(column) for column in published.columns if column not in OF_THE_PUBLISH]
    if set(columns) != set(map(str, recomputed.columns)):
        return [f"{view}: columns are {sorted(columns)}, recomputed {sorted(map(str, recomputed.columns))}"]
    ours, theirs = _by_key(key, recomputed), _by_key(key, published)
    found = [f"{view} {_name(name)}: published, not recomputed" for name in theirs.keys() - ours.keys()]
    found += [f"{view} {_name(name)}: recomputed, not published" for name in ours.keys() - theirs.keys()]
    for name in ours.keys() & theirs.keys():
        for column, own, other in _unequal(columns, ours[name], theirs[name]):
            found.append(f"{view} {_name(name)}: {column} is {own!s}, published {other!s}")
    return sorted(found)


def plain(value: Any) -> Any:
    """The value itself, whatever a library has wrapped it in."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, datetime):
        return value.date() if value.tzinfo is None else value
    if isinstance(value, date | str):
        return value
    return Decimal(str(value)).normalize() + 0


def _by_key(key: list[str], frame: pd.DataFrame) -> dict[tuple[Any, ...], Row]:
    rows = rows_of(empty_as_none(frame))
    found = {tuple(plain(row[name]) for name in key): row for row in rows}
    if len(found) != len(rows):
        raise ValueError(f"{len(rows) - len(found)} rows share a key of {key}")
    return found


def _unequal(columns: list[str], ours: Row, theirs: Row) -> Iterator[tuple[str, Any, Any]]:
    for column in columns:
        own, other = plain(ours[column]), plain(theirs[column])
        if own != other:
            yield column, own, other


def _name(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key)
