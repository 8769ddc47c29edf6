"""Airflow as these tests need it: a home of its own, before its first import."""

import os
import tempfile

# Airflow writes its configuration into its home when it is imported; that must not be the developer's own.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="hub-airflow-"))
os.environ.setdefault("AIRFLOW__CORE__UNIT_TEST_MODE", "False")
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
