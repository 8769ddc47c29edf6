"""How long a fresh process takes to read all DAG files."""

import subprocess
import sys
import tempfile

from benchmarks.report import Line, free_port, print_lines
from hub.orchestration.airflow_environment import airflow_environment
from hub.settings import callers_environment, read_settings
from hub.warehouse import embedded_postgres

LIMIT_SECONDS = 3.0
ROUNDS = 3
PARSE = """
import time
from airflow.dag_processing.dagbag import DagBag
from airflow.configuration import conf
started = time.perf_counter()
bag = DagBag(conf.get("core", "dags_folder"))
print(time.perf_counter() - started, len(bag.dags), len(bag.import_errors))
"""


def run() -> bool:
    """Parse in fresh processes; returns whether the limit is kept."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        settings = read_settings({"HUB_HOME": folder, "HUB_PG_PORT": str(free_port())})
        try:
            environment = callers_environment() | airflow_environment(settings)
            best, count_dags = min(_parse(environment) for _ in range(ROUNDS))
        finally:
            embedded_postgres.stop(embedded_postgres.embedded_postgres(settings))
    return print_lines([Line(f"{count_dags} DAGs parsed, fresh process", best, "s", best, LIMIT_SECONDS, "s")])


def _parse(environment: dict[str, str]) -> tuple[float, int]:
    done = subprocess.run([sys.executable, "-c", PARSE], env=environment, check=True, capture_output=True, text=True)
    seconds, count_dags, count_errors = done.stdout.split()[-3:]
    if int(count_errors):
        raise RuntimeError(f"{count_errors} DAG files do not parse")
    return float(seconds), int(count_dags)
