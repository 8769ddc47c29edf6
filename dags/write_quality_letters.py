"""The Airflow DAG that writes to each sender, once a month, about the quality of what came."""

from hub.orchestration.letters_dag import letters_dag
from hub.settings import read_settings

dag = letters_dag(read_settings())
