"""Text that nobody reads in rows, in parts that are most like rows: records of lines, objects, elements.

A record of CSV may go over several lines, within quotes. Of JSON, what is in a list is a record, and so are objects
side by side with the same keys; of XML, elements side by side with the same name. Records may hold others: a card its
persons, each with two values or more. Text that only begins like JSON or XML is read in lines.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

MOST_DEPTH = 50
"""What lies deeper within records is a part of the one that it is in."""
LEAST_VALUES = 2
_QUOTED = r"(?<![^,;\t|\r\n])\"[^\"]*+(?:\"\"[^\"]*+)*+\"(?=[,;\t|\r\n]|\Z)"
_LINES = re.compile(rf"[^\"\r\n]*+(?:(?:{_QUOTED}|\")[^\"\r\n]*+)*+(?:\r\n|\r|\n|\Z)")
"""A line; what is in quotes from delimiter to delimiter goes over as many as it needs."""
_JSON = re.compile(r"(\")(?:[^\"\\]|\\(?:.|\Z))*+(?:\"|\Z)(\s*:)?|([\[{])|[\]}]", re.DOTALL)
_BETWEEN_JSON = re.compile(r"[\s,\ufeff\x1e]*")
_XML = re.compile(r"<(?:(!--|!\[CDATA\[|\?)|(/?)([^\W\d][\w:.-]*)([^<>]*)>)")
_NO_ELEMENT = re.compile(r"<!--(?:(?!-->).)*+(?:-->|\Z)|<[!?][^>]*+(?:>|\Z)|[\s\ufeff]", re.DOTALL)
_END_OF = {"!--": "-->", "![CDATA[": "]]>", "?": "?>"}
_SIGNS = re.compile(r"<[^<>]*>|\"[^\"\n]*\"\s*:|[\"\t;|{}\[\]]")

type Span = tuple[int, int]


@dataclass(slots=True)
class _Part:
    """An object, list or text of JSON, or an element of XML; ``name`` is the same for those that are alike, and
    ``values`` is how many a part has by itself."""

    start: int
    end: int
    name: Hashable
    is_list: bool = False
    values: int = 0
    is_cut_off: bool = False
    inner: list["_Part"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Record:
    start: int
    end: int
    inner: list["_Record"]


class _NotOfThisForm(ValueError):
    """Text that only begins like JSON or XML."""


def spans_about(text: str, is_about: Callable[[str], bool]) -> list[Span]:
    """The parts of a text that are about somebody, as ``is_about`` says of each part: as small as records are, in
    rising order."""
    begin = text.lstrip("\ufeff \t\r\n")[:1]
    try:
        if begin in ("{", "["):
            root = _parts_of_json(text)
        elif begin == "<":
            root = _parts_of_xml(text)
        else:
            return _lines_about(text, (0, len(text)), is_about)
    except _NotOfThisForm:
        return _lines_about(text, (0, len(text)), is_about)
    records = _records_in(root, is_in_record=False)
    spans = [span for one in records for span in _in_record(text, one, is_about)]
    for start, end in _around(0, len(text), records):
        if root.is_cut_off:
            spans += _lines_about(text, (start, end), is_about)
        elif is_about(text[start:end]):
            spans.append((start, end))
    return sorted(spans)


def _lines_about(text: str, within: Span, is_about: Callable[[str], bool]) -> list[Span]:
    lines = (found.span() for found in _LINES.finditer(text, *within))
    return [(start, end) for start, end in lines if end > start and is_about(text[start:end])]


def words_only(text: str) -> str:
    """A text without the signs between its values and without what JSON and XML call them: a name is in two cells,
    and is one all the same."""
    return _SIGNS.sub(" ", text)


def _in_record(text: str, record: _Record, is_about: Callable[[str], bool]) -> list[Span]:
    """What of a record is about somebody: records in it that are, and the rest of it if that is, by itself or with one
    of the others; all of it where it is only as a whole."""
    if not is_about(text[record.start : record.end]):
        return []
    spans, others = list[Span](), list[_Record]()
    for one in record.inner:
        found = _in_record(text, one, is_about)
        spans += found
        others += [] if found else [one]
    around = _around(record.start, record.end, record.inner)
    rest = " ".join(text[start:end] for start, end in around)
    if is_about(rest):
        return [*spans, *around]
    if beside := [(one.start, one.end) for one in others if is_about(f"{rest} {text[one.start : one.end]}")]:
        return [*spans, *around, *beside]
    return spans or [(record.start, record.end)]


def _around(start: int, end: int, records: Sequence[_Record | _Part]) -> list[Span]:
    """What lies around and between records or parts."""
    starts, ends = [start, *(one.end for one in records)], [*(one.start for one in records), end]
    return [(one, other) for one, other in zip(starts, ends, strict=True) if one < other]


def _records_in(part: _Part, *, is_in_record: bool) -> list[_Record]:
    records = list[_Record]()
    times = Counter(one.name for one in part.inner)
    for one in part.inner:
        is_one = part.is_list or times[one.name] > 1
        if is_one and (one.values >= LEAST_VALUES or not is_in_record):
            records.append(_Record(one.start, one.end, _records_in(one, is_in_record=True)))
        else:
            records += _records_in(one, is_in_record=is_in_record)
    return records


def _parts_of_json(text: str) -> _Part:
    """Raises :class:`_NotOfThisForm` where anything else is beside objects and lists, or one ends as another."""
    root = _Part(0, len(text), None)
    open_parts, keys, position = [root], [set[str]()], 0
    for found in _JSON.finditer(text):
        is_text, is_key, begins = found.groups()
        if len(open_parts) == 1 and (not begins or not _is_between(text, position, found.start())):
            raise _NotOfThisForm
        position = found.end()
        if begins:
            open_parts.append(_Part(found.start(), len(text), found.start(), is_list=begins == "["))
            keys.append(set())
        elif is_text:
            _take_text(open_parts, keys, found, is_key=bool(is_key))
        else:
            _close(open_parts, found, keys.pop())
    if len(open_parts) == 1 and not _is_between(text, position, len(text)):
        raise _NotOfThisForm
    while len(open_parts) > 1:  # a text that was cut off
        _hang_in(open_parts, open_parts.pop())
    root.is_list = len(root.inner) > 1
    return root


def _take_text(open_parts: list[_Part], keys: list[set[str]], found: re.Match[str], *, is_key: bool) -> None:
    """A key, or a text: by itself where it is in nothing but lists."""
    if is_key:
        keys[-1].add(found.group())
        return
    open_parts[-1].values += open_parts[-1].is_list
    if len(open_parts) <= MOST_DEPTH and all(one.is_list for one in open_parts[1:]):
        _hang_in(open_parts, _Part(*found.span(), found.start()))


def _close(open_parts: list[_Part], found: re.Match[str], keys: set[str]) -> None:
    one = open_parts.pop()
    if one.is_list is not (found.group() == "]"):
        raise _NotOfThisForm
    one.end, one.name, one.values = found.end(), frozenset(keys) or one.name, one.values + len(keys)
    _hang_in(open_parts, one)


def _hang_in(open_parts: list[_Part], one: _Part) -> None:
    if len(open_parts) <= MOST_DEPTH:
        open_parts[-1].inner.append(one)


def _is_between(text: str, start: int, end: int) -> bool:
    return _BETWEEN_JSON.fullmatch(text, start, end) is not None


def _parts_of_xml(text: str) -> _Part:
    """Elements that end; what is in one that does not is a part of the one around it. Raises
    :class:`_NotOfThisForm` where anything is beside the elements."""
    root = _Part(0, len(text), None)
    open_parts, names = [root], Counter[str]()
    for found in _tags(text):
        is_end, name, rest = found.group(2, 3, 4)
        if is_end and names[name]:
            _end_element(open_parts, names, name, found.end())
        elif not is_end and rest.endswith("/"):
            _hang_in(open_parts, _Part(*found.span(), name))
        elif not is_end:
            open_parts.append(_Part(found.start(), found.end(), name))
            names[name] += 1
    end = open_parts[1].start if len(open_parts) > 1 else len(text)
    root.is_cut_off = end < len(text)
    while len(open_parts) > 1:
        inner = open_parts.pop().inner
        open_parts[-1].inner += inner
    beside = "".join(text[one:other] for one, other in _around(0, end, [one for one in root.inner if one.start < end]))
    if _NO_ELEMENT.sub("", beside):
        raise _NotOfThisForm
    return root


def _end_element(open_parts: list[_Part], names: Counter[str], name: str, end: int) -> None:
    """Close the last element of this name, which takes in what elements without an end hold."""
    inner = list[_Part]()
    while (one := open_parts.pop()).name != name:
        names[str(one.name)] -= 1
        inner = [*one.inner, *inner]
    names[name] -= 1
    one.inner += inner
    one.end, one.values = end, len(one.inner)
    _hang_in(open_parts, one)


def _tags(text: str) -> Iterator[re.Match[str]]:
    """The tags of elements; none within a comment, an instruction or plain characters."""
    position = 0
    while found := _XML.search(text, position):
        position = found.end()
        if found[1]:
            end = text.find(_END_OF[found[1]], position)
            if end < 0:
                return
            position = end
        else:
            yield found
