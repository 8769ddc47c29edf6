"""How a contract writes dates: patterns in the notation of the JDK's ``DateTimeFormatter``, as ODCS has it, and what
each means for the hub: the shape that a text must have, and the same moment in ISO 8601.

This is the only place that translates a pattern. Everything after validation holds ISO text, which PostgreSQL and
pandas read in one way whatever their settings are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PARTS = {
    "yyyy": "[1-9][0-9]{3}",
    "MM": "[0-9]{2}",
    "dd": "[0-9]{2}",
    "HH": "[0-9]{2}",
    "mm": "[0-9]{2}",
    "ss": "[0-9]{2}",
    "XXX": "(?:Z|[+-](?:0[0-9]|1[0-5]):[0-5][0-9])",
}
"""The parts that are read, each with its shape; beside them ``S`` for each digit of a fraction of a second."""

ORDER = ("yyyy", "MM", "dd", "HH", "mm", "ss", "S")
"""From the largest part to the smallest: a smaller one needs all that are larger."""

PIECE = re.compile(r"'(?:[^']|'')*'|\[\.S+\]|([A-Za-z])\1*|[^A-Za-z']|'")
MOST_FRACTION_DIGITS = 9
RESERVED = "{}#[]"


class PatternRefused(ValueError):
    """A pattern that cannot be read; the message says which part of it."""


@dataclass(frozen=True)
class DatePattern:
    """A pattern that can be read.

    ``shape`` is a regular expression with a group for each part, ``iso`` what RE2 makes of these groups: ``2026-01``,
    ``2026-01-31`` or ``2026-01-31T10:30:00[.5][+01:00]``. Text of a pattern that ``is_iso`` is left as it came.
    """

    notation: str
    shape: str
    iso: str
    is_iso: bool
    parts: frozenset[str]

    @property
    def has_time(self) -> bool:
        """Whether it says a time of day."""
        return "HH" in self.parts

    @property
    def swapped(self) -> "DatePattern | None":
        """The same pattern with day and month exchanged; None where it has no day."""
        if "dd" not in self.parts:
            return None
        exchanged = {"dd": "MM", "MM": "dd"}
        return read_pattern("".join(exchanged.get(piece, piece) for piece in _pieces(self.notation)))

    @property
    def stored(self) -> "DatePattern":
        """The pattern of the text that raw holds: the same parts in ISO 8601."""
        if self.is_iso:
            return self
        digits = self.notation.count("S")
        fraction = f"[.{'S' * digits}]" if digits else ""
        time = f"'T'HH:mm:ss{fraction}" if self.has_time else ""
        offset = "XXX" if "XXX" in self.parts else ""
        return read_pattern(f"yyyy-MM{'-dd' if 'dd' in self.parts else ''}{time}{offset}")

    def moment(self, text: str) -> datetime | None:
        """The point in time that one text names, without an offset where the pattern has none; None where it is not of
        the pattern or names no day of the calendar. A month is its first day."""
        found = re.fullmatch(self.shape, text)
        if found is None:
            return None
        iso = found.expand(self.iso) + ("" if "dd" in self.parts else "-01")
        try:
            return datetime.fromisoformat(iso)
        except ValueError:
            return None

    def as_iso(self, texts: "pa.Array | pa.ChunkedArray") -> "pa.Array | pa.ChunkedArray":
        """The texts in ISO 8601; one that has not the pattern's shape stays as it is."""
        import pyarrow.compute as pc  # noqa: PLC0415 - the parse of a DAG file reads contracts and no rows

        return texts if self.is_iso else pc.replace_substring_regex(texts, self.shape, self.iso)

    def as_delivered(self, stored: str) -> str:
        """A text that raw holds, in ISO 8601, as this pattern writes it; any other stays as it is."""
        found = re.fullmatch(self.stored.shape, stored)
        if self.is_iso or found is None:
            return stored
        parts = [part for part in map(_part, _pieces(self.stored.notation)) if part]
        given = {part: (text or "").removeprefix(".") for part, text in zip(parts, found.groups(), strict=True)}
        return "".join(_written(piece, given) for piece in _pieces(self.notation))

    def moments(self, texts: "pa.Array") -> "pd.Series":
        """Points in time in UTC, NaT where a text is not of the pattern or names no day of the calendar. A time without
        offset is taken as UTC."""
        import pandas as pd  # noqa: PLC0415 - as above
        import pyarrow.compute as pc  # noqa: PLC0415

        fits = pc.match_substring_regex(texts, self.shape)
        written = pc.if_else(fits, self.as_iso(texts), None).to_pandas()
        moments: pd.Series = pd.to_datetime(written, format="ISO8601", errors="coerce", utc=True)
        return moments


def read_pattern(notation: str) -> DatePattern:
    """Translate a pattern. Raises :class:`PatternRefused` naming the part that cannot be read."""
    shape, groups = "", []
    for piece in _pieces(notation):
        digits = piece.strip("[.]")
        if piece in PARTS:
            shape += f"({PARTS[piece]})"
            groups.append(piece)
        elif set(digits) == {"S"} and len(digits) <= MOST_FRACTION_DIGITS:
            # In brackets it may be absent, and its point with it.
            shape += f"([0-9]{{{len(digits)}}})" if digits == piece else f"(\\.[0-9]{{{len(digits)}}})?"
            groups.append("S" if digits == piece else "[S]")
        elif piece[0].isalpha() and piece.isascii():
            raise PatternRefused(f"{piece} is not read; known are {', '.join(PARTS)} and S for digits of a fraction")
        elif piece in RESERVED:
            raise PatternRefused(f"{piece} is read only in quotes, or in [.SSS] for a fraction that may be absent")
        elif piece == "'":
            raise PatternRefused("a quote is opened and not closed")
        else:
            shape += re.escape(_literal(piece))
    _refuse_incomplete([part.strip("[]") for part in groups])
    parts = frozenset(part.strip("[]") for part in groups)
    return DatePattern(notation, f"^{shape}$", _iso(groups), _is_iso(notation), parts)


def _pieces(notation: str) -> Iterator[str]:
    return (found.group() for found in PIECE.finditer(notation))


def _part(piece: str) -> str | None:
    """The part of a date that a piece of a pattern stands for; S for any fraction."""
    return "S" if set(piece.strip("[.]")) == {"S"} else piece if piece in PARTS else None


def _written(piece: str, given: Mapping[str, str]) -> str:
    part = _part(piece)
    if part is None:
        return _literal(piece)
    text = given.get(part, "")
    return f".{text}" if piece.startswith("[") and text else text


def _literal(piece: str) -> str:
    if not piece.startswith("'"):
        return piece
    return piece[1:-1].replace("''", "'") or "'"


def _refuse_incomplete(groups: list[str]) -> None:
    if repeated := sorted({part for part in groups if groups.count(part) > 1}):
        raise PatternRefused(f"{', '.join(repeated)} is in it twice")
    if "yyyy" not in groups or "MM" not in groups:
        raise PatternRefused("a year (yyyy) and a month (MM) are needed")
    smallest = max(ORDER.index(part) for part in groups if part in ORDER)
    if missing := [part for part in ORDER[: smallest + 1] if part not in groups]:
        raise PatternRefused(f"{ORDER[smallest]} needs {', '.join(missing)}")
    if "XXX" in groups and "HH" not in groups:
        raise PatternRefused("XXX, an offset, needs a time of day")


def _iso(groups: list[str]) -> str:
    place = {part: f"\\{index}" for index, part in enumerate(groups, 1)}
    text = "-".join(place[part] for part in ("yyyy", "MM", "dd") if part in place)
    if "HH" not in place:
        return text
    text += f"T{place['HH']}:{place.get('mm', '00')}:{place.get('ss', '00')}"
    text += f".{place['S']}" if "S" in place else place.get("[S]", "")
    return text + place.get("XXX", "")


def _is_iso(notation: str) -> bool:
    return re.fullmatch(r"yyyy-MM(-dd(( |'T')HH:mm:ss(\.S+|\[\.S+\])?(XXX)?)?)?", notation) is not None
