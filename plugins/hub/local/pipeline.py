"""Following deliveries from the drop folder to the published tables."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from hub.local.airflow_api import AirflowApi, DagRun
from hub.local.outcome import Outcome, RunProblem
from hub.local.progress import Note
from hub.warehouse.tables import DELIVERIES

PUBLISHED_SECONDS = 1_800
STALLED_SECONDS = 45
"""Nothing runs and nothing is waiting for this long: what is not published then will not be."""
POLL_SECONDS = 1.0
FRESHNESS = sa.table(
    "freshness_v1", sa.column("feed", sa.Text), sa.column("published_at", sa.DateTime(timezone=True)), schema="publish"
)
INGEST = "ingest_"
PIPELINE = ("build_warehouse", "publish_intelligence")
FORECAST = "forecast_hotspots"
CALM_LOOKS = 3
"""A publish starts the forecast, and that one more publish; between two runs there is a moment without any."""


@dataclass(frozen=True)
class Standing:
    """How far the deliveries have come. ``waiting`` counts deliveries received and not validated yet."""

    received: int
    waiting: int
    last_loaded_at: datetime | None
    published_feeds: frozenset[str]
    published_at: datetime | None

    def is_published(self, feeds: Collection[str]) -> bool:
        """Whether every feed has its row, and the last load that brought rows is older than the publication."""
        return (
            self.waiting == 0
            and self.published_feeds >= set(feeds)
            and self.published_at is not None
            and (self.last_loaded_at is None or self.last_loaded_at <= self.published_at)
        )


def dags_of(feeds: Iterable[str]) -> list[str]:
    """Ids of the DAGs that take these feeds to the published tables."""
    return [*(INGEST + feed for feed in feeds), *PIPELINE]


def wait_for_dags(airflow: AirflowApi, feeds: Collection[str], note: Note, seconds: float = 120) -> list[str]:
    """Wait until Airflow has read the DAG of every feed; return those on the way to the published tables that somebody
    has paused. They stay so."""
    wanted = set(dags_of(feeds))

    def unread() -> list[str]:
        missing = sorted(wanted - airflow.paused_by_dag().keys())
        if missing:
            note(f"waiting for {', '.join(missing)}")
        return missing

    looks = Retrying(
        retry=retry_if_result(lambda missing: bool(missing) and not airflow.import_errors()),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(POLL_SECONDS),
        retry_error_callback=lambda _: unread(),
    )
    if missing := looks(unread):
        errors = "; ".join(f"{name}: {error}" for name, error in airflow.import_errors().items()) or "no error is shown"
        raise RunProblem(Outcome.RUN_FAILED, f"Airflow has not read the DAGs {', '.join(missing)}; {errors}")
    return sorted(dag_id for dag_id, is_paused in airflow.paused_by_dag().items() if is_paused and dag_id in wanted)


def wait_until_published(
    airflow: AirflowApi,
    engine: sa.Engine,
    feeds: Collection[str],
    started_at: datetime,
    is_drop_empty: Callable[[], bool],
    note: Note,
) -> None:
    """Return when everything that was dropped is validated, built and published.

    Raises :class:`RunProblem` when a DAG run fails, or the publication takes longer than :data:`PUBLISHED_SECONDS`.
    """
    deadline = time.monotonic() + PUBLISHED_SECONDS
    busy_at = time.monotonic()
    calm = 0
    while calm < CALM_LOOKS:
        _raise_for_failed(airflow, airflow.runs_since(started_at))
        active = [run for run in airflow.active_runs() if _is_at_work(airflow, run)]
        standing = read_standing(engine)
        is_idle = not active and is_drop_empty() and standing.waiting == 0
        calm = calm + 1 if is_idle and standing.is_published(feeds) else 0
        now = time.monotonic()
        busy_at = busy_at if is_idle else now
        state = _state_text(standing, feeds, active)
        if now > deadline or now > busy_at + STALLED_SECONDS:
            raise RunProblem(Outcome.TOO_SLOW, f"not everything was published: {state}. The hub is left running")
        note(state)
        time.sleep(POLL_SECONDS)


def _is_at_work(airflow: AirflowApi, run: DagRun) -> bool:
    """Whether what is published can still change by this run, without a person's doing."""
    if run.dag_id == FORECAST:
        return not airflow.awaits_a_person(run)
    return run.dag_id.startswith(INGEST) or run.dag_id in PIPELINE


def read_standing(engine: sa.Engine) -> Standing:
    """How far the deliveries have come, from the ledger and the published tables."""
    columns = DELIVERIES.c
    counts = sa.select(
        sa.func.count().label("received"),
        sa.func.count().filter(columns.status == "received").label("waiting"),
        sa.func.max(columns.loaded_at).filter(columns.rows_accepted > 0).label("last_loaded_at"),
    )
    with engine.connect() as connection:
        counted: Any = connection.execute(counts).one()
        published: list[Any] = []
        if sa.inspect(connection).has_table(FRESHNESS.name, schema=FRESHNESS.schema):
            published = list(connection.execute(sa.select(FRESHNESS.c.feed, FRESHNESS.c.published_at)))
    return Standing(
        received=counted.received,
        waiting=counted.waiting,
        last_loaded_at=counted.last_loaded_at,
        published_feeds=frozenset(row.feed for row in published),
        published_at=min((row.published_at for row in published if row.published_at is not None), default=None),
    )


def _raise_for_failed(airflow: AirflowApi, runs: Iterable[DagRun]) -> None:
    failed = [run for run in runs if run.state == "failed"]
    if failed:
        names = "; ".join(f"{run.dag_id} ({', '.join(airflow.failed_tasks(run))})" for run in failed)
        raise RunProblem(Outcome.RUN_FAILED, f"failed: {names}. The hub is left running: the UI shows their logs")


def _state_text(standing: Standing, feeds: Collection[str], active: Iterable[DagRun]) -> str:
    running = ", ".join(sorted({run.dag_id for run in active})) or "no run"
    validated = standing.received - standing.waiting
    published = len(standing.published_feeds & set(feeds))
    return f"{validated} of {standing.received} files validated, {published} of {len(feeds)} feeds published; {running}"
