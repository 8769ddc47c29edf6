"""Whatever a person may release from quarantine, the warehouse can carry."""

import uuid

import pytest
import sqlalchemy as sa

from feeds.samples import packed_sample
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.release import DecisionRefused, release_row
from hub.settings import Settings


def _waiting(engine: sa.Engine) -> list[uuid.UUID]:
    """Rows of each feed that could be split into columns."""
    query = sa.text("""
        select quarantine_id from quarantine.rows
        where rule !~ '^row[.]'
        order by feed, md5(rule), quarantine_id
    """)
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


@pytest.mark.long
def test_the_warehouse_builds_with_every_row_that_may_be_released(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    for contract in catalogue.contracts.values():
        (receipt,) = collect_files(settings, engine, contract, [packed_sample(contract, "bad", settings.home)])
        ingest_delivery(settings, engine, contract, receipt.delivery_id, released_by="a.person")
    released = 0
    for quarantine_id in _waiting(engine):
        try:
            release_row(settings, engine, catalogue, quarantine_id, "a.person")
            released += 1
        except DecisionRefused:
            continue
    assert released > 20
    build_warehouse(settings)
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
