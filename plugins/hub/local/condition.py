"""How the hub's own machinery is: components, disk, backup and drill, for ``hub status`` and whatever watches it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import sqlalchemy as sa

from hub.backup.base import bases
from hub.backup.places import OWN_BACKUPS, BackupProblem, Places, places_of_own_server
from hub.local.airflow_api import AirflowApi, AirflowRefused
from hub.local.own_files import is_open_to_others
from hub.local.preflight import HOST, LEAST_FREE_BYTES
from hub.local.run_folder import run_folder
from hub.local.supervision import SupervisorProblem, component_states
from hub.notifications import outbox
from hub.notifications.channels import ChannelsRefused, read_channels
from hub.orchestration.airflow_environment import ui_password
from hub.recovery.drill_record import last_drill
from hub.settings import MEBIBYTE, Settings
from hub.store import StoreProblem, landing_files
from hub.warehouse.engine import WarehouseProblem
from hub.warehouse.replica import lag_of_replica

OLDEST_KEPT = timedelta(seconds=60)
"""What is lost at most when the machine is."""
CLOCK_TOLERANCE = timedelta(minutes=1)
LONGEST_UNSENT = timedelta(minutes=15)
OLDEST_BASE = timedelta(hours=26)
OLDEST_DRILL = timedelta(days=8)
LONGEST_BEHIND = timedelta(minutes=5)
"""Of a replica of the warehouse."""


@dataclass(frozen=True)
class Condition:
    """How one part is, in a few words, and whether somebody must do something about it."""

    part: str
    said: str
    is_wrong: bool


def conditions(settings: Settings, engine: sa.Engine, now: datetime) -> list[Condition]:
    """Everything that ``hub status`` looks at besides the deliveries."""
    parts = (
        _components(settings),
        _dags(settings),
        _disks(settings),
        _backup(settings, engine, now),
        _replica(settings),
        _store(settings),
    )
    alone = (_clock(engine, now), _home(settings), _notifications(settings, engine, now))
    return [*alone, *(one for part in parts for one in part)]


def _components(settings: Settings) -> Iterator[Condition]:
    folder = run_folder(settings)
    if not folder.pid_file.exists():
        yield Condition("components", "none was started here by hub run", is_wrong=False)
        return
    try:
        states = component_states(folder)
    except SupervisorProblem:
        yield Condition("components", "the supervisor has died; hub run starts it again", is_wrong=True)
        return
    for one in states:
        yield Condition(one.name, f"{one.state.lower()}, {one.detail}", is_wrong=not one.is_up)


def _dags(settings: Settings) -> Iterator[Condition]:
    """An operator may pause any DAG, also those that watch the hub."""
    if not run_folder(settings).pid_file.exists():
        return
    airflow = AirflowApi(HOST, settings.ui_port)
    try:
        airflow.log_in("admin", ui_password(settings, "admin"))
        paused = sorted(dag_id for dag_id, is_paused in airflow.paused_by_dag().items() if is_paused)
    except (httpx.HTTPError, AirflowRefused):
        yield Condition("DAGs", "Airflow does not answer", is_wrong=True)
        return
    yield Condition("DAGs", f"paused: {', '.join(paused)}" if paused else "none is paused", is_wrong=bool(paused))


def _home(settings: Settings) -> Condition:
    if is_open_to_others(settings.home.resolve()):
        said = f"other accounts of the machine may look into {settings.home}; hub prepare closes it"
        return Condition("home", said, is_wrong=True)
    return Condition("home", "open to the hub's own account alone", is_wrong=False)


def _notifications(settings: Settings, engine: sa.Engine, now: datetime) -> Condition:
    """Whether people hear of what happens. A hub without a channel is not wrong: somebody may look at it instead."""
    try:
        channels = read_channels(settings)
    except ChannelsRefused as refusal:
        return Condition("notifications", str(refusal), is_wrong=True)
    with engine.connect() as connection:
        waiting = outbox.entries(connection)
    if not channels:
        said = f"no channel is set up in {settings.notifications.name}; notifications not sent: {len(waiting)}"
        return Condition("notifications", said, is_wrong=False)
    for_nobody = sum(one.channel is None for one in waiting)
    late = [one for one in waiting if one.channel is not None and now - one.noted_at > LONGEST_UNSENT]
    why = "".join(sorted({f"; {one.channel}: {one.problem}" for one in late if one.problem}))
    said = f"{len(waiting) - for_nobody} wait{why}" + (f"; {for_nobody} that no channel takes" if for_nobody else "")
    return Condition("notifications", said, bool(late))


def _disks(settings: Settings) -> Iterator[Condition]:
    folders = {"disk": settings.home, **({"disk of backups": settings.backup} if settings.backup else {})}
    for part, folder in folders.items():
        if folder.is_dir():
            free = shutil.disk_usage(folder).free
            yield Condition(part, f"{free // MEBIBYTE:,} MiB are free under {folder}", free < LEAST_FREE_BYTES)


def _replica(settings: Settings) -> Iterator[Condition]:
    if settings.read_url is None:
        return
    try:
        lag = lag_of_replica(settings)
    except WarehouseProblem as problem:
        yield Condition("replica", str(problem), is_wrong=True)
    else:
        yield Condition("replica", str(lag), is_wrong=lag.behind > LONGEST_BEHIND)


def _store(settings: Settings) -> Iterator[Condition]:
    if settings.store_url is None:
        return
    try:
        landing_files(settings).check()
    except StoreProblem as problem:
        yield Condition("landing store", str(problem), is_wrong=True)
    else:
        yield Condition("landing store", f"{settings.store_url} answers", is_wrong=False)


LATEST = """
    select greatest(
        (select max(greatest(received_at, loaded_at, withdrawn_at)) from ledger.deliveries),
        (select max(greatest(started_at, linked_at, finished_at)) from ledger.builds)
    )
"""


def _clock(engine: sa.Engine, now: datetime) -> Condition:
    with engine.connect() as connection:
        latest: datetime | None = connection.execute(sa.text(LATEST)).scalar_one()
    if latest is None or latest - now <= CLOCK_TOLERANCE:
        return Condition("clock", "not behind what the hub has noted", is_wrong=False)
    said = f"behind the hub's last note of {latest:%Y-%m-%d %H:%M} UTC; until then every build starts from nothing"
    return Condition("clock", said, is_wrong=True)


def _backup(settings: Settings, engine: sa.Engine, now: datetime) -> Iterator[Condition]:
    if settings.warehouse_url:
        yield Condition("backup", OWN_BACKUPS, is_wrong=False)
        return
    try:
        places = places_of_own_server(settings)
    except BackupProblem as problem:
        yield Condition("backup", f"none is made: {problem}", is_wrong=True)
        return
    yield _kept(places, now)
    yield _handed_on(engine)
    yield _base(places, now)
    yield _drill(places, now)


def _kept(places: Places, now: datetime) -> Condition:
    if not places.kept.exists():
        return Condition("kept until", "nothing is kept yet; hub run starts what keeps it", is_wrong=True)
    age = now - datetime.fromtimestamp(places.kept.stat().st_mtime, UTC)
    return Condition("kept until", f"{age.total_seconds():.0f} s ago", age > OLDEST_KEPT)


def _handed_on(engine: sa.Engine) -> Condition:
    query = sa.text(
        "select last_failed_time is not null and last_failed_time > coalesce(last_archived_time, '-infinity')"
        " from pg_stat_archiver"
    )
    with engine.connect() as connection:
        is_failing = bool(connection.execute(query).scalar_one())
    said = "PostgreSQL cannot hand them on: the end of postgres/postgres.log says why" if is_failing else "handed on"
    return Condition("full log segments", said, is_failing)


def _base(places: Places, now: datetime) -> Condition:
    every = bases(places)
    if not every:
        return Condition("base backup", "there is none; hub backup makes one", is_wrong=True)
    taken_at = every[-1].taken_at
    return Condition("base backup", f"{taken_at:%Y-%m-%d %H:%M} UTC, {len(every)} in all", now - taken_at > OLDEST_BASE)


def _drill(places: Places, now: datetime) -> Condition:
    last = last_drill(places)
    if last is None:
        oldest = min((one.taken_at for one in bases(places)), default=now)
        return Condition("drill", "none yet; hub drill makes one", now - oldest > OLDEST_DRILL)
    said = f"{last.at:%Y-%m-%d %H:%M} UTC: {'; '.join(last.problems) or 'the hub comes back whole'}"
    return Condition("drill", said, bool(last.problems) or now - last.at > OLDEST_DRILL)
