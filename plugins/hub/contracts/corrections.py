"""What a person may type for a value of a row where it is kept in the open, as Airflow does: codes, numbers, dates and
references, and neither personal values nor free text.

This keeps names and stories out before anything is kept. Whether the corrected row is right, the contract's rules say.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from hub.contracts.masks import LONGEST_CODE, code_lists, may_be_shown
from hub.contracts.model import Contract
from hub.contracts.rules import Rule
from hub.contracts.values import Column, LogicalType

NUMBER = re.compile(r"[+-]?[0-9.]{1,40}([eE][+-]?[0-9]{1,2})?")
AREA = re.compile(r"[A-Za-z0-9]{2,9}")
ON_THE_COMMAND_LINE = "hub quarantine release ID --set"


def refusal_of(contract: Contract, correction: Mapping[str, str | None]) -> str | None:
    """Why these values of columns may not be typed, without a value; None where they may. A value that is blank is
    taken out."""
    columns = {column.name: column for column in contract.columns}
    if unknown := sorted(correction.keys() - columns.keys()):
        return f"the contract has no column {', '.join(unknown)}"
    if hidden := [name for name in correction if not may_be_shown(contract, columns[name])]:
        return f"{', '.join(hidden)}: personal or free text, to be corrected by {ON_THE_COMMAND_LINE}"
    typed = {name: value for name, value in correction.items() if value is not None and value.strip()}
    if wrong := [name for name, value in typed.items() if not _is_of(contract, columns[name], value)]:
        return f"{', '.join(wrong)}: not a value that the contract allows"
    return None


def codes_of(contract: Contract, column: Column) -> Collection[str]:
    """The codes that a column can have, in the order of the contract; nothing where it is no list of codes."""
    for rule in code_lists(contract, column):
        if "value_set" in rule.kwargs:
            codes: list[Any] = rule.kwargs["value_set"]
            return [str(code) for code in codes]
    return ()


def _is_of(contract: Contract, column: Column, value: str) -> bool:
    if len(value) > LONGEST_CODE:
        return False
    match column.logical_type:
        case LogicalType.DATE | LogicalType.TIMESTAMP:
            return column.date_format.moment(value) is not None
        case LogicalType.INTEGER | LogicalType.NUMBER:
            return NUMBER.fullmatch(value) is not None
        case LogicalType.BOOLEAN:
            return value in ("true", "false")
        case _:
            return _is_code(contract, column, value)


def _is_code(contract: Contract, column: Column, value: str) -> bool:
    known = [_allows(rule, value) for rule in code_lists(contract, column)]
    if column.pattern is not None:
        known.append(re.search(column.pattern, value) is not None and "\n" not in value)
    if column.text_format is not None:
        known.append(AREA.fullmatch(value) is not None)
    return bool(known) and all(known)


def _allows(rule: Rule, value: str) -> bool:
    if "value_set" in rule.kwargs:
        return value in {str(code) for code in rule.kwargs["value_set"]}
    return re.search(rule.kwargs["regex"], value) is not None
