"""Reads a contract's YAML as its README describes it, without the hub's own reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contracts.samples import EXPECTATIONS


@dataclass(frozen=True)
class Rule:
    """A rule of a row: an expectation about one column, perhaps only for some rows."""

    name: str
    column: str
    expectation: str
    arguments: Mapping[str, Any]

    @property
    def condition(self) -> str | None:
        """A pandas query: the rule holds for the rows that meet it."""
        return self.arguments.get("row_condition")


@dataclass(frozen=True)
class Field:
    """A column, as far as values can be drawn from what its contract says."""

    name: str
    header: str
    kind: str
    options: Mapping[str, Any]
    custom: Mapping[str, Any]
    required: bool
    unique: bool
    is_key: bool
    rules: tuple[Rule, ...]

    @property
    def codes(self) -> list[str] | None:
        """The list of codes that holds for every row, where there is one."""
        for rule in self.rules:
            if rule.expectation == "expect_column_values_to_be_in_set" and rule.condition is None:
                return list(rule.arguments["value_set"])
        return None

    @property
    def pattern(self) -> str | None:
        """The pattern that holds for every row, where there is one."""
        for rule in self.rules:
            if rule.expectation == "expect_column_values_to_match_regex" and rule.condition is None:
                return str(rule.arguments["regex"])
        return self.options.get("pattern")


@dataclass(frozen=True)
class FeedContract:
    """What a feed contracts: its columns, their rules and the form of its files."""

    feed: str
    fields: tuple[Field, ...]
    form: Mapping[str, Any]

    @property
    def rules(self) -> list[Rule]:
        """Of all columns."""
        return [rule for field in self.fields for rule in field.rules]

    def field(self, name: str) -> Field:
        """The column of this name."""
        return next(field for field in self.fields if field.name == name)


def read_contracts() -> dict[str, FeedContract]:
    """Every feed's contract, by name."""
    return {path.parent.name: _read_contract(path) for path in sorted(EXPECTATIONS.glob("*/contract.yaml"))}


def _read_contract(path: Path) -> FeedContract:
    contract = yaml.safe_load(path.read_text(encoding="utf-8"))
    fields = tuple(_field(one) for one in contract["schema"][0]["properties"])
    return FeedContract(contract["id"], fields, _custom(contract)["fileForm"])


def _field(one: Mapping[str, Any]) -> Field:
    rules = tuple(
        Rule(rule["name"], one["name"], rule["implementation"]["type"], rule["implementation"].get("kwargs", {}))
        for rule in one.get("quality", [])
    )
    return Field(
        name=one["name"],
        header=one.get("physicalName", one["name"]),
        kind=one["logicalType"],
        options=one.get("logicalTypeOptions", {}),
        custom=_custom(one),
        required=one.get("required", False),
        unique=one.get("unique", False),
        is_key=one.get("primaryKey", False),
        rules=rules,
    )


def _custom(one: Mapping[str, Any]) -> dict[str, Any]:
    return {item["property"]: item["value"] for item in one.get("customProperties", [])}
