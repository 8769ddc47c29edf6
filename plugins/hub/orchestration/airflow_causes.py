"""What in Airflow's own database somebody has to look at: DAGs that fail, questions that wait."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub.monitoring.watch import Cause
from hub.orchestration import approvals
from hub.orchestration.airflow_environment import open_metadata
from hub.settings import Settings

BUILD_DAG = "build_warehouse"
FORGOTTEN_AFTER = timedelta(days=7)
ON_ITS_WAY = timedelta(minutes=10)
"""A question is written down before Airflow shows it."""

FAILING = """
    select run.dag_id, dag.owners, min(run.end_date) as since_at, count(*) as count_runs
    from dag_run as run
    inner join dag on run.dag_id = dag.dag_id
    where run.state = 'failed' and run.end_date > :after and run.end_date > coalesce(
        (select max(good.end_date) from dag_run as good where good.dag_id = run.dag_id and good.state = 'success'),
        '-infinity'
    )
    group by run.dag_id, dag.owners
    order by run.dag_id
"""
ASKED = """
    select asked.id, asked.try_number from task_instance as asked
    inner join hitl_detail as detail on asked.id = detail.ti_id
    where detail.responded_at is null
      and (asked.state is null or asked.state not in ('success', 'failed', 'skipped', 'removed', 'upstream_failed'))
"""
UNANSWERED = """
    select question_id, dag_id, asked_at from ledger.questions as asked
    where not exists (select from ledger.approvals where approvals.question_id = asked.question_id)
    order by asked_at
"""
IS_TOLD_BY_ITS_BUILD = """
    select status = 'failed' from ledger.builds where selection is null order by build_id desc limit 1
"""


def airflow_causes(settings: Settings, connection: sa.Connection, now: datetime) -> list[Cause]:
    """DAGs whose runs have failed since the last good one, and questions that nobody has answered. ``connection`` is to
    the warehouse, as the loader. None where no Airflow of this hub has been prepared."""
    metadata = open_metadata(settings)
    if metadata is None:
        return []
    with metadata.connect() as airflow:
        failing = airflow.execute(sa.text(FAILING), {"after": now - FORGOTTEN_AFTER}).all()
        asked = {approvals.question_id_of(row.id, row.try_number) for row in airflow.execute(sa.text(ASKED))}
    return [*_failing(failing, connection), *_waiting(asked, connection, now)]


def _failing(rows: Iterable[Any], connection: sa.Connection) -> Iterator[Cause]:
    for row in rows:
        if row.dag_id == BUILD_DAG and connection.scalar(sa.text(IS_TOLD_BY_ITS_BUILD)):
            continue
        since = f"{row.since_at:%Y-%m-%d %H:%M} UTC"
        detail = f"{row.count_runs} run(s) of {row.dag_id} have failed since {since}, and none was good"
        yield Cause(f"failed_run:{row.dag_id}", "failed_run", row.owners.split(",")[0].strip(), detail)


def _waiting(asked: set[uuid.UUID], connection: sa.Connection, now: datetime) -> Iterator[Cause]:
    """A question whose run was ended, deleted or begun again waits for nobody."""
    for row in connection.execute(sa.text(UNANSWERED)):
        if row.question_id in asked or now - row.asked_at < ON_ITS_WAY:
            yield approvals.alert_of(row.question_id, row.dag_id)
