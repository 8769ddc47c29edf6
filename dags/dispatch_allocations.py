"""The Airflow DAGs that send allocations to their recipients and collect their answers."""

from hub.orchestration.dispatch_dags import answers_dag, dispatch_dag
from hub.settings import read_settings

settings = read_settings()
dispatch = dispatch_dag(settings)
answers = answers_dag(settings)
