"""Bringing Airflow's metadata database to the version of the installed Airflow."""

import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from hub.local.components import program
from hub.local.logged_runs import run_logged
from hub.local.outcome import Outcome
from hub.local.run_folder import RunFolder
from hub.orchestration.airflow_environment import metadata_address
from hub.settings import Settings

REVISION = sa.table("alembic_version", sa.column("version_num", sa.Text), schema="public")


def migrate_metadata(settings: Settings, folder: RunFolder, environment: Mapping[str, str]) -> bool:
    """Migrate where it is needed; False when the database was already right.

    ``airflow db migrate`` takes some eight seconds even when there is nothing to do. What it was last asked to do is
    kept in the run folder, and it is believed only while the database still says the same revision. Raises
    :class:`RunProblem` when the migration fails.
    """
    url = metadata_address(settings)
    airflow = importlib.metadata.version("apache-airflow")
    if _kept(folder.migrated) == {"airflow": airflow, "revision": _revision(url)}:
        return False
    run_logged(
        settings,
        "airflow-migrate",
        [program("airflow"), "db", "migrate"],
        environment,
        failed=Outcome.COMPONENT_DIED,
        problem="Airflow's database could not be migrated",
        folder=folder.path,
    )
    folder.migrated.write_text(json.dumps({"airflow": airflow, "revision": _revision(url)}))
    return True


def _kept(path: Path) -> object:
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _revision(url: str) -> str | None:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table(REVISION.name, schema=REVISION.schema):
            return None
        return connection.scalar(sa.select(REVISION.c.version_num))
