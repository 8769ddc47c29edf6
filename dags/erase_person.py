"""The Airflow DAG in which a second person approves erasing a person."""

from hub.orchestration.erasure_dag import erasure_dag
from hub.settings import read_settings

dag = erasure_dag(read_settings())
