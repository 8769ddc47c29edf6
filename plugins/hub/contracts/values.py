"""The columns of a contract, and the values that its keys may have. A key that the hub does not read is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from open_data_contract_standard.model import SchemaProperty

from hub.contracts.date_patterns import DatePattern, PatternRefused, read_pattern

COLUMN_NAME = re.compile(r"^[a-z][a-z0-9_]{0,59}$")
ISO_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}")
DAY = "yyyy-MM-dd"
MOMENT = "yyyy-MM-dd'T'HH:mm:ssXXX"
TEXT_SUBJECT = "text"
MAX_DAYS_AHEAD = 36_525
"""A century. A time that is further ahead is a mistake and not a plan."""
LIMIT_OPTIONS = frozenset({"pattern", "minimum", "maximum", "minLength", "maxLength", "format"})


class ContractRefused(Exception):
    """A contract that cannot be used; the message names the key and says what is wrong."""


class LogicalType(StrEnum):
    """The ODCS logical types that a column of a file can have."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    ARRAY = "array"
    OBJECT = "object"


class TextFormat(StrEnum):
    """Kinds of text that the hub can check: it knows which values cannot be a postcode, a telephone number, …"""

    UK_POSTCODE = "uk-postcode"
    UK_POSTCODE_DISTRICT = "uk-postcode-district"
    LSOA = "lsoa"
    PHONE = "phone"
    EMAIL = "email"


class Classification(StrEnum):
    """Who may see a column's values; the last two live in the vault only."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class FileFormat(StrEnum):
    """The forms in which rows come."""

    CSV = "csv"
    JSONL = "jsonl"
    XML = "xml"
    PARQUET = "parquet"


class Compression(StrEnum):
    """How a delivery is packed; a zip archive holds exactly one file."""

    NONE = "none"
    GZIP = "gzip"
    ZIP = "zip"


@dataclass(frozen=True)
class TimeLimit:
    """How far a time may lie after the receipt of its delivery, in days, and why where that is more than usual."""

    days_ahead: int = 1
    because: str = "what has been delivered has happened; a day is allowed for zones and clocks"


@dataclass(frozen=True)
class Collected:
    """Which columns of a wide file are gathered into one: those whose header matches ``pattern`` and is a date written
    as ``format``, not before ``minimum``. Their cells hold counts of at most ``maximum``."""

    pattern: re.Pattern[str]
    format: DatePattern
    minimum: str
    maximum: int

    def gathers(self, header: str) -> bool:
        """Whether the column with this header is gathered."""
        return self.pattern.fullmatch(header) is not None and self.format.moment(header) is not None


@dataclass(frozen=True)
class Column:
    """One column of a feed.

    ``headers`` are the names it may have in the file (for JSON the key, for XML a path below the row element or
    ``@attribute``), ``format`` how a date or time is written. ``collected`` is set on the one column of a wide file
    that gathers others, as a JSON object from header to count. ``time_limit`` is set if the column, or a header that it
    gathers, is a time. A file that lacks a column is refused, unless the column ``may_be_absent``. No value of a
    ``unique`` column may come twice in a delivery; in the primary key, no combination of its columns' values may.
    """

    name: str
    headers: tuple[str, ...]
    may_be_absent: bool
    description: str
    logical_type: LogicalType
    required: bool
    unique: bool
    classification: Classification
    format: DatePattern | None
    pattern: str | None
    minimum: Any
    maximum: Any
    min_length: int | None
    max_length: int | None
    collected: Collected | None
    time_limit: TimeLimit | None = None
    text_format: TextFormat | None = None

    @property
    def is_personal(self) -> bool:
        return self.classification in (Classification.PERSONAL, Classification.SENSITIVE)

    @property
    def subject(self) -> str:
        """Whose personal value it is: the first word of the column's name (victim, reporter, officer, …). Free text can
        be about everybody whom the record names, so its subject is ``text``."""
        return TEXT_SUBJECT if self.classification is Classification.SENSITIVE else self.name.partition("_")[0]

    @property
    def date_format(self) -> DatePattern:
        """How its dates or times are written. Raises TypeError for a column of another type."""
        if self.format is None:
            raise TypeError(f"{self.name} is {self.logical_type}, which has no format of dates")
        return self.format

    @property
    def raw_name(self) -> str:
        """Its name in the raw table: a token takes a personal value's place."""
        return f"{self.name}_token" if self.is_personal else self.name


def read_column(item: SchemaProperty) -> Column:
    """Read one entry of ``schema[0].properties``."""
    name = item.name or ""
    if not COLUMN_NAME.match(name):
        raise ContractRefused(f"column name {name!r} must be lower case letters, digits and underscores")
    if not item.description:
        raise ContractRefused(f"column {name}: a description must be given")
    options = item.logicalTypeOptions or {}
    if unknown := sorted(options.keys() - LIMIT_OPTIONS):
        raise ContractRefused(f"column {name}: nothing reads logicalTypeOptions {', '.join(unknown)}")
    logical_type = member(LogicalType, item.logicalType, f"column {name}: logicalType")
    custom = _custom_properties(name, item)
    collected = _collected(name, custom.get("collectsHeaders"))
    date_format = _date_format(name, logical_type, options.get("format"))
    is_timed = logical_type in (LogicalType.DATE, LogicalType.TIMESTAMP)
    _refuse_wrong_limits(name, logical_type, options)
    return Column(
        name=name,
        headers=(item.physicalName or name, *_aliases(name, custom.get("headerAliases", []))),
        may_be_absent=read_boolean(custom.get("mayBeAbsent", False), f"column {name}: mayBeAbsent"),
        description=item.description.strip(),
        logical_type=logical_type,
        required=bool(item.required),
        unique=bool(item.unique),
        classification=member(Classification, item.classification, f"column {name}: classification"),
        format=date_format,
        text_format=_text_format(name, logical_type, options.get("format")),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        min_length=options.get("minLength"),
        max_length=options.get("maxLength"),
        collected=collected,
        time_limit=_time_limit(name, custom.get("mayLieAhead"), is_time=is_timed or collected is not None),
    )


def read_boolean(value: Any, where: str) -> bool:
    """Read true or false. Raises :class:`ContractRefused` for anything else, such as the text ``'false'``."""
    if not isinstance(value, bool):
        raise ContractRefused(f"{where} is {value!r}; it must be true or false")
    return value


def check_regex(pattern: Any, where: str) -> None:
    """Raises :class:`ContractRefused` if ``pattern`` is not a regular expression."""
    try:
        re.compile(pattern)
    except (re.error, TypeError) as error:
        raise ContractRefused(f"{where} is not a regular expression: {error}") from error


def member[E: StrEnum](kind: type[E], value: Any, where: str) -> E:
    """The member with this value. If there is none, raises :class:`ContractRefused`, which says ``where``."""
    if value not in {member.value for member in kind}:
        raise ContractRefused(f"{where} is {value!r}; it must be one of {[str(member) for member in kind]}")
    return kind(value)


def _date_format(name: str, logical_type: LogicalType, notation: str | None) -> DatePattern | None:
    if logical_type not in (LogicalType.DATE, LogicalType.TIMESTAMP):
        if notation is not None and logical_type is not LogicalType.STRING:
            raise ContractRefused(f"column {name}: format is read for dates, timestamps and strings only")
        return None
    return _pattern(name, notation, is_date=logical_type is LogicalType.DATE)


def _pattern(name: str, notation: str | None, *, is_date: bool) -> DatePattern:
    try:
        pattern = read_pattern(str(notation or (DAY if is_date else MOMENT)))
    except PatternRefused as refusal:
        raise ContractRefused(f"column {name}: format {notation!r}: {refusal}") from refusal
    if is_date and pattern.has_time:
        raise ContractRefused(f"column {name}: format {notation!r} has a time of day, so logicalType is timestamp")
    if not is_date and not pattern.has_time:
        raise ContractRefused(f"column {name}: format {notation!r} has no time of day, so logicalType is date")
    return pattern


def _text_format(name: str, logical_type: LogicalType, value: str | None) -> TextFormat | None:
    if logical_type is not LogicalType.STRING or value is None:
        return None
    return member(TextFormat, value, f"column {name}: format")


def _custom_properties(name: str, item: SchemaProperty) -> dict[str, Any]:
    given = {str(entry.property): entry.value for entry in item.customProperties or []}
    known = {"collectsHeaders", "headerAliases", "mayBeAbsent", "mayLieAhead"}
    if unknown := sorted(given.keys() - known):
        raise ContractRefused(f"column {name}: nothing reads customProperties {', '.join(unknown)}")
    return given


def _collected(name: str, given: Any) -> Collected | None:
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) != {"pattern", "format", "minimum", "maximum"}:
        raise ContractRefused(f"column {name}: collectsHeaders needs pattern, format, minimum and maximum")
    _require_minimum(name, "collectsHeaders.minimum", given["minimum"])
    if not isinstance(given["maximum"], int) or isinstance(given["maximum"], bool):
        raise ContractRefused(f"column {name}: collectsHeaders.maximum must be a whole number")
    check_regex(given["pattern"], f"column {name}: collectsHeaders.pattern")
    date_format = _pattern(name, str(given["format"]), is_date=True)
    return Collected(re.compile(str(given["pattern"])), date_format, str(given["minimum"]), given["maximum"])


def _require_minimum(name: str, key: str, minimum: Any) -> None:
    """Without an earliest time, a mistyped year would be accepted."""
    _moment(minimum, f"column {name}: {key}")


def _moment(text: Any, where: str) -> datetime:
    """A day or time as contracts write it; one without an offset is in UTC."""
    try:
        if not ISO_DAY.match(str(text)):
            raise ValueError(text)
        at = datetime.fromisoformat(str(text))
    except ValueError as error:
        message = f"{where} must be given, as a day or a time in ISO 8601 (YYYY-MM-DD first)"
        raise ContractRefused(message) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _refuse_wrong_limits(name: str, logical_type: LogicalType, options: Mapping[str, Any]) -> None:
    """Limits that every delivery would fail on, or that cannot be read."""
    limits = {key: options[key] for key in ("minimum", "maximum") if options.get(key) is not None}
    where = f"column {name}: logicalTypeOptions"
    if logical_type in (LogicalType.DATE, LogicalType.TIMESTAMP):
        _require_minimum(name, "logicalTypeOptions.minimum", options.get("minimum"))
        limits = {key: _moment(value, f"{where}.{key}") for key, value in limits.items()}
    elif any(isinstance(one, bool) or not isinstance(one, int | float) for one in limits.values()):
        raise ContractRefused(f"{where}: {' and '.join(limits)} must be given as a number")
    lengths = [options[key] for key in ("minLength", "maxLength") if options.get(key) is not None]
    for pair in ([limits[key] for key in ("minimum", "maximum") if key in limits], lengths):
        if pair != sorted(pair):
            raise ContractRefused(f"{where}: the minimum {pair[0]} is above the maximum {pair[1]}")
    if options.get("pattern") is not None:
        check_regex(options["pattern"], f"{where}.pattern")


def _aliases(name: str, given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ContractRefused(f"column {name}: headerAliases must be a list of header names")
    return given


def _time_limit(name: str, given: Any, *, is_time: bool) -> TimeLimit | None:
    if given is None:
        return TimeLimit() if is_time else None
    if not is_time:
        raise ContractRefused(f"column {name}: mayLieAhead is read for times only")
    if not isinstance(given, dict) or set(given) != {"days", "because"} or not str(given["because"]).strip():
        raise ContractRefused(f"column {name}: mayLieAhead needs days and because")
    days = given["days"]
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MAX_DAYS_AHEAD:
        raise ContractRefused(f"column {name}: mayLieAhead.days must be a whole number of 1 to {MAX_DAYS_AHEAD}")
    return TimeLimit(days, str(given["because"]).strip())
