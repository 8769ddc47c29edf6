"""From cells to a chunk: the columns of the contract, in its order, as text."""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.model import Contract
from hub.deliveries import BrokenRow, Chunk, Rejection
from hub.ingest.readers.headers import HeaderMap

MAX_ROW_BYTES = 1024 * 1024
"""A row longer than this is quarantined: no record of any feed comes near it, and memory must stay bounded."""

MAX_KEPT_CHARACTERS = 64 * 1024
"""So much of an unreadable row is kept in the vault; the whole of it stays in the landed file."""

ROW_REASONS = {
    "row.cells": "a record has as many cells as the file has columns",
    "row.encoding": "text is in the encoding that the contract names, without NUL characters",
    "row.quoting": "a quote that opens a cell closes it again, and a line break stands inside quotes only",
    "row.not_text": "what the contract calls text comes as text, not as a number, a list or an object",
    "row.too_long": f"a record is at most {MAX_ROW_BYTES} bytes long",
    "row.json": "a line is one JSON object, with each key once",
    "row.unknown_key": "a record has the fields of the contract, each at most once, and no others",
}


def broken_row(
    rule: str, row_number: int, line_number: int | None, raw_text: str, column: str | None = None
) -> BrokenRow:
    """A row that could not be split into its columns, or whose ``column`` holds what it may not."""
    rejection = Rejection(row_number, line_number, rule, ROW_REASONS[rule], column)
    return BrokenRow(rejection, raw_text[:MAX_KEPT_CHARACTERS].replace("\0", "\ufffd"))


def pick_columns(contract: Contract, headers: HeaderMap, cells: pa.Table) -> pa.Table:
    """The contract's columns out of a table that has the file's columns in the file's order, all of them strings in
    which an empty cell is already null. A cell of blanks alone counts as empty. A wide file's collected columns
    become one JSON object."""
    cells = pa.table([_without_blanks(column) for column in cells.columns], names=cells.column_names)
    arrays = []
    for column in contract.columns:
        if column.name in headers.collected:
            arrays.append(_collect(cells, headers.collected[column.name]))
            continue
        position = headers.position[column.name]
        if position is None:
            arrays.append(pa.nulls(cells.num_rows, pa.string()))
        else:
            arrays.append(cells.column(position))
    return pa.table(arrays, names=[column.name for column in contract.columns])


def chunk_of(
    rows: pa.Table,
    row_numbers: np.ndarray,
    line_numbers: np.ndarray | Sequence[int | None] | None,
    broken: Sequence[BrokenRow],
) -> Chunk:
    """Put a chunk together. ``line_numbers`` is None where the form has no lines; a line that is not known is None."""
    lines = pa.nulls(len(row_numbers), pa.int64()) if line_numbers is None else pa.array(line_numbers, pa.int64())
    return Chunk(rows, pa.array(row_numbers, pa.int64()), lines, tuple(broken))


def _without_blanks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    is_blank = pc.utf8_is_space(column)
    return pc.if_else(is_blank, None, column) if pc.any(is_blank).as_py() else column


def _collect(cells: pa.Table, positions: Sequence[tuple[str, int]]) -> pa.Array:
    names = [name for name, _ in positions]
    columns = [cells.column(position).to_pylist() for _, position in positions]
    return pa.array(
        [
            json.dumps({name: value for name, value in zip(names, row, strict=True) if value is not None})
            for row in zip(*columns, strict=True)
        ],
        pa.string(),
    )
