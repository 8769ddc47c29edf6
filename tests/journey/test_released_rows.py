"""Whatever a person may release from quarantine, the warehouse can carry."""

import sqlalchemy as sa

from feeds.samples import packed_sample
from hub.contracts import Catalogue
from hub.decisions import DecisionRefused, release_row
from hub.doors.warehouse_tables import QUARANTINED_ROWS
from hub.ingest import ingest_delivery
from hub.settings import Settings
from hub.stages.build import run_dbt
from hub.stages.collect import collect_files


def test_the_warehouse_builds_with_every_row_that_may_be_released(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    for contract in catalogue.contracts.values():
        (receipt,) = collect_files(settings, engine, contract, [packed_sample(contract, "bad", settings.home)])
        ingest_delivery(settings, engine, contract, receipt.delivery_id)
    with engine.connect() as connection:
        waiting = list(connection.execute(sa.select(QUARANTINED_ROWS.c.quarantine_id)).scalars())
    refused = 0
    for quarantine_id in waiting:
        try:
            release_row(settings, engine, catalogue, quarantine_id, "a.person")
        except DecisionRefused:
            refused += 1
    assert 0 < refused < len(waiting)
    run_dbt(settings)
    with engine.connect() as connection:
        lost = connection.execute(
            sa.text("""
                select feed from ledger.deliveries
                where rows_quarantined <> (
                    select count(*) from quarantine.rows
                    where rows.delivery_id = deliveries.delivery_id and state in ('open', 'rejected')
                )
            """)
        ).all()
    assert lost == []
