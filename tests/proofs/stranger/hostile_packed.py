"""Hostile Parquet and zip files."""

import io
import struct
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

from proofs.stranger.hostile_file import COUNTS, NAME, STATEMENTS, HostileFile, good_sample


def _counts_table(rows: int) -> pa.Table:
    return pa.table(
        {
            "lsoa_code": [f"E0100{number % 9999:04d}" for number in range(rows)],
            "lsoa_name": ["Sample 001A"] * rows,
            "borough": ["E09000007"] * rows,
            "major_category": ["PUBLIC ORDER OFFENCES"] * rows,
            "minor_category": ["RACE OR RELIGIOUS AGG PUBLIC FEAR"] * rows,
            "202608": [1] * rows,
        }
    )


def _parquet(table: pa.Table, **options: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def _with_column(name: str, values: pa.Array | list[object], kind: pa.DataType | None = None) -> bytes:
    table = _counts_table(len(values))
    column = values if isinstance(values, pa.Array) else pa.array(values, kind)
    place = table.schema.get_field_index(name)
    table = table.append_column(name, column) if place < 0 else table.set_column(place, name, column)
    return _parquet(table)


def _spoiled_footer(_: int) -> bytes:
    data = _parquet(_counts_table(100))
    return data[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1"


def _many_row_groups(size: int) -> bytes:
    return _parquet(_counts_table(max(10, size // 1500)), row_group_size=1)


def _broken_page(_: int) -> bytes:
    data = bytearray(_parquet(_counts_table(5_000), compression="snappy"))
    for place in range(40, len(data) // 2, 97):
        data[place] ^= 0xFF
    return bytes(data)


def _nested(depth: int) -> pa.Array:
    kind, value = pa.string(), "x"
    nested: object = value
    for _ in range(depth):
        kind, nested = pa.list_(kind), [nested]
    return pa.array([nested], kind)


PARQUET_FILES = (
    HostileFile("Parquet with a footer that lies", COUNTS, _spoiled_footer),
    HostileFile("Parquet that is two marks", COUNTS, lambda _: b"PAR1PAR1"),
    HostileFile(
        "Parquet with an encrypted footer", COUNTS, lambda _: b"PARE" + _parquet(_counts_table(3))[4:-4] + b"PARE"
    ),
    HostileFile(
        "Parquet with a footer of random bytes",
        COUNTS,
        lambda size: b"PAR1" + zlib.compress(bytes(size), 0) + struct.pack("<I", 5_000) + b"PAR1",
    ),
    HostileFile("Parquet with broken pages", COUNTS, _broken_page),
    HostileFile("Parquet with a row group for each row", COUNTS, _many_row_groups),
    HostileFile(
        "Parquet of ten thousand columns",
        COUNTS,
        lambda size: _parquet(pa.table({f"c{n}": [1] for n in range(min(10_000, size // 20))})),
    ),
    HostileFile("Parquet without rows", COUNTS, lambda _: _parquet(_counts_table(1).slice(0, 0))),
    HostileFile("Parquet without columns", COUNTS, lambda _: _parquet(pa.table({}))),
    HostileFile(
        "Parquet with a column twice",
        COUNTS,
        lambda _: _parquet(_counts_table(3).append_column("borough", pa.array(["a", "b", "c"]))),
    ),
    HostileFile("Parquet of lists in lists", COUNTS, lambda _: _with_column("borough", _nested(60))),
    HostileFile(
        "Parquet with times beyond any year",
        COUNTS,
        lambda _: _with_column("borough", [2**63 - 1, -(2**63)], pa.timestamp("us")),
    ),
    HostileFile(
        "Parquet with numbers beyond any table",
        COUNTS,
        lambda _: _with_column("202608", [2**63 - 1, -(2**63), 0], pa.int64()),
    ),
    HostileFile(
        "Parquet with numbers that are none",
        COUNTS,
        lambda _: _with_column("202608", [float("nan"), float("inf"), -0.0, 1e308], pa.float64()),
    ),
    HostileFile(
        "Parquet with bytes that are no text",
        COUNTS,
        lambda _: _with_column("borough", [b"\xff\xfe", b"a\0b", b"\xed\xa0\x80"], pa.binary()),
    ),
    HostileFile(
        "Parquet with maps and structs",
        COUNTS,
        lambda _: _with_column("borough", [{"a": 1}, {"b": 2}], pa.struct([("a", pa.int8()), ("b", pa.int8())])),
    ),
    HostileFile(
        "Parquet where one text is in each row",
        COUNTS,
        lambda size: _with_column("borough", ["x" * 100_000] * max(2, min(20_000, size // 2_000))),
    ),
    HostileFile(
        "Parquet of a million nulls", COUNTS, lambda size: _with_column("borough", [None] * (size // 40), pa.string())
    ),
)


def _zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _statements() -> bytes:
    return good_sample(STATEMENTS)


def _bomb(size: int) -> bytes:
    """A right file followed by blank lines, a thousand times as many bytes as the zip file has."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("sor.csv", "w", force_zip64=True) as inner,
    ):
        inner.write(_statements())
        block = b"\n" * 1_000_000
        for _ in range(min(size // 1000, 12_000)):
            inner.write(block)
    return packed.getvalue()


def _nested_zips(_: int) -> bytes:
    data = _zip({"sor.csv": _statements()})
    for depth in range(10):
        data = _zip({f"{depth}.zip": data, "other.zip": data})
    return data


def _many_entries(size: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(min(65_000, size // 110)):
            archive.writestr(f"{number}.csv", b"")
    return packed.getvalue()


def _says_another_size(_: int) -> bytes:
    """Both directories say that ten bytes come out."""
    data = _zip({"sor.csv": _statements() + b"\n" * 1_000_000})
    true = struct.pack("<I", len(_statements()) + 1_000_000)
    return data.replace(true, struct.pack("<I", 10))


def _flagged(flag: int) -> bytes:
    data = bytearray(_zip({"sor.csv": _statements()}))
    central = data.rindex(b"PK\x01\x02")
    data[6] |= flag
    data[central + 8] |= flag
    return bytes(data)


def _wrong_sum(_: int) -> bytes:
    data = bytearray(_zip({"sor.csv": _statements()}, zipfile.ZIP_STORED))
    data[len(data) // 2] ^= 1
    return bytes(data)


def _link(_: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("sor.csv")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return packed.getvalue()


ZIP_FILES = (
    HostileFile("a zip bomb", STATEMENTS, _bomb),
    HostileFile("zips in zips", STATEMENTS, _nested_zips),
    HostileFile("a zip of thousands of files", STATEMENTS, _many_entries),
    HostileFile("a zip that says another size", STATEMENTS, _says_another_size),
    HostileFile("an encrypted zip", STATEMENTS, lambda _: _flagged(1)),
    HostileFile("a zip with a wrong check sum", STATEMENTS, _wrong_sum),
    HostileFile("a link in a zip", STATEMENTS, _link),
    HostileFile(
        "a zip with a path out of its folder",
        STATEMENTS,
        lambda _: _zip({"../../../../../tmp/hub-was-here.csv": _statements()}),
    ),
    HostileFile("a zip with a name without an end", STATEMENTS, lambda _: _zip({NAME + "x" * 60_000: _statements()})),
    HostileFile("a zip of a folder", STATEMENTS, lambda _: _zip({"folder/": b""})),
    HostileFile("a zip of nothing", STATEMENTS, lambda _: _zip({})),
    HostileFile("a zip of two files", STATEMENTS, lambda _: _zip({"a.csv": _statements(), "b.csv": _statements()})),
    HostileFile("a zip in LZMA", STATEMENTS, lambda _: _zip({"sor.csv": _statements()}, zipfile.ZIP_LZMA)),
    HostileFile(
        "a bomb in bzip2",
        STATEMENTS,
        lambda size: _zip({"sor.csv": _statements() + bytes(min(size * 20, 400_000_000))}, zipfile.ZIP_BZIP2),
    ),
    HostileFile("a zip behind a program", STATEMENTS, lambda _: b"\x7fELF" * 1000 + _zip({"sor.csv": _statements()})),
    HostileFile("a zip that is cut off", STATEMENTS, lambda _: _zip({"sor.csv": _statements()})[:-30]),
    HostileFile(
        "a zip with a comment without an end",
        STATEMENTS,
        lambda _: _zip({"sor.csv": _statements()})[:-2] + b"\xff\xff" + b"PK\x05\x06" * 16_383 + b"xxx",
    ),
)
