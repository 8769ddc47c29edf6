"""The Airflow DAG that watches the deliveries."""

from hub.orchestration.watch_dag import watch_dag
from hub.settings import read_settings

dag = watch_dag(read_settings())
