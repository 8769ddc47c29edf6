"""The Airflow DAG that publishes the marts when they were built."""

from hub.orchestration.warehouse_dags import publish_dag
from hub.settings import read_settings

dag = publish_dag(read_settings())
