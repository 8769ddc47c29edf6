"""The exchange is as its OpenAPI says: asked for all that it allows and much that it does not, it answers within it."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dispatch.conftest import FORCE, PROVIDER
from exchange.conftest import Exchange, sandbox
from hub.exchange.openapi import PATH

FEED = "police_hate_crimes"
PATIENCE = 600
"""Seconds: a machine may be busy, and how long an answer takes is no question here."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def ask_everything(exchange: Exchange, examples: int, *, of_checks: int) -> int:
    """Ask every operation in every way so often, those that the sandbox answers less often; returns how many answers
    there were. Raises where one is not as the description says."""
    exchange.service.limit.most = 10**9
    exchange.hub.recipient(FORCE, delivers=[FEED])
    known: dict[str, list[Any]] = {"feed": [FEED], "dispatch_id": [], "delivery_id": []}
    for kind, code in (("force", FORCE), ("provider", PROVIDER)):
        known["dispatch_id"].append(str(exchange.offered(kind, code)))
    headers = [_bearing(exchange.token(code).token) for code in (FORCE, PROVIDER)]
    said = exchange.post(exchange.told[0], f"/v1/deliveries/{FEED}", content=b"x")
    known["delivery_id"].append(said.json()["delivery_id"])
    schema = schemathesis.openapi.from_asgi(PATH, exchange.client.app)
    count = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        most = of_checks if "/checks/" in operation.path else examples
        if most == 0:
            continue
        for mode, fixed in itertools.product(GenerationMode, _path_parameters(operation.path, known)):
            if fixed and mode is GenerationMode.NEGATIVE and operation.method.upper() == "GET":
                continue  # nothing else of it could be wrong
            cases = operation.as_strategy(generation_mode=mode, path_parameters=fixed)
            count += _ask(cases, headers, most)
    return count


def _ask(cases: Any, headers: list[dict[str, str]], most: int) -> int:
    answers = 0

    @settings(
        max_examples=most, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        nonlocal answers
        case.call_and_validate(headers=headers[answers % len(headers)], checks=CHECKS, timeout=PATIENCE)
        answers += 1

    ask()
    return answers


def _path_parameters(path: str, known: dict[str, list[Any]]) -> Iterator[dict[str, Any] | None]:
    """Made up ones, and those that there are."""
    yield None
    for name, values in known.items():
        if f"{{{name}}}" in path:
            yield from ({name: value} for value in values)


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_no_answer_is_off_its_description(exchange: Exchange) -> None:
    assert ask_everything(exchange, 3, of_checks=0) > 30


@pytest.mark.long
def test_thousands_of_requests_are_answered_as_described(exchange: Exchange) -> None:
    with sandbox(exchange):
        assert ask_everything(exchange, 250, of_checks=5) > 4_000


def test_every_operation_names_the_problems_that_it_can_end_with(exchange: Exchange) -> None:
    described = exchange.get(None, PATH).json()
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert len(operations) == 7
    for one in operations:
        assert one["responses"].keys() >= {"401", "403", "413", "422", "429", "500", "503"}
        assert one["security"]
        problems = [said for status, said in one["responses"].items() if int(status) >= 400]
        assert all(list(said["content"]) == ["application/problem+json"] for said in problems)


def test_an_answers_codes_are_those_of_its_contract(exchange: Exchange) -> None:
    contract = exchange.hub.catalogue.contracts["force_responses"]
    described = exchange.get(None, PATH).json()["components"]["schemas"]["force_responses"]
    for column in ("kind", "outcome_code", "transferred_to_force_code"):
        [rule] = [one for one in contract.row_rules if one.name == f"{column}.known"]
        assert described["properties"][column]["enum"] == rule.kwargs["value_set"]
    assert "force_code" not in described["properties"]
