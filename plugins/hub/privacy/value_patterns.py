"""Regular expressions for the ways in which a person's contacts and other values are written in text.

They are for text in the form of :func:`~hub.privacy.readings.folded`, and of the kind that PostgreSQL knows as well.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from hub.contracts.characters import DIGITS, SAME
from hub.privacy.identity import BIRTH, EMAIL, PHONE, POSTCODE
from hub.privacy.readings import folded

_BETWEEN = r"[-+\s()\[\]./_\u00b7\u2022\u2044\u2215]{0,3}"
_EXTENSION = r"(?:\s?(?:ext(?:ensio)?n?|x)\W?\W?[0-9]+)?"
_MONTHS = (
    *("jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?"),
    *("sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?"),
)
_ENDS = "(?:st|nd|rd|th)?"
_PARTS_DAYS, _PARTS_WORDS = r"\s?[-/.,_\s\u2044\u2215]\s?", r"[-+/.,_\s]{0,3}"
_PARTS_SHORT = r"\s?[-/.\u2044\u2215]\s?"
_TIME = "(?:t[0-9]+)?z?"


def in_sql(said: str) -> str:
    """SQL for a text in the form that the patterns are for, as it stands; most texts are in plain letters and cost
    little. ``:unseen`` is :data:`~hub.contracts.characters.UNSEEN`, and ``said`` the name of a column."""
    same = f"translate(regexp_replace({said}, :unseen, '', 'g'), {_sql_of(SAME)})"
    digits = f"case when {said} ~ '[{''.join(DIGITS)}]' then translate({same}, {_sql_of(DIGITS)}) else {same} end"
    letters = f"replace(replace(lower(normalize({digits}, nfkc)), 'ß', 'ss'), '\u03c2', '\u03c3')"
    form = f"case when octet_length({said}) = length({said}) then {said} else {letters} end"
    return f"regexp_replace({form}, '\\s{{2,}}', ' ', 'g')"


def _sql_of(characters: Mapping[str, str]) -> str:
    others, plain = "".join(characters), "".join(characters.values())
    return f"'{others}', '{plain.replace("'", "''")}'"


def whole(pattern: str) -> str:
    """Not as a part of a longer word."""
    return rf"(?<!\w){pattern}(?!\w)"


def patterns(field: str, values: Iterable[str]) -> list[str]:
    """The pattern of each value of a field: of contacts, and of what identifies beside a name."""
    forms = [form for value in sorted(values) if re.search(r"\w", form := folded(value))]
    return [PATTERNS.get(field, _word)(form) for form in forms]


def _word(value: str) -> str:
    return whole(re.escape(value))


def _email(value: str) -> str:
    """An address, its domain as people read it or as servers do."""
    name, _, domain = value.rpartition("@")
    domains = sorted({_domain(domain, one) for one in (_as_read, _as_served)})
    return rf"(?<![\w.+-]){re.escape(name)}@(?:{'|'.join(domains)})(?![\w-]|\.\w)"


def _domain(domain: str, form: Callable[[str], str]) -> str:
    return r"[.\u3002]".join(re.escape(form(label)) for label in domain.split("."))


def _as_read(label: str) -> str:
    try:
        return folded(label[4:].encode().decode("punycode")) if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _as_served(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _phone(value: str) -> str:
    """A number with and without the code of its country, however its digits are grouped."""
    import phonenumbers  # noqa: PLC0415  # half a second of every command's start

    number = phonenumbers.parse(value, None)
    digits = _BETWEEN.join(str(number.national_number))
    code = _BETWEEN.join(str(number.country_code))
    prefix = rf"(?:\(?(?:(?:\+|00){_BETWEEN})?{code}{_BETWEEN}(?:\(?0\)?)?{_BETWEEN}|\(?0{_BETWEEN})?"
    return rf"(?<!\w){prefix}{digits}{_EXTENSION}(?!\w)"


def _birth(value: str) -> str:
    """A day in numbers or with its month's name; without anything between its parts only where all digits are there,
    and with the month before the day, in numbers, only where it cannot be taken for another day."""
    try:
        born = date.fromisoformat(value)
    except ValueError:
        return _word(value)
    day, month, year = f"0?{born.day}", f"0?{born.month}", str(born.year)
    short, name = f"(?:{year}|'?{year[2:]})", f"(?:{_MONTHS[born.month - 1]})"
    numbers, words = _PARTS_DAYS, _PARTS_WORDS
    forms = [
        numbers.join((year, month, day)),
        numbers.join((day, month, year)),
        rf"(?<![0-9][./]){_PARTS_SHORT.join((day, month, short))}(?![./][0-9])",  # no version, no address of a machine
        f"{born:%Y%m%d}",
        f"{born:%d%m%Y}",
        f"{day}{_ENDS}{words}(?:(?:day )?of {words})?{name}{words}{short}",
        f"{name}{words}(?:the )?{day}{_ENDS}{words}{year}",
        f"{year}{words}{name}{words}{day}{_ENDS}",
    ]
    if born.day > 12:
        forms += [numbers.join((month, day, year)), f"{born:%m%d%Y}"]
    return rf"(?<!\w)(?:{'|'.join(forms)}){_TIME}(?!\w)"


def _postcode(value: str) -> str:
    """A postcode of letters and digits with anything between its parts; one of digits alone only with blanks."""
    value = re.sub(r"[\W_]", "", value)
    if value.isdecimal():
        return whole(rf"{value[:-3]}\s*{value[-3:]}")
    between = r"[-+\s._\u00b7]{0,3}"
    parts = [part for part in (*re.findall(r"\d+|\D+", value[:-3]), value[-3:]) if part]
    return whole(between.join(map(re.escape, parts)))


PATTERNS: dict[str, Callable[[str], str]] = {EMAIL: _email, PHONE: _phone, BIRTH: _birth, POSTCODE: _postcode}
"""What makes the pattern of a value in folded form, by its field."""
