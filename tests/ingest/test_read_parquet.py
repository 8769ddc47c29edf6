import datetime
import io
import json
import resource
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.contracts.values import FileFormat, LogicalType
from hub.deliveries import DeliveryRefused
from hub.ingest.readers.assemble import MAX_ROW_BYTES
from hub.ingest.readers.parquet_rows import read_parquet
from hub.ingest.readers.parquet_sizes import LIST_VALUES_A_GROUP
from ingest.small_feeds import Seen, column, feed

COUNTS = feed(column("area"), column("count"), form=FileFormat.PARQUET)
LIMIT = 1 << 30


def see(path: Path) -> Seen:
    return Seen(read_parquet(COUNTS, io.BytesIO(path.read_bytes()), LIMIT))


def write(folder: Path, table: pa.Table, **options: object) -> Path:
    path = folder / "file.parquet"
    pq.write_table(table, path, **options)
    return path


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array([1, None, -3]), ["1", None, "-3"]),
        (pa.array([12.0, None, 0.0]), ["12", None, "0"]),
        (pa.array([None, None, None], pa.float64()), [None, None, None]),
        (pa.array([12.5, None, 3.0]), ["12.5", None, "3"]),
        (pa.array([float("nan"), float("inf"), 1.0]), ["nan", "inf", "1"]),
        (pa.array([1e300, 2.0, None]), ["1e+300", "2", None]),
        (pa.array([0.5, 12345678901.0, None]), ["0.5", "12345678901", None]),
        (pa.array([0.5, 12345678848.0, 2.0], pa.float32()), ["0.5", "12345678848", "2"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array(["é", "", None]), ["é", None, None]),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        (pa.array(["x", None, "z"], pa.large_string()), ["x", None, "z"]),
        (pa.array([b"x", b"y", None]), ["x", "y", None]),
        (pa.array([datetime.date(2026, 1, 2), None, None]), ["2026-01-02", None, None]),
        (pa.array([["a", "b"], None, []]), ['["a", "b"]', None, "[]"]),
        (pa.array([None, None, None], pa.null()), [None, None, None]),
    ],
)
def test_typed_values_become_the_text_that_a_csv_would_hold(
    values: pa.Array, texts: list[str | None], tmp_path: Path
) -> None:
    seen = see(write(tmp_path, pa.table({"count": values, "area": ["a", "b", "c"]})))
    assert [count for _, count in seen.cells] == texts
    assert [area for area, _ in seen.cells] == ["a", "b", "c"]
    assert seen.lines == {1: None, 2: None, 3: None}


def test_rows_are_numbered_on_over_batches_and_row_groups(tmp_path: Path) -> None:
    table = pa.table({"area": ["a"] * 120_000, "count": range(120_000)})
    seen = see(write(tmp_path, table, row_group_size=7_000))
    assert seen.numbers == list(range(1, 120_001))
    assert all(row == ("a", str(number - 1)) for number, _, row in seen.rows)


def test_a_text_that_is_no_text_breaks_its_row_only(tmp_path: Path) -> None:
    bad = pa.Array.from_buffers(
        pa.string(),
        4,
        [
            None,
            pa.py_buffer(b"".join(offset.to_bytes(4, "little") for offset in (0, 2, 5, 8, 10))),
            pa.py_buffer(b"ab\xffcda\0bcd"),
        ],
    )
    seen = see(write(tmp_path, pa.table({"area": bad, "count": [1, 2, 3, 4]})))
    assert seen.broken == [(2, None, "row.encoding"), (3, None, "row.encoding")]
    assert seen.rows == [(1, None, ("ab", "1")), (4, None, ("cd", "4"))]
    assert json.loads(seen.texts[2]) == {"area": "\ufffdcd", "count": "2"}


def text_lists(*lists: list[bytes] | None) -> pa.Array:
    """Lists of texts of which Parquet does not see to it that they are text."""
    made = pa.array(lists, pa.list_(pa.binary()))
    return pa.ListArray.from_arrays(made.offsets, made.values.view(pa.string()), mask=made.is_null())


@pytest.mark.parametrize("is_struct", [False, True])
def test_a_list_or_struct_of_text_that_is_not_utf8_or_holds_nul_quarantines_its_row(
    is_struct: bool, tmp_path: Path
) -> None:
    values = text_lists([b"a"], [b"Zo\xc3\xab", b"\xff\xfe"], None, [b"x\0y"], ["é".encode()])
    if is_struct:
        values = pa.StructArray.from_arrays([values], ["names"])
    seen = see(write(tmp_path, pa.table({"area": values, "count": [1, 2, 3, 4, 5]})))
    assert seen.broken == [(2, None, "row.encoding"), (4, None, "row.encoding")]
    assert [(number, json.loads(count or "")) for number, _, (_, count) in seen.rows] == [(1, 1), (3, 3), (5, 5)]
    assert "é" in (seen.cells[2][0] or "")
    assert "Zoë" in seen.texts[2]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([[0], [2**62]], pa.list_(pa.int64())).cast(pa.list_(pa.timestamp("us"))),
        pa.array([[0], [2**30]], pa.list_(pa.int32())).cast(pa.list_(pa.date32())),
        pa.array([[0.0], [float("nan")]], pa.list_(pa.float64())),
    ],
)
def test_a_value_of_a_list_that_json_does_not_know_quarantines_its_row(values: pa.Array, tmp_path: Path) -> None:
    seen = see(write(tmp_path, pa.table({"area": values, "count": [1, 2]})))
    assert seen.broken == [(2, None, "row.encoding")]
    assert [number for number, _, _ in seen.rows] == [1]


@pytest.mark.parametrize("beside", [0.5, 1.0, None])
def test_the_text_of_a_float_does_not_depend_on_other_rows(beside: float | None, tmp_path: Path) -> None:
    table = pa.table({"area": ["a", "b"], "count": pa.array([12345678901.0, beside], pa.float64())})
    assert see(write(tmp_path, table)).cells[0] == ("a", "12345678901")


@pytest.mark.parametrize("damage", ["cut", "footer", "page", "magic alone", "text"])
def test_a_damaged_file_is_refused(damage: str, tmp_path: Path) -> None:
    path = write(tmp_path, pa.table({"area": ["some text"] * 1000, "count": range(1000)}))
    data = path.read_bytes()
    path.write_bytes(
        {
            "cut": data[: len(data) // 2],
            "footer": data[:-40] + b"\xff" * 32 + data[-8:],
            "page": data[:10] + b"\xff" * 60 + data[70:],
            "magic alone": b"PAR1PAR1",
            "text": b"area,count\na,1\n",
        }[damage]
    )
    with pytest.raises(DeliveryRefused):
        see(path)


def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    table = pa.table({"area": [str(number) * 10 for number in range(5000)], "count": range(5000)})
    path = write(tmp_path, table, use_dictionary=False)
    with pytest.raises(DeliveryRefused, match="larger than 10000 bytes"):
        list(read_parquet(COUNTS, io.BytesIO(path.read_bytes()), 10_000))


def test_columns_that_are_not_the_contracts_or_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="column count is missing"):
        see(write(tmp_path, pa.table({"area": ["a"]})))
    with pytest.raises(DeliveryRefused, match="empty"):
        see(write(tmp_path, pa.table({"area": pa.array([], pa.string()), "count": pa.array([], pa.int64())})))


def test_month_columns_that_grow_are_gathered(tmp_path: Path) -> None:
    wide = feed(column("area"), column("counts", kind=LogicalType.OBJECT, collects=r"20\d{4}"), form=FileFormat.PARQUET)
    path = write(tmp_path, pa.table({"area": ["a", "b"], "202401": [1, 2], "202402": [3.0, None]}))
    seen = Seen(read_parquet(wide, io.BytesIO(path.read_bytes()), LIMIT))
    assert [json.loads(counts or "") for _, counts in seen.cells] == [{"202401": "1", "202402": "3"}, {"202401": "2"}]


def repeated(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), pa.array([text]))


def packed(folder: Path, area: pa.Array, count: int) -> Path:
    """A file of ``count`` rows that does not say that its texts were a dictionary when it was written."""
    table = pa.table({"area": area, "count": range(count)})
    path = write(folder, table, store_schema=False, dictionary_pagesize_limit=1 << 30)
    assert path.stat().st_size < 500_000
    return path


def test_a_text_that_the_file_holds_once_and_means_very_often_counts_as_often_as_it_is_meant(tmp_path: Path) -> None:
    path = packed(tmp_path, repeated("x" * 100_000, 20_000), 20_000)
    before = peak_bytes()
    with pytest.raises(DeliveryRefused, match="larger than 1073741824 bytes"):
        see(path)
    assert peak_bytes() - before < 100 * 1024 * 1024


def test_long_texts_of_a_small_file_are_written_out_a_few_rows_at_a_time(tmp_path: Path) -> None:
    path = packed(tmp_path, repeated("x" * 100_000, 5_000), 5_000)
    before = peak_bytes()
    numbers = []
    for chunk in read_parquet(COUNTS, io.BytesIO(path.read_bytes()), LIMIT):
        assert chunk.rows.nbytes < 40 * 1024 * 1024
        numbers += chunk.row_numbers.to_pylist()
    assert numbers == list(range(1, 5_001))
    assert peak_bytes() - before < 250 * 1024 * 1024  # in full they are 500 MB


@pytest.mark.parametrize("is_list", [False, True])
def test_a_row_that_is_too_long_is_broken_alone(is_list: bool, tmp_path: Path) -> None:
    texts = pa.array(["a", "x" * (MAX_ROW_BYTES + 1), None, "d"])
    if is_list:
        texts = pa.ListArray.from_arrays(pa.array([0, 1, MAX_ROW_BYTES // 2 + 2, MAX_ROW_BYTES // 2 + 2]), _many("ab"))
        texts = pa.concat_arrays([texts, pa.array([None], pa.list_(pa.string()))])
    seen = see(write(tmp_path, pa.table({"area": texts, "count": [1, 2, 3, 4]})))
    assert seen.broken == [(2, None, "row.too_long")]
    assert seen.texts == {2: ""}
    assert [(number, count) for number, _, (_, count) in seen.rows] == [(1, "1"), (3, "3"), (4, "4")]


def _many(text: str) -> pa.Array:
    return pa.array([text] * (MAX_ROW_BYTES // 2 + 2))


def test_values_of_a_fixed_length_beyond_a_rows_are_refused(tmp_path: Path) -> None:
    values = pa.array([b"x" * (MAX_ROW_BYTES + 1)], pa.binary(MAX_ROW_BYTES + 1))
    with pytest.raises(DeliveryRefused, match="values of more than"):
        see(write(tmp_path, pa.table({"area": values, "count": [1]})))


def test_lists_of_very_many_values_are_refused_unread(tmp_path: Path) -> None:
    count = LIST_VALUES_A_GROUP + 1
    values = pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), pa.nulls(count, pa.bool_()))
    with pytest.raises(DeliveryRefused, match="lists of more than"):
        see(write(tmp_path, pa.table({"area": values, "count": [1]})))


def peak_bytes() -> int:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
