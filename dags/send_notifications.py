"""The Airflow DAG that tells people in time."""

from hub.orchestration.notifications_dag import notifications_dag
from hub.settings import read_settings

dag = notifications_dag(read_settings())
