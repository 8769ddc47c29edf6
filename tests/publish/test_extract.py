"""Extracts: whole or not at all, readable by a stranger, harmless in a spreadsheet, of nothing but what was asked."""

import csv
import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import frictionless
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from hub.publish.extract import Extract, ExtractRefused, extract
from hub.publish.extract_store import INCOMING, SUMS
from hub.settings import Settings

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+44 20 7946 0000",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(1)",
    '"=1+1"',
    "plain, with a comma",
    "ends with =",
    "quoted 'already'",
    "",
)
RUN = HOSTILE[:14]


def as_reader_sees(engine: sa.Engine, publish_id: int, rows: dict[int, str | None], *more: str) -> None:
    """A published view of a number and a text, as a publish would leave it."""
    with engine.begin() as connection:
        for statement in (
            "drop view if exists publish.notes_v1, publish.data_dictionary_v1",
            "create table if not exists raw.notes (note_id bigint, note text, share numeric, strands text[], "
            "noted_at timestamptz)",
            "delete from raw.notes",
            f"create view publish.data_dictionary_v1 as select {publish_id}::bigint as publish_id",
            f"""create view publish.notes_v1 as
                select {publish_id}::bigint as publish_id, note_id, note, share, strands, noted_at from raw.notes""",
            "comment on view publish.notes_v1 is 'One row per note. For tests.'",
            *more,
        ):
            connection.exec_driver_sql(statement)
        for number, note in rows.items():
            row = {"number": number, "note": note}
            connection.execute(
                sa.text("""insert into raw.notes values
                    (:number, :note, -0.5, '{race,religion}', '2026-03-29 01:30:00+00')"""),
                row,
            )


@pytest.fixture
def notes(settings: Settings, engine: sa.Engine) -> Callable[..., Extract]:
    def write(publish_id: int, rows: dict[int, str | None], *more: str) -> Extract:
        as_reader_sees(engine, publish_id, rows, *more)
        return extract(settings, engine, ["notes_v1"], role="hub_owner")

    return write


def in_csv(written: Extract) -> list[dict[str, str]]:
    with (written.folder / "notes_v1.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_no_cell_is_run_by_a_spreadsheet_and_the_package_says_so(notes: Callable[..., Extract]) -> None:
    written = notes(1, dict(enumerate(HOSTILE)))
    cells = {int(row["note_id"]): row["note"] for row in in_csv(written)}
    assert cells == {number: f"'{text}" if text in RUN else text for number, text in enumerate(HOSTILE)}, (
        "nothing else is changed"
    )
    assert {row["share"] for row in in_csv(written)} == {"-0.5"}, "a number below zero is no text"
    whole = pq.read_table(written.folder / "notes_v1.parquet").to_pylist()
    assert [row["note"] for row in sorted(whole, key=lambda row: row["note_id"])] == list(HOSTILE)
    package = json.loads((written.folder / "datapackage.json").read_text())
    told = package["resources"][0]["hub:madeHarmlessForSpreadsheets"]
    assert told["cells"] == {"note": len(RUN)}
    assert "apostrophe" in told["how"]


def test_a_stranger_can_read_and_check_it(notes: Callable[..., Extract]) -> None:
    written = notes(1, {1: "first", 2: None, 3: "=third"})
    described = frictionless.Package.from_descriptor(str(written.folder / "datapackage.json"))
    reports = {one.name: one.validate() for one in described.resources if one.format == "csv"}
    assert {name: report.flatten(["message"]) for name, report in reports.items()} == {
        "notes_v1-csv": [],
        "code_book-csv": [],
    }
    assert reports["notes_v1-csv"].tasks[0].stats["rows"] == 3
    package = json.loads((written.folder / "datapackage.json").read_text())
    assert package["hub:marking"] == "OFFICIAL-SENSITIVE"
    assert "licenses" not in package, "what is not for the public may not be passed on"
    lines = [line.split("  ") for line in (written.folder / SUMS).read_text().splitlines()]
    sums = {name: digest for digest, name in lines}
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in written.folder.iterdir()
        if path.name != SUMS
    }
    assert all(one["hash"] == f"sha256:{sums[one['path']]}" for one in package["resources"])


def test_the_change_list_counts_what_is_otherwise_than_before(notes: Callable[..., Extract]) -> None:
    first = notes(1, {1: "stays", 2: "goes", 3: "stays"})
    assert first.changes == {"notes_v1": {"compared": False}}
    second = notes(2, {1: "stays", 3: "stays", 4: "comes", 5: "comes"})
    expected = {"rows_added": 2, "rows_removed": 1, "rows_changed": 0, "columns_added": [], "columns_removed": []}
    assert second.changes == {"notes_v1": {"compared": True, **expected}}
    wider = (
        "drop view publish.notes_v1",
        "create view publish.notes_v1 as select 3::bigint as publish_id, note_id, note, 'x' as region from raw.notes",
    )
    third = notes(3, {1: "stays"}, *wider)
    assert third.changes["notes_v1"]["columns_added"] == ["region"]
    assert third.changes["notes_v1"]["columns_removed"] == ["share", "strands", "noted_at"]


def test_an_extract_of_the_same_publish_is_written_once(notes: Callable[..., Extract]) -> None:
    first = notes(1, {1: "one"})
    modified = (first.folder / "notes_v1.csv").stat().st_mtime_ns
    again = notes(1, {1: "one"})
    assert (first.is_new, again.is_new, again.folder) == (True, False, first.folder)
    assert (first.folder / "notes_v1.csv").stat().st_mtime_ns == modified


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "notes_v1; drop table raw.notes",
        'notes_v1" union select 1 --',
        "publish.notes_v1",
        "notes_v1/../../x",
        "notes_v1\x00",
        "notes_v1\n",
        "NOTES_V1",
        "pg_catalog.pg_authid",
        "=cmd_v1",
        "",
    ],
)
def test_a_name_that_is_none_reaches_neither_database_nor_disk(
    settings: Settings, engine: sa.Engine, notes: Callable[..., Extract], name: str
) -> None:
    notes(1, {1: "one"})
    before = sorted(settings.home.rglob("*"))
    with pytest.raises(ExtractRefused, match="is not the name of a published view"):
        extract(settings, engine, [name], role="hub_owner")
    assert sorted(settings.home.rglob("*")) == before
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from raw.notes")) == 1


@pytest.mark.parametrize("role", ["../hub_owner", "hub/owner", "", "hub_owner\n", "-x"])
def test_a_role_is_no_way_into_another_folder(
    settings: Settings, engine: sa.Engine, notes: Callable[..., Extract], role: str
) -> None:
    notes(1, {1: "one"})
    with pytest.raises(ExtractRefused, match="needs a view and a role"):
        extract(settings, engine, ["notes_v1"], role=role)


def test_a_view_that_is_not_there_is_named(
    settings: Settings, engine: sa.Engine, notes: Callable[..., Extract]
) -> None:
    notes(1, {1: "one"})
    with pytest.raises(ExtractRefused, match=r"hub_owner may read no published view salaries_v1"):
        extract(settings, engine, ["notes_v1", "salaries_v1"], role="hub_owner")


def test_a_kill_leaves_the_old_extract_whole_and_no_half_one(
    settings: Settings, notes: Callable[..., Extract], engine: sa.Engine
) -> None:
    first = notes(1, {1: "one"})
    as_reader_sees(engine, 2, {1: "one", 2: "two"})
    killed = f"""
import dataclasses, os
from pathlib import Path
from hub.publish import extract_store
from hub.warehouse.roles import Role
from hub.warehouse.engine import open_warehouse
from hub.settings import read_settings
from hub.publish.extract import extract
settings = dataclasses.replace(
    read_settings({{}}), home=Path({str(settings.home)!r}), warehouse_url={settings.warehouse_url!r}
)
extract_store._write_sums = lambda folder: os.kill(os.getpid(), {int(signal.SIGKILL)})
extract(settings, open_warehouse(settings, Role.OWNER), ["notes_v1"], role="hub_owner")
"""
    done = subprocess.run([sys.executable, "-c", killed], check=False)
    assert done.returncode == -signal.SIGKILL
    folder = first.folder.parent
    assert [one.name for one in folder.iterdir() if one.name != INCOMING] == [first.folder.name]
    assert list((folder / INCOMING).iterdir()), "what was begun is left behind"
    second = extract(settings, engine, ["notes_v1"], role="hub_owner")
    assert second.rows == {"notes_v1": 2}
    assert list((folder / INCOMING).iterdir()) == [], "and swept away by the next"


def test_only_the_owner_of_the_files_can_look_into_an_extract(notes: Callable[..., Extract]) -> None:
    assert notes(1, {1: "one"}).folder.stat().st_mode & 0o077 == 0


def test_a_link_in_the_place_of_a_folder_leads_nowhere(settings: Settings, engine: sa.Engine, tmp_path: Path) -> None:
    as_reader_sees(engine, 1, {1: "one"})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    settings.extracts.mkdir(parents=True)
    (settings.extracts / "hub_owner").symlink_to(elsewhere)
    with pytest.raises(ExtractRefused, match="is a link"):
        extract(settings, engine, ["notes_v1"], role="hub_owner")
    assert list(elsewhere.iterdir()) == []
