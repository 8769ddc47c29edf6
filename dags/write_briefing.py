"""The Airflow DAG that writes the weekly briefing when something was published."""

from hub.orchestration.briefing_dag import briefing_dag
from hub.settings import read_settings

dag = briefing_dag(read_settings())
