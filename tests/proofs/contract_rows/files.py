"""Writes rows as a file of their feed, in the forms that its contract allows and senders use."""

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from proofs.contract_rows.drawing import Row
from proofs.contract_rows.reading import FeedContract, Field

WIDE = "collectsHeaders"


def write_file(rng: Random, contract: FeedContract, rows: Sequence[Row], folder: Path, name: str) -> Path:
    """A delivery of these rows; ``name`` says which, without its ending."""
    folder.mkdir(parents=True, exist_ok=True)
    form = contract.form["formats"][0]
    text = {"csv": _csv, "jsonl": _json_lines, "xml": _xml}[form](rng, contract, rows)
    if "parquet" in contract.form["formats"] and rng.random() < 0.3:
        return _as_parquet(contract, text, folder / f"{name}.parquet")
    path = folder / f"{name}.{form}"
    if contract.form.get("compression") == "zip":
        packed = path.with_name(f"{path.name}.zip")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(path.name, text)
        return packed
    path.write_bytes(text)
    return path


def _csv(rng: Random, contract: FeedContract, rows: Sequence[Row]) -> bytes:
    columns = [field for field in contract.fields if not _left_out(field, rows)]
    header: list[str] = []
    for field in columns:
        header += list(json.loads(_first(field, rows))) if WIDE in field.custom else [_header(rng, field)]
    target = io.StringIO(newline="")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if rng.random() < 0.5 else csv.QUOTE_MINIMAL
    writer = csv.writer(target, quoting=quoting, lineterminator=rng.choice(("\n", "\r\n")))
    writer.writerow(header)
    for row in rows:
        cells: list[object] = []
        for field in columns:
            if WIDE in field.custom:
                cells += list(json.loads(_first(field, [row, *rows])).values())
            else:
                cells.append(row[field.name] or "")
        writer.writerow(cells)
    return target.getvalue().encode()


def _as_parquet(contract: FeedContract, text: bytes, path: Path) -> Path:
    """The same table with types: texts, and whole numbers under the headers that are gathered."""
    own = {name for field in contract.fields for name in (field.header, *field.custom.get("headerAliases", []))}
    table = pa_csv.read_csv(
        io.BytesIO(text),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(column_types=dict.fromkeys(own, pa.string())),
    )
    pq.write_table(table, path)
    return path


def _left_out(field: Field, rows: Sequence[Row]) -> bool:
    """A column that may be absent is, where no row has anything in it."""
    return bool(field.custom.get("mayBeAbsent")) and all(row[field.name] is None for row in rows)


def _header(rng: Random, field: Field) -> str:
    names: list[str] = [field.header, *field.custom.get("headerAliases", [])]
    return rng.choice(names)


def _first(field: Field, rows: Sequence[Row]) -> str:
    return next(value for row in rows if (value := row[field.name]) is not None)


def _json_lines(rng: Random, contract: FeedContract, rows: Sequence[Row]) -> bytes:
    as_ascii = rng.random() < 0.5
    lines = []
    for row in rows:
        given = {
            field.header: _json_value(field, row[field.name])
            for field in contract.fields
            if row[field.name] is not None or rng.random() < 0.5
        }
        lines.append(json.dumps(given, ensure_ascii=as_ascii) + "\n")
    return "".join(lines).encode()


def _json_value(field: Field, value: str | None) -> object:
    return json.loads(value) if value is not None and field.kind in {"array", "boolean"} else value


def _xml(_: Random, contract: FeedContract, rows: Sequence[Row]) -> bytes:
    root = ET.Element("rows", {contract.form.get("countAttribute", "count"): str(len(rows))})
    for row in rows:
        element = ET.SubElement(root, contract.form["rowPath"])
        for field in contract.fields:
            if (value := row[field.name]) is not None:
                ET.SubElement(element, field.header).text = value
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root)
