"""The Airflow DAGs that tell people who reported what became of it."""

from hub.orchestration.updates_dags import send_dag, tell_dag
from hub.settings import read_settings

settings = read_settings()
tell = tell_dag(settings)
send = send_dag(settings)
