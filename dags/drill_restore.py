"""The Airflow DAG that proves every week that the hub would come back."""

from hub.orchestration.backup_dags import drill_dag
from hub.settings import read_settings

dag = drill_dag(read_settings())
