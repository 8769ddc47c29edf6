"""Airflow imports this module at the start of each of its processes, when its folder is on ``PYTHONPATH``.

Tasks are forked from the scheduler (LocalExecutor) or from the Celery worker. Great Expectations and dbt take seven to
eight seconds of processor time to import; done here once, the forked tasks have them already.
"""

import importlib
import logging
import sys

TASK_PARENTS = ("scheduler", "celery")
HEAVY = ("pandas", "pyarrow", "great_expectations", "dbt.cli.main", "dbt.adapters.postgres", "hub.contracts")

__all__: list[str] = []  # Airflow takes every public name of this module for a setting of its own

if sys.argv[1:2] and sys.argv[1] in TASK_PARENTS:
    for _name in HEAVY:
        importlib.import_module(_name)
    # It tells of each temporary folder and each of its functions, in every task's log.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
