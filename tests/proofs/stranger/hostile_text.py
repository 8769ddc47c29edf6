"""Hostile CSV and JSON Lines."""

import json
import random

from proofs.stranger.hostile_file import (
    CASES,
    EMAIL,
    NAME,
    REPORTS,
    SPEND,
    HostileFile,
    filled,
    good_sample,
    header,
    report,
    reports,
)

CELL = 900_000
"""In bytes: the longest cell that still fits a row."""
OTHER_TYPES: tuple[object, ...] = (1, 1.5, True, [], {}, [[]], {"a": {}}, "")


def _between(middle: bytes) -> bytes:
    """Something odd with five right rows on either side."""
    return header() + reports(1, 5) + middle + reports(6, 5)


def _rows(size: int, **cells: str) -> bytes:
    """Rows of which some cells are odd, as many as fit into ``size``."""
    one = len(report(1, **cells))
    return header() + b"".join(report(number, **cells) for number in range(1, max(2, size // one) + 1))


def _long(text: str, size: int) -> str:
    return text * (min(CELL, size // 3) // len(text))


def _mixed_encodings(_: int) -> bytes:
    rows = [report(1, description=f"{NAME} é")]
    rows.append(report(2, description=f"{NAME} é").decode().encode("latin-1"))
    rows.append(report(3).decode().encode("utf-16-le"))
    rows.append(report(4, description="é").decode().encode("cp037"))
    rows.append(report(5, description="\x80").replace(b"\x80", b"\xc0\xaf\xed\xa0\x80\xf5"))
    return header() + reports(10, 1) + b"".join(rows) + reports(20, 1)


def _headers_of_a_million(size: int) -> bytes:
    return header().rstrip(b"\n") + b"".join(b",c%d" % number for number in range(size // 8)) + b"\n" + report(1)


def _one_row_of_a_million_cells(size: int) -> bytes:
    return _between(report(99).rstrip(b"\n") + b"," * size + b"\n")


def _random_bytes(size: int) -> bytes:
    return header() + reports(1, 1) + random.Random(11).randbytes(size)


def _quoted(size: int) -> bytes:
    """Each line opens a quote and the next closes it, so that each way to count lines gives another answer."""
    return header() + filled(b'"a\nb"c,"\n""\n', size)


def _same_key(size: int) -> bytes:
    row = report(7)
    return header() + filled(row, size)


def _json(count: int, **values: object) -> bytes:
    first = json.loads(good_sample(CASES).splitlines()[0])
    lines = []
    for number in range(1, count + 1):
        case = first | {"case_ref": f"TM-{number:08d}", "victim_name": NAME, "victim_email": EMAIL} | values
        lines.append(json.dumps(case).encode() + b"\n")
    return b"".join(lines)


def _json_between(*lines: bytes) -> bytes:
    good = _json(4).splitlines(keepends=True)
    return b"".join([*good[:2], *(line + b"\n" for line in lines), *good[2:]])


def _with_raw_value(key: str, raw: bytes) -> bytes:
    """A case in which a value is written as no library would write it."""
    return _json(1, **{key: "HERE"}).strip().replace(b'"HERE"', raw)


def _own_keys_in_each_row(size: int) -> bytes:
    lines = (_with_raw_value("borough_named", b'"x","k%d":1' % number) for number in range(max(2, size // 1000)))
    return b"\n".join(lines) + b"\n"


def _many_keys_in_one_row(size: int) -> bytes:
    keys = b"".join(b',"k%d":1' % number for number in range(min(CELL, size) // 12))
    return _json_between(_with_raw_value("borough_named", b'"x"' + keys))


def _twice_given(_: int) -> bytes:
    return _json_between(_with_raw_value("borough_named", b'"x","victim_name":"Other","victim_name":null'))


TEXT_FILES = (
    HostileFile("NULs and nothing else", REPORTS, bytes),
    HostileFile("NULs between right rows", REPORTS, lambda size: _between(bytes(size) + b"\n"), good=10),
    HostileFile("a NUL in each cell", REPORTS, lambda size: _rows(size, description="a\0b", borough_named="\0")),
    HostileFile(
        "two files in one, with mark and header again",
        REPORTS,
        lambda _: b"\xef\xbb\xbf" + _between(b"\xef\xbb\xbf" + header()),
        good=10,
    ),
    HostileFile("the header again and again", REPORTS, lambda size: header() + filled(header(), size)),
    HostileFile(
        "a cell as large as the file",
        REPORTS,
        lambda size: _between(report(99, description='"' + "x" * size + '"')),
        good=10,
    ),
    HostileFile(
        "a cell of line ends as large as the file",
        REPORTS,
        lambda size: _between(report(99, description='"' + "\n" * size + '"')),
    ),
    HostileFile(
        "a cell of quotes as large as the file",
        REPORTS,
        lambda size: _between(report(99, description='"' * (size // 2 * 2))),
    ),
    HostileFile("a header of a million columns", REPORTS, _headers_of_a_million),
    HostileFile("a header without an end", REPORTS, lambda size: header().rstrip(b"\n") + b"x" * size),
    HostileFile("a row of a million cells", REPORTS, _one_row_of_a_million_cells, good=10),
    HostileFile("rows of two cells", REPORTS, lambda size: header() + filled(b"a,b\n", size)),
    HostileFile("blank lines", REPORTS, lambda size: _between(filled(b" \t\n", size)), good=10),
    HostileFile("lines that end with CR alone", REPORTS, lambda _: _between(b"").replace(b"\n", b"\r"), good=10),
    HostileFile("CR alone between right rows", REPORTS, lambda size: _between(filled(b"\r", size) + b"\n")),
    HostileFile(
        "every kind of line end",
        REPORTS,
        lambda _: header() + b"\r\n".join(report(n).strip() for n in range(1, 6)) + b"\r\n" + reports(6, 5),
        good=10,
    ),
    HostileFile(
        "line ends of Unicode within cells",
        REPORTS,
        lambda size: _rows(min(size, 100_000), description="a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\x1dh\x1ei"),
    ),
    HostileFile("five encodings", REPORTS, _mixed_encodings, good=2),
    HostileFile("UTF-32", REPORTS, lambda _: _between(b"").decode().encode("utf-32")),
    HostileFile("EBCDIC", REPORTS, lambda _: _between(b"").decode().encode("cp037")),
    HostileFile("random bytes after a right row", REPORTS, _random_bytes),
    HostileFile("quotes that open and close out of step", REPORTS, _quoted),
    HostileFile("one quote in each row", REPORTS, lambda size: _rows(size, borough_named='"')),
    HostileFile("the same record again and again", REPORTS, _same_key),
    HostileFile(
        "expressions that make patterns slow", REPORTS, lambda size: _rows(size, strands=_long("race|", size) + "!")
    ),
    HostileFile(
        "addresses that make patterns slow",
        REPORTS,
        lambda size: _rows(size, reporter_email=_long("a.", size) + "@" + _long("a-.", size) + "!"),
    ),
    HostileFile(
        "telephone numbers without an end", REPORTS, lambda size: _rows(size, reporter_phone=_long("+4(", size))
    ),
    HostileFile(
        "a URL without an end", REPORTS, lambda size: _rows(size, content_url="http://" + _long("[::1]@/", size))
    ),
    HostileFile("postcodes without an end", REPORTS, lambda size: _rows(size, victim_postcode=_long("N1 9GU ", size))),
    HostileFile(
        "letters that grow when they are normalised",
        REPORTS,
        lambda size: _rows(size, reporter_name=_long("\ufdfa", size), victim_name=_long("e\u0301\u0327", size)),
    ),
    HostileFile(
        "marks on one letter",
        REPORTS,
        lambda size: _rows(size, victim_name="a" + _long("\u0315\u0300", size), description="a" + "\u0300" * 3999),
    ),
    HostileFile(
        "times that are none",
        REPORTS,
        lambda size: _rows(
            size, reported_at="2026-10-03T09:15:00." + _long("9", size) + "+01:00", occurred_on="-99999999-01-01"
        ),
    ),
    HostileFile(
        "whole numbers of a million digits",
        SPEND,
        lambda size: (
            good_sample(SPEND)
            + b"SP-9,2026-09,staff,police_innovation_fund,"
            + filled(b"9", min(CELL, size))
            + b",1,,,\n"
            + b"SP-8,2026-09,staff,x,1e"
            + b"9" * 5000
            + b",NaN,inf,,\n"
        ),
    ),
    HostileFile("a first line of quotes", REPORTS, lambda size: filled(b'"', size // 2 * 2)),
    HostileFile("commas and nothing else", REPORTS, lambda size: header() + filled(b"," * 25 + b"\n", size)),
    HostileFile(
        "JSON of a depth without an end",
        CASES,
        lambda size: _json_between(
            b"[" * min(CELL, size),
            b'{"a":' * (min(CELL, size) // 5),
            _with_raw_value("strands", b"[" * 50_000 + b"]" * 50_000),
        ),
        good=4,
    ),
    HostileFile(
        "JSON numbers without an end",
        CASES,
        lambda size: _json_between(
            _with_raw_value("is_threat_to_life", b"9" * min(CELL, size)),
            _with_raw_value("borough_named", b"1e999999999"),
            _with_raw_value("borough_named", b"-0"),
            _with_raw_value("strands", b"[NaN, Infinity, -Infinity]"),
        ),
        good=4,
    ),
    HostileFile("JSON keys given twice", CASES, _twice_given, good=4),
    HostileFile(
        "JSON with half a character",
        CASES,
        lambda _: _json_between(
            _with_raw_value("description", rb'"\ud800"'),
            _with_raw_value("victim_name", rb'"\u0000"'),
            _with_raw_value("strands", rb'["\udfff\ud800"]'),
            _with_raw_value("description", rb'"\uD83D\u0041"'),
        ),
        good=4,
    ),
    HostileFile("JSON with other keys in each row", CASES, _own_keys_in_each_row),
    HostileFile("JSON with a hundred thousand keys in a row", CASES, _many_keys_in_one_row, good=4),
    HostileFile(
        "JSON with a key as long as a row",
        CASES,
        lambda size: _json_between(_with_raw_value("borough_named", b'"x","' + b"k" * min(CELL, size) + b'":1')),
        good=4,
    ),
    HostileFile(
        "JSON with a list as long as a row",
        CASES,
        lambda size: _json_between(
            _with_raw_value("strands", b"[" + filled(b'"race",', min(CELL, size)) + b'"race"]'),
            _with_raw_value("strands", b"[" + filled(b"[],", min(CELL, size)) + b"{}]"),
        ),
        good=4,
    ),
    HostileFile("JSON in one line without an end", CASES, lambda size: b'{"description": "' + b"x" * size),
    HostileFile("JSON objects one after the other on a line", CASES, lambda size: filled(_json(1).strip(), size)),
    HostileFile(
        "JSON over many lines", CASES, lambda size: filled(json.dumps(json.loads(_json(1)), indent=1).encode(), size)
    ),
    HostileFile("JSON in UTF-16", CASES, lambda _: _json(3).decode().encode("utf-16")),
    HostileFile(
        "JSON where each value is of another type",
        CASES,
        lambda _: _json_between(
            *(_json(1, **{key: value}).strip() for key in json.loads(_json(1)) for value in OTHER_TYPES)
        ),
        good=4,
    ),
)
