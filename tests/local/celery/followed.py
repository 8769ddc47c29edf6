"""What a hub of several machines is at: deliveries, tasks and runs; and its secrets."""

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hub.local.pipeline import read_standing
from ingest.deliveries import ledger_rows
from local.celery.several_machines import SeveralMachines
from store.faulty_proxy import SECRET

TASKS = """
    select dag_id, task_id, queue, hostname from {table} where hostname <> '' and state is distinct from 'removed'
"""


def deliver(machines: SeveralMachines, path: Path) -> None:
    """As a sender does: the file has its name when it is whole."""
    folder = machines.hub.drop / path.parent.name
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{path.name}.part"
    shutil.copyfile(path, part)
    part.rename(folder / path.name)


def tasks(machines: SeveralMachines) -> Counter[tuple[str, str, str, str]]:
    """DAG, task, queue and host of all that was begun."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    with machines.airflows().connect() as connection:
        for table in ("task_instance", "task_instance_history"):
            rows = connection.execute(sa.text(TASKS.format(table=table)))
            found.update((row.dag_id, row.task_id, row.queue, row.hostname) for row in rows)
    return found


def active_runs(machines: SeveralMachines) -> list[str]:
    """DAGs on the way from the drop folder to what is published that have a run."""
    query = """
        select dag_id from dag_run where state in ('queued', 'running')
        and (dag_id like 'ingest%' or dag_id in ('build_warehouse', 'publish_intelligence'))
    """
    with machines.airflows().connect() as connection:
        return list(connection.scalars(sa.text(query)))


def waiting(machines: SeveralMachines) -> list[str]:
    """Feeds of which something is not at its end."""
    drop = machines.hub.drop
    dropped = {path.relative_to(drop).parts[0] for path in drop.rglob("*") if path.is_file()}
    received = {row.feed for row in ledger_rows(machines.warehouse()) if row.status == "received"}
    return sorted(dropped | received)


def is_calm(machines: SeveralMachines, feeds: Sequence[str]) -> bool:
    if waiting(machines) or active_runs(machines):
        return False
    return read_standing(machines.warehouse()).is_published(feeds)


def trigger(machines: SeveralMachines, dag: str) -> None:
    machines.command("airflow", "dags", "trigger", dag)


def is_done(machines: SeveralMachines, task: str) -> bool:
    query = "select count(*) from task_instance where task_id like :task and state = 'success'"
    with machines.airflows().connect() as connection:
        return bool(connection.scalar(sa.text(query), {"task": task}))


def secrets_of(machines: SeveralMachines) -> dict[str, str]:
    """Every secret of the hub by where it is kept."""
    kept: dict[str, str] = {}
    for path in machines.hub.secrets.rglob("*"):
        if path.is_file() and path.suffix not in (".url", ".pgpass"):
            text = path.read_text()
            values = json.loads(text).values() if path.suffix == ".json" else text.split()
            kept |= {value: path.relative_to(machines.hub.secrets).as_posix() for value in values if len(value) > 8}
    administrator = make_url(machines.pg.url).password
    return kept | {SECRET: "store", machines.broker.password: "broker", str(administrator): "administrator"}


def rows_of(engine: sa.Engine, table: str, left_out: set[str]) -> Counter[str]:
    with engine.connect() as connection:
        rows = connection.execute(sa.text(f"select * from {table}")).mappings().all()
    return Counter(
        json.dumps({name: value for name, value in row.items() if name not in left_out}, default=str) for row in rows
    )


def ends(engine: sa.Engine) -> Counter[tuple[object, ...]]:
    """Feed, name, end and counts of each delivery."""
    return Counter(
        (
            row.feed,
            row.file_name,
            row.status,
            row.rows_read,
            row.rows_accepted,
            row.rows_quarantined,
            row.rows_duplicate,
        )
        for row in ledger_rows(engine)
    )
