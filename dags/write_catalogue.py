"""The Airflow DAG that writes the data catalogue."""

from hub.orchestration.catalogue_dag import catalogue_dag
from hub.settings import read_settings

dag = catalogue_dag(read_settings())
