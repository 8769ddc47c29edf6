"""Files in the sandbox folder are answered as a delivery would be, and removed."""

import csv
import errno
import io
import json
import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from contracts.samples import stored_sample
from hub.contracts.model import Catalogue
from hub.exchange.checks import Checked
from hub.ingest import sandbox
from hub.ingest.sandbox import ANSWERS, BEING_CHECKED, answer_all, answer_unread
from hub.settings import Settings
from ingest.deliveries import LONG_AGO_NS, ledger_rows
from permissions import permissions_hold

FEED = "true_vision_reports"


def put(settings: Settings, name: str, data: bytes) -> Path:
    """A file that has lain in the sandbox for a while."""
    path = settings.sandbox / FEED / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    time.sleep(1.05)
    return path


def answer(settings: Settings, name: str) -> dict[str, object]:
    """What the hub answered to a file."""
    found: dict[str, object] = json.loads((settings.sandbox / FEED / ANSWERS / f"{name}.answer.json").read_text())
    return found


def files(settings: Settings) -> set[str]:
    """All files under the sandbox, by name."""
    return {path.name for path in settings.sandbox.rglob("*") if path.is_file()}


def test_a_file_is_answered_with_its_rows_and_rules_and_removed(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    put(settings, "march.csv", stored_sample(catalogue.contracts[FEED], "bad").read_bytes())
    assert answer_all(settings, engine, catalogue) == 1
    said = answer(settings, "march.csv")
    assert said["status"] == "held"
    assert said["rules"]
    assert files(settings) == {"march.csv.answer.json", "march.csv.errors.csv"}
    assert ledger_rows(engine) == []


def test_the_rules_of_a_file_that_would_be_held_count_all_its_rows(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    header, first, *_ = stored_sample(catalogue.contracts[FEED], "good").read_text().splitlines()
    number = header.split(",").index("report_ref")
    rows = []
    for count in range(300):
        cells = next(csv.reader([first]))
        cells[number] = f"no reference {count}"
        rows.append(cells)
    text = io.StringIO()
    csv.writer(text).writerows([header.split(","), *rows])
    put(settings, "march.csv", text.getvalue().encode())
    answer_all(settings, engine, catalogue)
    said = answer(settings, "march.csv")
    assert said["status"] == "held"
    assert said["rules"] == {"report_ref.pattern": 300}


def test_a_later_file_of_the_same_name_replaces_the_answer(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    for which in ("bad", "good"):
        put(settings, "march.csv", stored_sample(catalogue.contracts[FEED], which).read_bytes())
        answer_all(settings, engine, catalogue)
    assert answer(settings, "march.csv")["status"] == "loaded"
    assert files(settings) == {"march.csv.answer.json"}


def test_a_file_that_is_still_being_written_is_left(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    path = put(settings, "march.csv", b"reference")
    with path.open("ab"):
        assert answer_all(settings, engine, catalogue) == 0
    assert path.exists()


def test_a_file_goes_back_to_its_place_when_the_database_is_away(settings: Settings, catalogue: Catalogue) -> None:
    path = put(settings, "march.csv", stored_sample(catalogue.contracts[FEED], "good").read_bytes())
    nowhere = sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(sa.exc.OperationalError):
        answer_all(settings, nowhere, catalogue)
    assert files(settings) == {"march.csv"}
    assert path.exists()


def test_a_file_that_ended_the_process_is_answered_as_unread(settings: Settings, catalogue: Catalogue) -> None:
    path = settings.sandbox / FEED / BEING_CHECKED / "march.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"reference")
    answer_unread(settings, catalogue)
    said = answer(settings, "march.csv")
    assert said["status"] == "refused"
    assert {*Checked.model_fields} - {"faults"} <= said.keys()
    assert files(settings) == {"march.csv.answer.json"}


def test_a_long_name_is_answered_under_a_shorter_one_and_stops_nobody(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    long = "x" * 246 + ".csv"
    good = stored_sample(catalogue.contracts[FEED], "good").read_bytes()
    put(settings, "zz.csv", good)
    put(settings, long, good)
    assert answer_all(settings, engine, catalogue) == 2
    shown, other = sorted(files(settings))
    assert answer(settings, shown.removesuffix(".answer.json"))["file_name"] == long
    assert other == "zz.csv.answer.json"
    aside = settings.sandbox / FEED / BEING_CHECKED
    (aside / long).write_bytes(b"reference")
    answer_unread(settings, catalogue)
    assert list(aside.iterdir()) == []


def test_an_answer_does_not_repeat_a_contact_in_a_name(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    put(settings, "for_a.person@example.org.csv", stored_sample(catalogue.contracts[FEED], "good").read_bytes())
    answer_all(settings, engine, catalogue)
    assert not any("example.org" in name for name in files(settings))


def test_a_file_is_answered_when_the_disk_has_room_again(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, "march.csv", stored_sample(catalogue.contracts[FEED], "good").read_bytes())

    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(sandbox, "_write_answer", full)
        answer_all(settings, engine, catalogue)
    time.sleep(1.05)  # moved back, it is quiet again
    answer_all(settings, engine, catalogue)
    assert answer(settings, "march.csv")["status"] == "loaded"
    assert files(settings) == {"march.csv.answer.json"}


def test_a_folder_that_may_not_be_read_keeps_nobody_from_an_answer(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    put(settings, "march.csv", stored_sample(catalogue.contracts[FEED], "good").read_bytes())
    closed = settings.sandbox / "community_reports"
    closed.mkdir()
    closed.chmod(0)
    try:
        with permissions_hold():
            answer_all(settings, engine, catalogue)
    finally:
        closed.chmod(0o700)
    assert answer(settings, "march.csv")["status"] == "loaded"
