"""What a recipient says of an answer, and what the exchange fills in, by the contract of the feed of its answers."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hub.contracts.model import Contract
from hub.contracts.values import Column
from hub.settings import Settings

FILLED: Mapping[str, tuple[str, ...]] = {
    "force_responses": ("response_ref", "force_code", "allocation_ref", "incident_ref"),
    "provider_responses": ("response_ref", "provider_code", "report_ref", "referral_route"),
}
"""By feed, the columns that the exchange fills; a recipient fills in the others."""
FORCES = ("police_forces", "force_code", "force_name")
NAMES_OF_CODES: Mapping[str, tuple[str, str, str]] = {
    "transferred_to_force_code": FORCES,
    "suspect_force_code": FORCES,
    "outcome_code": ("outcomes", "outcome_code", "outcome_name"),
}
"""By column, the code list that has its names, and the columns there of code and name."""


def columns_to_fill_in(contract: Contract) -> list[Column]:
    """The columns that a recipient fills in."""
    return [one for one in contract.columns if one.name not in FILLED[contract.feed]]


def answer_schema(contract: Contract) -> dict[str, Any]:
    """A JSON schema of an answer. Rules across columns are the contract's alone."""
    said = columns_to_fill_in(contract)
    return {
        "type": "object",
        "description": contract.purpose,
        "additionalProperties": False,
        "required": [one.name for one in said if one.required],
        "properties": {one.name: _property(contract, one) for one in said},
    }


def choices(contract: Contract, column: Column) -> list[str]:
    """The values that a column may have, by a list in its contract; none where there is no such list."""
    lists = (one for one in contract.row_rules if one.column == column.name and one.is_code_list and one.when is None)
    return next((list(one.kwargs["value_set"]) for one in lists if "value_set" in one.kwargs), [])


def named_choices(settings: Settings, contract: Contract, column: Column) -> dict[str, str]:
    """By each value that a column may have, what people call it."""
    codes = choices(contract, column)
    if column.name not in NAMES_OF_CODES:
        return {code: code for code in codes}
    seed, code_column, name_column = NAMES_OF_CODES[column.name]
    names = _names(settings.dbt_project / "seeds" / f"{seed}.csv", code_column, name_column)
    named = {code: f"{names[code]} ({code})" if code in names else code for code in codes}
    is_force = code_column == "force_code"
    return dict(sorted(named.items(), key=lambda one: one[1])) if is_force else named


@cache
def _names(path: Path, code: str, name: str) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[code]: row[name] for row in csv.DictReader(file)}


def _property(contract: Contract, column: Column) -> dict[str, Any]:
    limits = {"pattern": column.pattern, "maxLength": column.max_length, "enum": choices(contract, column) or None}
    described: dict[str, Any] = {"type": "string", "description": column.description}
    return described | {name: limit for name, limit in limits.items() if limit is not None}
