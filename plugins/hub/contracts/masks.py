"""The form of a row's values: what may be shown of a row that was not accepted, and which columns a person may type."""

import unicodedata
from collections.abc import Mapping

from hub.contracts.model import Contract
from hub.contracts.rules import Rule
from hub.contracts.values import Column, LogicalType, TextFormat

LONGEST_SHOWN = 24
LONGEST_CODE = 100
"""A form that leaves room for more is one of addresses on the web, which can name a person."""
AREAS = (TextFormat.UK_POSTCODE_DISTRICT, TextFormat.LSOA)
"""Forms of texts that name an area, and not a home or a person."""
CUT = "…"
_CLASSES = {"Lu": "X", "Lt": "X", "L": "x", "M": "", "N": "9", "C": "?"}
"""What is shown for a character, by its category in Unicode or the first letter of it; all others show themselves."""


class _Shapes(dict[int, str]):
    """Characters as ``str.translate`` asks for them; each is looked up once."""

    def __missing__(self, code: int) -> str:
        category = unicodedata.category(chr(code))
        self[code] = _CLASSES.get(category, _CLASSES.get(category[0], chr(code)))
        return self[code]


_SHAPES = _Shapes()


def form_of(value: str) -> str:
    """``AB12 cd`` → ``XX99 xx``, cut where it is long."""
    form = value[:LONGEST_SHOWN].translate(_SHAPES)
    return form + CUT if len(value) > LONGEST_SHOWN else form


def is_free_text(contract: Contract, column: Column) -> bool:
    """Whether anything can stand in a column: its contract gives neither a list of codes nor a form of its values."""
    if column.logical_type in (LogicalType.ARRAY, LogicalType.OBJECT):
        return True
    if column.logical_type is not LogicalType.STRING:
        return False
    has_form = column.pattern is not None and (column.max_length or 0) <= LONGEST_CODE
    return not (code_lists(contract, column) or has_form or column.text_format in AREAS)


def code_lists(contract: Contract, column: Column) -> list[Rule]:
    """The rules that close the list of a column's values in every row."""
    return [rule for rule in contract.row_rules if rule.column == column.name and rule.is_code_list and not rule.when]


def may_be_shown(contract: Contract, column: Column) -> bool:
    """Whether the form of a column's values may be shown, and a value of it typed where it is kept in the open."""
    return not column.is_personal and not is_free_text(contract, column)


def masked(contract: Contract, values: Mapping[str, str]) -> dict[str, str | int]:
    """A row's values as they may be shown: their form; of personal ones and of free text the number of characters
    alone."""
    shown = {column.name for column in contract.columns if may_be_shown(contract, column)}
    return {name: form_of(value) if name in shown else len(value) for name, value in values.items()}
