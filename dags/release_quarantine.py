"""The Airflow DAG in which a person releases or rejects what was not accepted."""

from hub.orchestration.quarantine_dag import quarantine_dag
from hub.settings import read_settings

dag = quarantine_dag(read_settings())
