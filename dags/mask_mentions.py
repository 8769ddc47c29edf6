"""The Airflow DAG in which a second person approves masking an erased person in other people's texts."""

from hub.orchestration.mentions_dag import mentions_dag
from hub.settings import read_settings

dag = mentions_dag(read_settings())
