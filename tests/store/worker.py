"""A worker in a process of its own, which a test can kill."""

import multiprocessing
import os
import signal
from multiprocessing.process import BaseProcess

from hub.ingest import dropped_files
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from store.storm import Worker

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["store.worker", "hub.ingest.validation"])


def take_all(hub: Settings) -> None:
    """Take in what lies in the drop folders, whole or not: nobody writes to it."""
    dropped_files.QUIET_SECONDS = 0.0
    Worker(hub, open_warehouse(hub, Role.OWNER)).take_all()


def started(hub: Settings) -> BaseProcess:
    process = PROCESSES.Process(target=take_all, args=(hub,))
    process.start()
    return process


def kill(process: BaseProcess) -> bool:
    """Kill -9; returns whether it had not come to its end."""
    was_running = process.is_alive()
    if was_running and process.pid:
        os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    return was_running
