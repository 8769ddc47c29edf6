"""A zip file may hold a CSV file in parts, also packed once more: its rows are those of the whole file."""

import csv
import io
import itertools
import zipfile
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from hub.contracts.values import Compression
from hub.deliveries import DeliveryRefused
from hub.ingest.readers import read_chunks
from hub.ingest.readers.blank_values import Blanks, blanked
from hub.settings import read_settings
from ingest.small_feeds import column, feed
from ingest.test_unpack import zipped

WHOLE = feed(column("place"), column("note"), compression=Compression.ZIP)
CASES = replace(WHOLE, form=replace(WHOLE.form, has_parts=True))
HEADER = b"place,note\n"
type Row = tuple[int, int, str | None, str | None]


def rows_of(data: bytes) -> list[Row]:
    """Row number, line and cells of each row that was read, and of each broken one its rule in place of the cells."""
    found: list[Row] = []
    for chunk in read_chunks(read_settings({}), CASES, io.BytesIO(data), []):
        table: pa.Table = chunk.rows
        numbers, lines = chunk.row_numbers.to_pylist(), chunk.line_numbers.to_pylist()
        found += zip(numbers, lines, table["place"].to_pylist(), table["note"].to_pylist(), strict=True)
        found += [
            (one.rejection.row_number, one.rejection.line_number or 0, one.rejection.rule, None) for one in chunk.broken
        ]
    return sorted(found)


def parted(parts: Sequence[bytes]) -> bytes:
    return zipped(*((f"part-{number:03}.csv", part) for number, part in enumerate(parts)))


def test_rows_and_lines_are_counted_through_all_parts() -> None:
    data = parted([HEADER + b'Bow,"a\nb"\nHackney,c\n', HEADER + b"Leyton,d\nLeyton\n", HEADER, HEADER + b"Poplar,e\n"])
    assert rows_of(data) == [
        (1, 2, "Bow", "a\nb"),
        (2, 4, "Hackney", "c"),
        (3, 5, "Leyton", "d"),
        (4, 6, "row.cells", None),
        (5, 7, "Poplar", "e"),
    ]


def test_a_part_may_end_without_a_line_end_and_begin_with_a_mark() -> None:
    data = parted([HEADER + b"Bow,a", b"\xef\xbb\xbfplace,note\r\nHackney,b\r\n"])
    assert [row[2:] for row in rows_of(data)] == [("Bow", "a"), ("Hackney", "b")]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_parts_packed_once_more_are_the_same_parts(method: int) -> None:
    parts = [HEADER + f"Bow,{number}\n".encode() * 3 for number in range(6)]
    inner = [("day-0.csv.zip", parted(parts[:2])), ("day-1.csv.zip", parted(parts[2:5])), ("rest.csv", parts[5])]
    assert rows_of(zipped(*inner, method=method)) == rows_of(parted(parts))


def test_a_file_of_one_part_is_what_it_is_without_parts() -> None:
    assert [row[2:] for row in rows_of(parted([HEADER + b"Bow,a\n"]))] == [("Bow", "a")]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([HEADER + b"Bow,a\n", b"note,place\nb,Bow\n"], "part 2 of the zip file begins with another header"),
        ([HEADER + b"Bow,a\n", b""], "part 2 of the zip file begins with another header"),
        ([b"", HEADER], "part 2 of the zip file begins with another header"),
        ([b""], "the file is empty"),
        ([], "the file is empty"),
        ([b"x" * 2_000_000], "the first line of part 1 of the zip file is no header row"),
        ([HEADER, zipped(("again.zip", parted([HEADER])))], "part 2 of the zip file begins with another header"),
        ([b"%PDF-1.7\n"], "this is a PDF"),
    ],
)
def test_what_is_no_part_of_the_file_refuses_all_of_it(parts: list[bytes], reason: str) -> None:
    with pytest.raises(DeliveryRefused, match=reason):
        rows_of(parted(parts))


def test_files_that_share_their_bytes_refuse_the_file() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.csv", HEADER + b"Bow,a\n")
        archive.filelist.append(archive.filelist[0])
    with pytest.raises(DeliveryRefused, match="share their bytes"):
        rows_of(target.getvalue())


def test_a_comment_of_a_zip_file_inside_refuses_the_file() -> None:
    """How large its directory is, is read from its very end."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.csv", HEADER + b"Bow,a\n")
        archive.comment = b"a comment"
    with pytest.raises(DeliveryRefused, match="other bytes"):
        rows_of(zipped(("a.csv.zip", target.getvalue())))


def test_a_damaged_part_refuses_the_file() -> None:
    data = bytearray(zipped(("a.csv", HEADER + b"Bow,a\n" * 500), ("b.csv", HEADER), method=zipfile.ZIP_STORED))
    data[200] ^= 1
    with pytest.raises(DeliveryRefused, match="damaged"):
        rows_of(bytes(data))


def test_values_can_be_blanked_and_every_row_keeps_its_place() -> None:
    data = parted([HEADER + b"Bow,a\nHackney,b\n", HEADER + b"Leyton,c\nPoplar,d\n"])
    before = rows_of(data)
    lines = [line for _, line, _, _ in before]
    blanks = Blanks({3: {"place": ""}}, {3: lines[2]}, lines)
    again = b"".join(blanked(CASES, io.BytesIO(data), blanks, 1 << 20))
    assert rows_of(again) == [*before[:2], (3, lines[2], None, "c"), before[3]]


def test_a_whole_file_is_the_same_however_it_is_cut() -> None:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    rows = [(f"place {number}", "line\nbreak" if number % 7 == 0 else str(number)) for number in range(200)]
    writer.writerows(rows)
    texts = target.getvalue().encode()
    cuts = [0, *(texts.index(f"place {number},".encode()) for number in (1, 50, 51, 140)), len(texts)]
    parts = [HEADER + texts[start:end] for start, end in itertools.pairwise(cuts)]
    assert rows_of(parted(parts)) == rows_of(parted([HEADER + texts]))
