"""The Airflow DAG that sends lineage events."""

from hub.orchestration.lineage_dag import lineage_dag
from hub.settings import read_settings

dag = lineage_dag(read_settings())
