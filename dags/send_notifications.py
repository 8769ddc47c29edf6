"""The Airflow DAG that sends the notifications that wait."""

from hub.orchestration.notifications_dag import notifications_dag
from hub.settings import read_settings

dag = notifications_dag(read_settings())
