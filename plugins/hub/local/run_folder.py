"""Where the running processes of one hub leave their traces: ``$HUB_HOME/run``, those of the dashboards beside it."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from hub.local.outcome import Outcome, RunProblem
from hub.settings import Settings

HUB = "run"
DASHBOARDS = "run-dashboards"
SHORT = Path(os.sep, "tmp")
"""Not the caller's folder for temporary files: who stops the hub may have another."""
LONGEST_SOCKET_PATH = 100
"""A Unix socket's path may not be longer than 107 bytes; supervisord makes it under a longer name first."""


@dataclass(frozen=True)
class RunFolder:
    """Paths in the run folder. ``sockets`` is another folder where the path of the home is too long for a socket."""

    path: Path
    sockets: Path

    @property
    def supervisor(self) -> str:
        """What the logs of its supervisor begin with."""
        return "supervisord" if self.path.name == HUB else f"supervisord-{self.path.name}"

    @property
    def configuration(self) -> Path:
        return self.path / "supervisord.conf"

    @property
    def pid_file(self) -> Path:
        return self.path / "supervisord.pid"

    @property
    def session_file(self) -> Path:
        """Session id and boot of the last start; with it a stop finds processes whose supervisor was killed."""
        return self.path / "session.json"

    @property
    def start_lock(self) -> Path:
        return self.path / "start.lock"

    @property
    def migrated(self) -> Path:
        """What Airflow's metadata database was last migrated to."""
        return self.path / "airflow-migrated.json"

    @property
    def supervisor_socket(self) -> Path:
        return self.sockets / "supervisor.sock"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def run_folder(settings: Settings, name: str = HUB) -> RunFolder:
    """The run folder of these settings, whether or not it exists yet: of the hub, or of the :data:`DASHBOARDS`."""
    path = settings.home / name
    sockets = path
    if len(os.fsencode(path / "supervisor.sock")) > LONGEST_SOCKET_PATH - len(".4194304"):
        name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
        sockets = SHORT / f"hub-{os.getuid()}-{name}"
    return RunFolder(path, sockets)


def make_run_folder(folder: RunFolder) -> None:
    """Make the folders, readable by their owner only. Raises :class:`~hub.local.outcome.RunProblem` where another
    account has made the one for sockets, and could answer in the supervisor's place."""
    for path in {folder.path, folder.sockets}:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise RunProblem(Outcome.NO_HOME, f"{folder.sockets} is not this user's folder: remove it")
    folder.sockets.chmod(0o700)
