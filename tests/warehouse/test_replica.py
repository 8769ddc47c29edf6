"""A streaming replica of a hub's own server: readers are sent there, and how far it is behind is said."""

import dataclasses
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from conftest import free_port
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.local.condition import Condition, conditions
from hub.metrics.replica import replica_readings
from hub.settings import SettingsError, read_settings
from hub.warehouse.engine import WarehouseProblem, open_for_a_look, open_warehouse
from hub.warehouse.replica import lag_of_replica, reading_address, reads_replica
from hub.warehouse.roles import Role
from warehouse.streaming import Pair, streaming, until


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> Iterator[Pair]:
    with streaming(tmp_path_factory.mktemp("replica"), catalogue.contracts.values()) as one:
        yield one


def test_a_replica_shows_what_the_source_has_committed_and_says_so(pair: Pair) -> None:
    pair.note_publish(1)
    until(lambda: lag_of_replica(pair.settings).publish_id == 1)
    until(lambda: lag_of_replica(pair.settings).behind == timedelta())
    assert str(lag_of_replica(pair.settings)) == "at most 0 s behind; shows publish 1"


def test_a_replica_that_stands_still_says_how_far_it_is_behind(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.note_publish(2)
    until(lambda: lag_of_replica(pair.settings).publish_id == 2)
    pair.on_copy("select pg_wal_replay_pause()")
    until(lambda: pair.on_copy("select pg_get_wal_replay_pause_state()") == "paused")
    try:
        pair.note_publish(3)
        lag = lag_of_replica(pair.settings)
        assert (lag.publish_id, lag.newest_publish_id) == (2, 3)
        time.sleep(1.1)
        assert lag_of_replica(pair.settings).behind > timedelta(seconds=1)
        up, behind = replica_readings(pair.settings)
        assert (up.value, behind.name) == (1, "hub_replica_behind_seconds")
        assert behind.value > 1
        assert "shows publish 2, the newest is 3" in str(lag)
        assert not condition(pair).is_wrong
        monkeypatch.setattr("hub.local.condition.LONGEST_BEHIND", timedelta(seconds=1))
        assert condition(pair).is_wrong
    finally:
        pair.on_copy("select pg_wal_replay_resume()")
    until(lambda: lag_of_replica(pair.settings).publish_id == 3)


def test_readers_of_what_is_published_are_sent_to_the_replica_and_nobody_else(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in (Role.ANALYST, Role.BI, "force_E23000001", "provider_x"):
        address = reading_address(pair.settings, role)
        assert (address.port, address.username) == (pair.copy.port, role)
        with sa.create_engine(address.set(drivername="postgresql+psycopg")).connect() as connection:
            assert connection.scalar(sa.text("select pg_is_in_recovery()")) is True
    others = [role for role in Role if not reads_replica(pair.settings, role)]
    assert {Role.OWNER, Role.LOADER, Role.PUBLISHER, Role.AUDITOR, Role.EXCHANGE} <= set(others)
    assert {reading_address(pair.settings, role).port for role in others} == {pair.source.port}
    monkeypatch.setattr("hub.cli.look.read_settings", lambda: pair.settings)
    told = CliRunner().invoke(app, ["url"])
    assert f":{pair.copy.port}/" in told.stdout
    assert "the replica is at most" in told.stderr
    assert f":{pair.source.port}/" in CliRunner().invoke(app, ["url", "hub_loader"]).stdout


def test_a_replica_that_is_away_and_a_server_that_is_none_are_wrong(pair: Pair) -> None:
    away = dataclasses.replace(pair.settings, read_url=f"postgresql://127.0.0.1:{free_port()}")
    with pytest.raises(WarehouseProblem, match="the replica does not answer"):
        lag_of_replica(away)
    none = dataclasses.replace(pair.settings, read_url=f"postgresql://127.0.0.1:{pair.source.port}")
    with pytest.raises(WarehouseProblem, match="takes changes of its own"):
        lag_of_replica(none)
    for settings in (away, none):
        assert [(one.name, one.value) for one in replica_readings(settings)] == [("hub_replica_up", 0)]
        assert condition(dataclasses.replace(pair, settings=settings)).is_wrong
    without = dataclasses.replace(pair.settings, read_url=None)
    assert reading_address(without, Role.BI).port == pair.source.port


def test_a_replica_is_asked_in_the_way_that_its_own_address_asks_for(pair: Pair) -> None:
    replica = make_url("postgresql://replica.example/hub?sslmode=verify-full")
    asked = open_for_a_look(pair.settings, Role.AUDITOR, 1, at=replica).url
    assert (asked.host, dict(asked.query)) == ("replica.example", {"sslmode": "verify-full"})


def test_an_address_with_a_login_is_refused() -> None:
    with pytest.raises(SettingsError, match="HUB_READ_URL names no user"):
        read_settings({"HUB_READ_URL": "postgresql://somebody@replica.example/hub"})


def condition(pair: Pair) -> Condition:
    [found] = [
        one
        for one in conditions(pair.settings, open_warehouse(pair.settings, Role.AUDITOR), datetime.now(UTC))
        if one.part == "replica"
    ]
    return found
