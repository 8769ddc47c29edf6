"""The Airflow DAG that copies the hub away every night."""

from hub.orchestration.backup_dags import backup_dag
from hub.settings import read_settings

dag = backup_dag(read_settings())
