"""Chunks on their way from the reader to validation: put together to a size worth its overhead, and read ahead."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from hub.deliveries import Chunk

CHUNK_BYTES = 24 * 1024 * 1024
CHUNK_ROWS = 131_072
"""A row can be a few bytes, but takes more while it is validated, and as one that breaks a rule."""


def read_ahead(chunks: Iterator[Chunk], reader: ThreadPoolExecutor) -> Iterator[Chunk]:
    """The chunks, each read while the one before is worked on."""
    coming = reader.submit(next, chunks, None)
    while (chunk := coming.result()) is not None:
        coming = reader.submit(next, chunks, None)
        yield chunk


def gather(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Put small chunks together. A block of the file is read with several copies of itself in memory, so it is small;
    validating a chunk has an overhead of its own, so it is large."""
    waiting: list[Chunk] = []
    size = count_rows = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += chunk.rows.nbytes + sum(len(row.raw_text) for row in chunk.broken)
        count_rows += chunk.count_rows
        if size >= CHUNK_BYTES or count_rows >= CHUNK_ROWS:
            yield _joined(waiting)
            waiting, size, count_rows = [], 0, 0
    if waiting:
        yield _joined(waiting)


def _joined(chunks: list[Chunk]) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    return Chunk(
        # In one piece: taking rows out of several puts them together again each time.
        rows=pa.concat_tables([chunk.rows for chunk in chunks]).combine_chunks(),
        row_numbers=pa.concat_arrays([chunk.row_numbers for chunk in chunks]),
        line_numbers=pa.concat_arrays([chunk.line_numbers for chunk in chunks]),
        broken=tuple(row for chunk in chunks for row in chunk.broken),
    )
