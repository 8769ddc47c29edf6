"""The sandbox folder, for senders who want to try a file: ``python -m hub.ingest.sandbox`` answers what lies in it.

A file in ``sandbox/<feed>/`` gets the answer that it would get in the drop folder, in ``answers/`` beside it: a line of
JSON, and the error file where rows would be rejected. Nothing is loaded, and the file is removed: it can hold what
people reported. It is moved aside first; one that is still there when the process begins has ended the process before,
and is answered as one that the hub could not read.
"""

import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract, read_catalogue
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.check_file import check_file
from hub.ingest.collect import arrival_of
from hub.ingest.control_totals import CONTROL_SUFFIX
from hub.ingest.dropped_files import CannotTake, is_ready
from hub.ingest.error_files import write_errors
from hub.settings import Settings, read_settings
from hub.store import StoreProblem
from hub.warehouse.engine import WarehouseProblem, open_warehouse
from hub.warehouse.roles import Role

ANSWERS = "answers"
BEING_CHECKED = ".checking"
OF_THE_EXCHANGE = ".exchange"
"""Files that came there, in a sandbox folder each: it takes the answer away, and the folder with it."""
EVERY_SECONDS = 2.0
LONGEST_NAME_BYTES = 200
COUNTS = tuple(one.name for one in fields(DeliveryResult) if one.name.startswith("rows_"))
UNREAD = "the hub could not read it: ask its operators"

log = logging.getLogger(__name__)


def places(settings: Settings) -> list[Settings]:
    """The settings for each sandbox folder: the one for everybody, and those of the exchange."""
    of_the_exchange = sorted((settings.sandbox / OF_THE_EXCHANGE).glob("*"))
    return [settings, *(replace(settings, sandbox=folder) for folder in of_the_exchange)]


def answer_all(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> int:
    """Answer every file that is ready; returns how many there were. A file that cannot be taken stays, and is named in
    the log."""
    count = 0
    for feed, contract in catalogue.contracts.items():
        try:
            paths = _ready_files(settings.sandbox / feed)
        except OSError as problem:
            log.warning("the sandbox folder of %s cannot be read: %s", feed, problem.strerror)
            continue
        for path in paths:
            if contract.form.has_control_file and path.name.endswith(CONTROL_SUFFIX):
                continue
            try:
                _answer(settings, engine, contract, path)
            except CannotTake as problem:
                log.warning("%s", problem)
            except OSError as problem:
                log.warning("a file for %s cannot be answered: %s", feed, problem.strerror)
            else:
                count += 1
    return count


def answer_unread(settings: Settings, catalogue: Catalogue) -> None:
    """Answer the files that ended an earlier process, and remove them."""
    for feed, contract in catalogue.contracts.items():
        for path in sorted((settings.sandbox / feed / BEING_CHECKED).glob("*")):
            try:
                if not path.name.endswith(CONTROL_SUFFIX):
                    unread = {"status": DeliveryStatus.REFUSED, "reason": UNREAD, **dict.fromkeys(COUNTS, 0)}
                    _write_answer(settings, contract, path, {**unread, "rules": {}})
                path.unlink(missing_ok=True)
            except OSError as problem:
                log.warning("a file for %s cannot be answered: %s", feed, problem.strerror)


def _ready_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if is_ready(path)) if folder.is_dir() else []


def _has_files(folder: Path) -> bool:
    try:
        return bool(_ready_files(folder))
    except OSError:  # said beside the answers to others
        return False


def _answer(settings: Settings, engine: sa.Engine, contract: Contract, path: Path) -> None:
    with _moved_aside(contract, path) as aside:
        checked = check_file(settings, engine, contract, aside)
        result = checked.result
        counts = {name: getattr(result, name) for name in COUNTS}
        answer = {"status": result.status, "reason": result.reason, **counts, "rules": checked.by_rule}
        write_errors(_write_answer(settings, contract, aside, answer), checked.rejections)
        aside.unlink()


@contextmanager
def _moved_aside(contract: Contract, path: Path) -> Iterator[Path]:
    """The file and its control file, out of the way of a file that comes under the same name. Back to where they were
    when the file cannot be taken yet, or the disk, the store or the database fails."""
    aside = path.parent / BEING_CHECKED / path.name
    aside.parent.mkdir(exist_ok=True, mode=0o700)
    control, control_aside = (one.with_name(one.name + CONTROL_SUFFIX) for one in (path, aside))
    # A name too long for a control file beside it is no failure to ``lexists``, as it is to ``is_file``.
    has_control = contract.form.has_control_file and os.path.lexists(control) and control.is_file()
    pairs = [(control, control_aside)] if has_control else []
    pairs.append((path, aside))
    for one, beside in pairs:
        one.rename(beside)
    try:
        yield aside
    except (CannotTake, OSError, StoreProblem, WarehouseProblem, sa.exc.OperationalError):
        for one, beside in pairs:
            beside.rename(one)
        raise
    if has_control:
        control_aside.unlink(missing_ok=True)


def _write_answer(settings: Settings, contract: Contract, path: Path, answer: dict[str, Any]) -> Path:
    """Write the answer to a file; returns the place of its error file. Neither repeats a name that holds a contact."""
    folder = settings.sandbox / contract.feed / ANSWERS
    folder.mkdir(exist_ok=True)
    file_name = arrival_of(settings, contract, path).file_name
    name = _short(file_name)
    unfinished = folder / f"{name}.part"
    content = {"feed": contract.feed, "file_name": file_name, **answer}
    unfinished.write_text(json.dumps(content) + "\n", encoding="utf-8")
    unfinished.rename(folder / f"{name}.answer.json")
    return folder / f"{name}.errors.csv"


def _short(name: str) -> str:
    """A name to which an ending can be added; one that is too long for it ends with a hash instead."""
    data = name.encode()
    if len(data) <= LONGEST_NAME_BYTES:
        return name
    return f"{data[:LONGEST_NAME_BYTES].decode(errors='ignore')}-{hashlib.sha256(data).hexdigest()[:12]}"


def main() -> NoReturn:
    """Go on until ended. A database that cannot be reached for a while is tried again."""
    logging.basicConfig(stream=sys.stderr, format="hub sandbox: %(message)s")
    settings = read_settings()
    for place in places(settings):
        answer_unread(place, read_catalogue(settings.expectations))
    while True:
        # Contracts are read only when there is a file: that costs more than a look at the folders.
        if waiting := [one for one in places(settings) if any(map(_has_files, one.sandbox.glob("*")))]:
            try:
                catalogue = read_catalogue(settings.expectations)
                for place in waiting:
                    answer_all(place, open_warehouse(settings, Role.LOADER), catalogue)
            except (WarehouseProblem, StoreProblem, sa.exc.OperationalError) as problem:
                log.warning("%s", problem)
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
