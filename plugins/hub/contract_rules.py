"""The rules of a contract: those that follow from its columns, so that they are never written twice, and those written
by hand as Great Expectations entries, each with the reason it stands there (``because``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from open_data_contract_standard.model import DataQuality

from hub.contract_values import Column, ContractRefused, LogicalType

__all__ = ["AgreementRule", "ContractRefused", "Rule", "derive_rules", "is_agreement", "read_agreement", "read_rule"]

ROW_EXPECTATIONS = frozenset(
    {
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_null",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_be_between",
        "expect_column_value_lengths_to_be_between",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_in_set",
        "expect_select_column_values_to_be_unique_within_record",
    }
)
"""Great Expectations types that name the failing rows on pandas, so a row can be quarantined for them."""

HEEDS_NO_CONDITION = frozenset({"expect_column_pair_values_to_be_in_set"})
"""Of these, Great Expectations judges also the rows that a ``row_condition`` leaves out."""

ROW_COUNT = "expect_table_row_count_to_be_between"
COLUMN_KEYS = ("column", "column_A", "column_B")


@dataclass(frozen=True)
class Rule:
    """One expectation. ``name`` is what quarantine and error files show; ``because`` says why the rule stands.
    ``when`` limits it to rows for which a pandas expression over the contract's columns is true. A rule of the delivery
    with a share (``mostly``) says nothing of one that has fewer than ``minimum_rows`` rows to look at."""

    name: str
    expectation: str
    kwargs: dict[str, Any] = field(hash=False)
    because: str
    column: str | None
    when: str | None = None
    mostly: float = 1.0
    minimum_rows: int = 1

    @property
    def is_code_list(self) -> bool:
        """Whether it closes the list of values of a column: a set does, and a pattern of codes that is named
        ``<column>.known``."""
        return self.expectation == "expect_column_values_to_be_in_set" or self.name == f"{self.column}.known"


@dataclass(frozen=True)
class AgreementRule:
    """Rows of a delivery that have the same values in ``key`` have one value in ``column``. Where they have several,
    nobody can tell which is right, and all rows of that key are quarantined."""

    name: str
    column: str
    key: tuple[str, ...]
    because: str


AGREES_WITHIN = "rows_of_a_key_agree"


def is_agreement(entry: DataQuality) -> bool:
    """Whether a ``quality`` entry of a column is about several rows of a key."""
    return isinstance(entry.implementation, dict) and entry.implementation.get("type") == AGREES_WITHIN


def read_agreement(entry: DataQuality, column: Column, columns: tuple[Column, ...]) -> AgreementRule:
    """Read one. Raises :class:`ContractRefused` for a key that nothing reads, or a column that there is not."""
    name, body = _rule_name(entry), entry.implementation
    if entry.type != "custom" or entry.engine != "hub" or not isinstance(body, dict):
        raise ContractRefused(f"rule {name}: type custom, engine hub and an implementation are needed")
    kwargs = body.get("kwargs")
    if set(body) != {"type", "kwargs", "meta"} or not isinstance(kwargs, dict) or set(kwargs) != {"key"}:
        raise ContractRefused(f"rule {name}: an implementation with type, kwargs.key and meta.because is needed")
    key = tuple(kwargs["key"]) if isinstance(kwargs["key"], list) else ()
    if not key or column.name in key or len(set(key)) < len(key):
        raise ContractRefused(f"rule {name}: kwargs.key lists the columns that tell one record, each once")
    for one in (*key, column.name):
        if one not in {item.name for item in columns}:
            raise ContractRefused(f"rule {name}: column {one!r} is not in the schema")
    return AgreementRule(name, column.name, key, _because(name, body))


def derive_rules(column: Column) -> Iterator[Rule]:
    """The expectations that follow from a column's own schema: required, lengths, pattern and range. Its type and its
    uniqueness are not here: a type is proven by the cast itself, and uniqueness spans the chunks of a delivery."""

    def rule(check: str, expectation: str, because: str, **limits: Any) -> Rule:
        kwargs = {"column": column.name, **limits}
        return Rule(f"{column.name}.{check}", expectation, kwargs, because, column.name)

    if column.required:
        yield rule("required", "expect_column_values_to_not_be_null", "the contract says that it is always given")
    if column.min_length is not None or column.max_length is not None:
        yield rule(
            "length",
            "expect_column_value_lengths_to_be_between",
            f"the contract allows {_limits(column.min_length, column.max_length)} characters",
            min_value=column.min_length,
            max_value=column.max_length,
        )
    if column.pattern is not None:
        yield rule(
            "pattern",
            "expect_column_values_to_match_regex",
            f"the contract gives its form as {column.pattern}",
            regex=column.pattern,
        )
    if column.minimum is not None or column.maximum is not None:
        yield rule(
            "range",
            "expect_column_values_to_be_between",
            f"the contract allows {_limits(column.minimum, column.maximum)}",
            min_value=column.minimum,
            max_value=column.maximum,
        )


def _limits(low: Any, high: Any) -> str:
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"{low} to {high}"


def read_rule(entry: DataQuality, column: str | None, columns: tuple[Column, ...]) -> Rule:
    """Read one ``quality`` entry of a column (``column`` given: it judges rows) or of the schema (None: it judges the
    delivery). Raises :class:`ContractRefused` for a type that is unknown, or a key that nothing reads."""
    name = _rule_name(entry)
    if entry.type != "custom" or entry.engine != "greatExpectations" or not isinstance(entry.implementation, dict):
        raise ContractRefused(f"rule {name}: type custom, engine greatExpectations and an implementation are needed")
    body = entry.implementation
    if unknown := sorted(body.keys() - {"type", "kwargs", "meta"}):
        raise ContractRefused(f"rule {name}: nothing reads implementation {', '.join(unknown)}")
    because = _because(name, body)
    kwargs = dict(body.get("kwargs") or {})
    if column is not None and "column" not in kwargs and "column_A" not in kwargs and "column_list" not in kwargs:
        kwargs["column"] = column
    expectation = str(body.get("type"))
    _check_expectation(name, expectation, kwargs, column, columns)
    minimum_rows = _minimum_rows(entry, has_share=column is None and expectation != ROW_COUNT)
    return Rule(
        name=name,
        expectation=expectation,
        because=because,
        column=column,
        when=kwargs.pop("row_condition", None),
        mostly=float(kwargs.pop("mostly", 1.0)),
        minimum_rows=minimum_rows,
        kwargs=kwargs,
    )


def _rule_name(entry: DataQuality) -> str:
    name = entry.name or ""
    if not re.match(r"^[a-z][a-z0-9_.]*$", name):
        raise ContractRefused(f"quality entry {name!r} needs a name of lower case letters, digits, dots, underscores")
    return name


def _because(name: str, body: dict[str, Any]) -> str:
    meta = body.get("meta") or {}
    if set(meta) != {"because"} or not str(meta["because"]).strip():
        raise ContractRefused(f"rule {name}: meta must hold because, and nothing else is read")
    return str(meta["because"]).strip()


def _minimum_rows(entry: DataQuality, *, has_share: bool) -> int:
    given = {str(item.property): item.value for item in entry.customProperties or []}
    if unknown := sorted(given.keys() - {"minimumRows"}):
        raise ContractRefused(f"rule {entry.name}: nothing reads customProperties {', '.join(unknown)}")
    value = given.get("minimumRows", 1)
    if given and not has_share:
        raise ContractRefused(f"rule {entry.name}: minimumRows is for rules of the delivery with mostly")
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ContractRefused(f"rule {entry.name}: minimumRows must be a whole number above zero")
    return value


def _check_expectation(
    name: str, expectation: str, kwargs: dict[str, Any], column: str | None, columns: tuple[Column, ...]
) -> None:
    by_name = {item.name: item for item in columns}
    if column is None and expectation == ROW_COUNT:
        return
    if expectation not in ROW_EXPECTATIONS:
        raise ContractRefused(f"rule {name}: {expectation!r} is not an expectation that names rows")
    if expectation in HEEDS_NO_CONDITION and "row_condition" in kwargs:
        raise ContractRefused(f"rule {name}: row_condition is not heeded by {expectation}")
    if column is not None and "mostly" in kwargs:
        raise ContractRefused(f"rule {name}: mostly is for rules of the delivery; a row is right or it is not")
    if column is None and "mostly" not in kwargs:
        raise ContractRefused(f"rule {name}: a rule of the delivery needs mostly")
    named = [kwargs[key] for key in COLUMN_KEYS if key in kwargs] + list(kwargs.get("column_list", []))
    for one in named:
        if one not in by_name:
            raise ContractRefused(f"rule {name}: column {one!r} is not in the schema")
        if by_name[one].logical_type is LogicalType.OBJECT:
            raise ContractRefused(f"rule {name}: column {one!r} is an object and cannot be judged by value")
