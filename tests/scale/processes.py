"""The processes that Spark starts under this one: what they are, have open, listen on and write while they work."""

import ipaddress
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
LISTENS = "0A"


@dataclass(frozen=True)
class Process:
    """One that runs, by its id."""

    pid: int
    parent: int
    command: tuple[str, ...]

    @property
    def is_java(self) -> bool:
        return bool(self.command) and Path(self.command[0]).name == "java"

    @property
    def is_python_of_spark(self) -> bool:
        return any(one.startswith("pyspark.daemon") or one.endswith("pyspark/daemon.py") for one in self.command)

    def kill(self) -> None:
        """End it at once."""
        os.kill(self.pid, signal.SIGKILL)


def processes_below(pid: int | None = None) -> list[Process]:
    """All that this process has started, and those have."""
    every: dict[int, Process] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                every[int(folder.name)] = Process(int(folder.name), int(stat[1]), tuple(command[:-1]))
    below, found = {pid or os.getpid()}, list[Process]()
    while True:
        more = [one for one in every.values() if one.parent in below and one.pid not in below]
        if not more:
            return found
        below |= {one.pid for one in more}
        found += more


def java_below() -> list[Process]:
    """Spark's own processes."""
    return [one for one in processes_below() if one.is_java]


def workers_below() -> list[Process]:
    """Python workers: those that the first one has made by forking."""
    python = [one for one in processes_below() if one.is_python_of_spark]
    first = {one.pid for one in python}
    return [one for one in python if one.parent in first]


def listening(processes: list[Process]) -> set[str]:
    """The addresses on which these listen."""
    sockets = set[str]()
    for one in processes:
        with suppress(OSError):
            for link in (PROC / str(one.pid) / "fd").iterdir():
                with suppress(OSError):
                    sockets.add(str(link.readlink()).removeprefix("socket:[").removesuffix("]"))
    found = set[str]()
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENS and fields[9] in sockets:
                found.add(_address(fields[1].partition(":")[0]))
    return found


def _address(hexadecimal: str) -> str:
    words = [bytes.fromhex(hexadecimal[start : start + 8])[::-1] for start in range(0, len(hexadecimal), 8)]
    found = ipaddress.ip_address(b"".join(words))
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)


def open_files(processes: list[Process]) -> Iterator[Path]:
    """Regular files that these have open for writing."""
    for one in processes:
        with suppress(OSError):
            for link in (PROC / str(one.pid) / "fd").iterdir():
                with suppress(OSError):
                    target = link.readlink()
                    flags = (PROC / str(one.pid) / "fdinfo" / link.name).read_text().split()[3]
                    if int(flags, 8) & (os.O_WRONLY | os.O_RDWR) and target.is_file():
                        yield target


@dataclass
class Noted:
    """What was seen of Spark's processes while they worked. ``kept`` has a name of its own for each file that they
    wrote, so that it stays when they remove theirs."""

    kept: Path
    folders: tuple[Path, ...]
    addresses: set[str] = field(default_factory=set)
    commands: set[str] = field(default_factory=set)
    environments: set[bytes] = field(default_factory=set)
    files: dict[int, Path] = field(default_factory=dict)

    def look(self) -> None:
        """Note what is there now."""
        processes = processes_below()
        spark = [one for one in processes if one.is_java or one.is_python_of_spark]
        self.addresses |= listening(spark)
        for one in spark:
            with suppress(OSError):
                self.environments.add((PROC / str(one.pid) / "environ").read_bytes())
            self.commands.add("\0".join(one.command))
        for folder in self.folders:
            for path in folder.rglob("*"):
                self._keep(path)
        for path in open_files(spark):
            if not path.is_relative_to(PROC):
                self._keep(path)

    def _keep(self, path: Path) -> None:
        with suppress(OSError):
            number = path.stat().st_ino
            if path.is_file() and number not in self.files:
                os.link(path, self.kept / str(number))
                self.files[number] = path


@contextmanager
def at_the_same_time(look: Callable[[], None], every: float = 0.02) -> Iterator[None]:
    """Call ``look`` again and again in another thread until the block ends."""
    is_over = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        while not is_over.is_set():
            try:
                look()
            except BaseException as error:
                failed.append(error)
                return
            time.sleep(every)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(30)
    assert not failed, failed
