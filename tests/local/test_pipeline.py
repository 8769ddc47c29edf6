"""When the hub says that all dropped files are published."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
import sqlalchemy as sa

from hub.local.airflow_api import AirflowApi
from hub.local.pipeline import Standing, read_standing, wait_for_dags
from hub.warehouse.tables import DELIVERIES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PUBLISHED = Standing(
    received=2,
    waiting=0,
    last_loaded_at=NOON,
    published_feeds=frozenset({"tips", "letters"}),
    published_at=NOON + timedelta(seconds=1),
)


def test_all_feeds_published_after_the_last_load_is_published() -> None:
    assert PUBLISHED.is_published(["tips", "letters"])


@pytest.mark.parametrize(
    "standing",
    [
        replace(PUBLISHED, waiting=1),
        replace(PUBLISHED, published_feeds=frozenset({"tips"})),
        replace(PUBLISHED, last_loaded_at=NOON + timedelta(seconds=2)),
        replace(PUBLISHED, published_at=None),
    ],
    ids=["a delivery is not validated", "a feed is missing", "rows came since", "nothing was published"],
)
def test_unfinished_work_is_not_published_yet(standing: Standing) -> None:
    assert not standing.is_published(["tips", "letters"])


def test_a_delivery_that_brought_no_row_does_not_wait_for_a_publication(engine: sa.Engine) -> None:
    delivery = {"feed": "tips", "file_name": "a.csv", "bytes": 1, "status": "loaded", "rows_read": 3}
    with engine.begin() as connection:
        for number, counts in enumerate([{"rows_duplicate": 3}, {"rows_accepted": 3}]):
            moment = NOON - timedelta(hours=number)
            values = delivery | counts | {"sha256": f"{number}", "loaded_at": moment}
            values["delivery_id"] = f"00000000-0000-0000-0000-00000000000{number}"
            # A loaded delivery has both counts, also where one of them is 0.
            connection.execute(sa.insert(DELIVERIES).values({"rows_accepted": 0, "rows_duplicate": 0} | values))
    standing = read_standing(engine)
    assert (standing.received, standing.waiting) == (2, 0)
    assert standing.last_loaded_at == NOON - timedelta(hours=1)
    assert standing.published_feeds == frozenset()


class OperatorsAirflow:
    """The Airflow of a hub whose operator has paused the DAGs that send something."""

    def __init__(self) -> None:
        self.paused = {"ingest_tips": False, "build_warehouse": False, "publish_intelligence": False}
        self.paused |= {"dispatch_allocations": True, "tell_reporters": True}

    def paused_by_dag(self) -> dict[str, bool]:
        return dict(self.paused)

    def import_errors(self) -> dict[str, str]:
        return {}

    def unpause(self, dag_id: str) -> None:
        self.paused[dag_id] = False


def test_dags_that_an_operator_paused_stay_paused_when_the_hub_is_started_again() -> None:
    airflow = OperatorsAirflow()
    wait_for_dags(cast("AirflowApi", airflow), ["tips"], lambda _: None)
    assert [dag_id for dag_id, is_paused in airflow.paused.items() if is_paused] == [
        "dispatch_allocations",
        "tell_reporters",
    ]


def test_what_is_paused_on_the_way_to_the_published_tables_is_named() -> None:
    airflow = OperatorsAirflow()
    airflow.paused["build_warehouse"] = True
    assert wait_for_dags(cast("AirflowApi", airflow), ["tips"], lambda _: None) == ["build_warehouse"]
