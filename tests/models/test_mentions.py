"""Everybody who can be known from a record is a mention, and a mention leads to the vault row that holds who it is."""

import itertools

import pytest
import sqlalchemy as sa

from encrypting import vault_rows
from feeds.samples import EXPECTATIONS, FEEDS
from hub.contracts.model import read_contract
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.conftest import Built

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
