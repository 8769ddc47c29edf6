"""Simulated delivery files as records, and records as files of the same form and name.

A record that was simulated dirty (``truth/records.csv``) is carried along as its line, unread: mutations change what
senders mean, never what they got wrong.
"""

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

EXPECTATIONS = Path(__file__).resolve().parents[3] / "expectations"
STORED_AT = (2026, 1, 1, 0, 0, 0)
XML_CELL = re.compile(r"<(\w+)>(.*?)</\1>")

type Row = dict[str, Any]
"""A record by the contract's column names; an empty cell is None or missing."""


@dataclass(frozen=True)
class Feed:
    """What the contract says about a feed's files."""

    name: str
    form: str
    sender: str
    sender_column: str | None
    file_name: re.Pattern[str]
    columns: dict[str, str]
    """Header in the file → the contract's name of the column."""
    types: dict[str, str]
    """The contract's name of a column → its ``logicalType``."""
    unique: str | None
    """The column whose value no two records of a delivery share."""


@dataclass(frozen=True)
class Delivery:
    """One file: its clean records, the lines of its dirty ones, and what its name says."""

    feed: Feed
    file_name: str
    day: date
    """Day of the period in the name; the first of the month where the name carries a month."""
    named_sender: str | None
    rows: tuple[Row, ...]
    dirty: tuple[str, ...]
    head: str
    """The header line (CSV) or the two lines before the records (XML)."""

    def sender_of(self, row: Row) -> str:
        """The contract's ``senderColumn``, the sender in the file's name, or the contract's one sender."""
        if self.feed.sender_column:
            return str(row.get(self.feed.sender_column) or "")
        return self.named_sender or self.feed.sender

    @cached_property
    def headers(self) -> list[str]:
        """The contract's names of a CSV file's columns, in its order; a header without a column keeps its own."""
        return [self.feed.columns.get(header, header) for header in next(csv.reader([self.head]))]

    def with_rows(self, rows: Sequence[Row]) -> "Delivery":
        """The same file with other records."""
        return replace(self, rows=tuple(rows))


def read_form(feed: str) -> Feed:
    """The feed's form, from its contract."""
    document = yaml.safe_load((EXPECTATIONS / feed / "contract.yaml").read_text(encoding="utf-8"))
    said = {entry["property"]: entry["value"] for entry in document["customProperties"]}
    columns = document["schema"][0]["properties"]
    return Feed(
        name=feed,
        form=said["fileForm"]["formats"][0],
        sender=said["sender"],
        sender_column=said.get("senderColumn"),
        file_name=re.compile(said["fileNamePattern"]),
        columns={column.get("physicalName", column["name"]): column["name"] for column in columns},
        types={column["name"]: column["logicalType"] for column in columns},
        unique=next((column["name"] for column in columns if column.get("unique")), None),
    )


def read_feed(folder: Path, feed: str) -> list[Delivery]:
    """Every file of ``folder/<feed>`` but Parquet, in the order of their days."""
    form = read_form(feed)
    dirty = _dirty_rows(folder, feed)
    paths = sorted(path for path in (folder / feed).iterdir() if not path.name.endswith((".parquet", ".json")))
    return sorted((_read(form, path, dirty.get(path.name, set())) for path in paths), key=lambda one: one.day)


def write_deliveries(deliveries: Sequence[Delivery], folder: Path) -> None:
    """The files, without those that have no record left."""
    folder.mkdir(parents=True, exist_ok=True)
    for delivery in deliveries:
        lines = [*_lines(delivery), *delivery.dirty]
        if lines:
            _write(folder / delivery.file_name, _text(delivery, lines))


def _dirty_rows(folder: Path, feed: str) -> dict[str, set[int]]:
    dirty: dict[str, set[int]] = {}
    with (folder / "truth" / "records.csv").open(encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines):
            if record["feed"] == feed and record["expected_rule"]:
                dirty.setdefault(record["file_name"], set()).add(int(record["row_number"]))
    return dirty


def _read(form: Feed, path: Path, dirty: set[int]) -> Delivery:
    named = form.file_name.fullmatch(path.name)
    if named is None:
        raise ValueError(f"{path.name} is not named as the contract of {form.name} says")
    period = named["period"]
    lines = _unpacked(path).split("\n")[:-1]
    head_lines = {"csv": 1, "jsonl": 0, "xml": 2}[form.form]
    head = "\n".join(lines[:head_lines])
    records = lines[head_lines : len(lines) - (form.form == "xml")]
    empty = Delivery(
        feed=form,
        file_name=path.name,
        day=date.fromisoformat(period if len(period) > 7 else f"{period}-01"),
        named_sender=named.groupdict().get("sender"),
        rows=(),
        dirty=tuple(line for number, line in enumerate(records, 1) if number in dirty),
        head=head,
    )
    clean = [line for number, line in enumerate(records, 1) if number not in dirty]
    return empty.with_rows(list(_parsed(empty, clean)))


def _parsed(delivery: Delivery, lines: Sequence[str]) -> Iterator[Row]:
    if delivery.feed.form == "jsonl":
        yield from (json.loads(line) for line in lines)
    elif delivery.feed.form == "xml":
        yield from ({name: html.unescape(text) or None for name, text in XML_CELL.findall(line[11:])} for line in lines)
    else:
        for cells in csv.reader(lines):
            yield {name: cell or None for name, cell in zip(delivery.headers, cells, strict=True)}


def _lines(delivery: Delivery) -> list[str]:
    given = [{name: value for name, value in row.items() if value is not None} for row in delivery.rows]
    if delivery.feed.form == "jsonl":
        return [json.dumps(row, ensure_ascii=False) for row in given]
    if delivery.feed.form == "xml":
        return [
            "  <response>"
            + "".join(f"<{n}>{html.escape(v, quote=False)}</{n}>" for n, v in row.items())
            + "</response>"
            for row in given
        ]
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows([row.get(name, "") for name in delivery.headers] for row in given)
    return written.getvalue().split("\n")[:-1]


def _text(delivery: Delivery, lines: Sequence[str]) -> str:
    if delivery.feed.form == "jsonl":
        return "\n".join(lines) + "\n"
    if delivery.feed.form == "csv":
        return "\n".join([delivery.head, *lines]) + "\n"
    head = re.sub(r'count="\d+"', f'count="{len(lines)}"', delivery.head)
    return "\n".join([head, *lines, "</forceResponses>"]) + "\n"


def _unpacked(path: Path) -> str:
    if path.suffix != ".zip":
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0]).decode()


def _write(path: Path, text: str) -> None:
    if path.suffix != ".zip":
        path.write_text(text, encoding="utf-8", newline="")
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(path.stem, STORED_AT), text.encode(), zipfile.ZIP_DEFLATED)
