"""The database's own disk is full: the command says so in one line, nothing half stays, and the same file is loaded
when there is space again. Needs a user who may mount a small disk of memory."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import free_port
from hub.contracts.model import Catalogue
from hub.settings import Settings, read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import assert_nothing_is_lost, ledger_rows
from proofs.crashes import report_files

HUB = str(Path(sys.executable).parent / "hub")
FEED = "true_vision_reports"
DISK_MB = 1_536
LEFT_BYTES = 4 * 1024 * 1024


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Settings]:
    """A hub whose database is on a small disk."""
    settings = read_settings({"HUB_HOME": str(tmp_path / "home"), "HUB_PG_PORT": str(free_port())})
    disk = settings.home / "postgres"
    disk.mkdir(parents=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "hub", str(disk)], check=False)
    if made.returncode:
        pytest.skip("this user may not mount a disk")
    try:
        yield settings
    finally:
        embedded_postgres.stop(embedded_postgres.embedded_postgres(settings))
        subprocess.run(["umount", str(disk)], check=True)


def command(hub: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HUB_HOME": str(hub.home), "HUB_PG_PORT": str(hub.pg_port)}
    return subprocess.run([HUB, *arguments], env=environment, capture_output=True, text=True, check=False)


def fill(hub: Settings) -> Path:
    """A file that leaves hardly any space on the database's disk."""
    filler = hub.home / "postgres" / "filler"
    with filler.open("wb") as file:
        file.truncate()
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(hub.home / "postgres").free - LEFT_BYTES)
    return filler


@pytest.mark.long
def test_a_database_without_space_is_named_and_goes_on_when_it_has_some(
    hub: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    small, _, _, large, *_ = report_files(catalogue, tmp_path, 8_000).files
    assert json.loads(command(hub, "ingest", FEED, str(small)).stdout)["status"] == "loaded"
    filler = fill(hub)
    done = command(hub, "ingest", FEED, str(large))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("hub: nothing more can be written to the disk of the database: "), done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    filler.unlink()
    assert json.loads(command(hub, "ingest", FEED, str(large)).stdout)["status"] == "loaded"
    engine = open_warehouse(hub, Role.OWNER)
    assert [row.status for row in ledger_rows(engine)] == ["loaded", "loaded"]
    assert_nothing_is_lost(engine, catalogue.contracts[FEED])
    filler = fill(hub)
    done = command(hub, "build")
    assert (done.returncode, done.stdout) in ((1, ""), (3, ""))
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    filler.unlink()
    again = command(hub, "build")
    assert again.returncode == 0, (again.returncode, again.stderr[-3000:])
    assert json.loads(again.stdout)["models"] > 100
    assert [row.status for row in ledger_rows(engine)] == ["loaded", "loaded"]
    with engine.connect() as connection:
        states: Sequence[str] = (
            connection.execute(sa.text("select status from ledger.builds order by build_id")).scalars().all()
        )
    assert states[-1] == "succeeded"
    assert "running" not in states
    assert_nothing_is_lost(engine, catalogue.contracts[FEED])
