"""Whatever a person may release from quarantine, the warehouse can carry."""

import uuid

import pytest
import sqlalchemy as sa

from feeds.samples import packed_sample
from hub.contracts import Catalogue
from hub.decisions import DecisionRefused, release_row
from hub.ingest import ingest_delivery
from hub.settings import Settings
from hub.stages.collect import collect_files
from hub.warehouse_build import build_warehouse


def _waiting(engine: sa.Engine, most: int) -> list[uuid.UUID]:
    """``most`` rows of each feed that break neither a type nor a code list nor lack what must be given."""
    query = sa.text("""
        select quarantine_id
        from (
            select *, row_number() over (partition by feed order by md5(rule)) as place
            from quarantine.rows
            where rule !~ '([.](type|required|known)$)|(^row[.])'
        ) as by_feed
        where place <= :most
    """)
    with engine.connect() as connection:
        return list(connection.execute(query, {"most": most}).scalars())


# Judging a single row takes up to half a second where a contract has seventy rules.
@pytest.mark.parametrize("rows_a_feed", [1, pytest.param(1000, marks=pytest.mark.long)])
def test_the_warehouse_builds_with_every_row_that_may_be_released(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, rows_a_feed: int
) -> None:
    for contract in catalogue.contracts.values():
        (receipt,) = collect_files(settings, engine, contract, [packed_sample(contract, "bad", settings.home)])
        ingest_delivery(settings, engine, contract, receipt.delivery_id)
    released = 0
    for quarantine_id in _waiting(engine, rows_a_feed):
        try:
            release_row(settings, engine, catalogue, quarantine_id, "a.person")
            released += 1
        except DecisionRefused:
            continue
    assert released >= 8
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
