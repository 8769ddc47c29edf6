"""The Airflow DAG in which a second person approves that a delivery is withdrawn."""

from hub.orchestration.withdrawal_dag import withdrawal_dag
from hub.settings import read_settings

dag = withdrawal_dag(read_settings())
