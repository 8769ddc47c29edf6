"""Rows of relations as JSON texts, counted: without some of their columns, and in which columns they differ."""

import json
from collections import Counter
from collections.abc import Collection, Mapping


def without(columns: Collection[str], rows: Counter[str]) -> Counter[str]:
    """The rows, but for these columns."""
    found: Counter[str] = Counter()
    for text, number in rows.items():
        found[row_without(columns, text)] += number
    return found


def row_without(columns: Collection[str], text: str) -> str:
    """A row, but for these columns."""
    row = json.loads(text).items()
    return json.dumps({column: value for column, value in row if column not in columns}, sort_keys=True)


def differing_columns(was: Counter[str], now: Counter[str]) -> set[str]:
    """In which columns as many rows differ."""
    pairs = zip(sorted((was - now).elements()), sorted((now - was).elements()), strict=True)
    return {column for old, new in pairs for column in _differing(json.loads(old), json.loads(new))}


def difference_in_words(was: Counter[str], now: Counter[str]) -> str:
    """In which columns rows differ; how many there are where that differs; empty where they do not."""
    if was.total() != now.total():
        return f"{now.total()} rows instead of {was.total()}"
    return ", ".join(sorted(differing_columns(was, now)))


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
    return {column for column in old.keys() | new.keys() if old.get(column) != new.get(column)}
