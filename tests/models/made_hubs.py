"""Databases that are made once in a run of the tests, by the first worker that asks; the others restore its dump."""

import dataclasses
import fcntl
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import FIRST, copy_database, database_url, end_sessions, share_roles
from hub.settings import Settings
from hub.warehouse import embedded_postgres


def made_once[T](
    folder: Path, settings: Settings, server_settings: Settings, administration: sa.Engine, make: Callable[[], T]
) -> T:
    """What ``make`` returns. The first worker makes the database of these settings, and any other restores its dump."""
    folder.mkdir(exist_ok=True)
    dump, result = folder / "warehouse.dump", folder / "result.pickle"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        share_roles(server_settings, settings.home)
        if result.exists():
            copy_database(administration, "template0", str(make_url(str(settings.warehouse_url)).database))
            call_program("pg_restore", settings, "--exit-on-error", str(dump))
        else:
            made = make()
            # With the statistics of the planner: restored tables have none otherwise.
            call_program("pg_dump", settings, "--format=custom", "--compress=none", "--statistics", f"--file={dump}")
            result.write_bytes(pickle.dumps(made))
    found: T = pickle.loads(result.read_bytes())
    return found


def rename(administration: sa.Engine, name: str) -> None:
    with administration.connect() as connection:
        end_sessions(connection, FIRST)
        connection.execute(sa.text(f"alter database {FIRST} rename to {name}"))


def with_database(server_settings: Settings, name: str, home: Path) -> Settings:
    url = database_url(server_settings, name)
    return dataclasses.replace(
        server_settings, warehouse_url=url, home=home, drop=home / "drop", sandbox=home / "sandbox"
    )


def call_program(program: str, settings: Settings, *arguments: str) -> None:
    """One of PostgreSQL's programs, on the database of these settings."""
    command = [str(embedded_postgres.binaries() / program), f"--dbname={settings.warehouse_url}", *arguments]
    subprocess.run(command, check=True)
