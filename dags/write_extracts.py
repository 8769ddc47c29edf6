"""The Airflow DAG that writes extracts when something was published."""

from hub.orchestration.extract_dag import extract_dag
from hub.settings import read_settings

dag = extract_dag(read_settings())
