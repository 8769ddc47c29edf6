"""The Airflow DAG in which a second person approves that an erased person is masked in what others wrote."""

from hub.orchestration.mentions_dag import mentions_dag
from hub.settings import read_settings

dag = mentions_dag(read_settings())
