"""Parquet: its typed columns as the text that a CSV of the same data would hold."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.contracts import Contract
from hub.deliveries import Chunk, DeliveryRefused
from hub.stages.read.assemble import chunk_of, pick_columns
from hub.stages.read.headers import map_headers

ROWS_A_CHUNK = 50_000


def read_parquet(contract: Contract, path: Path, max_unpacked_bytes: int) -> Iterator[Chunk]:
    """Chunks of a Parquet file. Raises :class:`DeliveryRefused` when it is damaged, unpacks to more than the limit, or
    its columns do not fit the contract."""
    try:
        with pq.ParquetFile(path) as file:
            metadata = file.metadata
            unpacked = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
            if unpacked > max_unpacked_bytes:
                raise DeliveryRefused(f"the unpacked content is larger than {max_unpacked_bytes} bytes")
            headers = map_headers(contract, file.schema_arrow.names)
            count = 0
            for batch in file.iter_batches(batch_size=ROWS_A_CHUNK, use_threads=False):
                cells = pa.table([_as_text(column) for column in batch.columns], names=batch.schema.names)
                numbers = np.arange(count + 1, count + batch.num_rows + 1)
                count += batch.num_rows
                yield chunk_of(pick_columns(contract, headers, cells), numbers, None, ())
    except (pa.ArrowException, OSError) as error:
        raise DeliveryRefused("the file is not a whole Parquet file, or of a kind that cannot be read") from error
    if count == 0:
        raise DeliveryRefused("the file is empty")


def _as_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode())
    if pa.types.is_nested(kind):
        values = [None if value is None else json.dumps(value, default=str) for value in column.to_pylist()]
        return pa.array(values, pa.string())
    if pa.types.is_floating(kind) and pc.all(pc.equal(column, pc.floor(column))).as_py():
        # A whole-number column with gaps is stored as float by many writers: 12.0 stands for 12.
        column = column.cast(pa.int64())
    text = column.cast(pa.string())
    return pc.if_else(pc.equal(text, ""), None, text)
