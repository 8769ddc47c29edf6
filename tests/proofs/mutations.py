"""Spoils good deliveries in every way that a sender, a disk or an attacker might, by a seeded generator."""

import io
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Spoil = Callable[[random.Random, bytes], bytes]
ODD_CELLS = (
    *("", " ", "NaN", "inf", "-", "+5", "1e999", "9" * 400, "0x1F", "1,000", "٣", "true", "NULL", "None"),
    *("0000-00-00", "2026-02-30", "9999-12-31", "31/12/2025", "2026-01-01T24:00:00Z", "2026-01-01T10:00:00+20:00"),
    *("[]", "{}", "[[[[", '["\\u0000"]', '["\\ud800"]', "[" * 3000, '{"a":NaN}', "race|race|", "|"),
    *("\\.", "\\N", "\\", '"', '""', "'; drop table raw.x; --", "=cmd|'/c calc'!A1", "%s%n", "${x}", "{{ x }}"),
    *("🤷🏽‍♀️", "e\u0301", "\ufeff", "\u202etxt", "\u2028", "\u0085", "ﬀ", "İ", "\x1a", "\x7f", "\x00", "a\rb", "\t"),
    *("x" * 5_000, "x" * 200_000, "é" * 70_000, '"' * 999, "," * 50, "\n" * 20, "</row>", "&lt;", "]]>", "<!--"),
)


def bytes_spoiled(rng: random.Random, data: bytes) -> bytes:
    """Bits flipped, and bytes inserted, deleted, doubled, moved or cut off."""
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.choice((1, 2, 8, 64, 1000)))
    part = data[start:end]
    place = rng.randrange(len(data) + 1)
    flipped = bytearray(data)
    for _ in range(rng.choice((1, 3, 30))):
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return rng.choice(
        (
            bytes(flipped),
            data[:start] + rng.randbytes(rng.choice((1, 4, 100))) + data[start:],
            data[:start] + data[end:],
            data[:end] + part + data[end:],
            data[:start],
            data[start:],
            data[:start] + bytes(len(part)) + data[end:],
            data[:place] + part + data[place:],
        )
    )


def lines_spoiled(rng: random.Random, data: bytes) -> bytes:
    """Lines doubled, deleted, moved, joined, blank, without ends or with other ones; many times over."""
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    match rng.randrange(10):
        case 0:
            lines.insert(place, lines[rng.randrange(len(lines))])
        case 1:
            del lines[place]
        case 2:
            rest = lines[1:]
            rng.shuffle(rest)
            lines[1:] = rest
        case 3:
            rng.shuffle(lines)
        case 4:
            lines[place : place + 2] = [b"".join(lines[place : place + 2])]
        case 5:
            lines.insert(place, rng.choice((b"", b"\r", b"   ", b",,,", b"\0", b"\xff\xfe", b'"')))
        case 6:
            return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\n\r", b"\r\r\n", b"\x0b", b"")))
        case 7:
            return b"\n".join(line + rng.choice((b"", b"\r")) for line in lines)
        case 8:
            return data.rstrip(b"\n")
        case _:
            lines = lines[:1] + lines[1:] * rng.choice((3, 200))
    return b"\n".join(lines)


def cells_spoiled(rng: random.Random, data: bytes) -> bytes:
    """A cell replaced by an odd one, with or without quotes; quotes and delimiters put anywhere."""
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    cells = lines[place].split(b",")
    chosen = rng.randrange(len(cells))
    odd = rng.choice(ODD_CELLS).encode()
    match rng.randrange(6):
        case 0:
            cells[chosen] = odd
        case 1:
            cells[chosen] = b'"' + odd.replace(b'"', b'""') + b'"'
        case 2:
            cells[chosen] = cells[chosen] + odd
        case 3:
            cells.insert(chosen, odd)
        case 4:
            del cells[chosen]
        case _:
            start = rng.randrange(len(lines[place]) + 1)
            lines[place] = (
                lines[place][:start] + rng.choice((b'"', b",", b'""', b'",', b"\r", b"'")) + lines[place][start:]
            )
            return b"\n".join(lines)
    lines[place] = b",".join(cells)
    return b"\n".join(lines)


def encoding_spoiled(rng: random.Random, data: bytes) -> bytes:
    """The same text in another encoding, or bytes of two."""
    text = data.decode("utf-8", "replace")
    encoding = rng.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1252", "cp037", "utf-7", "mixed"))
    if encoding == "mixed":
        half = len(text) // 2
        return text[:half].encode() + text[half:].encode("cp1252", "replace") + "é".encode("cp1252")
    return text.encode(encoding, "replace")


def json_spoiled(rng: random.Random, data: bytes) -> bytes:
    """A record with another structure: odd values, keys too many, twice or nested; lists; no object at all."""
    lines = data.splitlines()
    place = rng.randrange(len(lines))
    try:
        record = json.loads(lines[place])
    except ValueError:
        return lines_spoiled(rng, data)
    if not isinstance(record, dict) or not record:
        return lines_spoiled(rng, data)
    key = rng.choice(list(record))
    odd: list[object] = [
        rng.choice(ODD_CELLS),
        None,
        True,
        0,
        -1.5,
        10**40,
        [],
        {},
        [[]],
        [None],
        {"a": {"b": 1}},
        ["x", 1],
    ]
    match rng.randrange(7):
        case 0:
            record[key] = rng.choice(odd)
        case 1:
            del record[key]
        case 2:
            record[rng.choice(ODD_CELLS)[:100]] = rng.choice(odd)
        case 3:
            record = {"records": [record]}
        case 4:
            lines[place] = json.dumps(rng.choice(odd)).encode()
            return b"\n".join(lines)
        case 5:
            name = json.dumps(key).encode()
            lines[place] = lines[place].replace(name, name + b":1," + name, 1)
            return b"\n".join(lines)
        case _:
            value = rng.choice(
                (b"NaN", b"Infinity", b"1e999", b"[" * 40_000, b"01", b"'x'", b'"\\ud800"', b'"\\u0000"')
            )
            lines[place] = lines[place].replace(b":", b":" + value + b",", 1)
            return b"\n".join(lines)
    lines[place] = json.dumps(record, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


XML_PIECES = (
    *(
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
        "&b;",
        "&amp;",
        "&#0;",
        "&#x1F937;",
    ),
    *("<!-- -->", "<!-- <a> -->", "<?x y?>", "<![CDATA[ <a> ]]>", "]]>", "<", ">", "&", "</response>", "<response/>"),
    *("<response><response_ref>x</response_ref></response>", "<reason>twice</reason>", "<colour/>", "text"),
    *(' xmlns="urn:x"', ' count="99"', ' count="many"', '<?xml version="1.1"?>', '<?xml version="1.0" encoding="x"?>'),
    *("<a>" * 300, "<a>" * 20_000, "\0", "\x1f", "\ufffe", "x" * 300_000),
)


def xml_spoiled(rng: random.Random, data: bytes) -> bytes:
    """Markup put anywhere, mostly between elements; elements doubled, deleted or renamed."""
    text = data.decode("utf-8", "replace")
    edges = [index for index, char in enumerate(text) if char in "<>"] or [0]
    place = rng.choice(edges) + rng.randrange(2)
    match rng.randrange(4):
        case 0 | 1:
            text = text[:place] + rng.choice(XML_PIECES) + text[place:]
        case 2:
            first, last = sorted((rng.choice(edges), rng.choice(edges)))
            text = text[:first] + text[last:] if rng.random() < 0.5 else text[:last] + text[first:]
        case _:
            word = rng.choice(("response", "kind", "happened_at", "force", "utf-8", "UTF-8", "outcome"))
            text = text.replace(word, rng.choice(("x", "", f"{word} a='1'", word.upper())), rng.choice((1, -1)))
    return text.encode("utf-8", "surrogatepass")


def zip_spoiled(rng: random.Random, name: str, content: bytes) -> bytes:
    """An archive that is not what the contract says, around a good text."""
    target = io.BytesIO()
    methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    with zipfile.ZipFile(target, "w", rng.choice(methods)) as archive:
        names = rng.choice(
            ([name], [name, "other.csv"], [f"../{name}"], [f"folder/{name}"], ["é\n.csv"], ["a/", name], [])
        )
        for one in names:
            archive.writestr(zipfile.ZipInfo(one), b"" if one.endswith("/") else content, compresslevel=6)
        archive.comment = rng.choice((b"", b"x" * 300))
    data = target.getvalue()
    match rng.randrange(5):
        case 0:
            return rng.randbytes(50) + data
        case 1:
            return data + rng.randbytes(50)
        case 2:
            # In the directory at the end, where sizes, methods and places stand.
            start = data.rfind(b"PK\x01\x02") if b"PK\x01\x02" in data else 0
            changed = bytearray(data)
            for _ in range(rng.choice((1, 4))):
                changed[rng.randrange(start, len(data))] = rng.randrange(256)
            return bytes(changed)
        case 3:
            return bytes_spoiled(rng, data)
        case _:
            return data


def parquet_spoiled(rng: random.Random, table: pa.Table, folder: Path) -> bytes:
    """A table with other types, values and order of columns, or damaged bytes."""
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    for _ in range(rng.choice((0, 1, 3))):
        name = rng.choice(list(columns))
        columns[name] = _other_column(rng, len(table))
    names = list(columns)
    if rng.random() < 0.3:
        rng.shuffle(names)
    if rng.random() < 0.2:
        names = names[:-1] if rng.random() < 0.5 else [*names, names[0]]
    path = folder / "spoiled.parquet"
    pq.write_table(
        pa.table([columns[name] for name in names], names=names),
        path,
        compression=rng.choice(("snappy", "gzip", "zstd", "none", "brotli")),
        row_group_size=rng.choice((1, 3, 1000)),
    )
    data = path.read_bytes()
    return bytes_spoiled(rng, data) if rng.random() < 0.5 else data


def _other_column(rng: random.Random, length: int) -> pa.Array:
    values: Sequence[object]
    match rng.randrange(7):
        case 0:
            values = [rng.choice((1.0, 2.5, float("nan"), float("inf"), 1e300, None)) for _ in range(length)]
        case 1:
            values = [rng.choice(ODD_CELLS) for _ in range(length)]
        case 2:
            values = [rng.choice((b"a", b"\xff", b"\0", None)) for _ in range(length)]
        case 3:
            values = [rng.choice(([1], [], None)) for _ in range(length)]
        case 4:
            values = [{"a": rng.random()} for _ in range(length)]
        case 5:
            return pa.nulls(length)
        case _:
            values = [rng.choice((-1, 0, 2**62, None)) for _ in range(length)]
    return pa.array(values)


BY_FORM: dict[str, tuple[Spoil, ...]] = {
    "csv": (bytes_spoiled, lines_spoiled, cells_spoiled, cells_spoiled, encoding_spoiled),
    "jsonl": (bytes_spoiled, lines_spoiled, json_spoiled, json_spoiled, json_spoiled, encoding_spoiled),
    "xml": (bytes_spoiled, xml_spoiled, xml_spoiled, xml_spoiled, lines_spoiled, encoding_spoiled),
}


def text_spoiled(rng: random.Random, form: str, data: bytes) -> bytes:
    """One to three ways of spoiling at once; now and then none, so that good files come between."""
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        if data:
            data = rng.choice(BY_FORM[form])(rng, data)
    return data
