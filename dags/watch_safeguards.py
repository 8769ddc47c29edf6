"""The Airflow DAG that watches what guards the hub: audit log, passwords, rights."""

from hub.orchestration.watch_dag import safeguards_dag
from hub.settings import read_settings

dag = safeguards_dag(read_settings())
