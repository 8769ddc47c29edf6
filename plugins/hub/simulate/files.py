"""Records into files, in the form in which their senders deliver: CSV, zipped CSV, JSON Lines, XML, Parquet."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.simulate.cells import TEXT, joined
from hub.simulate.rows import FeedRows

STORED_AT = (2026, 1, 1, 0, 0, 0)
"""Zip archives hold a time; with this one the same records always give the same bytes."""
ZIP_LEVEL = 3
NUMBER_COLUMN = "20"
"""Month columns of the wide files begin so; Parquet holds them as whole numbers."""
XML_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
JSON_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"))
NEEDS_QUOTES = '[",\r\n]'


def write_csv_files(rows: FeedRows, folder: Path, headers: Sequence[str]) -> None:
    """CSV, zipped where the file's name ends in ``.zip``."""
    for name, part in _parts(rows):
        lines = [",".join(headers), *_csv_lines(part)]
        _write(folder / name, "\n".join(lines) + "\n")


def write_json_lines(rows: FeedRows, folder: Path, json_columns: frozenset[str]) -> None:
    """JSON Lines; the values of ``json_columns`` are JSON already. Empty cells are left out."""
    for name, part in _parts(rows):
        _write(folder / name, "\n".join(_json_lines(part, json_columns)) + "\n")


def write_xml_files(rows: FeedRows, folder: Path) -> None:
    """XML with the number of records, and the force that the file's name gives, in its root."""
    for name, part in _parts(rows):
        force = name.split("_", 2)[2].rsplit("_", 1)[0]
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<forceResponses force="{force}" count="{part.count}">\n'
        _write(folder / name, head + "\n".join(_xml_lines(part)) + "\n</forceResponses>\n")


def write_parquet(rows: FeedRows, folder: Path) -> None:
    """One Parquet file; month columns as whole numbers."""
    columns = {
        name: rows.cells[name].cast(pa.int64()) if name.startswith(NUMBER_COLUMN) else rows.cells[name]
        for name in rows.cells.column_names
    }
    pq.write_table(pa.table(columns), folder / rows.file_names[0])


def _parts(rows: FeedRows) -> Iterator[tuple[str, FeedRows]]:
    """The records of each file that has any."""
    ends = np.searchsorted(rows.file, np.arange(len(rows.file_names) + 1))
    for place, name in enumerate(rows.file_names):
        if ends[place + 1] > ends[place]:
            yield name, rows.take(np.arange(ends[place], ends[place + 1]))


def _write(path: Path, text: str) -> None:
    if path.suffix != ".zip":
        path.write_bytes(text.encode())
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        member = zipfile.ZipInfo(path.stem, STORED_AT)
        archive.writestr(member, text.encode(), zipfile.ZIP_DEFLATED, ZIP_LEVEL)


def _csv_lines(rows: FeedRows) -> list[str]:
    cells = []
    for values in _columns(rows):
        quoted = joined('"', pc.replace_substring(values, '"', '""'), '"')
        cells.append(pc.if_else(pc.match_substring_regex(values, NEEDS_QUOTES), quoted, values))
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    torn = pc.binary_join_element_wise(*cells[:3], ",", null_handling="replace", null_replacement="")
    return _torn(rows, {"row.cells": torn}, lines)


def _json_lines(rows: FeedRows, json_columns: frozenset[str]) -> list[str]:
    members = []
    for name, values in zip(rows.cells.column_names, _columns(rows), strict=True):
        value = values if name in json_columns else joined('"', _replaced(values, JSON_ESCAPES), '"')
        members.append(joined(f'"{name}": ', value))
    body = pc.binary_join_element_wise(*members, ", ", null_handling="skip")
    torn = {"row.json": joined("{", body), "row.unknown_key": joined("{", body, ', "mood": "angry"}')}
    return _torn(rows, torn, joined("{", body, "}"))


def _xml_lines(rows: FeedRows) -> list[str]:
    elements = [
        joined(f"<{name}>", _replaced(values, XML_ENTITIES), f"</{name}>")
        for name, values in zip(rows.cells.column_names, _columns(rows), strict=True)
    ]
    body = pc.binary_join_element_wise(*elements, "", null_handling="skip")
    torn = joined("  <response>", body, "<mood>calm</mood></response>")
    return _torn(rows, {"row.unknown_key": torn}, joined("  <response>", body, "</response>"))


def _columns(rows: FeedRows) -> list[pa.Array]:
    return [rows.cells[name].combine_chunks().cast(TEXT) for name in rows.cells.column_names]


def _torn(rows: FeedRows, torn: dict[str, pa.Array], whole: pa.Array) -> list[str]:
    lines: list[str] = whole.to_pylist()
    for rule, texts in torn.items():
        if rule in rows.rules:
            for place in np.flatnonzero(rows.broken_rule == rows.rules.index(rule)).tolist():
                lines[place] = texts[place].as_py()
    return lines


def _replaced(values: pa.Array, replacements: Sequence[tuple[str, str]]) -> pa.Array:
    for sign, written in replacements:
        values = pc.replace_substring(values, sign, written)
    return values
