"""No DAG, but an import error in Airflow's UI for each refused contract, whose feed has no DAG to show it."""

from hub.orchestration.ingest_dag import raise_for_refused_contracts
from hub.settings import read_settings

raise_for_refused_contracts(read_settings())
