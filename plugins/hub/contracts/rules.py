"""The rules of a contract: those that follow from its columns, so that they are never written twice, and those written
by hand as Great Expectations entries, each with its reason (``because``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from open_data_contract_standard.model import DataQuality

from hub.contracts.values import Column, ContractRefused, LogicalType, TextFormat, check_regex

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
"""Of these, Great Expectations validates also the rows that a ``row_condition`` leaves out."""

MATCHES_REGEX = frozenset({"expect_column_values_to_match_regex", "expect_column_values_to_not_match_regex"})

TEXT_OF_FORMAT = "texts_of_format"
FORMAT_REASONS = {
    TextFormat.UK_POSTCODE: "the contract requires a postcode of the United Kingdom whose area exists",
    TextFormat.UK_POSTCODE_DISTRICT: "the contract requires the first half of a postcode, whose area exists",
    TextFormat.LSOA: "the contract requires the code of a small area: E01, W01, S01 or one of Northern Ireland",
    TextFormat.PHONE: "the contract requires a telephone number that can be called",
    TextFormat.EMAIL: "the contract requires an e-mail address",
}
ROW_COUNT = "expect_table_row_count_to_be_between"
ROW_COUNT_LIMITS = ("min_value", "max_value")
NOT_AFTER_RECEIPT = "times_not_after_receipt"
TIMES_BETWEEN = "times_between"
COLLECTED_AT_MOST = "collected_counts_at_most"
BOUNDS = frozenset({NOT_AFTER_RECEIPT, TIMES_BETWEEN, COLLECTED_AT_MOST})
COMPUTED_BY_THE_HUB = BOUNDS | {TEXT_OF_FORMAT}
"""Kinds of rules that the hub computes itself: Great Expectations does not know when a delivery was received or what a
postcode is, and does not look into the columns that a wide file's column gathers."""
COLUMN_KEYS = ("column", "column_A", "column_B")


@dataclass(frozen=True)
class Rule:
    """One expectation. ``name`` is what quarantine and error files show; ``because`` says why there is the rule.
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
    """The rules that follow from a column's own schema: required, lengths, pattern, format, range and, of a time, that
    it does not lie after the receipt. Its type and its uniqueness are not here: a type is proven by the cast itself,
    and uniqueness spans the chunks of a delivery."""

    def rule(check: str, expectation: str, because: str, **limits: Any) -> Rule:
        kwargs = {"column": column.name, **limits}
        return Rule(f"{column.name}.{check}", expectation, kwargs, because, column.name)

    if column.required:
        yield rule("required", "expect_column_values_to_not_be_null", "the contract requires a value")
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
            regex=_to_the_end(column.pattern),
        )
    if column.text_format is not None:
        yield rule("format", TEXT_OF_FORMAT, FORMAT_REASONS[column.text_format])
    if column.minimum is not None or column.maximum is not None:
        yield rule(
            "range",
            "expect_column_values_to_be_between" if column.time_limit is None else TIMES_BETWEEN,
            f"the contract allows {_limits(column.minimum, column.maximum)}",
            min_value=column.minimum,
            max_value=column.maximum,
        )
    if column.collected is not None:
        because = f"the contract allows headers of {_limits(column.collected.minimum, None)}"
        yield rule("range", TIMES_BETWEEN, because, min_value=column.collected.minimum, max_value=None)
        because = f"the contract allows counts of {_limits(None, f'{column.collected.maximum:,}')}"
        yield rule("maximum", COLLECTED_AT_MOST, because)
    if column.time_limit is not None:
        days = column.time_limit.days_ahead
        limit = f"{days:,} days" if days > 1 else "a day"
        because = f"the contract allows at most {limit} after the receipt of the delivery: {column.time_limit.because}"
        yield rule("future", NOT_AFTER_RECEIPT, because)


def _to_the_end(pattern: str) -> str:
    """The pattern with each ``$`` as the very end of a text: alone it also matches before a last line break, and a code
    with a line break behind it is no code. An escaped one, or one in a set of characters, stays."""
    return re.sub(r"(\\.|\[(?:\\.|[^\]])*\])|\$", lambda found: found.group(1) or r"\Z", pattern)


def _limits(low: Any, high: Any) -> str:
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"{low} to {high}"


def read_rule(entry: DataQuality, column: str | None, columns: tuple[Column, ...]) -> Rule:
    """Read one ``quality`` entry of a column (``column`` given: it validates rows) or of the schema (None: it validates
    the delivery). Raises :class:`ContractRefused` for a type that is unknown, or a key that nothing reads."""
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
    if "regex" in kwargs:
        kwargs["regex"] = _to_the_end(str(kwargs["regex"]))
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
        _check_row_count(name, kwargs)
        return
    if expectation not in ROW_EXPECTATIONS:
        raise ContractRefused(f"rule {name}: {expectation!r} is not an expectation that names rows")
    if expectation in HEEDS_NO_CONDITION and "row_condition" in kwargs:
        raise ContractRefused(f"rule {name}: row_condition is not heeded by {expectation}")
    if column is not None and "mostly" in kwargs:
        raise ContractRefused(f"rule {name}: mostly is for rules of the delivery; a row is right or it is not")
    if column is None and "mostly" not in kwargs:
        raise ContractRefused(f"rule {name}: a rule of the delivery needs mostly")
    if expectation in MATCHES_REGEX:
        # Without one, Great Expectations takes every value for right.
        check_regex(kwargs.get("regex"), f"rule {name}: kwargs.regex")
    named = [kwargs[key] for key in COLUMN_KEYS if key in kwargs] + list(kwargs.get("column_list", []))
    for one in named:
        if one not in by_name:
            raise ContractRefused(f"rule {name}: column {one!r} is not in the schema")
        if by_name[one].logical_type is LogicalType.OBJECT:
            raise ContractRefused(f"rule {name}: column {one!r} is an object and cannot be validated by value")


def _check_row_count(name: str, limits: dict[str, Any]) -> None:
    # A limit by another name would hold no delivery.
    if not limits or limits.keys() - {*ROW_COUNT_LIMITS}:
        raise ContractRefused(f"rule {name}: kwargs of {ROW_COUNT} are {' and '.join(ROW_COUNT_LIMITS)}")
