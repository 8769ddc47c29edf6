"""The Airflow DAG in which a second person approves that readers see another publish."""

from hub.orchestration.switch_dag import switch_dag
from hub.settings import read_settings

dag = switch_dag(read_settings())
