"""A project of a test's own, and the ``hub`` command on it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.settings import Settings, read_settings

HUB = str(Path(sys.executable).parent / "hub")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what says which feeds there are."""
    checkout = read_settings({}).project
    made = tmp_path / "project"
    for name in ("expectations", "dbt_project", "docs"):
        shutil.copytree(checkout / name, made / name, ignore=shutil.ignore_patterns("target", "logs"))
    return made


@pytest.fixture
def hub(project: Path, settings: Settings) -> Callable[..., str]:
    """Runs the ``hub`` command on that copy; returns what it prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(settings.home),
        "HUB_HOME": str(settings.home),
        "HUB_PROJECT": str(project),
        "HUB_WAREHOUSE_URL": str(settings.warehouse_url),
    }

    def run(*arguments: str | Path) -> str:
        done = subprocess.run([HUB, *map(str, arguments)], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run
