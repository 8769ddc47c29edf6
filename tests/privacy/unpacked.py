"""All that is in a file, as text: what its members unpack to, its comments and fields, and what no directory names."""

import gzip
import html
import io
import json
import re
import zipfile
import zlib

import pyarrow.parquet as pq

LOCAL_HEADER = b"PK\x03\x04"
ESCAPES = re.compile(r"\\u([0-9a-fA-F]{4})")


def everything_in(data: bytes) -> str:
    """The bytes themselves and all that they hold, in small letters, references and escapes undone."""
    text = "\n".join(one.decode("utf-8", "replace") for one in _parts(data))
    undone = ESCAPES.sub(lambda found: chr(int(found[1], 16)), html.unescape(text))
    return f"{text}\n{undone}".casefold()


def _parts(data: bytes) -> list[bytes]:
    parts = [data]
    if data.startswith(LOCAL_HEADER):
        for start in (found.start() for found in re.finditer(re.escape(LOCAL_HEADER), data)):
            parts += _inflated(data, start)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts += [part for one in archive.infolist() for part in _parts(archive.read(one))]
            parts += [part for one in archive.infolist() for part in (one.filename.encode(), one.comment, one.extra)]
            parts.append(archive.comment)
    elif data.startswith(b"\x1f\x8b"):
        parts += _parts(gzip.decompress(data))
    elif data.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(data))
        parts.append(json.dumps(table.to_pylist(), default=str, ensure_ascii=False).encode())
        parts += [part for pair in (table.schema.metadata or {}).items() for part in pair]
    return parts


def _inflated(data: bytes, start: int) -> list[bytes]:
    """What a member holds, whether a directory names it or not."""
    name, extra = (int.from_bytes(data[start + at : start + at + 2], "little") for at in (26, 28))
    try:
        return [zlib.decompressobj(-15).decompress(data[start + 30 + name + extra :])]
    except zlib.error:
        return []
