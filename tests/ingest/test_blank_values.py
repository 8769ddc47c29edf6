"""Values are blanked in a landed file: the same rows at the same places, and every other value as it was."""

import io
import zipfile

import pytest

from hub.contracts.model import Contract
from hub.contracts.values import Compression, FileFormat, LogicalType
from hub.ingest.readers.blank_values import Blanks, CannotBlank, blanked
from hub.ingest.readers.json_lines import read_json_lines
from hub.ingest.readers.unpack import unpacked
from hub.ingest.readers.xml_rows import read_xml
from ingest.small_feeds import PLACES, Seen, column, feed, see_csv

OFFICERS = feed(
    column("code", header="@code"),
    column("name", header="officer/name"),
    column("rank", header="officer/@rank"),
    form=FileFormat.XML,
    row_path="row",
    count_attribute="count",
)
NESTED = feed(column("ref"), column("name", header="who.name"), form=FileFormat.JSONL)
NUMBERED = feed(column("ref", kind=LogicalType.NUMBER), column("name", header="who.name"), form=FileFormat.JSONL)
XML = (
    b'<?xml version="1.0"?>\n<rows count="3"><!-- a note -->\n'
    b'<row code="1"><officer rank="PC"><name>Ada</name></officer></row>'
    b'\n<row code="2"><officer rank="DC"><name>Bo</name></officer></row><row><other/></row></rows>'
)


def blank(contract: Contract, data: bytes, columns: dict[int, frozenset[str] | None], seen: Seen) -> bytes:
    """The bytes without these columns of these rows, as a search of the file would ask for it."""
    known = {number: line for number, line in seen.lines.items() if line is not None}
    texts = {number: None if names is None else dict.fromkeys(names, "") for number, names in columns.items()}
    blanks = Blanks(texts, {number: known[number] for number in columns if number in known}, sorted(known.values()))
    return b"".join(blanked(contract, io.BytesIO(data), blanks, 1 << 20))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_row_of_several_lines_is_blanked_and_all_others_keep_their_bytes_and_lines(end: bytes) -> None:
    data = b'place,note\n"a, b",one\n\n"c","two\nand ""three"""\nd;e,four\nf,"five\n'.replace(b"\n", end)
    seen = see_csv(data)
    left = blank(PLACES, data, {2: frozenset({"note"}), 4: None}, seen)
    assert left == b'place,note\n"a, b",one\n\n"c",""\n\nd;e,four\nx,"xxxx\n'.replace(b"\n", end)
    again = see_csv(left)
    assert again.lines == seen.lines
    assert again.cells == [seen.cells[0], ("c", None), seen.cells[2]]


@pytest.mark.parametrize("gone", [b"caf\xe9,x", b'"a"b,c', b"nul\0,x", b'"c","two"', b'"c","tw\no"'])
def test_a_quote_that_is_open_before_a_changed_row_takes_in_no_other_row(gone: bytes) -> None:
    data = b'place,note\na,one\nb,"opened\nd,four\n' + gone + b'\n"\ne,five\n'
    seen = see_csv(data)
    changed = next(number for number, line in seen.lines.items() if line == 5)
    left = blank(PLACES, data, {changed: None if changed in seen.rules else frozenset({"note"})}, seen)
    assert b"two" not in left
    assert b"caf" not in left
    again = see_csv(left)
    assert (again.lines, again.rules) == (seen.lines, seen.rules)
    assert {row for row in seen.rows if row[0] != changed} <= set(again.rows)


def test_an_objects_value_is_blanked_where_it_is_nested() -> None:
    data = '{"ref": "A", "who": {"name": "Zoë"}}\n{"ref":"B","who":{"name":"Bo"}}\n[1, "Zoë"]\n'.encode()
    seen = Seen(read_json_lines(NESTED, io.BytesIO(data), 1 << 20))
    left = blank(NESTED, data, {1: frozenset({"name"}), 3: None}, seen)
    assert left.splitlines()[1:] == [b'{"ref":"B","who":{"name":"Bo"}}', b'{"erased": null}']
    again = Seen(read_json_lines(NESTED, io.BytesIO(left), 1 << 20))
    assert again.cells == [("A", None), ("B", "Bo")]
    assert again.broken[0][:2] == seen.broken[0][:2]


ONLY_ROWS = (b'{"ref": "A", "more": "Zo"}', b'{"ref": ["Zo"]}', b'{"ref": "Zo", "ref": "A"}', b'{"ref": "Z\xff"}', b"[")


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("known", ["who.name", "erased", "erased.name"])
@pytest.mark.parametrize("row", ONLY_ROWS)
def test_a_file_of_lines_that_go_as_a_whole_is_read_in_as_many_lines(row: bytes, known: str, rows: int) -> None:
    contract = feed(column("ref"), column("name", header=known), form=FileFormat.JSONL)
    first = b'{"ref": 1}\n'
    data = first + rows * (row + b"\n")
    seen = Seen(read_json_lines(contract, io.BytesIO(data), 1 << 20))
    left = blank(contract, data, dict.fromkeys(range(1, rows + 2)), seen)
    again = Seen(read_json_lines(contract, io.BytesIO(left), 1 << 20))
    assert again.lines == seen.lines
    assert again.rules.keys() == seen.rules.keys()
    assert b"Z" not in left


def test_an_elements_texts_and_attributes_are_blanked_by_their_paths() -> None:
    seen = Seen(read_xml(OFFICERS, io.BytesIO(XML), []))
    left = blank(OFFICERS, XML, {1: frozenset({"name", "rank"}), 3: None}, seen)
    again = Seen(read_xml(OFFICERS, io.BytesIO(left), []))
    assert again.cells == [("1", None, None), ("2", "Bo", "DC")]
    assert again.rules.keys() == seen.rules.keys()
    assert b"Ada" not in left
    assert b"other" not in left


@pytest.mark.parametrize("beside", [b"<!-- c -->", b"<?pi x?>", b"<![CDATA[ of ]]>"])
def test_an_elements_text_is_blanked_whole_whatever_stands_in_it(beside: bytes) -> None:
    data = XML.replace(b"Ada", b"Ada" + beside + b" Doe" + beside + b" of Leeds")
    seen = Seen(read_xml(OFFICERS, io.BytesIO(data), []))
    left = blank(OFFICERS, data, {1: frozenset({"name"})}, seen)
    assert Seen(read_xml(OFFICERS, io.BytesIO(left), [])).cells[0] == ("1", None, "PC")
    assert not any(word in left for word in (b"Ada", b"Doe", b"Leeds"))
    assert b"Bo" in left


@pytest.mark.parametrize("number", ["1.10", "1" * 5_000, "-0.0", "1E400", "[1.50, 2]"])
def test_a_number_stays_as_it_was_sent(number: str) -> None:
    data = f'{{"ref": {number}, "who": {{"name": "Zo\\u00eb"}}}}\n'.encode()
    seen = Seen(read_json_lines(NUMBERED, io.BytesIO(data), 1 << 20))
    left = blank(NUMBERED, data, {1: frozenset({"name"})}, seen)
    assert left == f'{{"ref": {number}, "who": {{"name": null}}}}\n'.encode()


def test_the_one_file_of_a_zip_is_blanked_whatever_its_name() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, archive.open(zipfile.ZipInfo("x/"), "w") as member:
        member.write(b"place,note\na,one\nb,two\n")
    packed = feed(*PLACES.columns, compression=Compression.ZIP)
    left = blank(packed, target.getvalue(), {1: frozenset({"note"})}, see_csv(b"place,note\na,one\nb,two\n"))
    with unpacked(io.BytesIO(left), Compression.ZIP, 1 << 20) as stream:
        assert stream.read() == b'place,note\n"a",""\nb,two\n'


def test_a_form_that_has_no_blank_is_said() -> None:
    with pytest.raises(CannotBlank):
        blank(PLACES, b"PAR1", {1: None}, see_csv(b"place,note\n"))
