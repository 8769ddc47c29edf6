"""Calling the ``hub`` command as a person would, for a hub of a test's own."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import free_port
from hub.settings import Settings, read_settings

HUB = str(Path(sys.executable).parent / "hub")


def own_hub(home: Path) -> Settings:
    """Settings of a hub in ``home``, on free ports."""
    return read_settings({"HUB_HOME": str(home), "HUB_PORT": str(free_port()), "HUB_PG_PORT": str(free_port())})


def call_hub(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``hub ARGUMENTS`` for these settings to its end."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(settings.home),
        "HUB_HOME": str(settings.home),
        "HUB_PORT": str(settings.ui_port),
        "HUB_PG_PORT": str(settings.pg_port),
    }
    return subprocess.run([HUB, *arguments], env=environment, capture_output=True, text=True, check=False)


def call_hub_well(settings: Settings, *arguments: str) -> str:
    """Run ``hub ARGUMENTS``, insist on exit code 0, and return what it printed."""
    done = call_hub(settings, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
