"""The error file for the sender of a delivery: row, line, column, rule and reason of what is wrong, and no value."""

import csv
import io
import itertools
import secrets
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import sqlalchemy as sa

from hub.deliveries import Receipt, Rejection
from hub.ingest.quarantine import open_rejections
from hub.settings import Settings
from hub.store import outbox_files
from hub.store.workplace import clear_unless_used, unfinished_file
from hub.vault.full_disk import writing_to

COLUMNS = ("row_number", "line_number", "column", "rule", "reason")


def error_file_name(feed: str, delivery_id: uuid.UUID) -> str:
    """Its name in the outbox; there is none where nothing is wrong."""
    return f"{feed}/{delivery_id}.errors.csv"


def write_error_file(settings: Settings, connection: sa.Connection, receipt: Receipt) -> None:
    """Write (or remove, when nothing is open) the error file of a delivery, of its rows in quarantine."""
    _write(settings, receipt, open_rejections(connection, receipt.delivery_id))


def write_first_reasons(settings: Settings, receipt: Receipt, rejections: Iterable[Rejection]) -> None:
    """Write (or remove, when there are none) the error file of a delivery that was refused or held: no row of it is in
    quarantine, these were the first that are wrong."""
    _write(settings, receipt, rejections)


def write_errors(path: Path, rejections: Iterable[Rejection]) -> None:
    """Write an error file at a place of the caller's own, or remove it where nothing is wrong."""
    wrong = _unless_empty(rejections)
    if wrong is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as target:
            _write_rows(target, wrong)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(settings: Settings, receipt: Receipt, rejections: Iterable[Rejection]) -> None:
    store, name = outbox_files(settings), error_file_name(receipt.feed, receipt.delivery_id)
    wrong = _unless_empty(rejections)
    if wrong is None:
        store.remove(name)
        return
    with writing_to(store.workplace.parent):
        clear_unless_used(store.workplace)
        with unfinished_file(store.workplace) as (path, file):
            target = io.TextIOWrapper(file, encoding="utf-8", newline="")
            _write_rows(target, wrong)
            target.flush()
            store.put(name, path)


def _unless_empty(rejections: Iterable[Rejection]) -> Iterator[Rejection] | None:
    remaining = iter(rejections)
    first = next(remaining, None)
    return None if first is None else itertools.chain([first], remaining)


def _write_rows(target: TextIO, rejections: Iterable[Rejection]) -> None:
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    writer.writerows((one.row_number, one.line_number, one.column, one.rule, one.because) for one in rejections)
