"""No DAG, but an import error in the UI for contracts that are refused: their feeds have no DAG to show it."""

from hub.orchestration.ingest_dag import raise_for_refused_contracts
from hub.settings import read_settings

raise_for_refused_contracts(read_settings())
