"""A cluster of Spark on this machine: a master and two workers that listen on the loopback address alone."""

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conftest import free_port
from scale.processes import PROC, Process, processes_below

CLASSES = "org.apache.spark.deploy"
WORKERS = 2
START_SECONDS = 45
KEY = "spark.authenticate.secret"


@dataclass(frozen=True)
class Cluster:
    """Its address, the secret that all its processes know, and its workers."""

    master: str
    secret: str
    log: Path
    workers: tuple[subprocess.Popen[bytes], ...]

    def options(self) -> str:
        """What an operator writes into ``spark.conf``."""
        return (
            f"{KEY} {self.secret}\n"
            "spark.driver.host 127.0.0.1\n"
            "spark.driver.bindAddress 127.0.0.1\n"
            "spark.executor.memory 600m\n"
            "spark.executor.cores 1\n"
        )

    def executors(self) -> list[Process]:
        """The processes in which its workers read."""
        return [
            one
            for worker in self.workers
            for one in processes_below(worker.pid)
            if one.is_java and any("ExecutorBackend" in part for part in one.command)
        ]

    def kill_a_worker(self) -> None:
        """Its first worker, and the executors of that: the machine is gone."""
        worker = self.workers[0]
        below = processes_below(worker.pid)
        worker.kill()
        for one in below:
            if (PROC / str(one.pid)).exists():
                one.kill()


@contextmanager
def spark_cluster(folder: Path) -> Iterator[Cluster]:
    """One that runs until the block ends. Its settings hold the secret."""
    import pyspark  # noqa: PLC0415

    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    secret, properties, log = secrets.token_hex(32), folder / "cluster.conf", folder / "cluster.log"
    properties.touch(mode=0o600)
    properties.write_text(
        f"spark.authenticate true\n{KEY} {secret}\nspark.network.crypto.enabled true\nspark.master.rest.enabled false\n"
    )
    port = free_port()
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
    environment["SPARK_LOCAL_DIRS"] = str(folder)
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> subprocess.Popen[bytes]:
        common = ("--host", "127.0.0.1", "--webui-port", str(free_port()), "--properties-file", str(properties))
        with log.open("ab") as output:
            command = [str(program), f"{CLASSES}.{name}", *common, *arguments]
            started.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output))
        return started[-1]

    try:
        start("master.Master", "--port", str(port))
        _wait_for(log, port)
        master = f"spark://127.0.0.1:{port}"
        workers = tuple(
            start("worker.Worker", "--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{n}"), master)
            for n in range(WORKERS)
        )
        _wait_until_registered(log)
        yield Cluster(master, secret, log, workers)
    finally:
        for one in started:
            for process in processes_below(one.pid):
                if (PROC / str(process.pid)).exists():
                    process.kill()
            one.kill()
            one.wait()


def _wait_for(log: Path, port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)
    raise AssertionError(log.read_text()[-2000:])


def _wait_until_registered(log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if log.read_text(errors="replace").count("Successfully registered with master") >= WORKERS:
            return
        time.sleep(0.3)
    raise AssertionError(log.read_text(errors="replace")[-2000:])
