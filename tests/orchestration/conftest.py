"""Airflow as these tests need it: a home of its own, before its first import."""

import atexit
import os
import shutil
import tempfile

# Airflow writes into its home when it is imported; that must not be the developer's own.
if "AIRFLOW_HOME" not in os.environ:
    os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="hub-airflow-")
    atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")

from orchestration.watched import daily, deliver, watch  # after the environment is set

__all__ = ["daily", "deliver", "watch"]
