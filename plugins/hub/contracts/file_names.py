"""Names of delivered files in which somebody's e-mail address or telephone number is: they are told and kept nowhere.

A person's own name cannot be told from any other words in a file's name, and is not looked for.
"""

import html
import re
import unicodedata
from urllib.parse import unquote

from hub.contracts.characters import DIGITS, SAME, UNSEEN

WITHHELD = "withheld-"
"""How the name begins that is kept in place of such a name."""
SAID = "the file's name held an e-mail address or a telephone number and is not kept: name files without"
SHOWN_INSTEAD = "(a name that holds an e-mail address or a telephone number)"
PLACES = frozenset({"period", "sequence"})
"""Groups of a feed's pattern whose digits are no contact."""
_UNSEEN = re.compile(UNSEEN)
_SAME = str.maketrans(SAME | DIGITS)
_EMAIL = re.compile(r"[^\s/@]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_DAY = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-_.]?[01]\d(?:[-_.]?[0-3]\d)?|[0-3]\d[-_.]?[01]\d[-_.]?(?:19|20)\d\d)"
    r"(?:[T_ -]?[0-2]\d[-_.:]?[0-5]\d(?:[-_.:]?[0-5]\d)?)?(?!\d)"
)
"""A day or a month, with a time of day."""
_MONTH_AFTER_DIGITS = re.compile(r"(?<=\d{3}[ ._-])(?:19|20)\d\d[01]\d(?!\d)")
"""Six digits without a sign after others: they can as well be the end of a telephone number."""
_PHONE = re.compile(
    r"(?<!\d)(?:(?:\+|00)[ ._-]?[1-9](?:[ ._()-]{0,2}\d){9,13}|0[ ._()-]{0,2}[12378](?:[ ._()-]{0,2}\d){8,9})(?!\d)"
)


def holds_contact(name: str, pattern: re.Pattern[str] | None = None) -> bool:
    """Whether an e-mail address or a telephone number is in a file's name; what the feed's pattern reads as a period
    or a number of the file is none."""
    if pattern is not None and (found := pattern.search(name)) is not None:
        for start, end in (found.span(group) for group in PLACES & found.re.groupindex.keys()):
            if start >= 0:
                name = f"{name[:start]}{'x' * (end - start)}{name[end:]}"
    seen = unicodedata.normalize("NFKC", _UNSEEN.sub("", name).translate(_SAME))
    return any(
        _EMAIL.search(said) or _PHONE.search(_DAY.sub(_unless_end_of_phone, said))
        for said in {seen, unquote(html.unescape(seen))}
    )


def _unless_end_of_phone(day: re.Match[str]) -> str:
    return day[0] if _MONTH_AFTER_DIGITS.fullmatch(day.string, *day.span()) else "x"


def shown_name(name: str) -> str:
    """A file's name for logs and alerts."""
    return SHOWN_INSTEAD if holds_contact(name) else name


def withheld_name(file_name: str) -> str | None:
    """What to tell the sender of a file whose name is withheld; None if nothing."""
    return SAID if file_name.startswith(WITHHELD) else None
