"""Declare a feed's raw table to dbt: the source file beside its staging model, made from its contract.

What can be generated is generated, and stale is red: a test compares each ``src_<feed>.yml`` with its contract.
"""

from typing import Any

import yaml

from hub.contracts.model import Contract

LINEAGE = {
    "_delivery_id": "Delivery (file) that brought the record.",
    "_row_number": "Record within the delivery, from 1.",
    "_loaded_at": "When it was loaded.",
    "_record_hash": "128-bit hash over all columns as delivered.",
}


def source_declaration(contract: Contract) -> str:
    """The text of ``dbt_project/models/staging/<feed>/src_<feed>.yml`` for a contract."""
    table: dict[str, Any] = {
        "name": contract.feed,
        "description": f"{contract.title}: one row per accepted record, as delivered.",
        "config": {
            "meta": {"owner": contract.owner},
            "loaded_at_field": "_loaded_at",
            "freshness": {
                "warn_after": {
                    "count": contract.cadence.every_days * 24 + contract.cadence.grace_hours,
                    "period": "hour",
                }
            },
        },
        "columns": [
            *(
                {"name": column.raw_name, "description": _described(column.description, column.is_personal)}
                for column in contract.columns
            ),
            *({"name": name, "description": description} for name, description in LINEAGE.items()),
        ],
    }
    source = {"name": "raw", "description": "Accepted records of every feed.", "tables": [table]}
    document = {"version": 2, "sources": [source]}
    return "# Made from the feed's contract; make it again when the contract changes.\n" + yaml.safe_dump(
        document, sort_keys=False, allow_unicode=True, width=110
    )


def _described(description: str, is_personal: bool) -> str:
    return f"Keyed token in place of: {description}" if is_personal else description
