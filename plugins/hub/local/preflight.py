"""What must be so before a hub can start on this machine. Each problem has a message that says what to do about it."""

import os
import shutil
import socket
from pathlib import Path

from hub.backup.places import BackupProblem, places_of_own_server
from hub.local.outcome import Outcome, RunProblem
from hub.local.own_files import close_to_others
from hub.settings import MEBIBYTE, Settings
from hub.store import StoreProblem, landing_files
from hub.warehouse import embedded_postgres

HOST = "127.0.0.1"
LEAST_FREE_BYTES = 2048 * MEBIBYTE


def check_machine(settings: Settings) -> None:
    """Raises :class:`RunProblem` for a home that cannot be written, folders for backups or a store that cannot be used,
    too little disk space, or a port that is taken."""
    make_home(settings)
    check_backup(settings)
    check_store(settings)
    check_space(settings.home, shutil.disk_usage(settings.home).free)
    check_port(settings.ui_port, "HUB_PORT", "the UI")
    if settings.metrics_port is not None:
        check_port(settings.metrics_port, "HUB_METRICS_PORT", "metrics")
    if settings.exchange_port is not None:
        check_port(settings.exchange_port, "HUB_EXCHANGE_PORT", "the exchange")
    server = embedded_postgres.embedded_postgres(settings)
    if settings.warehouse_url is None and embedded_postgres.postmaster_pid(server) is None:
        check_port(settings.pg_port, "HUB_PG_PORT", "the embedded PostgreSQL")


def make_home(settings: Settings) -> None:
    """Make the home, for the hub's own account alone, and the drop folder."""
    for folder, variable in ((settings.home, "HUB_HOME"), (settings.drop, "HUB_DROP")):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunProblem(Outcome.NO_HOME, f"{folder} cannot be made: {error.strerror}; set {variable}") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise RunProblem(
                Outcome.NO_HOME, f"{folder} cannot be written by this user; set {variable} to a folder of yours"
            )
    close_to_others(settings.home)


def check_space(home: Path, free_bytes: int) -> None:
    """Raises :class:`RunProblem` when fewer than :data:`LEAST_FREE_BYTES` are free on the disk of ``home``."""
    if free_bytes < LEAST_FREE_BYTES:
        raise RunProblem(
            Outcome.DISK_FULL,
            f"{free_bytes // MEBIBYTE} MiB are free under {home}, and the hub needs {LEAST_FREE_BYTES // MEBIBYTE}; "
            "free some, or set HUB_HOME to a folder on a larger disk",
        )


def check_backup(settings: Settings) -> None:
    """Raises :class:`RunProblem` where the folders for backups and keys overlap, or one of them is missing."""
    if settings.backup is not None and settings.warehouse_url is None:
        try:
            places_of_own_server(settings)
        except BackupProblem as problem:
            raise RunProblem(Outcome.NO_BACKUP, str(problem)) from problem


def check_store(settings: Settings) -> None:
    """Raises :class:`RunProblem` where there is a store for landed files that cannot be reached."""
    try:
        landing_files(settings).check()
    except StoreProblem as problem:
        raise RunProblem(Outcome.NO_STORE, str(problem)) from problem


def check_redis() -> None:
    """Raises :class:`RunProblem` when there is no Redis to feed Celery's workers."""
    if shutil.which("redis-server") is None:
        raise RunProblem(
            Outcome.NO_REDIS,
            "CeleryExecutor needs redis-server, which is not on PATH (Debian: apt-get install redis-server)",
        )


def check_port(port: int, variable: str, purpose: str) -> None:
    """Raises :class:`RunProblem` when something listens on the port already, or this user may not listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            why = "this user may not use it" if isinstance(error, PermissionError) else "another program has it"
            raise RunProblem(
                Outcome.PORT_TAKEN,
                f"port {port}, meant for {purpose}, is not free: {why}; set {variable} to a free port",
            ) from error
