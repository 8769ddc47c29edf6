"""Set-up says what is missing, and does nothing when there is nothing to do."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from hub.settings import read_settings

PROJECT = read_settings({}).project
TOOLS = ("bash", "cat", "cut", "dirname", "flock", "rm", "sed", "sha256sum", "tail")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what set-up reads."""
    for name in ("requirements.lock", "pyproject.toml", "scripts/set-up"):
        target = tmp_path / "checkout" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, target)
    return tmp_path / "checkout"


def _set_up(checkout: Path, path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(path / "bash"), str(checkout / "scripts" / "set-up")]
    return subprocess.run(command, env={"PATH": str(path)}, capture_output=True, text=True, check=False)


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with a shell's tools but neither Python nor uv."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def test_a_machine_without_python_is_told_what_to_install(checkout: Path, bare_path: Path) -> None:
    done = _set_up(checkout, bare_path)
    assert done.returncode == 1
    assert "uv is missing" in done.stderr
    assert "Python 3.11 or later with venv" in done.stderr


def test_a_machine_with_a_wrong_python_only_is_told_what_to_install(checkout: Path, bare_path: Path) -> None:
    uv = bare_path / "uv"  # as uv answers where it finds no Python that fits and cannot fetch one
    uv.write_text('#!/bin/bash\n[ "$1" = --version ] && exit 0\necho "error: No interpreter found" >&2\nexit 2\n')
    uv.chmod(0o755)
    done = _set_up(checkout, bare_path)
    assert done.returncode == 1
    assert "Install Python 3.12 or 3.13" in done.stderr


def test_packages_that_cannot_be_installed_leave_no_stamp(checkout: Path, bare_path: Path) -> None:
    uv = bare_path / "uv"
    uv.write_text('#!/bin/bash\n[ "$1" = pip ] && exit 1\nexit 0\n')
    uv.chmod(0o755)
    done = _set_up(checkout, bare_path)
    assert done.returncode == 1
    assert "could not be installed" in done.stderr
    assert not (checkout / ".venv" / "made-from").exists()


def test_a_second_set_up_takes_no_time(checkout: Path, bare_path: Path) -> None:
    (bare_path / "mkdir").symlink_to(shutil.which("mkdir") or "")
    uv = bare_path / "uv"
    uv.write_text(
        '#!/bin/bash\n[ "$1" = --version ] && exit 0\n'
        "mkdir -p .venv/bin; echo '#!/bin/bash' >.venv/bin/hub\n"
        f"{shutil.which('chmod')} +x .venv/bin/hub; echo called >>calls\n"
    )
    uv.chmod(0o755)
    assert _set_up(checkout, bare_path).returncode == 0
    calls = (checkout / "calls").read_text()
    started = time.monotonic()
    assert _set_up(checkout, bare_path).returncode == 0
    assert time.monotonic() - started < 1
    assert (checkout / "calls").read_text() == calls
    (checkout / "requirements.lock").open("a").write("# changed\n")
    assert _set_up(checkout, bare_path).returncode == 0
    assert (checkout / "calls").read_text() != calls
