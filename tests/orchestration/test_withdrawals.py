"""A second person approves the withdrawal of one load of a delivery, and of no other."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.monitoring.watch import arrivals, watch_deliveries
from hub.orchestration import withdrawals
from hub.orchestration.answers import NothingToDecide
from hub.settings import Settings
from hub.warehouse import build_lock
from ingest.deliveries import ledger_rows, raw_rows, take_in
from ingest.small_feeds import column, feed

PLACES = feed(column("place", required=True), name="places", file_name_pattern=r"(?P<sequence>\d+)\.csv")
FEEDS = Catalogue({"places": PLACES}, {})


@pytest.fixture(autouse=True)
def _feeds(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_warehouse(engine, [PLACES])
    monkeypatch.setattr(withdrawals, "read_catalogue", lambda _: FEEDS)


def test_the_load_that_was_described_is_withdrawn_once(settings: Settings, engine: sa.Engine) -> None:
    loaded = take_in(settings, engine, PLACES, b"place\nBow\n")
    about, _ = withdrawals.describe(settings, str(loaded.delivery_id), "a wrong file")
    assert withdrawals.carry_out(settings, **about, decided_by="another")["records_gone"] == 1
    assert withdrawals.carry_out(settings, **about, decided_by="another")["is_new"] is False
    assert raw_rows(engine, PLACES) == []


def test_a_delivery_that_is_restored_while_its_withdrawal_waits_for_a_build_stays(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = take_in(settings, engine, PLACES, b"place\nBow\n")
    about, _ = withdrawals.describe(settings, str(loaded.delivery_id), "a wrong file")

    def meanwhile(connection: sa.Connection) -> None:
        monkeypatch.undo()
        withdraw_delivery(settings, FEEDS, loaded.delivery_id, because="a wrong file", decided_by="a person")
        restore_delivery(settings, FEEDS, loaded.delivery_id, because="it was right", decided_by="a person")
        build_lock.lock_builds(connection)

    monkeypatch.setattr(build_lock, "lock_builds", meanwhile)
    with pytest.raises(NothingToDecide, match="loaded again after this was asked"):
        withdrawals.carry_out(settings, **about, decided_by="another")
    assert [row.status for row in ledger_rows(engine)] == ["loaded"]
    assert len(raw_rows(engine, PLACES)) == 1


def test_a_delivery_that_is_not_there_leaves_nothing_to_decide(settings: Settings) -> None:
    nowhere = str(uuid.uuid4())
    with pytest.raises(NothingToDecide):
        withdrawals.describe(settings, nowhere, "a wrong file")
    with pytest.raises(NothingToDecide):
        withdrawals.carry_out(settings, nowhere, because="a wrong file", loaded_at=None, decided_by="another")


def test_the_sender_of_a_withdrawn_delivery_has_delivered(settings: Settings, engine: sa.Engine) -> None:
    _, second, third = (
        take_in(settings, engine, PLACES, f"place\nBow {number}\n".encode(), f"{number}.csv") for number in (1, 2, 3)
    )
    last_received_at = ledger_rows(engine)[-1].received_at
    for one in (second, third):
        withdraw_delivery(settings, FEEDS, one.delivery_id, because="a wrong file", decided_by="a person")
        assert watch_deliveries(engine, FEEDS, settings, datetime.now(UTC)) == []
    with engine.connect() as connection:
        (arrival,) = arrivals(connection, FEEDS, datetime.now(UTC))
    assert arrival.last_received_at == last_received_at
