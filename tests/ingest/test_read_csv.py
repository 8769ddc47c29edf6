import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.contracts.model import Catalogue
from hub.contracts.values import LogicalType
from hub.deliveries import DeliveryRefused
from hub.ingest.readers.assemble import MAX_KEPT_CHARACTERS, MAX_ROW_BYTES
from hub.ingest.readers.csv_rows import MAX_LINES_A_RECORD
from ingest.small_feeds import column, feed, see_csv, see_csv_in_any_blocks


def test_cells_come_as_they_were_written_and_empty_ones_as_null() -> None:
    seen = see_csv_in_any_blocks(b'place,note\n Camden ,007\n"",x\nBow,\n')
    assert seen.cells == [(" Camden ", "007"), (None, "x"), ("Bow", None)]
    assert seen.lines == {1: 2, 2: 3, 3: 4}


def test_a_line_break_inside_quotes_belongs_to_the_cell() -> None:
    seen = see_csv_in_any_blocks(b'place,note\nCamden,"one\ntwo\n\nthree"\nBow,x\n')
    assert seen.cells == [("Camden", "one\ntwo\n\nthree"), ("Bow", "x")]
    assert seen.lines == {1: 2, 2: 6}
    assert seen.broken == []


def test_line_ends_of_windows_are_no_part_of_a_cell() -> None:
    seen = see_csv_in_any_blocks(b'place,note\r\nCamden,"one\r\ntwo"\r\nBow,x\r\n\r\nHam,y\r\n')
    assert seen.cells == [("Camden", "one\ntwo"), ("Bow", "x"), ("Ham", "y")]
    assert seen.lines == {1: 2, 2: 4, 3: 6}


def test_a_byte_order_mark_is_no_part_of_the_first_header() -> None:
    assert see_csv_in_any_blocks(b"\xef\xbb\xbfplace,note\nBow,x\n").cells == [("Bow", "x")]
    assert see_csv_in_any_blocks(b'\xef\xbb\xbf"place",note\nBow,x\n').cells == [("Bow", "x")]


def test_an_inch_mark_in_a_cell_is_taken_as_written() -> None:
    seen = see_csv_in_any_blocks(b'place,note\n5" pipe,x\n5" pipe,6" pipe\nBow,y\n')
    assert seen.cells == [('5" pipe', "x"), ('5" pipe', '6" pipe'), ("Bow", "y")]
    assert seen.broken == []


def test_a_doubled_quote_stands_for_one() -> None:
    assert see_csv_in_any_blocks(b'place,note\n"said ""no""",""""\n').cells == [('said "no"', '"')]


def test_a_quote_that_never_closes_breaks_its_own_line_only() -> None:
    seen = see_csv_in_any_blocks(b'place,note\nBow,"open\nHam,x\n"Camden",y\nEly,"z"\n')
    assert seen.broken == [(1, 2, "row.quoting")]
    assert seen.texts == {1: 'Bow,"open'}
    assert seen.rows == [(2, 3, ("Ham", "x")), (3, 4, ("Camden", "y")), (4, 5, ("Ely", "z"))]


def test_a_text_of_line_breaks_alone_is_read_whole_in_every_feed(catalogue: Catalogue) -> None:
    assert max(c.max_length or 0 for one in catalogue.contracts.values() for c in one.columns) < MAX_LINES_A_RECORD
    seen = see_csv(b'place,note\nBow,"x' + b"\n" * 5000 + b'"\n', chunk_bytes=1000)
    assert seen.rows == [(1, 2, ("Bow", "x" + "\n" * 5000))]


def test_a_quote_that_never_closes_ends_its_search_after_some_lines() -> None:
    plain = b"Ham,x\n" * (MAX_LINES_A_RECORD * 2)
    seen = see_csv(b'place,note\nBow,"open\n' + plain, chunk_bytes=100)
    assert seen.broken == [(1, 2, "row.quoting")]
    assert len(seen.rows) == MAX_LINES_A_RECORD * 2
    assert seen.numbers == list(range(1, MAX_LINES_A_RECORD * 2 + 2))


def test_quotes_that_are_even_on_their_line_and_open_a_cell_all_the_same() -> None:
    seen = see_csv_in_any_blocks(b'place,note\n5" pipe,"one\ntwo"\nBow,x\n')
    assert seen.rows == [(1, 2, ('5" pipe', "one\ntwo")), (2, 4, ("Bow", "x"))]
    assert seen.broken == []


def test_an_even_number_of_quotes_that_never_closes_does_not_swallow_the_lines_after_it() -> None:
    seen = see_csv_in_any_blocks(b'place,note\n5" pipe,"open\nBow,x\nHam,y\n')
    assert seen.broken == [(1, 2, "row.quoting")]
    assert seen.cells == [("Bow", "x"), ("Ham", "y")]


def test_text_after_a_closing_quote_is_not_guessed_at() -> None:
    seen = see_csv_in_any_blocks(b'place,note\n"He said "no" to me",x\nBow,"a"b\nHam,y\n')
    assert seen.rules == {1: "row.quoting", 2: "row.quoting"}
    assert seen.cells == [("Ham", "y")]


def test_rows_with_too_many_or_too_few_cells_are_broken_with_their_numbers() -> None:
    seen = see_csv_in_any_blocks(b'place,note\nBow\nHam,x\nEly,y,z\n"Camden",q,\nKew,w\n')
    assert seen.rules == {1: "row.cells", 3: "row.cells", 4: "row.cells"}
    assert seen.texts == {1: "Bow", 3: "Ely,y,z", 4: '"Camden",q,'}
    assert [(number, line) for number, line, _ in seen.rows] == [(2, 3), (5, 6)]


def test_blank_lines_are_no_records_but_count_as_lines() -> None:
    seen = see_csv_in_any_blocks(b"place,note\n\nBow,x\n\r\n\n\nHam,y\n\n")
    assert seen.rows == [(1, 3, ("Bow", "x")), (2, 7, ("Ham", "y"))]
    assert seen.broken == []


def test_bytes_that_are_no_text_break_their_row_only() -> None:
    seen = see_csv_in_any_blocks(b"place,note\nBow,caf\xe9\nCaf\xc3\xa9,x\nHam,y\n")
    assert seen.broken == [(1, 2, "row.encoding")]
    assert seen.cells == [("Café", "x"), ("Ham", "y")]


def test_bad_bytes_inside_a_cell_of_several_lines_break_what_cannot_be_read() -> None:
    seen = see_csv_in_any_blocks(b'place,note\nBow,"one\n\xff\ntwo"\nHam,y\n')
    assert seen.rules == {1: "row.encoding"}
    assert seen.rows == [(2, 5, ("Ham", "y"))]


@pytest.mark.parametrize(
    "record",
    [
        b'Bow,"one\ntwo" more\n',
        b'Bow,"she said "no"\nand left"\n',
        b'Bow,"one\ntwo\n\nthree",x\n',
        b'Bow\xff,"one\ntwo"\n',
        b'Bow,"one,\n""two"" and so on" x\n',
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_broken_record_of_several_lines_is_one_row_and_those_after_it_keep_their_numbers(
    record: bytes, end: bytes
) -> None:
    data = b"place,note\nEly,a\n" + record + b'Ham,y\n"Kew","p\nq"\n'
    seen = see_csv_in_any_blocks(data.replace(b"\n", end))
    lines = record.count(b"\n")
    assert [(number, line) for number, line, _ in seen.broken] == [(2, 3)]
    assert seen.rows == [(1, 2, ("Ely", "a")), (3, 3 + lines, ("Ham", "y")), (4, 4 + lines, ("Kew", "p\nq"))]
    assert seen.texts[2].count("\n") == lines - 1


def test_a_stray_quote_takes_no_record_after_it_along() -> None:
    seen = see_csv_in_any_blocks(b'place,note\nBow,"open\n"Ham","y\nz"\nKew,"a"b\nEly,z\n')
    assert seen.rules == {1: "row.quoting", 3: "row.quoting"}
    assert seen.rows == [(2, 3, ("Ham", "y\nz")), (4, 6, ("Ely", "z"))]


@pytest.mark.parametrize("blank", [b" ", b"\t ", b'"  "', b"\xc2\xa0"])
def test_a_cell_of_blanks_alone_is_not_given(blank: bytes) -> None:
    assert see_csv_in_any_blocks(b"place,note\nBow," + blank + b"\n").cells == [("Bow", None)]


def test_a_feed_in_another_encoding_is_read_in_it() -> None:
    contract = feed(column("place"), column("note"), encoding="cp1252", delimiter=";")
    seen = see_csv_in_any_blocks(b'place;note\nCaf\xe9;"\x80 5\nor 6"\nBow;\x81\n', contract)
    assert seen.cells == [("Café", "€ 5\nor 6")]
    assert seen.rules == {2: "row.encoding"}


def test_a_nul_breaks_its_row_and_is_not_kept() -> None:
    seen = see_csv_in_any_blocks(b"place,note\nBow,a\0b\nHam,y\n")
    assert seen.broken == [(1, 2, "row.encoding")]
    assert seen.texts == {1: "Bow,a\ufffdb"}
    assert seen.cells == [("Ham", "y")]


def test_a_lone_carriage_return_splits_no_line() -> None:
    seen = see_csv_in_any_blocks(b'place,note\nBow,a\rHam,b\n"in\rside",x\nEly,y\n')
    assert seen.broken == [(1, 2, "row.quoting")]
    assert seen.cells == [("in\rside", "x"), ("Ely", "y")]


def test_a_lone_carriage_return_and_an_odd_quote_together_do_not_shift_row_numbers() -> None:
    seen = see_csv_in_any_blocks(b'place,note\na\rb,c\nx,5" or "6"\nBow,"q"\n5" pipe,"open\nHam,y\n')
    assert seen.rules == {1: "row.quoting", 4: "row.quoting"}
    assert [(number, row) for number, _, row in seen.rows] == [
        (2, ("x", '5" or "6"')),
        (3, ("Bow", "q")),
        (5, ("Ham", "y")),
    ]


def test_a_file_with_the_line_ends_of_old_macs_is_refused() -> None:
    with pytest.raises(DeliveryRefused, match="header row"):
        see_csv(b"place,note\rBow,x\rHam,y\r")


@pytest.mark.parametrize("chunk_bytes", [64, 4096, MAX_ROW_BYTES // 2, 4 * MAX_ROW_BYTES])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_row_of_more_than_a_mebibyte_is_broken_and_the_next_one_is_not_lost(chunk_bytes: int, end: bytes) -> None:
    long = b"Bow," + b"x" * (2 * MAX_ROW_BYTES)
    seen = see_csv(b"place,note\nEly,a\n" + long + b"\nHam,y" + end, chunk_bytes=chunk_bytes)
    assert seen.broken == [(2, 3, "row.too_long")]
    assert len(seen.texts[2]) == MAX_KEPT_CHARACTERS
    assert seen.rows == [(1, 2, ("Ely", "a")), (3, 4, ("Ham", "y"))]


def test_a_cell_of_nearly_a_mebibyte_is_taken_also_where_it_spans_lines() -> None:
    half = b"x" * (MAX_ROW_BYTES // 2 - 100)
    seen = see_csv(b'place,note\nBow,"' + half + b"\n" + half + b'"\nHam,' + half + b"\n", chunk_bytes=10_000)
    assert [len(row[1] or "") for row in seen.cells] == [2 * len(half) + 1, len(half)]
    assert seen.broken == []


def test_a_last_line_without_an_end_is_a_row() -> None:
    assert see_csv_in_any_blocks(b"place,note\nBow,x\nHam,y").cells == [("Bow", "x"), ("Ham", "y")]
    assert see_csv_in_any_blocks(b'place,note\nBow,"x\ny"').cells == [("Bow", "x\ny")]


def test_a_header_alone_gives_no_rows() -> None:
    assert see_csv_in_any_blocks(b"place,note\n").numbers == []
    assert see_csv_in_any_blocks(b"place,note").numbers == []


@pytest.mark.parametrize("data", [b"\n", b"\n\n"])
def test_a_file_of_blank_lines_is_refused(data: bytes) -> None:
    with pytest.raises(DeliveryRefused):
        see_csv(data)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"place,note,place", "column 3 stands there twice"),
        (b"place", "column note is missing"),
        (b"Bow,x", "columns place, note are missing"),
        (b"place,note,shoe size", "1 of 3 columns are not in the contract: place 3"),
        (b"place,note,", "place 3"),
        (b"place,note,,", "column 4 stands there twice"),
        (b"Place,note", "column place is missing; found 'Place' - did you mean place?"),
        (b"PLACE,notes", "columns place, note are missing; found 'PLACE', 'notes' - did you mean place, note?"),
        (b"place;note", "the header is separated by semicolons; this feed uses commas"),
        (b"Place\tNote", "the header is separated by tabs; this feed uses commas"),
        (b"Places of October\n\nplace,note", "line 1 looks like a title; the columns begin in line 3"),
        (b"p\xfflace,note", "not a header row"),
        (b'place,"no\0te"', "column note is missing"),
    ],
)
def test_headers_that_are_not_the_contracts_refuse_the_delivery(header: bytes, reason: str) -> None:
    with pytest.raises(DeliveryRefused, match=re.escape(reason)):
        see_csv(header + b"\nBow,x\n")


@pytest.mark.parametrize("header", [b"note,place", b'"note","place"', b" note ,place  ", b"note,place\t\r"])
def test_headers_may_stand_in_any_order_quoted_or_with_blanks_around(header: bytes) -> None:
    assert see_csv_in_any_blocks(header + b"\nx,Bow\n").cells == [("Bow", "x")]


def test_a_wide_file_gathers_the_months_that_it_has_and_more_of_them_the_next_time() -> None:
    contract = feed(column("place"), column("counts", kind=LogicalType.OBJECT, collects=r"20\d{4}"))
    assert see_csv_in_any_blocks(b"place,202401\nBow,3\n", contract).cells == [("Bow", '{"202401": "3"}')]
    grown = see_csv_in_any_blocks(b"202402,place,202401\n0,Bow,3\n,Ham,\n", contract)
    assert grown.cells == [("Bow", '{"202402": "0", "202401": "3"}'), ("Ham", "{}")]
    with pytest.raises(DeliveryRefused, match="counts is missing"):
        see_csv(b"place\nBow\n", contract)


CELL_CHARACTERS = st.sampled_from([*list('a é€😀,;"\n\r\t '), '""', '",', ',"', '\r\n"'])
CELL = st.lists(CELL_CHARACTERS, max_size=8).map("".join)
TABLE = st.lists(st.tuples(CELL, CELL), max_size=12)


@hypothesis_settings(max_examples=300, deadline=None)
@given(
    table=TABLE,
    chunk_bytes=st.sampled_from([1, 5, 16, 64, 1000]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_a_csv_writer_wrote_is_read_back_whatever_the_block_size(
    table: list[tuple[str, str]], chunk_bytes: int, line_end: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]  # drawn from constants
    writer.writerows([("place", "note"), *table])

    seen = see_csv(text.getvalue().encode(), chunk_bytes=chunk_bytes)

    # A line break inside a cell is kept as a line feed.
    wanted = [tuple(cell.replace("\r\n", "\n") if cell.strip() else None for cell in row) for row in table]
    assert seen.broken == []
    assert seen.cells == wanted
    assert seen.numbers == list(range(1, len(table) + 1))


@hypothesis_settings(max_examples=200, deadline=None)
@given(
    notes=st.lists(st.text(alphabet="abc é", min_size=1, max_size=6).filter(str.strip), min_size=1, max_size=15),
    spoiled=st.binary(min_size=1, max_size=12).filter(lambda line: b"\n" not in line and b'"' not in line),
    place=st.integers(min_value=0, max_value=15),
    chunk_bytes=st.sampled_from([1, 16, 64, 1000]),
)
def test_a_spoiled_line_changes_no_other_row(notes: list[str], spoiled: bytes, place: int, chunk_bytes: int) -> None:
    lines = [f"P{number},{note}".encode() for number, note in enumerate(notes)]
    place = min(place, len(lines))
    spoiled_file = b"\n".join([b"place,note", *lines[:place], spoiled, *lines[place:], b""])

    seen = see_csv(spoiled_file, chunk_bytes=chunk_bytes)

    is_blank = spoiled == b"\r"
    others = [row for number, _, row in seen.rows if is_blank or number != place + 1]
    assert others == [(f"P{number}", note) for number, note in enumerate(notes)]
    assert seen.numbers == list(range(1, len(lines) + (1 if is_blank else 2)))


@hypothesis_settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(st.text(alphabet='ab,"\r', max_size=10), max_size=12),
    chunk_bytes=st.sampled_from([1, 7, 16, 64]),
)
def test_every_line_of_a_messy_file_is_accounted_for_whatever_the_block_size(
    lines: list[str], chunk_bytes: int
) -> None:
    data = "\n".join(["place,note", *lines, ""]).encode()
    whole, piecewise = see_csv(data), see_csv(data, chunk_bytes=chunk_bytes)
    assert sorted(piecewise.rows) == sorted(whole.rows)
    assert sorted(piecewise.broken) == sorted(whole.broken)
    assert whole.numbers == list(range(1, len(whole.numbers) + 1))
    # A record begins on every line that is not blank and not inside the quotes of the one before.
    spanned = sum(sum(cell.count("\n") for cell in row if cell) for _, _, row in whole.rows)
    spanned += sum(text.count("\n") for text in whole.texts.values())
    # A cell of line breaks alone is null, so its lines are not counted; the second begins with a quote.
    blank = sum(line in ("", "\r") or line.startswith('"') for line in lines)
    assert len(whole.numbers) + spanned in range(len(lines) - blank, len(lines) + 1)
