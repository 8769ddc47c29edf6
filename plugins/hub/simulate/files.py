"""Records into files, in the form in which their senders deliver: CSV, zipped CSV, JSON Lines, XML, Parquet."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hub.simulate.cells import TEXT, joined
from hub.simulate.rows import FeedRows

STORED_AT = (2026, 1, 1, 0, 0, 0)
"""Zip archives hold a time; with this one the same records always give the same bytes."""
NUMBER_COLUMN = "20"
"""Month columns of the wide files begin so; Parquet holds them as whole numbers."""


def write_csv_files(rows: FeedRows, folder: Path, headers: Sequence[str]) -> None:
    """CSV, zipped where the file's name ends in ``.zip``."""
    needs_quotes = '[",\r\n]'
    cells = []
    for name in rows.cells.column_names:
        values = rows.cells[name].combine_chunks()
        quoted = joined('"', pc.replace_substring(values, '"', '""'), '"')
        cells.append(pc.if_else(pc.match_substring_regex(values, needs_quotes), quoted, values))
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    torn = pc.binary_join_element_wise(*cells[:3], ",", null_handling="replace", null_replacement="")
    lines = _torn(rows, "row.cells", torn, lines)
    _write(rows, lines, folder, ",".join(headers) + "\n", "")


def write_json_lines(rows: FeedRows, folder: Path, json_columns: frozenset[str]) -> None:
    """JSON Lines; the values of ``json_columns`` are JSON already. Empty cells are left out."""
    members = []
    for name in rows.cells.column_names:
        values = rows.cells[name].combine_chunks()
        members.append(joined(f'"{name}": ', values if name in json_columns else joined('"', _escaped(values), '"')))
    body = pc.binary_join_element_wise(*members, ", ", null_handling="skip")
    lines = joined("{", body, "}")
    lines = _torn(rows, "row.json", joined("{", body), lines)
    lines = _torn(rows, "row.unknown_key", joined("{", body, ', "mood": "angry"}'), lines)
    _write(rows, lines, folder, "", "")


def write_xml_files(rows: FeedRows, folder: Path, forces: Sequence[str]) -> None:
    """XML with the number of records in its root. ``forces`` are the codes of the senders, by the files' place."""
    elements = []
    for name in rows.cells.column_names:
        values = rows.cells[name].combine_chunks()
        for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            values = pc.replace_substring(values, sign, entity)
        elements.append(joined(f"<{name}>", values, f"</{name}>"))
    body = pc.binary_join_element_wise(*elements, "", null_handling="skip")
    lines = joined("  <response>", body, "</response>")
    lines = _torn(rows, "row.unknown_key", joined("  <response>", body, "<mood>calm</mood></response>"), lines)
    counts = np.bincount(rows.file, minlength=len(rows.file_names))
    for place, name in enumerate(rows.file_names):
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<forceResponses force="{forces[place]}" count="{counts[place]}">\n'
        mine = lines.filter(pa.array(rows.file == place)).to_pylist()
        (folder / name).write_bytes((head + "\n".join(mine) + "\n</forceResponses>\n").encode())


def write_parquet(rows: FeedRows, folder: Path) -> None:
    """One Parquet file; month columns as whole numbers."""
    columns = {
        name: rows.cells[name].cast(pa.int64()) if name.startswith(NUMBER_COLUMN) else rows.cells[name]
        for name in rows.cells.column_names
    }
    pq.write_table(pa.table(columns), folder / rows.file_names[0])


def _write(rows: FeedRows, lines: pa.Array, folder: Path, head: str, tail: str) -> None:
    starts = np.searchsorted(rows.file, np.arange(len(rows.file_names) + 1))
    for place, name in enumerate(rows.file_names):
        mine = lines.slice(starts[place], starts[place + 1] - starts[place]).to_pylist()
        if not mine:
            continue
        data = (head + "\n".join(mine) + "\n" + tail).encode()
        if name.endswith(".zip"):
            with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                archive.writestr(zipfile.ZipInfo(name.removesuffix(".zip"), STORED_AT), data, zipfile.ZIP_DEFLATED, 3)
        else:
            (folder / name).write_bytes(data)


def _torn(rows: FeedRows, rule: str, torn: pa.Array, whole: pa.Array) -> pa.Array:
    if rule not in rows.rules:
        return whole
    mask = rows.rule == rows.rules.index(rule)
    return pc.if_else(pa.array(mask), torn, whole) if mask.any() else whole


def _escaped(values: pa.Array) -> pa.Array:
    for sign, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        values = pc.replace_substring(values, sign, escape)
    return values.cast(TEXT)
