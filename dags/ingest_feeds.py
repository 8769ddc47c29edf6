"""One Airflow DAG a feed, from its contract. A refused contract is named; the other feeds stay up."""

from hub.orchestration.ingest_dag import ingest_dags
from hub.settings import read_settings

for dag in ingest_dags(read_settings()):
    globals()[dag.dag_id] = dag
