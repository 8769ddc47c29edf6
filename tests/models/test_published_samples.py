"""A publish that rests on simulated samples says so to every reader."""

import sqlalchemy as sa

from hub.ingest.samples import NOTICE
from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch

SAID = "select obj_description('publish.incidents_v1'::regclass)"
TOLD = "select distinct relation_description from publish.data_dictionary_v1 where relation_name = 'incidents_v1'"
MANIFESTS = "select count_rows_simulated from ledger.publishes order by publish_id"
COUNTED = "select count_rows_simulated from publish.freshness_v1 where feed = 'true_vision_reports'"
SIMULATED = (
    "insert into ledger.simulated_files select sha256 from ledger.deliveries where feed = 'true_vision_reports'",
    # As the next build has it, and something that has changed since the last publish.
    "update marts.fct_deliveries set is_simulated = true where feed = 'true_vision_reports'",
    "update ledger.builds set deliveries_state = deliveries_state || '.'",
)


def test_what_rests_on_simulated_samples_says_so(published: Settings) -> None:
    engine, publisher = (open_warehouse(published, role) for role in (Role.OWNER, Role.PUBLISHER))
    assert NOTICE not in fetch(engine, SAID)[0] + fetch(engine, TOLD)[0]
    with engine.begin() as connection:
        for statement in SIMULATED:
            connection.execute(sa.text(statement))
    publish(published, publisher)
    assert fetch(engine, SAID)[0].endswith(NOTICE)
    assert fetch(engine, TOLD)[0].endswith(NOTICE)
    assert fetch(engine, MANIFESTS) == [0, *fetch(engine, COUNTED)]
    assert fetch(engine, COUNTED)[0] > 0
    of_bi = "select feed from publish.freshness_protected_v1 where is_simulated"
    assert fetch(engine, of_bi) == ["true_vision_reports"]
