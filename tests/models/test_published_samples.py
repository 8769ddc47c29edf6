"""A publish that rests on simulated samples says so to every reader."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from dashboards.assets import read_datasets
from hub.briefing.sections import make_briefing
from hub.briefing.tables import read_tables
from hub.ingest.samples import NOTICE
from hub.publish import publish
from hub.publish.extract import PACKAGE, extract
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
    assert set(_whose_data_dashboards_show(engine)) == {"Delivered by the senders"}
    assert NOTICE not in make_briefing(read_tables(engine)).stamp
    assert not _package(published, engine)["hub:simulated"]
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
    assert set(_whose_data_dashboards_show(engine)) == {"Simulated samples"}
    assert NOTICE in make_briefing(read_tables(engine)).stamp
    package = _package(published, engine)
    assert package["hub:simulated"]
    assert package["description"].endswith(NOTICE)


def _whose_data_dashboards_show(engine: sa.Engine) -> Iterator[str]:
    """What each of the dashboards' data sets that can tell says of the origin of its data."""
    for dataset in read_datasets().values():
        if "origin" in dataset.metrics:
            yield from fetch(engine, f"select {dataset.metrics['origin']} from {dataset.source}")


def _package(settings: Settings, engine: sa.Engine) -> dict[str, Any]:
    """The description of an extract as a data package."""
    folder = extract(settings, engine, ["public_statistics_v1"], role="hub_owner").folder
    package: dict[str, Any] = json.loads((folder / PACKAGE).read_text())
    return package
