"""What a hub keeps is open to its own account alone."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.cli import main as command
from hub.local.condition import conditions
from hub.local.outcome import RunProblem
from hub.local.own_files import close_to_others, is_open_to_others
from hub.local.preflight import make_home
from hub.local.run_folder import make_run_folder, run_folder
from hub.settings import Settings, read_settings


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(home: Path) -> dict[str, int]:
    """What may be done with each file and folder, by its place under the home; a link has no rights of its own."""
    paths = [path for path in (home, *home.rglob("*")) if not path.is_symlink()]
    return {str(path.relative_to(home)): stat.S_IMODE(path.stat().st_mode) for path in paths}


@pytest.mark.usefixtures("usual_umask")
def test_what_a_command_and_its_processes_write_is_for_the_hubs_own_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "hub"

    def write(**_: object) -> None:
        (home / "extracts" / "9").mkdir(parents=True)
        (home / "extracts" / "9" / "data.csv").touch()
        program = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"
        subprocess.run([sys.executable, "-c", program, str(home / "by_a_process")], check=True)

    monkeypatch.setattr(command, "app", write)
    with pytest.raises(SystemExit):
        command.main()
    found = modes(home)
    assert found.pop("by_a_process") == found.pop("extracts/9/data.csv") == 0o600
    assert set(found.values()) == {0o700}


@pytest.mark.usefixtures("usual_umask")
def test_an_open_home_is_named_by_the_status_and_closed_with_all_in_it(settings: Settings, engine: sa.Engine) -> None:
    home = settings.home
    (home / "logs" / "airflow").mkdir(parents=True)
    (home / "logs" / "airflow" / "task.log").touch()
    (home / "run").mkdir(mode=0o700)
    (home / "run" / "start").touch(mode=0o755)
    outside = home.parent / "outside"
    outside.touch()
    (home / "link").symlink_to(outside)

    def of_home() -> tuple[bool, str]:
        (one,) = [one for one in conditions(settings, engine, datetime.now(UTC)) if one.part == "home"]
        return one.is_wrong, one.said

    assert not of_home()[0]
    home.chmod(0o755)
    assert of_home() == (True, f"other accounts of the machine may look into {home}; hub prepare closes it")
    make_home(settings)
    found = modes(home)
    assert not of_home()[0]
    assert found["run/start"] == 0o700
    assert found["logs/airflow/task.log"] == 0o600
    assert not any(mode & 0o077 for mode in found.values())
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_home_that_is_a_link_is_closed_where_it_leads(tmp_path: Path) -> None:
    real = tmp_path / "disk"
    (real / "logs").mkdir(parents=True, mode=0o755)
    (tmp_path / "hub").symlink_to(real)
    close_to_others(tmp_path / "hub")
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (real, real / "logs")} == {0}
    assert not is_open_to_others((tmp_path / "hub").resolve())


def test_sockets_of_a_long_home_are_where_every_command_looks_and_for_the_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings({"HUB_HOME": str(tmp_path / ("long" * 25))})
    folder = run_folder(settings)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert run_folder(settings) == folder
    try:
        make_run_folder(folder)
        folder.sockets.chmod(0o777)
        make_run_folder(folder)
        assert stat.S_IMODE(folder.sockets.stat().st_mode) == 0o700
    finally:
        folder.sockets.rmdir()
    folder.sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(RunProblem, match="is not this user's folder"):
            make_run_folder(folder)
    finally:
        folder.sockets.unlink()
