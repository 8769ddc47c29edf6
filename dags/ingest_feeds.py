"""One Airflow DAG a feed, from its contract. A refused contract is named; the other feeds stay up."""

import logging

from hub.contracts import read_catalogue
from hub.orchestration.ingest_dag import ingest_dag
from hub.settings import read_settings

settings = read_settings()
catalogue = read_catalogue(settings.expectations)

for feed, reason in catalogue.refusals.items():
    logging.getLogger(__name__).warning("feed %s has no DAG, its contract is refused: %s", feed, reason)

for contract in catalogue.contracts.values():
    dag = ingest_dag(contract, settings)
    globals()[dag.dag_id] = dag
