"""The Airflow DAG that tests every week that the newest backup can be restored."""

from hub.orchestration.backup_dags import drill_dag
from hub.settings import read_settings

dag = drill_dag(read_settings())
