"""How long a lost hub takes to come back, and a drill to prove that it would.

``python -m benchmarks restore`` on a million reports, ``--small`` on a tenth of it. The base backup is of the night: a
day's deliveries, its build and its publish come after it and are replayed from the log.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.histories import REPORTS_A_DAY, history_of
from benchmarks.own_hub import OwnHub, own_hub
from benchmarks.report import Line, free_port, print_lines
from hub.backup import keeper
from hub.backup.make import make_backup
from hub.backup.places import backup_places
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import read_catalogue
from hub.publish import publish
from hub.recovery.drill import drill
from hub.recovery.restore import restore
from hub.warehouse import embedded_postgres

RESTORE_LIMIT = 300.0


def run(reports: int = 1_000_000, of_a_day: int = REPORTS_A_DAY) -> bool:
    """Measure and print; returns whether the limit is kept and nothing was wrong with what came back."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder, own_hub(is_backed_up=True) as hub:
        history = history_of(Path(folder), reports, days=1, of_a_day=of_a_day)
        _take_in(hub, history.before)
        began = time.perf_counter()
        make_backup(hub.settings)
        print_lines([Line("base backup", time.perf_counter() - began, "s")])
        _take_in(hub, history.days[0])
        return _restore(hub)


def _take_in(hub: OwnHub, files: Sequence[Path]) -> None:
    rows = sum(delivery.rows_read for delivery in hub.take_in(files))
    build_warehouse(hub.settings)
    publish(hub.settings, hub.engine)
    print(f"{len(files):,} files with {rows:,} records taken in, built and published", flush=True)


def _restore(hub: OwnHub) -> bool:
    """A drill beside the hub; then the machine is lost, and another home gets what the backup has."""
    settings, catalogue = hub.settings, read_catalogue(hub.settings.expectations)
    keeper.keep_up(settings, backup_places(settings), {})
    began = time.perf_counter()
    tried = drill(settings, catalogue)
    drill_seconds = time.perf_counter() - began
    hub.engine.dispose()
    embedded_postgres.stop(embedded_postgres.embedded_postgres(settings))
    home = settings.home.with_name("again")
    began = time.perf_counter()
    restored = restore(replace(settings, home=home, drop=home / "drop", pg_port=free_port()), catalogue, None)
    seconds = time.perf_counter() - began
    lines = [
        Line("drill", drill_seconds, "s"),
        *(Line(f"  {step}", taken, "s") for step, taken in tried.seconds.items()),
        Line("restore", seconds, "s", seconds, RESTORE_LIMIT, "s"),
        *(Line(f"  {step}", taken, "s") for step, taken in restored.seconds.items()),
    ]
    for problem in (*tried.problems, *restored.problems):
        print(f"  NOT KEPT: {problem}")
    return print_lines(lines) and not tried.problems and not restored.problems
