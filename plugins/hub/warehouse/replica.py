"""A streaming replica of the warehouse, which ``HUB_READ_URL`` names: analysts, BI tools, forces and providers read
there, so that their questions take nothing from loads and builds. What the hub itself reads it reads at the source."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from hub.settings import Settings
from hub.warehouse.engine import WarehouseProblem, open_for_a_look, role_address
from hub.warehouse.roles import ROLE_FAMILIES, Role

ANSWER_SECONDS = 5
_SOURCE = sa.text("""
    select
        pg_current_wal_lsn()::text as position, clock_timestamp() as at,
        (select max(publish_id) from ledger.publishes) as publish_id
""")
_REPLICA = sa.text("""
    select
        pg_is_in_recovery() as is_replica,
        coalesce(pg_last_wal_replay_lsn() >= cast(:position as pg_lsn), false) as has_all,
        pg_last_xact_replay_timestamp() as last_change_at,
        (select max(publish_id) from ledger.publishes) as publish_id
""")


@dataclass(frozen=True)
class Lag:
    """How far a replica is behind: it shows everything up to ``behind`` ago, and a publish that is, or is not, the
    newest."""

    behind: timedelta
    publish_id: int | None
    newest_publish_id: int | None

    def __str__(self) -> str:
        of_publish = f"publish {self.publish_id}" if self.publish_id is not None else "no publish yet"
        newest = "" if self.publish_id == self.newest_publish_id else f", the newest is {self.newest_publish_id}"
        return f"at most {self.behind.total_seconds():.0f} s behind; shows {of_publish}{newest}"


def reads_replica(settings: Settings, role: str) -> bool:
    """Whether who connects as ``role`` is sent to a replica: of the people and programs that only read what is
    published."""
    is_reader = role in (Role.ANALYST, Role.BI) or any(role.startswith(f"{one.name}_") for one in ROLE_FAMILIES)
    return settings.read_url is not None and is_reader


def reading_address(settings: Settings, role: str) -> URL:
    """``postgresql://…`` of a role where it reads, password and all. Raises
    :class:`~hub.warehouse.engine.WarehouseProblem` where there is no such role."""
    address = role_address(settings, role)
    if settings.read_url is None or not reads_replica(settings, role):
        return address
    replica = make_url(settings.read_url)
    database = replica.database or address.database
    return address.set(host=replica.host, port=replica.port or 5432, database=database, query=replica.query)


def lag_of_replica(settings: Settings, seconds: int = ANSWER_SECONDS) -> Lag:
    """Ask source and replica, in this order, so that what comes meanwhile counts for the replica; each has so many
    ``seconds``. Raises :class:`~hub.warehouse.engine.WarehouseProblem` where it does not answer, or is no replica."""
    with open_for_a_look(settings, Role.AUDITOR, seconds).connect() as connection:
        source = connection.execute(_SOURCE).one()
    try:
        with open_for_a_look(settings, Role.AUDITOR, seconds, at=_replica(settings)).connect() as connection:
            replica = connection.execute(_REPLICA, {"position": source.position}).one()
    except sa.exc.DBAPIError as problem:
        raise WarehouseProblem(f"the replica does not answer: {' '.join(str(problem.orig).split())}") from None
    if not replica.is_replica:
        raise WarehouseProblem("the server at HUB_READ_URL is no replica: it takes changes of its own")
    return Lag(_behind(source.at, replica), replica.publish_id, source.publish_id)


def _behind(now: datetime, replica: sa.Row[tuple[bool, bool, datetime | None, int | None]]) -> timedelta:
    if replica.has_all:
        return timedelta()
    last: datetime | None = replica.last_change_at
    return max(now - last, timedelta()) if last else timedelta.max


def _replica(settings: Settings) -> URL:
    if settings.read_url is None:
        raise WarehouseProblem("HUB_READ_URL names no replica")
    return make_url(settings.read_url)
