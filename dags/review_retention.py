"""The Airflow DAG in which a person decides whose data is kept longer and whose is erased."""

from hub.orchestration.retention_dag import retention_dag
from hub.settings import read_settings

dag = retention_dag(read_settings())
