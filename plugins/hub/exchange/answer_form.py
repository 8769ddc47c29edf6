"""What a recipient says of an answer, and what the exchange fills in, by the contract of the feed of its answers."""

from collections.abc import Mapping
from typing import Any

from hub.contracts.model import Contract
from hub.contracts.values import Column

FILLED: Mapping[str, tuple[str, ...]] = {
    "force_responses": ("response_ref", "force_code", "allocation_ref", "incident_ref"),
    "provider_responses": ("response_ref", "provider_code", "report_ref", "referral_route"),
}
"""By feed, the columns that the exchange fills; a recipient says the others."""


def columns_to_say(contract: Contract) -> list[Column]:
    """The columns that a recipient says."""
    return [one for one in contract.columns if one.name not in FILLED[contract.feed]]


def answer_schema(contract: Contract) -> dict[str, Any]:
    """A JSON schema of an answer. Rules across columns are the contract's alone."""
    said = columns_to_say(contract)
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


def _property(contract: Contract, column: Column) -> dict[str, Any]:
    limits = {"pattern": column.pattern, "maxLength": column.max_length, "enum": choices(contract, column) or None}
    described: dict[str, Any] = {"type": "string", "description": column.description}
    return described | {name: limit for name, limit in limits.items() if limit is not None}
