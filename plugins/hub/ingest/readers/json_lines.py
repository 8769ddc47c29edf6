"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from hub.contracts.model import Contract
from hub.contracts.values import Column, LogicalType
from hub.deliveries import BrokenRow, Chunk, DeliveryRefused
from hub.ingest.readers.assemble import MAX_ROW_BYTES, broken_row, chunk_of
from hub.ingest.readers.lines import Block, blocks_of_lines
from hub.ingest.readers.other_forms import form_found

type Known = dict[str, tuple[int, Column]]
"""The contract's columns and their places, by the name that each has in the file."""

FORM_SAMPLE = 20
"""If none of the first so many lines is a JSON object, the file is something else altogether."""


class _Unusable(ValueError):
    """A line that is not one JSON object with each key once, or a value of another kind than its column's; holds the
    rule's name, and the column's where there is one."""

    def __init__(self, rule: str, column: str | None = None) -> None:
        super().__init__(rule)
        self.column = column


class _Number(str):
    """A number as the sender wrote it, kept apart from a text of digits."""

    __slots__ = ()


def read_json_lines(contract: Contract, stream: BinaryIO, chunk_bytes: int) -> Iterator[Chunk]:
    """Chunks of a JSON Lines file; nested keys are named with dots. Raises :class:`DeliveryRefused` when it is empty
    or does not begin like JSON Lines."""
    count_records, first_line = 0, 1
    for block in blocks_of_lines(stream, chunk_bytes):
        lines = block.at(first_line)
        chunk = _read_block(contract, lines, count_records)
        if count_records == 0 and chunk.count_rows:
            _refuse_other_forms(chunk)
        first_line += lines.count
        count_records += chunk.count_rows
        if chunk.count_rows:
            yield chunk
    if count_records == 0:
        raise DeliveryRefused("the file is empty")


def _refuse_other_forms(chunk: Chunk) -> None:
    first = {row.rejection.row_number for row in chunk.broken if row.rejection.rule in ("row.json", "row.encoding")}
    if first.issuperset(range(1, min(chunk.count_rows, FORM_SAMPLE) + 1)):
        found = form_found(chunk.broken[0].raw_text.encode())
        said = f"this is {found}" if found not in (None, "JSON") else "no line at its beginning is a JSON object"
        raise DeliveryRefused(f"the file is not JSON Lines: {said}")


def _read_block(contract: Contract, lines: Block, count_before: int) -> Chunk:
    known = {column.headers[0]: (index, column) for index, column in enumerate(contract.columns)}
    records: list[list[str | None]] = []
    row_numbers: list[int] = []
    line_numbers: list[int] = []
    broken: list[BrokenRow] = []
    blank = set(lines.blank.tolist())
    number = count_before
    for index in range(lines.count):
        if index in blank:
            continue
        number += 1
        line_number = lines.first_line + index
        raw = lines.line(index)
        try:
            records.append(_record(raw, known))
        except _Unusable as problem:
            text = raw.decode("utf-8", "replace")
            broken.append(broken_row(str(problem), number, line_number, text, problem.column))
            continue
        row_numbers.append(number)
        line_numbers.append(line_number)
    columns = list(zip(*records, strict=True)) if records else [()] * len(contract.columns)
    arrays = [pa.array(column, pa.string()) for column in columns]
    rows = pa.table(arrays, names=[column.name for column in contract.columns])
    return chunk_of(rows, np.array(row_numbers, np.int64), np.array(line_numbers, np.int64), broken)


def _record(raw: bytes, known: Known) -> list[str | None]:
    if len(raw) > MAX_ROW_BYTES:
        raise _Unusable("row.too_long")
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
        # Numbers stay as the sender wrote them.
        value = json.loads(
            text, parse_float=_Number, parse_int=_Number, parse_constant=_no_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError as error:
        raise _Unusable("row.encoding") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise _Unusable("row.json") from error
    if not isinstance(value, dict):
        raise _Unusable("row.json")
    record: list[str | None] = [None] * len(known)
    try:
        _fill(record, value, "", known, set())
    except RecursionError as error:
        raise _Unusable("row.json") from error
    return record


def _fill(record: list[str | None], value: dict[str, Any], prefix: str, known: Known, seen: set[str]) -> None:
    for key, item in value.items():
        name = prefix + key
        if name in known and name not in seen:
            seen.add(name)
            index, column = known[name]
            if column.logical_type is LogicalType.STRING and not _is_text(item):
                raise _Unusable("row.not_text", column.name)
            record[index] = _as_text(item)
        elif isinstance(item, dict) and any(header.startswith(f"{name}.") for header in known):
            _fill(record, item, f"{name}.", known, seen)
        else:
            raise _Unusable("row.unknown_key")


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not isinstance(value, _Number))


def _as_text(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _Unusable("row.encoding") from error
    if "\0" in text or "\\u0000" in text:
        raise _Unusable("row.encoding")
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Unusable("row.json")
    return value


def _no_constant(_: str) -> None:
    raise _Unusable("row.json")
