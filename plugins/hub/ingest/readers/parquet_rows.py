"""Parquet: its typed columns as the text that a CSV of the same data would hold."""

import itertools
import json
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.contracts.model import Contract
from hub.deliveries import Chunk, DeliveryRefused
from hub.ingest.readers.assemble import MAX_ROW_BYTES, broken_row, chunk_of, pick_columns
from hub.ingest.readers.headers import HeaderMap, map_headers
from hub.ingest.readers.other_forms import HEAD_BYTES, form_found
from hub.ingest.readers.parquet_sizes import bytes_a_row, is_bytes, refuse_long_values, rows_at_once, text_columns
from hub.ingest.readers.unpack import raise_failure_of_disk

ROWS_A_BATCH = 50_000
"""So many rows are read together, with their texts still in a dictionary."""
DECODED_BYTES = 8 * 1024 * 1024
"""About so much of them is written out in full together."""
LARGEST_EXACT_INTEGER = 2.0**53
"""Above it a float no longer tells neighbours apart."""


def read_parquet(contract: Contract, landed: BinaryIO, max_unpacked_bytes: int) -> Iterator[Chunk]:
    """Chunks of a Parquet file. Raises :class:`DeliveryRefused` when it is damaged, unpacks to more than the limit, or
    its columns do not fit the contract."""
    count = size = 0
    try:
        with pq.ParquetFile(landed) as file:
            metadata, schema = file.metadata, file.schema
            unpacked = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
            if unpacked > max_unpacked_bytes:
                raise DeliveryRefused(f"the unpacked content is larger than {max_unpacked_bytes} bytes")
            headers = map_headers(contract, file.schema_arrow.names)
            refuse_long_values(metadata, schema)
        # Texts stay in their dictionary until it is known how long they are in full: a value that the file holds once
        # can be in each of its rows.
        with pq.ParquetFile(landed, metadata=metadata, read_dictionary=text_columns(schema)) as file:
            for batch in file.iter_batches(batch_size=rows_at_once(schema, ROWS_A_BATCH), use_threads=False):
                sizes = bytes_a_row(batch)
                size += int(sizes.sum())
                if size > max_unpacked_bytes:
                    raise DeliveryRefused(f"the unpacked content is larger than {max_unpacked_bytes} bytes")
                for start, end in _row_ranges(sizes):
                    yield _chunk(contract, headers, batch.slice(start, end - start), sizes[start:end], count)
                    count += end - start
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise_failure_of_disk(error)
        landed.seek(0)
        found = form_found(landed.read(HEAD_BYTES))
        if found not in (None, "a Parquet file"):
            raise DeliveryRefused(f"this is {found}; this feed sends Parquet") from error
        raise DeliveryRefused("the file is not a whole Parquet file, or of a kind that cannot be read") from error
    if count == 0:
        raise DeliveryRefused("the file is empty")


def _row_ranges(sizes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Runs of rows of about ``DECODED_BYTES``; rows that are too long are not decoded and count as 0 bytes."""
    filled = np.cumsum(np.where(sizes > MAX_ROW_BYTES, 0, sizes)) // DECODED_BYTES
    edges = [0, *(np.flatnonzero(np.diff(filled)) + 1).tolist(), len(sizes)]
    yield from itertools.pairwise(edges)


def _chunk(
    contract: Contract, headers: HeaderMap, batch: pa.RecordBatch, sizes: np.ndarray, count_before: int
) -> Chunk:
    numbers = np.arange(count_before + 1, count_before + batch.num_rows + 1)
    is_long = sizes > MAX_ROW_BYTES
    broken = [broken_row("row.too_long", number, None, "") for number in numbers[is_long].tolist()]
    if broken:
        batch, numbers = batch.filter(pa.array(~is_long)), numbers[~is_long]
    columns = [_as_text(column) for column in batch.columns]
    cells = pa.table([text for text, _ in columns], names=batch.schema.names)
    is_broken = np.zeros(batch.num_rows, dtype=bool)
    for _, positions in columns:
        is_broken[positions] = True
    rows = pick_columns(contract, headers, cells)
    for position in np.flatnonzero(is_broken).tolist():
        # What can be read of it; the rest stays in the landed file.
        text = json.dumps(cells.slice(position, 1).to_pylist()[0], ensure_ascii=False)
        broken.append(broken_row("row.encoding", int(numbers[position]), None, text))
    if is_broken.any():
        rows, numbers = rows.filter(pa.array(~is_broken)), numbers[~is_broken]
    return chunk_of(rows, numbers, None, broken)


def _as_text(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """A column's values as text, null where they are empty, and the positions of those that are no text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode())
    if pa.types.is_nested(kind):
        return _as_json(column)
    if is_bytes(kind):
        return _decoded(column)
    if pa.types.is_floating(kind):
        return _without_powers_of_ten(column), []
    return column.cast(pa.string()), []


def _as_json(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Lists and structs as JSON, and the positions of those that hold a text that is not UTF-8, a NUL, or what Python
    or JSON does not know (a day after the year 9999)."""
    texts, bad = list[str | None](), list[int]()
    for index, value in enumerate(column):
        try:
            text = json.dumps(value.as_py(), default=str, allow_nan=False, ensure_ascii=False)
        except (ValueError, OverflowError):
            text = json.dumps(_readable(value), default=str, ensure_ascii=False)
            bad.append(index)
        else:
            bad += [index] if "\\u0000" in text else []
        texts.append(text if value.is_valid else None)
    return pa.array(texts, pa.string()), bad


def _readable(value: pa.Scalar) -> object:
    """What can be read of a list or a struct: an erasure looks for people in it."""
    if pa.types.is_dictionary(value.type):
        value = value.value
    kind = value.type
    if not value.is_valid:
        return None
    if pa.types.is_struct(kind):
        return {kind.field(index).name: _readable(value[index]) for index in range(kind.num_fields)}
    if pa.types.is_nested(kind):
        return [_readable(one) for one in value.values]
    if is_bytes(kind):
        return value.as_buffer().to_pybytes().decode("utf-8", "replace")
    try:
        return value.as_py()
    except (ValueError, OverflowError):
        return None


def _without_powers_of_ten(column: pa.Array) -> pa.Array:
    """Arrow writes whole floats from 10^10 on in powers of ten; identifiers that a writer kept as floats are whole
    numbers, each by itself."""
    wide = column.cast(pa.float64())
    is_whole = pc.and_(pc.equal(wide, pc.floor(wide)), pc.less(pc.abs(wide), LARGEST_EXACT_INTEGER))
    whole = pc.if_else(is_whole, wide, None).cast(pa.int64())
    return pc.coalesce(whole.cast(pa.string()), column.cast(pa.string()))


def _decoded(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Bytes as text. Parquet does not see to it that its texts are UTF-8, nor that they hold no NUL."""
    raw = column.cast(pa.large_binary()).cast(pa.binary())
    bad = np.flatnonzero(pc.fill_null(pc.match_substring(raw, b"\0"), False).to_numpy(zero_copy_only=False)).tolist()
    try:
        text = raw.cast(pa.string())
    except pa.ArrowInvalid:
        values = raw.to_pylist()
        decoded = [None if value is None else value.decode("utf-8", "replace") for value in values]
        bad += [position for position, value in enumerate(values) if value is not None and not _is_utf8(value)]
        text = pa.array(decoded, pa.string())
    return pc.if_else(pc.equal(text, ""), None, text), bad


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
