"""What the exchange's own description holds besides what FastAPI finds: the package by its schema, and problems."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from hub.contracts.model import Contract
from hub.dispatch.package import SCHEMA
from hub.exchange.answer_form import FILLED, answer_schema
from hub.exchange.problems import Fault, ProblemDetails

PATH = "/v1/openapi.json"
REFERENCES = "#/components/schemas/"
WITHDRAWAL: dict[str, Any] = {
    "type": "object",
    "description": "That a dispatch no longer holds",
    "additionalProperties": False,
    "required": ["schema", "document", "dispatch_id", "allocation_ref", "because"],
    "properties": {
        "schema": {"type": "string"},
        "document": {"const": "withdrawal"},
        "dispatch_id": {"type": "string", "format": "uuid"},
        "allocation_ref": {"type": "string"},
        "because": {"type": "string"},
    },
}
PACKAGE_OR_WITHDRAWAL = {"oneOf": [{"$ref": f"{REFERENCES}Package"}, {"$ref": f"{REFERENCES}Withdrawal"}]}


def describe(app: FastAPI, contracts: Mapping[str, Contract]) -> None:
    """Make the application's description complete; its routes are there already."""
    app.openapi()["components"]["schemas"].update(_schemas(contracts))


def _schemas(contracts: Mapping[str, Contract]) -> dict[str, Any]:
    own = SCHEMA.read_text(encoding="utf-8").replace('"#/$defs/', f'"{REFERENCES}Package/$defs/')
    package = {key: said for key, said in json.loads(own).items() if key not in ("$schema", "$id")}
    models = {
        one.__name__: one.model_json_schema(ref_template=REFERENCES + "{model}") for one in (Fault, ProblemDetails)
    }
    for said in models.values():
        said.pop("$defs", None)
    answers = {feed: answer_schema(contracts[feed]) for feed in FILLED if feed in contracts}
    return {"Package": package, "Withdrawal": WITHDRAWAL, **models, **answers}
