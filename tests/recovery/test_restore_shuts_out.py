"""Nobody logs in to a hub while it is restored, because it still holds persons whom the restore will erase again."""

import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psutil
import psycopg
import pytest

from hub.recovery.restore import restore
from hub.settings import Settings
from hub.warehouse.embedded_postgres import DATABASE, HOST, OWNER, PostgresProblem, embedded_postgres
from hub.warehouse.engine import open_as_administrator, open_warehouse
from hub.warehouse.roles import Role, login_roles
from ingest.deliveries import take_in
from privacy.letters import ADA, BO, CATALOGUE, LETTERS, as_csv, as_kept, erase, token_of, told
from recovery.hubs import OwnHub, a_moment, own_hub
from recovery.interrupted import is_killed_after, restoring

OF_THE_RESTORE = frozenset({Role.OWNER, Role.RECORDER})
"""It erases as the one and adds to the audit log as the other."""
STEPS = ("roll_forward", "prepare_warehouse", "erase_again", "put_back_landing")


@dataclass(frozen=True)
class Reader:
    """A role and the password by which it logged in before the hub was lost."""

    role: str
    password: str

    def is_refused(self, port: int, database: str = DATABASE, host: str = HOST) -> str | None:
        """Why the server does not let it in; None where it does."""
        try:
            with psycopg.connect(
                host=host, port=port, dbname=database, user=self.role, password=self.password, connect_timeout=10
            ):
                return None
        except psycopg.OperationalError as refusal:
            return str(refusal)


def readers_of(settings: Settings) -> list[Reader]:
    """Every role that logs in to the warehouse. Airflow's logs in to a database of its own."""
    roles = [role for role in login_roles(settings) if role != Role.AIRFLOW]
    return [Reader(role, (settings.secrets / "roles" / role).read_text().strip()) for role in roles]


def who_gets_in(readers: Iterable[Reader], port: int) -> set[str]:
    return {one.role for one in readers if one.is_refused(port) is None}


def postmaster_file(settings: Settings) -> list[str]:
    """What PostgreSQL writes of the half-restored server: its port in the fourth line, its socket's folder below."""
    return (settings.home / "restoring" / "postgres" / "data" / "postmaster.pid").read_text().splitlines()


def port_of_the_half_restored(settings: Settings) -> int:
    return int(postmaster_file(settings)[3])


def socket_of_the_half_restored(settings: Settings) -> str:
    folder = postmaster_file(settings)[4]
    assert (Path(folder) / f".s.PGSQL.{port_of_the_half_restored(settings)}").exists()
    return folder


def assert_nobody_else_gets_in(settings: Settings, readers: list[Reader]) -> None:
    """Neither where the server of the restore listens nor by the ways that lead to a hub."""
    port = port_of_the_half_restored(settings)
    airflow = Reader(Role.AIRFLOW, (settings.home / "restoring" / "secrets" / "roles" / Role.AIRFLOW).read_text())
    others = [airflow, *(one for one in readers if one.role not in OF_THE_RESTORE)]
    for database in (DATABASE, "postgres"):
        refusals = {one.role: one.is_refused(port, database) or "it got in" for one in others}
        assert [role for role, refusal in refusals.items() if "no pg_hba.conf entry" not in refusal] == []
    owner = Reader(OWNER, (settings.home / "restoring" / "secrets" / "postgres.password").read_text().strip())
    assert replace(owner, password="a guess").is_refused(port)
    assert "no pg_hba.conf entry" in (owner.is_refused(port, host=socket_of_the_half_restored(settings)) or "")
    assert "Connection refused" in (owner.is_refused(settings.pg_port) or "")
    for role in login_roles(settings):
        with pytest.raises(PostgresProblem, match="run hub restore again"):
            open_warehouse(settings, role)
    with pytest.raises(PostgresProblem, match="run hub restore again"):
        open_as_administrator(settings)


def is_there(settings: Settings) -> bool:
    """Whether the one who was erased is still in the half-restored hub."""
    half = replace(settings, home=settings.home / "restoring", pg_port=port_of_the_half_restored(settings))
    engine = open_warehouse(half, Role.OWNER)
    found = told(half, engine, LETTERS)
    engine.dispose()
    assert found["B"] == as_kept(BO)
    return found["A"] == as_kept(ADA)


def wait_until_it_waits(process: psutil.Popen) -> None:
    deadline = time.monotonic() + 300
    while process.status() != psutil.STATUS_STOPPED:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def lost_hub(folder: Path) -> Iterator[tuple[Settings, datetime, list[Reader]]]:
    """Where a hub is to come back as it was at a moment, before one of its two persons was erased; and its readers."""
    with own_hub(folder) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
        hub.backup()
        moment = a_moment()
        erase(hub.settings, hub.engine, token_of(hub.engine, LETTERS, "A"))
        hub.keep_up()
        readers = readers_of(hub.settings)
        assert who_gets_in(readers, hub.settings.pg_port) == {one.role for one in readers}
        yield hub.is_lost(), moment, readers


def assert_readers_are_back(settings: Settings, readers: list[Reader]) -> None:
    back = OwnHub(settings)
    assert told(settings, back.engine, LETTERS) == {"A": {}, "B": as_kept(BO)}
    assert who_gets_in(readers, settings.pg_port) == {one.role for one in readers}


def test_while_a_restore_is_at_work_nobody_else_logs_in_and_all_do_after_it(tmp_path: Path) -> None:
    with lost_hub(tmp_path) as (again, moment, readers):
        still_there = []
        with restoring(again, signal.SIGSTOP, STEPS, moment.isoformat()) as process:
            for _ in STEPS:
                wait_until_it_waits(process)
                assert_nobody_else_gets_in(again, readers)
                still_there.append(is_there(again))
                process.send_signal(signal.SIGCONT)
            assert process.wait(timeout=300) == 0
        # There was somebody to be seen.
        assert still_there == [True, True, False, False]
        assert_readers_are_back(again, readers)


@pytest.mark.long
def test_a_restore_that_was_killed_lets_nobody_in_until_it_has_come_to_its_end(tmp_path: Path) -> None:
    with lost_hub(tmp_path) as (again, moment, readers):
        is_killed_after(again, "roll_forward", moment.isoformat())
        assert embedded_postgres(replace(again, home=again.home / "restoring")).data.exists()
        assert is_there(again)
        assert_nobody_else_gets_in(again, readers)
        assert restore(again, CATALOGUE, moment).problems == []
        assert_readers_are_back(again, readers)
