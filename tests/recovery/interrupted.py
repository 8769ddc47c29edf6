"""Restores in a process of their own that gets a signal after some of their steps."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil

from hub.settings import Settings

RESTORE = """
import os
import sys
from datetime import datetime

from hub.recovery import restore
from hub.settings import read_settings
from privacy.letters import CATALOGUE

number, *steps, to = sys.argv[1:]


def signalled_afterwards(take_step):
    def step(*arguments):
        result = take_step(*arguments)
        os.kill(os.getpid(), int(number))
        return result

    return step


for name in steps:
    setattr(restore, name, signalled_afterwards(getattr(restore, name)))
restore.restore(read_settings(), CATALOGUE, datetime.fromisoformat(to) if to else None)
"""


@contextmanager
def restoring(settings: Settings, sent: signal.Signals, steps: Sequence[str], to: str = "") -> Iterator[psutil.Popen]:
    """A restore to an instant, by default to the end of the backup. The signal is sent to it after each of the steps;
    it is killed where it has not ended."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HUB_HOME": str(settings.home),
        "HUB_BACKUP": str(settings.backup),
        "HUB_BACKUP_KEYS": str(settings.backup_keys),
        "HUB_PG_PORT": str(settings.pg_port),
    }
    process = psutil.Popen([sys.executable, "-c", RESTORE, str(int(sent)), *steps, to], env=environment)
    try:
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            process.kill()
        process.wait()


def is_killed_after(settings: Settings, step: str, to: str = "") -> None:
    """A restore that is killed after a step."""
    with restoring(settings, signal.SIGKILL, [step], to) as process:
        assert process.wait(timeout=300) == -signal.SIGKILL
