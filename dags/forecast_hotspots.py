"""The Airflow DAG that forecasts hotspots once a week and asks a person whom to task."""

from hub.orchestration.forecast_dag import forecast_dag
from hub.settings import read_settings

dag = forecast_dag(read_settings())
