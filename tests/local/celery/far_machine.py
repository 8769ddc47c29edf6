"""A machine of a test's own with a Celery worker, and a broker that asks for a password."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from conftest import free_port
from local.celery.machine import Description
from local.celery.relay import HOST, Cable

TESTS = Path(__file__).parents[2]
NAMESPACES = ("--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")


def wait_until(is_so: Callable[[], bool], seconds: float, what: str, pause: float = 0.5) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"after {seconds:.0f} s still not so: {what}"
        time.sleep(pause)


def write_secret(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def end_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and those that it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        known = psutil.Process(process.pid)
        for one in (known, *known.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    process.wait()


@dataclass
class Broker:
    """A Redis with a password, which it is told by its standard input."""

    folder: Path
    port: int = field(default_factory=free_port)
    password: str = field(default_factory=secrets.token_hex, repr=False)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir()
        said = (
            f'port {self.port}\nbind {HOST}\nrequirepass {self.password}\nsave ""\nappendonly no\ndir {self.folder}\n'
        )
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(["redis-server", "-"], stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert self.process.stdin is not None
        self.process.stdin.write(said.encode())
        self.process.stdin.close()
        wait_until(lambda: answers(self.port), 30, "Redis answers", 0.05)

    def address(self, database: int) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/{database}"

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


@dataclass
class FarMachine:
    """A machine with a worker that takes what can be done anywhere."""

    name: str
    folder: Path
    cable: Cable
    description: Description
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0

    @property
    def home(self) -> Path:
        return Path(self.description.environment["HUB_HOME"])

    @property
    def log(self) -> Path:
        return Path(self.description.log)

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        assert not self.is_up
        path = self.folder.parent / f"{self.name}.json"
        path.write_text(self.description.text())
        command = ["unshare", *NAMESPACES, "--", sys.executable, "-m", "local.celery.machine", str(path)]
        surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TESTS)}
        with (self.folder.parent / f"{self.name}.machine.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=surroundings, stdout=log, stderr=log, start_new_session=True)
        self.starts += 1

    def kill(self) -> None:
        """All its processes at once, as when its power goes."""
        if self.process is not None:
            if self.is_up:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def processes(self) -> Iterator[Path]:
        """Its processes below ``/proc``, the one that made its namespaces left out."""
        if self.process is None:
            return
        found = [str(self.process.pid)]
        while found:
            parent = found.pop()
            children = Path(f"/proc/{parent}/task/{parent}/children")
            for child in children.read_text().split() if children.exists() else ():
                yield Path("/proc") / child
                found.append(child)

    def sees(self, path: Path) -> list[Path]:
        """What lies below a folder, as the machine sees it."""
        first = next(self.processes())
        root = first / "root"
        seen = root / path.relative_to("/")
        return [one.relative_to(root) for one in seen.rglob("*")]

    def is_ready(self) -> bool:
        return self.log.exists() and self.log.read_text(errors="replace").count("ready.") >= self.starts
