"""Airflow imports this module at the start of each of its processes, when its folder is on ``PYTHONPATH``.

Tasks are forked from the scheduler (LocalExecutor) or from the Celery worker. What they use takes seven to eight
seconds of processor time to import; done here once, the forked tasks have it already. New code of the hub's own
therefore needs a restart of these processes; contracts and the dbt project are read again by every task.
"""

import importlib
import sys

TASK_PARENTS = ("scheduler", "celery")
USED_BY_TASKS = (
    "hub.orchestration.steps",
    "hub.orchestration.answers",
    "hub.linkage.people",
    "dbt.cli.main",
    "dbt.adapters.postgres",
)

__all__: list[str] = []  # Airflow takes every public name of this module for a setting of its own

if sys.argv[1:2] and sys.argv[1] in TASK_PARENTS:
    for _name in USED_BY_TASKS:
        importlib.import_module(_name)
    importlib.import_module("hub.ingest.validation").load_great_expectations()
