"""How large the rows of a Parquet file are in full, before they are: a small file can stand for any amount of text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.deliveries import DeliveryRefused
from hub.ingest.readers.assemble import MAX_ROW_BYTES

BYTES_AT_ONCE = 64 * 1024 * 1024
LIST_VALUES_A_GROUP = 32 * 1024 * 1024
COLUMN_BYTES_A_GROUP = 256 * 1024 * 1024
"""A writer may put the whole column of a row group into one page, which is unpacked at once."""

BYTES_A_PLAIN_VALUE = 25
"""The longest text of a number, a date or a time."""

TEXT_KINDS = frozenset({"STRING", "NONE", "JSON", "ENUM"})


def text_columns(schema: pq.ParquetSchema) -> list[str]:
    """Paths of the columns whose values have no fixed length."""
    return [one.path for one in _leaves(schema) if one.physical_type == "BYTE_ARRAY" and _is_text(one)]


def refuse_long_values(metadata: pq.FileMetaData, schema: pq.ParquetSchema) -> None:
    """Raise :class:`DeliveryRefused` where a single value or list would be too large to look at: values of a fixed
    length that is longer than a row may be, lists of very many values, or a column of a row group that may be one page
    of very many bytes."""
    if any(one.length > MAX_ROW_BYTES for one in _leaves(schema)):
        raise DeliveryRefused(f"a column holds values of more than {MAX_ROW_BYTES} bytes")
    repeated = [index for index, one in enumerate(_leaves(schema)) if one.max_repetition_level]
    for group in range(metadata.num_row_groups):
        columns = [metadata.row_group(group).column(index) for index in range(metadata.num_columns)]
        if any(columns[index].num_values > LIST_VALUES_A_GROUP for index in repeated):
            raise DeliveryRefused(f"a column holds lists of more than {LIST_VALUES_A_GROUP} values")
        if any(column.total_uncompressed_size > COLUMN_BYTES_A_GROUP for column in columns):
            raise DeliveryRefused(f"a column of one row group holds more than {COLUMN_BYTES_A_GROUP} bytes")


def rows_at_once(schema: pq.ParquetSchema, most: int) -> int:
    """How many rows may be read together, by the length of the values whose length is fixed."""
    fixed = sum(one.length for one in _leaves(schema))
    return most if not fixed else max(1, min(most, BYTES_AT_ONCE // fixed))


def bytes_a_row(batch: pa.RecordBatch) -> np.ndarray:
    """Bytes of each row when every value is written out."""
    return sum((_bytes_a_value(column) for column in batch.columns), np.zeros(batch.num_rows, dtype=np.int64))


def _bytes_a_value(values: pa.Array) -> np.ndarray:
    kind = values.type
    if pa.types.is_dictionary(kind):
        of_each = np.append(_bytes_a_value(values.dictionary), 0)
        positions = pc.fill_null(values.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
        return np.asarray(of_each[positions])
    if pa.types.is_struct(kind):
        return sum((_bytes_a_value(part) for part in values.flatten()), np.zeros(len(values), dtype=np.int64))
    if pa.types.is_map(kind):
        return _bytes_a_list(values.offsets, _bytes_a_value(values.keys) + _bytes_a_value(values.items))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _bytes_a_list(values.offsets, _bytes_a_value(values.values))
    if is_bytes(kind):
        return np.asarray(pc.fill_null(pc.binary_length(values), 0), dtype=np.int64)
    return np.full(len(values), BYTES_A_PLAIN_VALUE)


def _bytes_a_list(offsets: pa.Array, of_each: np.ndarray) -> np.ndarray:
    until = np.concatenate([[0], np.cumsum(of_each + 1)])  # and a comma
    positions = offsets.to_numpy().astype(np.int64)
    return np.asarray(until[positions[1:]] - until[positions[:-1]])


def is_bytes(kind: pa.DataType) -> bool:
    """Whether a column holds texts or bytes."""
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def _is_text(column: pq.ColumnSchema) -> bool:
    return column.logical_type.type in TEXT_KINDS


def _leaves(schema: pq.ParquetSchema) -> list[pq.ColumnSchema]:
    return [schema.column(index) for index in range(len(schema))]
