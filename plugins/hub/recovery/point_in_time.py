"""The database of a backup, as it was at one moment, on a server that nobody but its owner can connect to."""

import shlex
import socket
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from hub.backup import base, keys_apart
from hub.backup.base import Base
from hub.backup.places import BackupProblem, Places
from hub.settings import Settings
from hub.warehouse import embedded_postgres
from hub.warehouse.embedded_postgres import HOST, OWNER, RECOVERY_SIGNAL, EmbeddedPostgres, PostgresProblem
from hub.warehouse.engine import open_as_administrator
from hub.warehouse.postgres_configuration import as_value
from hub.warehouse.roles import Role, give_kept_passwords

ENDED_BEFORE = "recovery ended before configured recovery target was reached"
ACCESS = "pg_hba.conf"
ACCESS_AFTERWARDS = "pg_hba.afterwards.conf"
WHILE_RESTORING = f"host all {OWNER},{Role.OWNER},{Role.RECORDER} {HOST}/32 scram-sha-256\n"
"""The owner alone, who erases again, and the role that adds to the audit log what is done and can read nothing."""
RECOVERY = """
archive_mode = off
hot_standby = off
shared_buffers = '512MB'
restore_command = {command}
recovery_target_timeline = 'latest'
recovery_target_action = 'promote'
"""
"""Without ``hot_standby`` nobody can ask anything before the end, and the server may have other limits than the lost
one. A drill runs beside the hub, which needs its memory."""


@dataclass(frozen=True)
class Recovered:
    """A recovered server: the settings that reach it, and the base backup that it came from."""

    settings: Settings
    server: EmbeddedPostgres
    base: Base


def scratch_settings(settings: Settings, home: Path) -> Settings:
    """The same hub with another home and port, and no backups of its own."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    return replace(
        settings,
        home=home,
        drop=home / "drop",
        sandbox=home / "sandbox",
        pg_port=port,
        backup=None,
        backup_keys=None,
        secrets_folder=None,
    )


def unpack(places: Places, scratch: Settings, to: datetime | None) -> Recovered:
    """Write the keys and the base backup that comes before ``to`` into an empty home."""
    taken = base.newest_before(places, to)
    keys_apart.import_keys(scratch, places.keys)
    server = embedded_postgres.embedded_postgres(scratch)
    base.unpack_base(scratch, taken, server.data)
    (server.data / ACCESS).rename(server.data / ACCESS_AFTERWARDS)
    (server.data / ACCESS).write_text(WHILE_RESTORING)
    (server.data / RECOVERY_SIGNAL).touch()
    return Recovered(scratch, replace(server, more=_recovery(places, scratch, to)), taken)


def roll_forward(recovered: Recovered, places: Places, to: datetime | None) -> None:
    """Start the server, which replays the log up to ``to``, or to its end, and give its roles the kept passwords."""
    server = recovered.server
    try:
        embedded_postgres.recover(server)
    except PostgresProblem:
        if to is None or ENDED_BEFORE not in server.log.read_text(errors="replace"):
            raise
        # Nothing happened between the end of the log and that moment.
        embedded_postgres.recover(replace(server, more=_recovery(places, recovered.settings, None)))
    give_kept_passwords(recovered.settings, open_as_administrator(recovered.settings))


def let_everybody_in(recovered: Recovered) -> None:
    """Put back who may connect, from the next start on."""
    data = recovered.server.data
    (data / ACCESS_AFTERWARDS).replace(data / ACCESS)


def _recovery(places: Places, scratch: Settings, to: datetime | None) -> str:
    variables = [f"HUB_HOME={scratch.home}", f"HUB_BACKUP={places.folder}"]
    command = shlex.join(["env", *variables, sys.executable, "-m", "hub.backup.wal", "fetch"]).replace("%", "%%")
    target = f"recovery_target_time = {as_value(to.isoformat())}\n" if to else ""
    return RECOVERY.format(command=as_value(f"{command} %f %p")) + target


def not_in_the_future(to: datetime | None, now: datetime) -> None:
    """Raises :class:`BackupProblem` for a moment that is still to come."""
    if to is not None and to > now:
        raise BackupProblem(f"{to:%Y-%m-%d %H:%M:%S} UTC is still to come")
