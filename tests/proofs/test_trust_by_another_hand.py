"""A stranger attacks the hub: with files that nobody named, with the logins of readers, and with what is typed into the
UI. Written by another hand than the defences and without sight of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.ingest.collect import collect_drop
from hub.ingest.landing_store import open_landed
from hub.settings import Settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from proofs.stranger.database_attacks import OPTIONS, OTHER_DATABASES, READERS, REFUSED, answer, logged_in
from proofs.stranger.dropping import TAKEN, WAITING, drop_tricks, is_settled
from proofs.stranger.hostile_file import NAME, PERSONAL, REPORTS, HostileFile, good_sample, packed
from proofs.stranger.hostile_packed import PARQUET_FILES, ZIP_FILES
from proofs.stranger.hostile_text import TEXT_FILES
from proofs.stranger.hostile_xml import XML_FILES

FILES = (*TEXT_FILES, *XML_FILES, *PARQUET_FILES, *ZIP_FILES)
FEEDS = sorted({hostile.feed for hostile in FILES})
SMALL, LARGE = 5_000, 30_000_000
"""In bytes."""
MOST_MEMORY = 1_000_000_000
DATA_LIMIT = 6_000_000_000
"""What the process may ask of the system at all: were the memory without a bound, the machine would not suffer."""
ENDS = {"loaded", "held", "refused", "duplicate"}
PEAK_MEMORY = Path(__file__).with_name("peak_memory.py")


def surroundings(settings: Settings) -> dict[str, str]:
    return {"HUB_HOME": str(settings.home), "HUB_WAREHOUSE_URL": settings.warehouse_url or ""}


def write(folder: Path, number: int, hostile: HostileFile, size: int) -> Path:
    path = folder / f"{number}.{hostile.feed}"
    path.write_bytes(hostile.data(size))
    return path


def check_end(hostile: HostileFile, end: dict[str, object]) -> None:
    """It has an end, its rows add up, and no right row of it is lost."""
    read, accepted, quarantined, duplicate = (
        int(str(end[f"rows_{what}"])) for what in ("read", "accepted", "quarantined", "duplicate")
    )
    assert end["status"] in ENDS, (hostile.kind, end)
    assert read == accepted + quarantined + duplicate, (hostile.kind, end)
    if end["status"] == "loaded":
        assert accepted + duplicate >= hostile.good, (hostile.kind, end)


def said(settings: Settings, printed: str) -> str:
    """All that the hub says about files: on its output, in the ledger, to the senders and in its logs."""
    told = [printed]
    with open_warehouse(settings, Role.OWNER).connect() as connection:
        for table in ("ledger.deliveries", "ledger.alerts", "ledger.profiles", "quarantine.rows"):
            told += connection.scalars(sa.text(f"select told::text from {table} told"))
    for folder in (settings.home / "outbox", settings.home / "logs"):
        told += [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    return "\n".join(told)


def no_personal_value_in(text: str) -> None:
    for value in PERSONAL:
        assert value.casefold() not in text.casefold(), f"{value!r}: {text[max(0, text.find(value) - 300) :][:400]}"


def ingest(settings: Settings, feed: str, paths: list[Path]) -> str:
    """What ``hub ingest`` prints, in the process of the test."""
    result = CliRunner(env=surroundings(settings)).invoke(app, ["ingest", feed, *map(str, paths)])
    assert result.exit_code == 0, f"{result.exception!r}\n{result.output[-2000:]}"
    return result.stdout


@pytest.mark.parametrize("each", [3, pytest.param(1, marks=pytest.mark.long)])
def test_each_hostile_file_has_an_end_and_the_good_one_after_it_is_loaded(
    settings: Settings, tmp_path: Path, each: int
) -> None:
    """In short every third of the files of a feed."""
    printed = ""
    for feed in FEEDS:
        hostile = [one for one in FILES if one.feed == feed][::each]
        paths = [write(tmp_path, number, one, SMALL) for number, one in enumerate(hostile)]
        good = tmp_path / f"good.{feed}"
        good.write_bytes(packed(feed, good_sample(feed)))
        out = ingest(settings, feed, [*paths, good])
        *ends, last = [json.loads(line) for line in out.splitlines()]
        for one, end in zip(hostile, ends, strict=True):
            check_end(one, end)
        assert last["status"] == "loaded", (feed, last)
        assert last["rows_quarantined"] == 0
        printed += out
    no_personal_value_in(said(settings, printed))


@pytest.mark.long
@pytest.mark.parametrize("hostile", FILES, ids=lambda hostile: hostile.kind)
def test_a_large_hostile_file_has_an_end_within_a_gigabyte(
    hostile: HostileFile, settings: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path, 1, hostile, LARGE)
    command = [str(Path(sys.executable).parent / "hub"), "ingest", hostile.feed, str(path)]
    done = subprocess.run(
        [sys.executable, str(PEAK_MEMORY), str(DATA_LIMIT), *command],
        env={"PATH": os.environ["PATH"], "HOME": str(settings.home), **surroundings(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stderr.splitlines()[-1]) < MOST_MEMORY
    (end,) = [json.loads(line) for line in done.stdout.splitlines()]
    check_end(hostile, end)
    no_personal_value_in(said(settings, done.stdout + done.stderr))


def test_odd_names_links_pipes_and_folders_in_a_drop_folder_keep_nobody_waiting(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"the secret of {NAME}")
    folder = settings.drop / REPORTS
    drop_tricks(folder, secret)
    is_settled(folder)
    receipts = collect_drop(settings, engine, catalogue.contracts[REPORTS])
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select file_name, status from ledger.deliveries"))
        states = {row.file_name: row.status for row in rows}
    assert states == TAKEN
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} == WAITING
    for receipt in receipts:
        with open_landed(settings, receipt.landed_name) as landed:
            assert NAME.encode() not in landed.read(1000).split(b"\n")[0], receipt.file_name


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_is_refused_whatever_reaches_beyond_its_rights(settings: Settings, reader: str) -> None:
    for database in OTHER_DATABASES:
        with pytest.raises(sa.exc.OperationalError, match="CONNECT"), logged_in(settings, reader, database):
            pass
    for options in OPTIONS:
        with (
            pytest.raises(sa.exc.OperationalError, match="permission denied"),
            logged_in(settings, reader, None, options),
        ):
            pass
    with logged_in(settings, reader) as session:
        answers = {statement: answer(session, statement) for statement in REFUSED}
    assert {statement: kind for statement, kind in answers.items() if kind != "InsufficientPrivilege"} == {}


def test_nothing_that_a_session_says_reaches_the_log_of_the_server(
    settings: Settings, server_settings: Settings
) -> None:
    log = embedded_postgres.embedded_postgres(server_settings).log
    before = log.stat().st_size
    for role in (*READERS, "hub_loader", "hub_transformer", "hub_linker"):
        with logged_in(settings, role) as session:
            answer(session, f"select cast('{NAME}' as integer)")
            answer(session, f"do $$ begin raise log '{NAME}%', repeat('x', 100000); raise warning '{NAME}'; end $$")
            answer(session, "set debug_print_plan = on")
            answer(session, "select count(*) from pg_class")
    with log.open() as opened:
        opened.seek(before)
        assert opened.read() == ""
    assert log.stat().st_mode & 0o077 == 0


def test_notices_that_nobody_reads_fill_no_disk(settings: Settings) -> None:
    """The queue keeps what a listener has not read; a listener that is in a transaction reads nothing."""
    with logged_in(settings, "hub_bi") as listener, logged_in(settings, "hub_analyst") as session:
        for statement in ("listen ears", "begin", "select 1"):
            assert answer(listener, statement) is None
        fill = "do $$ begin for i in 1..100 loop perform pg_notify('ears', i || repeat('x', 7900)); end loop; end $$"
        assert "ProgramLimitExceeded" in {answer(session, fill) for _ in range(3)}
