"""The Airflow DAG that builds the warehouse when rows came in for any feed."""

from hub.orchestration.warehouse_dags import build_dag
from hub.settings import read_settings

dag = build_dag(read_settings())
