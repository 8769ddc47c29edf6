"""What the hub exposes is what its ledger says, of no person, and to this machine alone."""

import dataclasses
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from conftest import free_port
from contracts.samples import packed_sample
from hub.contracts.model import Catalogue
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.metrics import collector
from hub.metrics.metrics import METRICS
from hub.metrics.server import serve
from hub.monitoring.watch import arrivals, watch_deliveries
from hub.settings import Settings, SettingsError
from hub.vault import audit
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_for_a_look, open_warehouse
from hub.warehouse.roles import Role
from metrics.wrong_hubs import deliver

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
PARSERS: Mapping[str, Callable[[str], Iterable[Metric]]] = {OPENMETRICS: parse_openmetrics, "text/plain": parse_text}
FEED = "true_vision_reports"


@pytest.fixture
def served() -> Iterator[Callable[[Settings], str]]:
    """Serves the metrics of a hub, and tells where."""
    servers = []

    def begin(settings: Settings) -> str:
        with_port = dataclasses.replace(settings, metrics_port=free_port())
        server, thread = serve(with_port)
        servers.append((server, thread))
        return f"http://127.0.0.1:{with_port.metrics_port}/metrics"

    yield begin
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(address: str, accept: str = OPENMETRICS) -> str:
    """What is answered, well."""
    request = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=30) as answered:
        assert answered.status == 200
        text: str = answered.read().decode()
    return text


def values(text: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels' values."""
    found = [one for family in PARSERS[OPENMETRICS](text) for one in family.samples]
    return {(one.name, *one.labels.values()): one.value for one in found}


def take_in(settings: Settings, engine: sa.Engine, catalogue: Catalogue, path: Path, feed: str) -> None:
    for receipt in collect_files(settings, engine, catalogue.contracts[feed], [path]):
        ingest_delivery(settings, engine, catalogue.contracts[feed], receipt.delivery_id, released_by="a.person")


@pytest.fixture
def delivered(settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path) -> Settings:
    """A good file, a bad one, one that cannot be read, one that came twice, and one of no feed."""
    contract = catalogue.contracts[FEED]
    for which in ("good", "bad"):
        take_in(settings, engine, catalogue, packed_sample(contract, which, tmp_path), FEED)
    (tmp_path / "not_a.csv").write_bytes(b"\x00\x01")
    take_in(settings, engine, catalogue, tmp_path / "not_a.csv", FEED)
    with engine.begin() as connection:
        deliver(connection, FEED, "duplicate", datetime.now(UTC), rows_read=10, rows_duplicate=10)
        deliver(connection, "robin_samples_letters", "refused", datetime.now(UTC))
    watch_deliveries(open_warehouse(settings, Role.LOADER), catalogue, settings, datetime.now(UTC))
    with engine.begin() as connection:
        first = "(select min(alert_id) from ledger.alerts)"
        connection.execute(sa.text(f"update ledger.alerts set closed_at = now() where alert_id = {first}"))
        one = "(select min(quarantine_id::text) from quarantine.rows)"
        connection.execute(sa.text(f"update quarantine.rows set state = 'rejected' where quarantine_id::text = {one}"))
    return settings


@pytest.mark.parametrize("accept", PARSERS)
def test_what_is_exposed_can_be_parsed_and_has_every_metric(
    accept: str, delivered: Settings, served: Callable[[Settings], str]
) -> None:
    families = {family.name: family for family in PARSERS[accept](answer(served(delivered), accept))}
    assert families.keys() == METRICS.keys()
    for name, family in families.items():
        assert family.documentation == METRICS[name].meaning
        assert {tuple(one.labels) for one in family.samples} <= {METRICS[name].labels}


def test_numbers_are_those_of_the_ledger(
    delivered: Settings, engine: sa.Engine, catalogue: Catalogue, served: Callable[[Settings], str]
) -> None:
    found = values(answer(served(delivered)))
    with engine.connect() as connection:
        files = connection.execute(sa.text("select feed, status, count(*) from ledger.deliveries group by 1, 2")).all()
        rows = connection.execute(
            sa.text("""
                select sum(rows_read), sum(rows_accepted), sum(rows_quarantined), sum(rows_duplicate),
                       extract(epoch from max(loaded_at)) from ledger.deliveries where feed = :feed
            """),
            {"feed": FEED},
        ).one()
        open_rows = connection.scalar(
            sa.text("select count(*) from quarantine.rows where feed = :feed and state = 'open'"), {"feed": FEED}
        )
        of_kind = "select kind, count(*) as count_open from ledger.alerts where closed_at is null group by 1"
        alerts = connection.execute(sa.text(of_kind)).all()
        calendar = {one.feed: one for one in arrivals(connection, catalogue, datetime.now(UTC))}
    states = {"loaded", "duplicate", "refused"}
    known = {(feed, state): count for feed, state, count in files if feed == FEED}
    assert {state for _, state in known} == states
    assert {key[1:]: found[key] for key in found if key[0] == "hub_deliveries"} == {
        **known,
        ("unknown", "refused"): 1,
    }
    assert found["hub_rows_read", FEED] == rows[0]
    outcomes = ("accepted", "quarantined", "duplicate")
    assert [found["hub_rows", FEED, outcome] for outcome in outcomes] == list(rows[1:4])
    assert all(count > 0 for count in rows)
    assert found["hub_delivery_last_loaded_timestamp_seconds",] == float(rows[4])
    assert found["hub_quarantine_open_rows", FEED] == open_rows > 0
    assert {key[1]: found[key] for key in found if key[0] == "hub_alerts_open"} == {
        row.kind: row.count_open for row in alerts
    }
    assert found["hub_feed_last_delivery_timestamp_seconds", FEED] == _seconds(calendar[FEED].last_received_at)
    for feed, one in calendar.items():
        assert found["hub_feed_due_timestamp_seconds", feed] == pytest.approx(one.due_at.timestamp())
        assert found["hub_feed_late_timestamp_seconds", feed] == pytest.approx(one.late_at.timestamp())
    assert found["hub_up",] == 1


def _seconds(instant: datetime | None) -> float:
    assert instant is not None
    return instant.timestamp()


def test_a_verified_audit_log_is_told_with_its_time(settings: Settings, served: Callable[[Settings], str]) -> None:
    address = served(settings)
    assert values(answer(address))["hub_audit_log_verified_timestamp_seconds",] == 0
    before = datetime.now(UTC).timestamp()
    audit.append(settings, audit.Entry("a.person", "looked", "a test"))
    audit.verify(settings, open_warehouse(settings, Role.AUDITOR))
    assert values(answer(address))["hub_audit_log_verified_timestamp_seconds",] == pytest.approx(before, abs=60)


def test_an_audit_log_that_is_not_whole_does_not_count_as_verified(
    settings: Settings, served: Callable[[Settings], str]
) -> None:
    audit.append(settings, audit.Entry("a.person", "looked", "a test"))
    (settings.home / "audit" / "head.json").write_text('{"entry_id": 2, "entry_hash": "0"}')
    audit.verify(settings, open_warehouse(settings, Role.AUDITOR))
    assert values(answer(served(settings)))["hub_audit_log_verified_timestamp_seconds",] == 0


def test_a_warehouse_that_is_away_is_a_value_and_no_failure(
    settings: Settings, served: Callable[[Settings], str]
) -> None:
    away = dataclasses.replace(settings, warehouse_url=f"postgresql://127.0.0.1:{free_port()}/hub")
    found = values(answer(served(away)))
    assert found["hub_up",] == 0
    assert found["hub_disk_free_bytes", "home"] > 0
    assert not any(name.startswith(("hub_deliveries", "hub_feed", "hub_build")) for name, *_ in found)


def test_a_question_does_not_start_a_hub_that_is_stopped(tmp_path: Path, settings: Settings) -> None:
    stopped = dataclasses.replace(settings, home=tmp_path / "stopped", warehouse_url=None, pg_port=free_port())
    stopped.home.mkdir()
    samples = [one for family in collector.HubCollector(stopped).collect() for one in family.samples]
    assert [one.value for one in samples if one.name == "hub_up"] == [0]
    assert embedded_postgres.postmaster_pid(embedded_postgres.embedded_postgres(stopped)) is None
    assert list(stopped.home.iterdir()) == []


def test_a_warehouse_that_takes_too_long_is_not_waited_for(
    settings: Settings, engine: sa.Engine, served: Callable[[Settings], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "ANSWER_SECONDS", 1)
    with engine.begin() as connection:
        connection.execute(sa.text("lock table ledger.alerts in access exclusive mode"))
        assert values(answer(served(settings)))["hub_up",] == 0
    assert values(answer(served(settings)))["hub_up",] == 1


def test_scrapes_take_turns_and_leave_no_session_behind(
    settings: Settings, engine: sa.Engine, served: Callable[[Settings], str]
) -> None:
    address = served(settings)
    open_warehouse(settings, Role.AUDITOR).dispose()
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(answer(address))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [values(text)["hub_up",] for text in texts] == [1] * 20
    query = "select count(*) from pg_stat_activity where usename = :role and datname = current_database()"
    with engine.connect() as connection:
        assert connection.scalar(sa.text(query), {"role": Role.AUDITOR}) == 0


def test_whoever_looks_cannot_write(settings: Settings) -> None:
    engine = open_for_a_look(settings, Role.OWNER, 5)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="read-only transaction"):
        connection.execute(sa.text("delete from ledger.alerts"))


def test_only_the_loopback_address_is_listened_on(settings: Settings, served: Callable[[Settings], str]) -> None:
    before = _listening()
    port = int(served(settings).split(":")[2].partition("/")[0])
    assert _listening() - before == {("127.0.0.1", port)}


def _listening() -> set[tuple[str, int]]:
    connections = psutil.Process().net_connections()
    return {(one.laddr.ip, one.laddr.port) for one in connections if one.status == psutil.CONN_LISTEN}


def test_nothing_is_served_where_nobody_asks_for_it(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="HUB_METRICS_PORT"):
        serve(settings)


def test_no_name_of_a_file_sender_or_unknown_feed_is_exposed(
    delivered: Settings, engine: sa.Engine, served: Callable[[Settings], str]
) -> None:
    with engine.begin() as connection:
        deliver(connection, FEED, "loaded", datetime.now(UTC), file_name="robin_sample.csv", sender="robin_sample")
    text = answer(served(delivered))
    assert 'feed="unknown"' in text
    assert "robin_sample" not in text
    assert ".csv" not in text


@pytest.mark.parametrize("name", METRICS)
def test_a_name_is_as_prometheus_wants_it(name: str) -> None:
    one = METRICS[name]
    assert name.startswith("hub_")
    assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_info", "_milliseconds", "_days"))
    is_time = one.meaning.startswith(("When", "Since when", "Until when", "The latest load"))
    assert name.endswith("_timestamp_seconds") == is_time
    assert one.meaning.endswith(".")
    assert set(one.labels) <= {"feed", "state", "outcome", "kind", "dag", "disk"}
