"""Everybody who can be known from a record is a mention, and a mention leads to the vault row that holds who it is."""

import itertools

import pytest
import sqlalchemy as sa

from contracts.samples import EXPECTATIONS, FEEDS
from encrypting import vault_rows
from hub.contracts.model import read_contract
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.migrate import migrate
from hub.warehouse.roles import Role
from models.conftest import Built
from models.rows import fetch

FIELDS = ("name", "email", "phone", "date_of_birth", "postcode")
ROLES = ("victim", "reporter")


def columns_of(feed: str, role: str) -> list[str]:
    contract = read_contract(EXPECTATIONS / feed / "contract.yaml")
    return [column.name for column in contract.personal_columns if column.name in {f"{role}_{one}" for one in FIELDS}]


NAMING = [(feed, role) for feed, role in itertools.product(FEEDS, ROLES) if columns_of(feed, role)]


@pytest.mark.parametrize(("feed", "role"), NAMING)
def test_a_record_mentions_whom_the_vault_holds_and_nobody_else(built: Built, feed: str, role: str) -> None:
    engine = open_warehouse(built.settings, Role.OWNER)
    contract = read_contract(EXPECTATIONS / feed / "contract.yaml")
    named = {
        (str(row["_delivery_id"]), row["_row_number"])
        for row in vault_rows(built.settings, engine, contract)
        if any(row.get(column) for column in columns_of(feed, role))
    }
    with engine.connect() as connection:
        # What a sender took back or said again is in the vault still, and is no record of today's.
        today, mentioned = (
            {(str(row.delivery_id), row.row_number) for row in connection.execute(sa.text(query))}
            for query in (
                f"select delivery_id, row_number from staging.stg_{feed}",
                "select delivery_id, row_number from intermediate.int_person_mentions"
                f" where feed = '{feed}' and role = '{role}'",
            )
        )
    assert mentioned == named & today
    assert mentioned


def test_every_feed_that_names_people_is_looked_at() -> None:
    assert {feed for feed, _ in NAMING} >= {"true_vision_reports", "police_hate_crimes", "victim_support_events"}


# As if ids had been made without the service: other ones, and the migration to the present ones not yet run.
OTHER_IDS = (
    "update staging.stg_victim_support_events set event_id = cast(md5(cast(event_id as text)) as uuid)",
    "update linkage.mention_persons set mention_id = cast(md5(cast(mention_id as text)) as uuid)"
    " where mention_id = any(:mine)",
    "update linkage.mention_identities set mention_id = cast(md5(cast(mention_id as text)) as uuid),"
    " record_id = cast(md5(cast(record_id as text)) as uuid) where feed = 'victim_support_events'",
    "update ledger.alembic_version set version_num = '0028'",
)
DECIDE = """
    with hold as (
        insert into vault.legal_holds (person_id, because, placed_by)
        values (gen_random_uuid(), 'a court asks', 'a.person') returning hold_id
    ),
    held as (insert into vault.held_mentions select hold_id, unnest(cast(:mine as uuid[])) from hold)
    insert into linkage.person_overrides (mention_a, mention_b, is_together, because, decided_by)
    select least(a, b), greatest(a, b), false, 'two people', 'a.person'
    from (select unnest(cast(:mine as uuid[])) as a, cast(:of_report as uuid) as b) as pairs
"""


def test_holds_and_decisions_follow_the_mentions_of_support_events_to_their_present_ids(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    of_events = "select mention_id from linkage.mention_identities where feed = 'victim_support_events' order by 1"
    persons = "select mention_id, person_id from linkage.mention_persons order by 1"
    records = "select mention_id, record_id from linkage.mention_identities order by 1"
    mine, before = fetch(engine, of_events), (fetch(engine, persons), fetch(engine, records))
    of_report = fetch(engine, "select mention_id from linkage.mention_identities where feed = 'true_vision_reports'")[0]
    with engine.begin() as connection:
        for statement in OTHER_IDS:
            connection.execute(sa.text(statement), {"mine": mine} if ":mine" in statement else {})
    others = fetch(engine, of_events)
    assert not set(mine) & set(others)
    with engine.begin() as connection:
        connection.execute(sa.text(DECIDE), {"mine": others, "of_report": of_report})
    with engine.begin() as connection:
        migrate(connection, to="0029")
    assert fetch(engine, "select mention_id from vault.held_mentions order by 1") == mine
    decided = fetch(engine, "select mention_a, mention_b from linkage.person_overrides")
    assert {frozenset(pair) for pair in decided} == {frozenset((one, of_report)) for one in mine}
    assert (fetch(engine, persons), fetch(engine, records)) == before
