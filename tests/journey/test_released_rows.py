"""A row that may be released reaches the warehouse, which builds with it; one that would stop a build stays out."""

import uuid
from collections import defaultdict

import pytest
import sqlalchemy as sa

from contracts.samples import packed_sample
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue, Contract
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.release import DecisionRefused, release_row
from hub.settings import Settings

NEVER_RELEASED = {"type", "required", "range", "future", "maximum", "known"}
"""What the warehouse relies on (docs/decisions/0004)."""


def _quarantined_rows_with_columns(engine: sa.Engine) -> list[tuple[uuid.UUID, str, str]]:
    # By a hash of the rule: which of two rows that share a key is released must not follow the order of the sample.
    query = sa.text("""
        select quarantine_id, feed, rule from quarantine.rows
        where rule !~ '^row[.]'
        order by feed, md5(rule), quarantine_id
    """)
    with engine.connect() as connection:
        return [(row.quarantine_id, row.feed, row.rule) for row in connection.execute(query)]


def _may_be_released(contract: Contract, rule: str) -> bool:
    name, _, kind = rule.rpartition(".")
    is_reference = kind == "pattern" and any(column.name == name and column.unique for column in contract.columns)
    is_code_list = any(one.name == rule and one.is_code_list for one in contract.row_rules)
    return kind not in NEVER_RELEASED and not is_reference and not is_code_list


@pytest.mark.long
def test_the_warehouse_builds_after_every_row_that_may_be_released_is_released(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    for contract in catalogue.contracts.values():
        (receipt,) = collect_files(settings, engine, contract, [packed_sample(contract, "bad", settings.home)])
        ingest_delivery(settings, engine, contract, receipt.delivery_id, released_by="a.person")
    released = defaultdict[tuple[str, str], int](int)
    refused = dict[tuple[str, str], str]()
    for quarantine_id, feed, rule in _quarantined_rows_with_columns(engine):
        try:
            release_row(settings, engine, catalogue, quarantine_id, "a.person")
            released[feed, rule] += 1
        except DecisionRefused as refusal:
            refused[feed, rule] = str(refusal)
    forbidden = {
        key for key in refused.keys() | released.keys() if not _may_be_released(catalogue.contracts[key[0]], key[1])
    }
    assert forbidden.isdisjoint(released)
    others = {key: why for key, why in refused.items() if key not in forbidden and key not in released}
    # A text can be too long for the database's indexes.
    assert {key: why for key, why in others.items() if not key[1].endswith(".length")} == {}
    assert any(rule.endswith(".length") for _, rule in released)
    build_warehouse(settings)
    with engine.connect() as connection:
        disagreeing = connection.execute(
            sa.text("""
                select feed from ledger.deliveries
                where rows_quarantined <> (
                    select count(*) from quarantine.rows
                    where rows.delivery_id = deliveries.delivery_id and state in ('open', 'rejected')
                )
            """)
        ).all()
    assert disagreeing == []
