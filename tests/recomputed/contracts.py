"""What the second computation reads of a feed's contract: its key, and the pattern of its files' names."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

EXPECTATIONS = Path(__file__).parents[2] / "expectations"


def primary_key(feed: str) -> tuple[str, ...]:
    """The columns that identify a record over time."""
    return tuple(column["name"] for column in _contract(feed)["schema"][0]["properties"] if column.get("primaryKey"))


def file_name_pattern(feed: str) -> str:
    """The pattern with the groups period and sequence."""
    properties = _contract(feed)["customProperties"]
    return next(str(each["value"]) for each in properties if each["property"] == "fileNamePattern")


@cache
def _contract(feed: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((EXPECTATIONS / feed / "contract.yaml").read_text(encoding="utf-8"))
    return found
