"""Why a header row does not fit its contract, in words that help the sender. Nothing of a row is ever quoted: a name is
shown only where it is nearly one of the contract's own."""

import csv
import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

from hub.contracts.model import Contract

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LINES_LOOKED_AT = 20
LEAST_ALIKE = 85.0
"""Of 100: a name with a letter wrong is as much alike; another word is not."""

LEAST_SHARE_KNOWN = 0.5


def other_names(missing: Sequence[str], found: Iterable[str]) -> str:
    """`` - found 'Report Ref': did you mean report_ref?`` for missing names that the file has nearly; else nothing."""
    near = []
    for name in missing:
        alike = [one for one in found if _key(one) == _key(name) or fuzz.ratio(_key(one), _key(name)) >= LEAST_ALIKE]
        if alike:
            near.append((alike[0], name))
    if not near:
        return ""
    return f"; found {', '.join(repr(one) for one, _ in near)} - did you mean {', '.join(name for _, name in near)}?"


def explain_header(contract: Contract, lines: Sequence[str]) -> str | None:
    """What is wrong with a file whose first lines are these, where it is more than a name: another delimiter, or lines
    above the header. None where neither is."""
    used = contract.form.delimiter
    for other, name in DELIMITERS.items():
        if other != used and lines and _share_known(contract, lines[0], other) >= LEAST_SHARE_KNOWN:
            return f"the header is separated by {name}; this feed uses {DELIMITERS.get(used, repr(used))}"
    for number, line in enumerate(lines[1:LINES_LOOKED_AT], 2):
        if _share_known(contract, line, used) >= LEAST_SHARE_KNOWN:
            return f"line 1 looks like a title; the columns begin in line {number}"
    return None


def _share_known(contract: Contract, line: str, delimiter: str) -> float:
    """The share of the columns that must be there which a line names, read with a delimiter."""
    try:
        cells = {_key(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])}
    except csv.Error:
        return 0.0
    due = [column for column in contract.columns if not column.may_be_absent and column.collected is None]
    if len(cells) < 2 or not due:
        return 0.0
    return sum(any(_key(name) in cells for name in column.headers) for column in due) / len(due)


def _key(name: str) -> str:
    """A name without case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", name.removeprefix("\ufeff")).lower()
