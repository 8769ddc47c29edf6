import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.contracts.values import FileFormat
from hub.deliveries import ControlTotal, DeliveryRefused
from hub.ingest.readers.assemble import MAX_KEPT_CHARACTERS, MAX_ROW_BYTES
from hub.ingest.readers.xml_rows import MOST_ATTRIBUTES, read_xml
from ingest.small_feeds import Seen, column, feed

ANSWERS = feed(
    column("ref"),
    column("note"),
    column("grade", header="note/@grade"),
    column("town", header="place/town"),
    form=FileFormat.XML,
    row_path="answer",
    count_attribute="count",
)


def see(data: bytes, stated: list[ControlTotal] | None = None) -> Seen:
    return Seen(read_xml(ANSWERS, io.BytesIO(data), [] if stated is None else stated))


def test_children_attributes_and_paths_become_columns() -> None:
    seen = see(b'<all>\n<answer><ref>A</ref><note grade="3">x</note><place><town>Bow</town></place></answer></all>')
    assert seen.rows == [(1, 2, ("A", "x", "3", "Bow"))]


def test_blanks_around_a_value_are_layout_and_an_empty_element_is_an_empty_cell() -> None:
    assert see(b"<all><answer><ref>\n  A b\n</ref><note/></answer></all>").cells == [("A b", None, None, None)]


def test_marked_up_characters_comments_and_cdata_are_read_as_text() -> None:
    seen = see(b"<all><answer><ref>&lt;&#233;&amp;<!-- no -->x</ref><note><![CDATA[<b>&amp;]]></note></answer></all>")
    assert seen.cells == [("<é&x", "<b>&amp;", None, None)]


@pytest.mark.parametrize(
    "row",
    [
        b"<answer><colour>red</colour></answer>",
        b"<answer><ref>A</ref><ref>B</ref></answer>",
        b"<answer><ref>A<b/>B</ref></answer>",
        b'<answer id="7"><ref>A</ref></answer>',
        b"<answer>stray<ref>A</ref></answer>",
        b"<answer><ref>A</ref>stray</answer>",
        b"<answer>stray</answer>",
        b'<answer xmlns="urn:other"><ref>A</ref></answer>',
    ],
)
def test_a_row_with_anything_but_its_known_fields_once_is_broken_alone(row: bytes) -> None:
    data = b"<all>\n<answer><ref>1</ref></answer>\n" + row + b"\n<answer><ref>3</ref></answer>\n</all>"
    if b"xmlns" in row:
        with pytest.raises(DeliveryRefused, match="an element other than <answer>"):
            see(data)
        return
    seen = see(data)
    assert seen.broken == [(2, 3, "row.unknown_key")]
    assert seen.texts[2] == row.decode()
    assert [number for number, _, _ in seen.rows] == [1, 3]


def test_a_row_of_more_than_a_mebibyte_is_broken() -> None:
    seen = see(
        b"<all><answer><ref>" + b"x" * (MAX_ROW_BYTES + 1) + b"</ref></answer><answer><ref>2</ref></answer></all>"
    )
    assert seen.rules == {1: "row.too_long"}
    assert seen.cells == [("2", None, None, None)]


@pytest.mark.parametrize("before", [b"", b"<answer><ref>1</ref></answer>"])
def test_an_element_of_more_attributes_than_the_parser_may_hold_ends_the_file(before: bytes) -> None:
    """They may hold what ends elements elsewhere: the parser is not asked for any of them."""
    element = b"<answer " + b" ".join(b"a%x='/>'" % number for number in range(MOST_ATTRIBUTES + 20_000)) + b"/>"
    with pytest.raises(DeliveryRefused, match=f"more than {MOST_ATTRIBUTES} attributes"):
        see(b"<all>" + before + element + b"</all>")


def test_texts_like_attributes_in_many_elements_are_read() -> None:
    """What is counted begins again with each element of which the parser tells."""
    row = b"<answer><ref>" + b'="' * 100_000 + b"</ref></answer>"
    assert len(see(b"<all>" + row * 12 + b"</all>").cells) == 12


@pytest.mark.parametrize("million", [2, 9, 11])
def test_a_text_that_the_parser_may_hold_breaks_its_row_and_a_longer_one_the_file(million: int) -> None:
    data = b"<all>\n<answer><ref>" + b"x" * (million * 10**6) + b"</ref></answer><answer><ref>2</ref></answer></all>"
    if million > 10:
        with pytest.raises(DeliveryRefused, match=r"text of more than 10 MB.* \(line 2\)"):
            see(data)
        return
    seen = see(data)
    assert seen.rules == {1: "row.too_long"}
    assert seen.cells == [("2", None, None, None)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [("12", 12), ("", None), ("many", None), ("-3", None), ("1e3", None), ("9" * 25, None), ("9" * 5000, None)],
)
def test_the_count_that_the_root_states_is_taken_and_named_where_it_cannot_be_read(text: str, rows: int | None) -> None:
    found: list[ControlTotal] = []
    see(f'<all count="{text}"><answer><ref>A</ref></answer></all>'.encode(), found)
    assert found == [ControlTotal(rows)]


def test_a_root_that_states_no_count_has_no_total() -> None:
    found: list[ControlTotal] = []
    see(b"<all><answer><ref>A</ref></answer></all>", found)
    assert found == []


@pytest.mark.parametrize(
    ("before", "between", "after", "line"),
    [("A spoken report", "", "", 2), ("", "A spoken report", "", 3), ("", "<![CDATA[x]]>", "", 3), ("", "", "x", 1)],
)
def test_text_outside_the_rows_refuses_the_file_and_is_not_quoted(
    before: str, between: str, after: str, line: int
) -> None:
    row = "<answer><ref>A</ref></answer>"
    with pytest.raises(DeliveryRefused, match=rf"text outside the rows, before the element of line {line}$"):
        see(f"<all>{before}\n{row}{between}\n{row}\n{after}</all>".encode())


def test_layout_and_comments_between_rows_are_no_text() -> None:
    seen = see(b"<all>\n <!-- a --> \n<answer><ref>A</ref></answer><?b c?>\t<answer><ref>B</ref></answer>\r\n</all>")
    assert [row[0] for row in seen.cells] == ["A", "B"]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<!DOCTYPE all [<!ENTITY l0 "lol">{LAUGHS}]>'
OUTSIDE = '<!DOCTYPE all [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
UTF_7 = '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE all [+ADwAIQ-ENTITY x "boom"+AD4]+AD4'


@pytest.mark.parametrize(
    "start",
    [
        BOMB,
        OUTSIDE,
        '<?xml version="1.0"?>\n<!-- a comment -->' + BOMB,
        "<!-- <all> -->" + BOMB,
        "<?note <all> ?>" + OUTSIDE,
        "<!-- " + "x" * 70_000 + "-->" + BOMB,
        '<!doctype all SYSTEM "http://127.0.0.1:9/x.dtd">',
        UTF_7,
    ],
)
@pytest.mark.parametrize("reference", ["&l9;", "&x;", ""])
def test_a_document_type_declaration_is_refused_and_no_entity_is_opened(start: str, reference: str) -> None:
    for data in (
        f"{start}<all><answer><ref>{reference}</ref></answer></all>",
        f'{start}<all><answer><note grade="{reference}">x</note></answer></all>',
        f'{start}<all count="{reference}"><answer><ref>A</ref></answer></all>',
    ):
        with pytest.raises(DeliveryRefused) as refused:
            see(data.encode())
        assert "root:" not in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        b"<all><answer><ref>A</ref></answer>",
        b"<all><answer><ref>A</answer></ref></all>",
        b"<all><answer><ref>&nothing;</ref></answer></all>",
        b"<all><answer><ref>A</ref></answer></all><all/>",
        b"<all><answer><ref>caf\xe9</ref></answer></all>",
        b"<all><answer><ref>a\0b</ref></answer></all>",
        b"<all><answer><ref>&#0;</ref></answer></all>",
        b"<all>" + b"<answer>" * 10_000,
        b"ref,note\nA,x\n",
        b'{"ref":"A"}\n',
        b"   \n",
        b"",
        '<?xml version="1.0" encoding="utf-16"?><all><answer><ref>A</ref></answer></all>'.encode("utf-16"),
    ],
)
def test_what_is_not_well_formed_is_refused_whole(data: bytes) -> None:
    with pytest.raises(DeliveryRefused):
        see(data)


def test_a_root_with_other_elements_is_refused_naming_the_line_and_not_the_element() -> None:
    with pytest.raises(DeliveryRefused, match=r"other than <answer> \(line 3\)"):
        see(b"<all>\n<answer><ref>A</ref></answer>\n<secret_name/></all>")


def test_a_root_without_rows_gives_no_rows() -> None:
    assert see(b"<all/>").numbers == []


def test_the_encoding_that_the_file_declares_is_the_one_it_is_read_in() -> None:
    data = '<?xml version="1.0" encoding="iso-8859-1"?><all><answer><ref>é</ref></answer></all>'
    assert see(data.encode("iso-8859-1")).cells[0][0] == "é"


@pytest.mark.parametrize("encoding", ["UTF-7", "cp037", "hz", "nobody's", "hex"])
def test_an_encoding_in_which_markup_has_other_bytes_is_not_read(encoding: str) -> None:
    """In it, a million attributes or a document type would not be seen before the parser has read them."""
    data = f'<?xml version="1.0" encoding="{encoding}"?><all><answer><ref>A</ref></answer></all>'
    with pytest.raises(DeliveryRefused, match="an encoding that the hub does not read"):
        see(data.encode())


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_file_in_utf_16_is_not_read_though_bytes_in_it_look_like_markup(start: str) -> None:
    data = f"{start}<!-- \u413c --><all><answer><ref>A</ref></answer></all>".encode("utf-16-le")
    with pytest.raises(DeliveryRefused, match="an encoding that the hub does not read"):
        see(data)


def test_a_comment_that_speaks_of_an_encoding_declares_none() -> None:
    assert see(b'<!-- encoding="x" --><all><answer><ref>A</ref></answer></all>').cells[0][0] == "A"


@pytest.mark.parametrize("count", [5_000, 50_000])
def test_a_broken_row_of_very_many_parts_keeps_the_words_at_its_beginning(count: int) -> None:
    row = b"<answer><ref mail='ada@example.org'>A</ref>Ada Quill" + b"<x/>" * count + b"<y>the end</y></answer>"
    seen = see(b"<all>" + row + b"</all>")
    assert all(word in seen.texts[1] for word in ("ada@example.org", "Ada Quill"))
    assert ("the end" in seen.texts[1]) == (len(seen.texts[1]) < MAX_KEPT_CHARACTERS) == (count == 5_000)


def test_a_line_that_the_parser_cannot_be_sure_of_is_not_named() -> None:
    seen = see(b"<all>\n" + b"<answer><ref>A</ref></answer>\n" * 70_000 + b"<answer><x/></answer></all>")
    lines = [line for _, line, _ in seen.rows]
    assert lines[:3] == [2, 3, 4]
    assert all(line == number + 1 for number, line, _ in seen.rows if line is not None)
    assert lines[-1] is None
    assert seen.broken == [(70_001, None, "row.unknown_key")]


def test_memory_does_not_grow_with_the_file() -> None:
    before = _resident_bytes()
    count = peak = 0
    for chunk in read_xml(ANSWERS, io.BufferedReader(_Generated(400_000)), []):
        count += chunk.count_rows
        peak = max(peak, _resident_bytes())
    assert count == 400_000
    # As a tree, 400,000 rows take 240 MB; chunks of 50,000 rows take 65.
    assert peak - before < 120 * 1024 * 1024


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class _Generated(io.RawIOBase):
    """An XML file of ``count`` rows that never stands in memory."""

    def __init__(self, count: int) -> None:
        self._parts = self._write(count)
        self._left = b""

    def _write(self, count: int) -> Iterator[bytes]:
        yield b"<all>"
        for start in range(0, count, 1000):
            yield b"<answer><ref>A</ref><note>some words</note></answer>" * min(1000, count - start)
        yield b"</all>"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names the protocol privately
        part = self._left or next(self._parts, b"")
        given, self._left = part[: len(buffer)], part[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)
