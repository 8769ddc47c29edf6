import io
import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.contracts.model import Contract
from hub.contracts.values import FileFormat, LogicalType
from hub.deliveries import DeliveryRefused
from hub.ingest.readers.assemble import MAX_ROW_BYTES
from hub.ingest.readers.json_lines import read_json_lines
from ingest.small_feeds import Seen, column, feed

CASES = feed(
    column("ref"), column("town", header="place.town"), column("street", header="place.street"), form=FileFormat.JSONL
)
VALUES = feed(
    column("size", kind=LogicalType.NUMBER),
    column("found", kind=LogicalType.BOOLEAN),
    column("words", kind=LogicalType.ARRAY),
    form=FileFormat.JSONL,
)
GOOD = b'{"ref":"A"}\n'


def see(data: bytes, chunk_bytes: int = 1 << 20, contract: Contract = CASES) -> Seen:
    return Seen(read_json_lines(contract, io.BytesIO(data), chunk_bytes))


def test_nested_keys_are_named_with_dots() -> None:
    seen = see(b'{"place":{"town":"Bow","street":"Roman Road"},"ref":"A"}\n{"ref":"B","place":null}\n')
    assert seen.cells[0] == ("A", "Bow", "Roman Road")
    assert seen.rules == {2: "row.unknown_key"}


def test_a_missing_key_null_and_empty_text_are_all_an_empty_cell() -> None:
    assert see(b'{}\n{"ref":null}\n{"ref":""}\n{"ref":" \\t"}\n').cells == [(None, None, None)] * 4


@pytest.mark.parametrize("number", ["12345678901234567890123", "1.10", "-0.0", "1e400", "0.1000000000000000055"])
def test_numbers_stay_as_the_sender_wrote_them(number: str) -> None:
    assert see(f'{{"size":{number}}}'.encode(), contract=VALUES).cells == [(number, None, None)]


def test_truth_values_lists_and_objects_become_json_text() -> None:
    seen = see('{"found":true}\n{"words":["a", "é"]}\n{"size":{"b": [1]}}\n'.encode(), contract=VALUES)
    assert seen.cells == [(None, "true", None), (None, None, '["a","é"]'), ('{"b":["1"]}', None, None)]


@pytest.mark.parametrize("value", ["17", "1.5", "true", '["a"]', '{"a":"b"}', "[]"])
def test_what_is_no_text_where_text_is_due_breaks_its_row_and_names_the_column(value: str) -> None:
    data = GOOD + f'{{"place":{{"town":{value},"street":"x"}}}}\n'.encode() + GOOD
    [broken] = [one for chunk in read_json_lines(CASES, io.BytesIO(data), 1 << 20) for one in chunk.broken]
    said = broken.rejection
    assert (said.row_number, said.rule, said.column) == (2, "row.not_text", "town")


@pytest.mark.parametrize("line", [b'{"words":["\\udc00"]}', b'{"words":["\\u0000"]}'])
def test_a_list_of_what_is_no_text_breaks_its_row(line: bytes) -> None:
    assert see(b'{"size":1}\n' + line, contract=VALUES).rules == {2: "row.encoding"}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b'{"ref":"A","ref":"B"}', "row.json"),
        (b'{"place":{"town":"A","town":"B"}}', "row.json"),
        (b'{"place.town":"A","place":{"town":"B"}}', "row.unknown_key"),
        (b'{"ref":NaN}', "row.json"),
        (b'{"ref":-Infinity}', "row.json"),
        (b'{"ref":"A"', "row.json"),
        (b'{"ref":"A"} {"ref":"B"}', "row.json"),
        (b"{'ref':'A'}", "row.json"),
        (b'{"ref":"tab\there"}', "row.json"),
        (b'["ref"]', "row.json"),
        (b"17", "row.json"),
        (b"null", "row.json"),
        (b"[" * 100_000, "row.json"),
        (b'{"ref":' + b"[" * 9_000 + b"]" * 9_000 + b"}", "row.not_text"),
        (b'{"ref":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "row.json"),
        (b'{"ref":"\\ud83d"}', "row.encoding"),
        (b'{"ref":"\\ud83d\\ude00"}', None),
        (b'{"ref":"\\u0000"}', "row.encoding"),
        (b'{"ref":"\0"}', "row.json"),
        (b'{"ref":"\xff"}', "row.encoding"),
        (b'{"shoe_size":9}', "row.unknown_key"),
        (b'{"place":{"planet":"Earth"}}', "row.unknown_key"),
        (b'{"place":"Bow"}', "row.unknown_key"),
        (b'{"\\ud83d":1}', "row.unknown_key"),
        (b'{"ref":"' + b"x" * MAX_ROW_BYTES + b'"}', "row.too_long"),
    ],
)
def test_a_line_is_one_object_with_known_keys_or_it_is_broken_alone(line: bytes, rule: str | None) -> None:
    seen = see(GOOD + line + b"\n" + GOOD, chunk_bytes=100)
    assert seen.rules == ({} if rule is None else {2: rule})
    assert seen.numbers == [1, 2, 3]
    assert seen.lines == {1: 1, 2: 2, 3: 3}


def test_blank_lines_are_no_records_but_count_as_lines() -> None:
    seen = see(b'\n{"ref":"A"}\r\n\r\n\n{"ref":"B"}')
    assert [(number, line) for number, line, _ in seen.rows] == [(1, 2), (2, 5)]


def test_a_byte_order_mark_is_no_part_of_the_first_record() -> None:
    assert see(b"\xef\xbb\xbf" + GOOD).cells == [("A", None, None)]


@pytest.mark.parametrize(
    "data",
    [
        b"ref,town\nA,Bow\n",
        b'[{"ref":"A"},\n{"ref":"B"}]\n',
        b'{\n  "ref": "A"\n}\n',
        b"<r/>",
        b"PK\x03\x04\xff\xfe\n\x00",
        '{"ref":"A"}'.encode("utf-16"),
    ],
)
def test_a_file_that_is_no_json_lines_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(DeliveryRefused, match="not JSON Lines"):
        see(data)


@pytest.mark.parametrize("data", [b"", b"\n\r\n"])
def test_a_file_without_a_record_is_refused(data: bytes) -> None:
    with pytest.raises(DeliveryRefused, match="empty"):
        see(data)


def test_a_row_of_more_than_a_mebibyte_does_not_swallow_a_last_line_without_an_end() -> None:
    long = b'{"ref":"' + b"x" * (3 * MAX_ROW_BYTES) + b'"}\n'
    for chunk_bytes in (1000, MAX_ROW_BYTES, 8 * MAX_ROW_BYTES):
        seen = see(GOOD + long + GOOD.strip(), chunk_bytes)
        assert seen.rules == {2: "row.too_long"}
        assert seen.numbers == [1, 2, 3]


@hypothesis_settings(max_examples=150, deadline=None)
@given(
    refs=st.lists(st.none() | st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")), min_size=1),
    is_ascii=st.booleans(),
    chunk_bytes=st.sampled_from([1, 64, 10_000]),
)
def test_what_a_json_writer_wrote_is_read_back_whatever_the_block_size(
    refs: list[str | None], is_ascii: bool, chunk_bytes: int
) -> None:
    data = "".join(json.dumps({"ref": ref}, ensure_ascii=is_ascii) + "\n" for ref in refs).encode()
    seen = see(data, chunk_bytes)
    assert [row[0] for row in seen.cells] == [ref if ref and ref.strip() else None for ref in refs]
    assert seen.numbers == list(range(1, len(refs) + 1))
