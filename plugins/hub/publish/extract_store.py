"""Extracts on disk: ``<folder>/<role>/<publish>_<name>/``, written whole or not at all.

An extract is made beside its place and moved in by one rename. A process that dies leaves what stood; what it had begun
is swept away by the next.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from hub.store.folder import sync

INCOMING = ".incoming"
SUMS = "SHA256SUMS"
FOLDER = re.compile(r"^(?P<publish_id>[0-9]{6,})_(?P<name>[a-z0-9_]+)$")
NOT_SEEN = r"[\s\x{00A0}\x{200B}-\x{200F}\x{2060}\x{FEFF}\x{3000}]*"
RUN_AS_FORMULA = rf"(?s)^(?:{NOT_SEEN}[=+\-@\x{{FF1D}}\x{{FF0B}}\x{{FF0D}}\x{{FF20}}\x{{2212}}]|[\t\r\n])"
"""A text that a spreadsheet may run in place of showing it: one that begins with = + - @, also in full width or behind
blanks, and one that begins with a tab or a line break."""


def folder_name(publish_id: int, name: str) -> str:
    """Name of an extract's folder."""
    return f"{publish_id:06d}_{name}"


def earlier(folder: Path, publish_id: int, name: str) -> Path | None:
    """The extract of the same name of the latest publish before this one, if there is one."""
    if not folder.is_dir():
        return None
    found = [(match, one) for one in folder.iterdir() if (match := FOLDER.match(one.name)) and one.is_dir()]
    before = [
        (int(match["publish_id"]), one)
        for match, one in found
        if match["name"] == name and int(match["publish_id"]) < publish_id
    ]
    return max(before)[1] if before else None


@contextmanager
def new_extract(place: Path) -> Iterator[Path]:
    """A folder to write into; when the block ends well it is at ``place``, with the checksums of its files. What
    is there already stays: it is of the same publish."""
    incoming = place.parent / INCOMING
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in incoming.iterdir():
        if not _is_at_work(left):
            shutil.rmtree(left, ignore_errors=True)
    unfinished = incoming / f"{os.getpid()}_{secrets.token_hex(8)}"
    unfinished.mkdir(mode=0o700)
    try:
        yield unfinished
        _write_sums(unfinished)
        for path in (*unfinished.iterdir(), unfinished):
            sync(path)
        try:
            unfinished.rename(place)
        except OSError:
            if not place.is_dir():
                raise
        sync(place.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _is_at_work(unfinished: Path) -> bool:
    process = unfinished.name.partition("_")[0]
    return process.isdigit() and psutil.pid_exists(int(process))


def _write_sums(folder: Path) -> None:
    lines = [f"{sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class TableWriter:
    """Writes blocks of rows to ``<view>.parquet`` as they are and to ``<view>.csv`` made harmless for spreadsheets: a
    text that one would run gets an apostrophe in front. ``made_harmless`` counts those by column."""

    def __init__(self, folder: Path, view: str, schema: pa.Schema) -> None:
        self._parquet = pyarrow.parquet.ParquetWriter(folder / f"{view}.parquet", schema, compression="zstd")
        in_csv = pa.schema(
            [(field.name, pa.string() if pa.types.is_list(field.type) else field.type) for field in schema]
        )
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        self._csv = pyarrow.csv.CSVWriter(folder / f"{view}.csv", in_csv, write_options=options)
        self.rows = 0
        self.made_harmless: dict[str, int] = {}

    def write(self, rows: pa.Table) -> None:
        """Rows of the writer's schema."""
        self._parquet.write_table(rows)
        self._csv.write_table(pa.table({name: self._for_csv(name, rows[name]) for name in rows.column_names}))
        self.rows += rows.num_rows

    def _for_csv(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        if pa.types.is_list(column.type):
            column = pc.binary_join(column, "|")
        if not pa.types.is_string(column.type):
            return column
        is_run = pc.fill_null(pc.match_substring_regex(column, RUN_AS_FORMULA), False)
        if found := pc.sum(is_run).as_py():
            self.made_harmless[name] = self.made_harmless.get(name, 0) + found
            column = pc.if_else(is_run, pc.binary_join_element_wise("'", column, ""), column)
        return column

    def close(self) -> None:
        """Finish both files."""
        self._csv.close()
        self._parquet.close()


def count_changes(before: Path | None, now: Path, key: Sequence[str], without: Sequence[str]) -> Mapping[str, object]:
    """What is otherwise in a Parquet file than in the one before: rows added, removed and changed by ``key`` (all
    columns where there is none), columns added and removed; ``without`` names columns that always differ."""
    if before is None or not before.is_file():
        return {"compared": False}
    columns = pyarrow.parquet.read_schema(now).names
    old_columns = pyarrow.parquet.read_schema(before).names
    shared = [name for name in columns if name in old_columns and name not in without]
    by = [name for name in key if name in shared] if set(key) <= set(shared) else []
    by = by or shared
    rest = [name for name in shared if name not in by]
    names = ", ".join(f'"{name}"' for name in by)
    differs = " or ".join(f'n."{name}" is distinct from o."{name}"' for name in rest) or "false"
    same = " and ".join(f'n."{name}" is not distinct from o."{name}"' for name in by)
    ranked = f"select *, row_number() over (partition by {names}) as _copy from read_parquet($file)"  # noqa: S608
    query = f"""
        select count(*) filter (where o._copy is null), count(*) filter (where n._copy is null),
               count(*) filter (where n._copy is not null and o._copy is not null and ({differs}))
        from ({ranked.replace("$file", "$now")}) n
        full join ({ranked.replace("$file", "$before")}) o on {same} and n._copy = o._copy
    """  # noqa: S608  # names are those of published columns
    with duckdb.connect() as connection:
        counted = connection.execute(query, {"now": str(now), "before": str(before)}).fetchone()
    added, removed, changed = counted or (0, 0, 0)
    return {
        "compared": True,
        "rows_added": added,
        "rows_removed": removed,
        "rows_changed": changed,
        "columns_added": [name for name in columns if name not in old_columns],
        "columns_removed": [name for name in old_columns if name not in columns],
    }
