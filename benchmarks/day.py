"""From the drop folder to the published tables, through Airflow: a small day, 5,000 rows over all feeds; then to the
first attempt at each dispatch."""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from benchmarks.report import Line, free_port, print_lines
from hub.contracts.model import read_catalogue
from hub.ingest.samples import note_simulated
from hub.local.pipeline import read_standing
from hub.orchestration.airflow_environment import METADATA_DATABASE
from hub.publish.extract_store import sha256
from hub.settings import Settings, callers_environment, read_settings
from hub.warehouse.engine import begin, open_warehouse, server_address
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES

REPORTS = 1_700
"""With what comes with them, some 5,000 rows over all feeds."""
LIMIT_SECONDS = 30.0
GIVE_UP_SECONDS = 300.0
LOOK_SECONDS = 0.2
REST_SECONDS = 3.0
ATTEMPT_LIMIT_SECONDS, URGENT_LIMIT_SECONDS = 60.0, 10.0
_ATTEMPTS = """
    select
        dispatches.is_urgent,
        count(*) as count_dispatches,
        percentile_cont(0.95) within group (
            order by extract(epoch from sends.tried_at - publishes.published_at)
        ) as seconds
    from ledger.dispatch_sends as sends
    inner join ledger.dispatches on sends.dispatch_id = dispatches.dispatch_id
    inner join ledger.publishes on dispatches.publish_id = publishes.publish_id
    where sends.document = 'package' and sends.tried_at is not null and publishes.published_at > :dropped_at
    group by dispatches.is_urgent
"""
_RAN = """
    select
        case when dag_id like 'ingest%' then 'ingest, ' || task_id else dag_id || ', ' || task_id end as step,
        count(*) as count_tasks,
        cast(sum(extract(epoch from end_date - start_date)) as float) as taken,
        cast(extract(epoch from min(start_date) - cast(:dropped_at as timestamptz)) as float) as begun,
        cast(extract(epoch from max(end_date) - cast(:dropped_at as timestamptz)) as float) as ended
    from task_instance where start_date >= :dropped_at and end_date is not null
    group by step order by begun
"""


def run(reports: int = REPORTS) -> bool:
    """Start a hub of its own, measure one day, stop it; returns whether the limit is kept."""
    hub = str(Path(sys.executable).with_name("hub"))
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        variables = {
            "HUB_HOME": f"{folder}/home",
            "HUB_PORT": str(free_port()),
            "HUB_PG_PORT": str(free_port()),
        }
        settings = read_settings(variables)
        environment = callers_environment() | variables
        try:
            subprocess.run([hub, "run"], env=environment, check=True, capture_output=True)
            _wait_for_rest(settings)
            day = Path(folder) / "day"
            command = [hub, "simulate", "--out", str(day), "--reports", str(reports), "--days", "1", "--seed", "7"]
            subprocess.run(command, env=environment, check=True, capture_output=True)
            _let_recipients_rest(settings, day)
            dropped_at = datetime.now(UTC)
            seconds, rows = _through(settings, day, dropped_at)
            _wait_for_rest(settings)
            steps = [*_first_attempts(settings, dropped_at), *_steps(settings, dropped_at)]
        finally:
            subprocess.run([hub, "stop"], env=environment, check=False, capture_output=True)
    what = f"{rows:,} rows, drop to published"
    return print_lines([Line(what, seconds, "s", seconds, LIMIT_SECONDS, "s"), *steps])


def _let_recipients_rest(settings: Settings, day: Path) -> None:
    """The made-up recipients take what rests on the day, which is simulated, and answer nothing meanwhile."""
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        note_simulated(connection, (sha256(path) for path in day.glob("*/*")))
    with sa.create_engine(_metadata(settings)).begin() as connection:
        connection.execute(sa.text("update dag set is_paused = true where dag_id = 'collect_answers'"))


def _steps(settings: Settings, dropped_at: datetime) -> list[Line]:
    """Each task that ran since, the earliest first: the seconds it took, and when it began and ended after the drop."""
    with sa.create_engine(_metadata(settings)).connect() as connection:
        ran = connection.execute(sa.text(_RAN), {"dropped_at": dropped_at}).all()
    return [
        Line(f"  {one.step}"[:42], one.taken, f"s, {one.count_tasks} tasks from {one.begun:.1f} to {one.ended:.1f} s")
        for one in ran
    ]


def _first_attempts(settings: Settings, dropped_at: datetime) -> list[Line]:
    """How long after their publish dispatches are first handed over, all but one in twenty."""
    with open_warehouse(settings, Role.OWNER).connect() as connection:
        rows = connection.execute(sa.text(_ATTEMPTS), {"dropped_at": dropped_at}).all()
    limits = {True: URGENT_LIMIT_SECONDS, False: ATTEMPT_LIMIT_SECONDS}
    return [
        Line(
            f"publish to first attempt, p95 of {one.count_dispatches}{' urgent' if one.is_urgent else ''}",
            one.seconds,
            "s",
            one.seconds,
            limits[one.is_urgent],
            "s",
        )
        for one in rows
    ]


def _metadata(settings: Settings) -> sa.URL:
    return server_address(settings).set(drivername="postgresql+psycopg", database=METADATA_DATABASE)


def _wait_for_rest(settings: Settings) -> None:
    """Until Airflow has had nothing to do for a moment: a hub that has just been started still writes its first
    briefing and extracts."""
    query = sa.text("select count(*) from task_instance where state in ('scheduled', 'queued', 'running')")
    started = resting_since = time.perf_counter()
    with sa.create_engine(_metadata(settings), isolation_level="AUTOCOMMIT").connect() as connection:
        while time.perf_counter() - resting_since < REST_SECONDS:
            time.sleep(LOOK_SECONDS)
            if connection.execute(query).scalar_one():
                resting_since = time.perf_counter()
            if time.perf_counter() - started > GIVE_UP_SECONDS:
                raise RuntimeError(f"after {GIVE_UP_SECONDS:.0f} s the hub was not at rest")


def _through(settings: Settings, day: Path, dropped_at: datetime) -> tuple[float, int]:
    engine = open_warehouse(settings, Role.OWNER)
    feeds = list(read_catalogue(settings.expectations).contracts)
    files = [path for feed in feeds for path in sorted((day / feed).iterdir())]
    started = time.perf_counter()
    for path in files:
        path.rename(settings.drop / path.parent.name / path.name)
    while time.perf_counter() - started < GIVE_UP_SECONDS:
        standing = read_standing(engine)
        received, rows = _received(engine, dropped_at)
        if received >= len(files) and standing.is_published(feeds):
            return time.perf_counter() - started, rows
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"after {GIVE_UP_SECONDS:.0f} s not everything was published")


def _received(engine: sa.Engine, since: datetime) -> tuple[int, int]:
    columns = DELIVERIES.c
    rows_read = sa.cast(sa.func.coalesce(sa.func.sum(columns.rows_read), 0), sa.BigInteger)
    counts = sa.select(sa.func.count(), rows_read)
    with engine.connect() as connection:
        count, rows = connection.execute(counts.where(columns.received_at >= since)).one()
    return count, rows
