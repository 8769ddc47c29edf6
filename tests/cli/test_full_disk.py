"""A disk without space: one line says which, nothing half stays, and the same command works later."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from contracts.samples import packed_sample
from hub.backup.packed import pack
from hub.backup.places import written_whole
from hub.contracts.model import Catalogue
from hub.settings import Settings, read_settings
from hub.vault.full_disk import DiskFull

HUB = str(Path(sys.executable).parent / "hub")
FEED = "true_vision_reports"


def call(settings: Settings, *arguments: str, most_bytes: int) -> subprocess.CompletedProcess[str]:
    """``hub`` of a user whose files may be no larger: the system refuses it as a full disk."""
    environment = {
        "PATH": os.environ["PATH"],
        "HUB_HOME": str(settings.home),
        "HUB_WAREHOUSE_URL": str(settings.warehouse_url),
    }

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

    return subprocess.run(
        [HUB, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit if most_bytes else None,
    )


def test_a_landing_store_without_space_is_named_and_the_file_is_loaded_later(
    catalogue: Catalogue, settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    path = packed_sample(catalogue.contracts[FEED], "good", tmp_path)
    done = call(settings, "ingest", FEED, str(path), most_bytes=1024)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"hub: nothing more can be written to {settings.landing}: File too large\n"
    assert [one.name for one in settings.landing.rglob("*") if one.is_file()] == []
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from ledger.deliveries")) == 0
    done = call(settings, "ingest", FEED, str(path), most_bytes=0)
    assert json.loads(done.stdout)["status"] == "loaded"


@pytest.mark.long
def test_a_build_without_space_is_named_and_the_next_one_works(settings: Settings, engine: sa.Engine) -> None:
    done = call(settings, "build", "--select", "police_forces", most_bytes=64)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"hub: nothing more can be written to {settings.home}: File too large\n"
    done = call(settings, "build", "--select", "police_forces", most_bytes=0)
    assert json.loads(done.stdout)["models"] == 0
    with engine.connect() as connection:
        builds = connection.execute(sa.text("select status, reason from ledger.builds order by build_id")).all()
    (failed, succeeded) = (f"{one.status}: {one.reason}" for one in builds)
    assert failed.startswith("failed: nothing more can be written")
    assert succeeded == "succeeded: None"


def test_a_backup_without_space_is_named_and_leaves_what_was_there(tmp_path: Path) -> None:
    settings = read_settings({"HUB_HOME": str(tmp_path / "home")})
    path = tmp_path / "backup" / "base" / "1.tar"
    pack(settings, path, [b"whole"])
    before = path.read_bytes()

    def until_full() -> bytes:
        with Path("/dev/full").open("wb", buffering=0) as disk:
            disk.write(b"more")
        return b""

    with pytest.raises(DiskFull, match=rf"^nothing more can be written to {path.parent}: No space left on device$"):
        pack(settings, path, (until_full() for _ in range(1)))
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before


def test_other_errors_of_the_system_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError), written_whole(tmp_path / "file" / "below" / "it"):
        raise AssertionError("nothing can be written here")
