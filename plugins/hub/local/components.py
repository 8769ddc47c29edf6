"""The processes that make up a running hub, and the supervisor's configuration for them.

The supervisor is supervisord: it starts each component, starts it again when it dies, keeps its output in rotated files
and ends whole process groups. No secret is in the configuration or in a command: components take their settings
from the supervisor's own environment.
"""

import os
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hub.local.run_folder import RunFolder
from hub.orchestration.airflow_environment import COMPONENTS
from hub.orchestration.turns import ANYWHERE
from hub.settings import Settings

LOG_BYTES = "20MB"
LOG_FILES = 5
STOP_SECONDS = 15
"""A clean stop of Airflow takes 4 to 13 s. Its scheduler waits for running tasks, and now and then for ever; a task
that is killed is run again at the next start, with the same result."""


class Executor(StrEnum):
    """What runs Airflow's tasks: processes of the scheduler, or Celery workers fed through Redis."""

    LOCAL = "LocalExecutor"
    CELERY = "CeleryExecutor"


class Layer(StrEnum):
    """A group of components that start and stop together; upper layers stop before lower ones."""

    STORES = "stores"
    AIRFLOW = "airflow"
    SERVICES = "services"


START_ORDER = {Layer.STORES: 10, Layer.AIRFLOW: 20, Layer.SERVICES: 30}


@dataclass(frozen=True)
class Component:
    """One supervised process: its name, its command, and the layer it belongs to."""

    name: str
    command: tuple[str, ...]
    layer: Layer


def program_folder() -> str:
    """The folder of the programs that were installed beside this Python."""
    return str(Path(sys.executable).parent)


def program(name: str) -> str:
    """Path of a program that was installed beside this Python."""
    return str(Path(program_folder()) / name)


def airflow_components() -> tuple[Component, ...]:
    """Airflow's own four processes."""
    return tuple(
        Component(name, (program(command[0]), *command[1:]), Layer.AIRFLOW) for name, command in COMPONENTS.items()
    )


def keeper_of_postgres() -> Component:
    """The process that watches over the embedded PostgreSQL."""
    return Component("postgres", (sys.executable, "-m", "hub.local.keep_postgres"), Layer.STORES)


def keeper_of_backup(settings: Settings) -> tuple[Component, ...]:
    """The process that keeps the backup up to date, where one is made."""
    if settings.backup is None:
        return ()
    return (Component("backup", (sys.executable, "-m", "hub.backup.keeper"), Layer.STORES),)


def answerer_of_sandbox() -> Component:
    """The process that answers the files in the sandbox folder."""
    return Component("sandbox", (sys.executable, "-m", "hub.ingest.sandbox"), Layer.SERVICES)


def teller_of_metrics(settings: Settings) -> tuple[Component, ...]:
    """The process that answers with metrics, where somebody wants them."""
    if settings.metrics_port is None:
        return ()
    return (Component("metrics", (sys.executable, "-m", "hub.metrics.server"), Layer.SERVICES),)


def server_of_exchange(settings: Settings) -> tuple[Component, ...]:
    """The process with which recipients exchange dispatches and answers, where they may."""
    if settings.exchange_port is None:
        return ()
    return (Component("exchange", (sys.executable, "-m", "hub.exchange.server"), Layer.SERVICES),)


def components(settings: Settings, folder: RunFolder, executor: Executor, workers: int) -> tuple[Component, ...]:
    """All components of a hub with these settings. ``workers`` counts Celery workers; LocalExecutor has none."""
    stores = () if settings.warehouse_url else (keeper_of_postgres(), *keeper_of_backup(settings))
    services = (answerer_of_sandbox(), *teller_of_metrics(settings), *server_of_exchange(settings))
    if executor is Executor.LOCAL:
        return (*stores, *airflow_components(), *services)
    return (*stores, redis(folder), *airflow_components(), *celery_workers(workers), *services)


def redis(folder: RunFolder) -> Component:
    """Redis for this hub alone: a Unix socket that only its owner can open, nothing kept on disk."""
    options = {"--port": "0", "--unixsocket": str(folder.redis_socket), "--unixsocketperm": "700"}
    options |= {"--save": "", "--appendonly": "no", "--daemonize": "no", "--dir": str(folder.path)}
    return Component("redis", ("redis-server", *(part for pair in options.items() for part in pair)), Layer.STORES)


def celery_workers(count: int) -> tuple[Component, ...]:
    """Celery workers beside the hub's home, two tasks at once each."""
    taking = ("--queues", f"default,{ANYWHERE}", "--concurrency", "2")
    command = (program("airflow"), "celery", "worker", *taking, "--skip-serve-logs", "--celery-hostname")
    return tuple(
        Component(f"worker-{number}", (*command, f"worker-{number}@%h"), Layer.AIRFLOW)
        for number in range(1, count + 1)
    )


def celery_environment(folder: RunFolder) -> dict[str, str]:
    """Airflow's Celery settings for the Redis of :func:`redis`."""
    url = f"redis+socket://{folder.redis_socket}?virtual_host=0"
    return {"AIRFLOW__CELERY__BROKER_URL": url, "AIRFLOW__CELERY__RESULT_BACKEND": url}


def log_file(settings: Settings, name: str) -> Path:
    """Where a component's output goes."""
    return settings.logs / f"{name}.log"


def supervisor_configuration(settings: Settings, folder: RunFolder, parts: Iterable[Component]) -> str:
    """The text of ``supervisord.conf``."""
    parts = tuple(parts)
    sections = [
        _section("unix_http_server", file=folder.supervisor_socket, chmod="0700"),
        _section("rpcinterface:supervisor", **{"supervisor.rpcinterface_factory": RPC_FACTORY}),
        _section(
            "supervisord",
            logfile=log_file(settings, folder.supervisor),
            logfile_maxbytes=LOG_BYTES,
            logfile_backups=LOG_FILES,
            pidfile=folder.pid_file,
            childlogdir=settings.logs,
            directory=folder.path,
            nodaemon="true",
            # Named, or supervisord warns at every start as root that nobody was named.
            **({"user": "root"} if os.geteuid() == 0 else {}),
        ),
    ]
    for layer in Layer:
        members = [part for part in parts if part.layer is layer]
        if members:
            names = ",".join(part.name for part in members)
            sections.append(_section(f"group:{layer}", programs=names, priority=START_ORDER[layer]))
            sections.extend(_program(settings, part) for part in members)
    return "\n".join(sections)


RPC_FACTORY = "supervisor.rpcinterface:make_main_rpcinterface"


def _program(settings: Settings, part: Component) -> str:
    return _section(
        f"program:{part.name}",
        command=shlex.join(part.command),
        autostart="true",
        autorestart="true",
        startsecs=3,
        startretries=10,
        stopsignal="TERM",
        stopwaitsecs=STOP_SECONDS,
        stopasgroup="true",
        killasgroup="true",
        redirect_stderr="true",
        # supervisord expands this one twice.
        stdout_logfile=_literal(str(log_file(settings, part.name))),
        stdout_logfile_maxbytes=LOG_BYTES,
        stdout_logfile_backups=LOG_FILES,
    )


def _section(name: str, **options: object) -> str:
    lines = [f"{option}={_literal(str(value))}" for option, value in options.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def _literal(text: str) -> str:
    """A per cent sign begins an expansion in supervisord's configuration."""
    return text.replace("%", "%%")
