"""``hub samples remove``: recreates a hub that has only ever received samples.

Its keys, passwords and settings stay, as does the audit log, and what waits in the drop folder and is no sample.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.model import read_catalogue
from hub.dispatch.recipients import read_recipients
from hub.ingest.archive.objects import names_of, remove_files
from hub.ingest.collect import CLAIMS
from hub.ingest.landing_store import landed_names, remove_landed
from hub.ingest.prepare import open_prepared, recreate
from hub.ingest.samples import SIMULATED_FILES, deliveries_not_simulated
from hub.local.airflow_metadata import migrate_metadata
from hub.local.components import Executor, program
from hub.local.logged_runs import run_logged
from hub.local.outcome import Outcome, RunProblem
from hub.local.processes import processes_of
from hub.local.run_folder import RunFolder, make_run_folder, run_folder
from hub.local.sample_deliveries import TRUTH, sample_folder
from hub.local.sample_updates import forget_people_of_samples
from hub.local.start import process_environment
from hub.local.stop import alone
from hub.orchestration.simulated_recipients import SIMULATED_RECEIVERS
from hub.publish.extract_store import sha256
from hub.settings import Settings
from hub.store import outbox_files
from hub.vault import audit
from hub.warehouse import build_lock
from hub.warehouse.engine import begin
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES

AIRFLOWS_RECORD = "dag_run,task_instance,task_instance_history,task_reschedule,xcom,asset_event,log"
"""Tables of what Airflow has done; variables, connections and which DAGs are paused are in others."""


def remove_samples(settings: Settings) -> int:
    """Recreate a hub that has only ever received samples, and return how many deliveries were removed. If it is stopped
    half way, another call finishes it.

    Raises :class:`RunProblem` when the hub runs, and when anything else was ever delivered: then nothing is removed.
    """
    folder = run_folder(settings)
    make_run_folder(folder)
    with alone(folder):
        if processes_of(folder):
            raise RunProblem(Outcome.BUSY, "the hub runs; end it first: hub stop")
        count = _empty_warehouse(settings)
        remove_landed(settings, list(landed_names(settings)))
        remove_files(settings, list(names_of(settings)))
        outbox = outbox_files(settings)
        for file in list(outbox.files()):
            outbox.remove(file.name)
        for path in _made_of_deliveries(settings):
            shutil.rmtree(path, ignore_errors=True)
        forget_people_of_samples(settings)
        _empty_airflows_record(settings, folder)
    return count


def _empty_warehouse(settings: Settings) -> int:
    contracts = read_catalogue(settings.expectations).contracts.values()
    with begin(open_prepared(settings, Role.OWNER)) as connection:
        build_lock.lock_builds(connection)
        connection.execute(sa.text("lock table ledger.deliveries in exclusive mode"))
        if others := deliveries_not_simulated(connection):
            told = ", ".join(f"{feed} {count:,}" for feed, count in others.items())
            raise RunProblem(
                Outcome.RUN_FAILED,
                f"more than samples came to this hub ({told}), so nothing is removed; take single samples out by hub "
                "delivery withdraw, or begin with another HUB_HOME",
            )
        count = connection.scalar(sa.select(sa.func.count()).select_from(DELIVERIES)) or 0
        details = {"deliveries": count}
        audit.append(settings, audit.Entry(audit.account(), "samples removed", "start without samples", details))
        _remove_dropped(settings, frozenset(connection.scalars(sa.select(SIMULATED_FILES.c.sha256))))
        recreate(connection, contracts)
    return count


def _remove_dropped(settings: Settings, simulated: frozenset[str]) -> None:
    for path in (*settings.drop.glob("*/*"), *settings.drop.glob(f"*/{CLAIMS}/*/*")):
        if path.is_file() and sha256(path) in simulated:
            path.unlink()


def _made_of_deliveries(settings: Settings) -> Iterator[Path]:
    yield from (settings.landing, settings.outbox, settings.extracts, settings.briefings, settings.data_docs)
    yield sample_folder(settings)
    made = (TRUTH, "samples.unfinished", "archive", "linkage", "erasures", SIMULATED_RECEIVERS)
    yield from (settings.home / name for name in made)
    yield from _made_up_folders(settings)


def _made_up_folders(settings: Settings) -> Iterator[Path]:
    """The pick-up folders of recipients that do not exist, but for one in which another's lies, or may lie."""
    known = read_recipients(settings.recipients)
    folders = {
        one.code: (settings.pickup_folder / one.transport["folder"]).resolve()
        for one in known.contracts.values()
        if one.transport["kind"] == "folder"
    }
    for code, folder in folders.items():
        others = (other for name, other in folders.items() if name != code)
        is_alone = folder.parent == settings.pickup_folder.resolve() and not known.refusals
        if known.contracts[code].is_simulated and is_alone and not any(one.is_relative_to(folder) for one in others):
            yield folder


def _empty_airflows_record(settings: Settings, folder: RunFolder) -> None:
    """Of each DAG Airflow itself keeps the last run."""
    environment = process_environment(settings, folder, Executor.LOCAL)
    migrate_metadata(settings, folder, environment)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    asked = ["--clean-before-timestamp", now, "--tables", AIRFLOWS_RECORD, "--skip-archive", "--yes"]
    run_logged(
        settings,
        "airflow-clean",
        [program("airflow"), "db", "clean", "--error-on-cleanup-failure", *asked],
        environment,
        failed=Outcome.RUN_FAILED,
        problem="Airflow's record could not be emptied",
    )
