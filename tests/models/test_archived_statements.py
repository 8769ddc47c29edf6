"""Sums of statements are the same whether those that are not followed are in raw or in the archive."""

import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue, Contract
from hub.ingest import release
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.archive.statements import HATE, MIXED, SCAM, a_day, a_row, ids
from ingest.deliveries import take_in
from models.rows import fetch, way_of

FEED = "provider_statements"
SUMS = "select * from marts.agg_provider_statements__daily order by 1, 2, 3, 4, 5, 6, 7"
FOLLOWED = "select statement_id, category from marts.fct_provider_statements where is_hate_path order by 1"
PROVIDERS = "select provider_code, provider_name from marts.dim_provider where not is_known order by 1"
QUARANTINED = """
    select row_number, quarantine_id from quarantine.rows where delivery_id = :one and state = 'open' order by 1
"""
ROUNDS, STEPS = 3, 10
STATEMENTS = ids(12, 90_000)
SENDERS = ("Examplebook", "EXAMPLEBOOK", "Another Net", "X")


@dataclass
class Hub:
    """A hub, and its deliveries in the order in which they came."""

    settings: Settings
    catalogue: Catalogue
    ids: list[uuid.UUID] = field(default_factory=list)
    must_start_anew: bool = False

    def __post_init__(self) -> None:
        self.engine = open_warehouse(self.settings, Role.OWNER)
        self.contract = self.catalogue.contracts[FEED]

    def take_in(self, data: bytes, name: str) -> None:
        self.ids.append(take_in(self.settings, self.engine, self.contract, data, name).delivery_id)

    def withdraw_or_restore(self, place: int) -> None:
        one, how = self.ids[place], {"because": "a test", "decided_by": "a person"}
        with self.engine.connect() as connection:
            query = sa.text("select status from ledger.deliveries where delivery_id = :one")
            status: str = connection.execute(query, {"one": one}).scalar_one()
        self.must_start_anew = True
        if status == "loaded":
            withdraw_delivery(self.settings, self.catalogue, one, **how)  # type: ignore[arg-type]
        elif status == "withdrawn":
            restore_delivery(self.settings, self.catalogue, one, **how)

    def release(self, place: int) -> None:
        with self.engine.connect() as connection:
            rows: Iterable[Any] = connection.execute(sa.text(QUARANTINED), {"one": self.ids[place]}).all()
        for row in rows:
            release.release_row(self.settings, self.engine, self.catalogue, row.quarantine_id, "a person")

    def built(self) -> list[list[Any]]:
        # A build of everything finds out by itself that something was withdrawn.
        way = way_of([FEED], "agg_provider_statements__daily")
        build_warehouse(self.settings, select=way, full_refresh=self.must_start_anew)
        self.must_start_anew = False
        return [fetch(self.engine, query) for query in (SUMS, FOLLOWED, PROVIDERS)]


def some_rows(contract: Contract, chance: random.Random) -> list[dict[str, str]]:
    """Statements of which others were delivered before, as they were or otherwise, and some twice."""
    return [
        a_row(
            contract,
            chance.choice(STATEMENTS),
            chance.choice((HATE, SCAM, SCAM, MIXED)),
            platform_name=chance.choice(SENDERS),
            created_at=f"2026-10-0{chance.choice('12')} 11:30:00",
            automated_detection=chance.choice(("Yes", "No")),
            source_identity=chance.choice(("", "", "", "A flagging body")),
        )
        for _ in range(chance.randint(1, 8))
    ]


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
@pytest.mark.parametrize("seed", [1, 2])
def test_sums_are_those_of_a_hub_that_keeps_every_statement_in_raw(
    copy_built: Callable[[], Settings], catalogue: Catalogue, seed: int
) -> None:
    """Statements that are corrected from one to the other and back, within the archive, that come again as they were,
    in files for earlier days, of deliveries that are withdrawn and restored, and rows that a person lets in."""
    contract, chance = catalogue.contracts[FEED], random.Random(seed)
    other = Catalogue({**catalogue.contracts, FEED: replace(contract, followed=None)}, {})
    hubs = Hub(copy_built(), catalogue), Hub(copy_built(), other)
    sent: list[bytes] = []
    for _ in range(ROUNDS):
        for _ in range(STEPS):
            step, place = chance.random(), chance.randrange(max(1, len(sent)))
            if step < 0.6 or not sent:
                is_again = bool(sent) and chance.random() < 0.2
                sent.append(sent[place] if is_again else a_day(some_rows(contract, chance)))
                name = f"sor-2026-10-{chance.randint(1, 28):02}-full.csv.zip"
                for hub in hubs:
                    hub.take_in(sent[-1], name)
            else:
                for hub in hubs:
                    (hub.withdraw_or_restore if step < 0.85 else hub.release)(place)
        for archived, whole in zip(*(hub.built() for hub in hubs), strict=True):
            assert set(archived) ^ set(whole) == set()
            assert archived == whole
    [in_archive] = fetch(hubs[0].engine, "select count(*) from ledger.archived_records")
    [several] = fetch(hubs[0].engine, "select count(*) from intermediate.int_statements__versions")
    assert in_archive > 3 < several
