"""Whoever can be known from a record is a mention, and a mention leads to the vault row that holds who it is."""

import itertools

import pytest

from feeds.samples import EXPECTATIONS, FEEDS
from hub.contracts import read_contract
from hub.doors.warehouse import open_warehouse
from warehouse.conftest import Built
from warehouse.rows import fetch

FIELDS = ("name", "email", "phone", "date_of_birth", "postcode")
ROLES = ("victim", "reporter")


def columns_of(feed: str, role: str) -> list[str]:
    contract = read_contract(EXPECTATIONS / feed / "contract.yaml")
    return [column.name for column in contract.personal_columns if column.name in {f"{role}_{one}" for one in FIELDS}]


NAMING = [(feed, role) for feed, role in itertools.product(FEEDS, ROLES) if columns_of(feed, role)]


@pytest.mark.parametrize(("feed", "role"), NAMING)
def test_a_record_mentions_whom_the_vault_holds_and_nobody_else(built: Built, feed: str, role: str) -> None:
    held = ", ".join(f"held.{column}" for column in columns_of(feed, role))
    [differing, both] = fetch(
        open_warehouse(built.settings),
        f"""
        with named as (
            select records.delivery_id, records.row_number
            from staging.stg_{feed} as records
            inner join vault.{feed} as held
                on records.delivery_id = held._delivery_id and records.row_number = held._row_number
            where coalesce({held}) is not null
        ),
        mentioned as (
            select delivery_id, row_number from intermediate.int_person_mentions
            where feed = '{feed}' and role = '{role}'
        )
        select count(*) filter (where named.delivery_id is null or mentioned.delivery_id is null) from named
        full join mentioned using (delivery_id, row_number)
        union all
        select count(*) from named inner join mentioned using (delivery_id, row_number)
        """,
    )
    assert differing == 0
    assert both


def test_every_feed_that_names_people_is_looked_at() -> None:
    assert {feed for feed, _ in NAMING} >= {"true_vision_reports", "police_hate_crimes", "victim_support_events"}
