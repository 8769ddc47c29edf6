"""What the tasks do, called as the plain functions they are."""

import dataclasses
import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build import BuildFailed, builds, warehouse_build
from hub.build.warehouse_build import Build
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.orchestration import delivery_log, steps, watching
from hub.settings import Settings
from hub.warehouse.engine import WarehouseProblem
from hub.warehouse.tables import BUILDS, DELIVERIES

FEED = "police_uk_street"
OTHER = "community_reports"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dropped file counts as whole at once."""
    monkeypatch.setattr("hub.ingest.dropped_files.QUIET_SECONDS", 0.0)


def drop(settings: Settings, name: str, text: str | None = None, feed: str = FEED) -> Path:
    sample = settings.expectations / feed / "samples"
    path = settings.drop / feed / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text is not None else next(sample.glob("good.*")).read_text())
    return path


def ingest_all(settings: Settings) -> None:
    for one in steps.collect(settings, FEED):
        steps.ingest_delivery(settings, FEED, one)


def ledger(engine: sa.Engine) -> list[sa.Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(DELIVERIES).order_by(DELIVERIES.c.file_name)))


def test_a_run_that_finds_nothing_has_nothing_to_map(settings: Settings) -> None:
    assert steps.collect(settings, FEED) == []


def test_what_was_dropped_is_handed_on_as_ids_and_a_second_look_hands_on_the_same(settings: Settings) -> None:
    drop(settings, "a.csv")
    drop(settings, "b.csv", "not the format")
    first = steps.collect(settings, FEED)
    assert [uuid.UUID(one).version for one in first] == [5, 5]
    assert {steps.label_of(settings, one) for one in first} == {"a.csv", "b.csv"}
    assert steps.collect(settings, FEED) == first
    assert not list((settings.drop / FEED).glob("*.csv"))


def test_a_run_hands_out_no_more_than_a_task_can_be_mapped_over_and_the_next_the_rest(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "MOST_DELIVERIES", 1)
    drop(settings, "a.csv")
    drop(settings, "b.csv", "not the format")
    names = []
    while ids := steps.collect(settings, FEED):
        (one,) = ids
        names.append(steps.label_of(settings, one))
        steps.ingest_delivery(settings, FEED, one)
    assert sorted(names) == ["a.csv", "b.csv"]


def test_the_log_has_a_line_for_each_file_with_its_state_reason_counts_and_next_step(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="hub.orchestration")
    drop(settings, "good.csv")
    drop(settings, "wrong.csv", "not the format")
    ingest_all(settings)
    drop(settings, "again.csv")
    steps.collect(settings, FEED)
    told = [record.getMessage() for record in caplog.records if record.name.startswith("hub.")]
    good, wrong, again = sorted(told, key=lambda line: ("same bytes" in line, line))
    assert good.startswith("good.csv: loaded; 10 rows read, 10 accepted, 0 quarantined, 0 duplicate")
    assert wrong.startswith("wrong.csv: refused (")
    assert wrong.endswith("next: the sender has to send it again, mended")
    assert "the same bytes as delivery" in again


def test_a_label_says_how_many_rows_wait_and_is_never_longer_than_airflow_keeps(settings: Settings) -> None:
    name = "r" * 251 + ".csv"
    drop(settings, name)
    (delivery_id,) = steps.collect(settings, FEED)
    assert steps.label_of(settings, delivery_id) == "r" * 249 + "…"
    ingested = steps.ingest_delivery(settings, FEED, delivery_id)
    assert (len(ingested.label), ingested.label[-9:]) == (250, "…: loaded")
    held = DeliveryResult(uuid.uuid4(), FEED, "a.csv", DeliveryStatus.HELD, 9, 2, 7, 0, seconds=1.0)
    assert delivery_log.label("a.csv", held) == "a.csv: held, 7 rows quarantined"


def test_a_task_ends_with_what_became_of_its_delivery(settings: Settings, engine: sa.Engine) -> None:
    drop(settings, "good.csv")
    drop(settings, "wrong.csv", "not the format")
    ids = {steps.label_of(settings, one): one for one in steps.collect(settings, FEED)}
    ingested = {name: steps.ingest_delivery(settings, FEED, one) for name, one in ids.items()}
    loaded, refused = ledger(engine)
    assert (ingested["good.csv"].status, ingested["wrong.csv"].status) == ("loaded", "refused")
    assert (loaded.status, refused.status) == (DeliveryStatus.LOADED, DeliveryStatus.REFUSED)
    good = ingested["good.csv"]
    assert good.rows_accepted == loaded.rows_accepted > 0
    assert good.rows_read == good.rows_accepted + good.rows_quarantined + good.rows_duplicate
    assert good.as_json()["delivery_id"] == ids["good.csv"]
    assert (good.reason, good.next_step) == (None, None)
    assert (good.label, ingested["wrong.csv"].label) == ("good.csv: loaded", "wrong.csv: refused")
    wrong = ingested["wrong.csv"].as_json()
    assert (wrong["reason"], wrong["next_step"]) == (refused.reason, "the sender has to send it again, mended")
    assert steps.ingest_delivery(settings, FEED, ids["good.csv"]) == good, "a task that is run again gives the same"


@pytest.fixture
def patient(settings: Settings) -> Callable[[], tuple[bool, float]]:
    """Waits until all is settled, with a clock that moves only while waiting; returns the answer and the seconds."""

    def wait() -> tuple[bool, float]:
        now = [0.0]

        def sleep(seconds: float) -> None:
            now[0] += seconds

        is_settled = steps.wait_until_settled(settings, patience=5, sleep=sleep, clock=lambda: now[0])
        return is_settled, now[0]

    return wait


def test_a_build_does_not_wait_when_nothing_is_on_its_way(patient: Callable[[], tuple[bool, float]]) -> None:
    assert patient() == (True, 0.0)


def test_a_build_waits_for_a_file_that_was_just_dropped_but_not_for_ever(
    settings: Settings, patient: Callable[[], tuple[bool, float]]
) -> None:
    drop(settings, "good.csv")
    assert patient() == (False, 5.0)


def test_a_build_waits_for_a_receipt_and_goes_on_when_it_is_loaded(settings: Settings) -> None:
    drop(settings, "good.csv")
    ids = steps.collect(settings, FEED)
    waited: list[float] = []

    def load_meanwhile(seconds: float) -> None:
        waited.append(seconds)
        for one in ids:
            steps.ingest_delivery(settings, FEED, one)

    assert steps.wait_until_settled(settings, patience=5, sleep=load_meanwhile, clock=lambda: 0.0)
    assert len(waited) == 1


def test_a_delivery_that_is_stuck_holds_up_no_build(
    settings: Settings, engine: sa.Engine, patient: Callable[[], tuple[bool, float]]
) -> None:
    drop(settings, "good.csv")
    steps.collect(settings, FEED)
    with engine.begin() as connection:
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        connection.execute(sa.update(DELIVERIES).values(received_at=long_ago))
    assert patient() == (True, 0.0)


def test_the_input_fingerprint_changes_with_a_load_and_only_then(settings: Settings) -> None:
    before = steps.input_fingerprint(settings)
    drop(settings, "wrong.csv", "not the format")
    ingest_all(settings)
    assert steps.input_fingerprint(settings) == before
    drop(settings, "good.csv")
    ingest_all(settings)
    assert steps.input_fingerprint(settings) != before


def test_a_run_after_an_erasure_builds_though_nothing_was_loaded(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "is_covered", lambda *_: True)
    monkeypatch.setattr(
        warehouse_build, "begin_build", lambda *_, **__: (Build(1, is_full=True, loads_seeds=False), [])
    )
    monkeypatch.setattr(steps, "_take_step", lambda _, __, built, ___: built)
    for is_changed in (True, False):
        monkeypatch.setattr(builds, "must_start_from_nothing", lambda *_, is_changed=is_changed: is_changed)
        begun = steps.begin_build(settings, only_if_new=True, full_refresh=False)
        assert (begun is not None) == is_changed


def test_a_load_that_began_first_and_was_committed_last_is_not_missed(settings: Settings, engine: sa.Engine) -> None:
    def load(name: str, loaded_at: datetime) -> None:
        with engine.begin() as connection:
            row = {"delivery_id": uuid.uuid4(), "feed": FEED, "file_name": name, "sha256": name, "bytes": 1}
            counts = {"status": "loaded", "rows_read": 1, "rows_accepted": 1, "loaded_at": loaded_at}
            connection.execute(sa.insert(DELIVERIES).values(row | counts))

    load("quick", datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC))
    covered = steps.input_fingerprint(settings)
    load("slow", datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC))
    assert steps.input_fingerprint(settings) != covered


def test_a_change_of_the_dbt_project_is_a_change_of_what_a_build_would_make(settings: Settings, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "dbt_project" / "models").mkdir(parents=True)
    changed = dataclasses.replace(settings, project=project)
    before = steps.input_fingerprint(changed)
    (project / "dbt_project" / "models" / "one.sql").write_text("select 1")
    assert steps.input_fingerprint(changed) != before


def test_a_build_that_failed_because_the_database_restarted_can_be_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BuildFailed("model one: server closed the connection unexpectedly")

    monkeypatch.setattr("hub.build.warehouse_build.run_step", fail)
    with pytest.raises(BuildFailed):
        steps.begin_build(settings, only_if_new=False, full_refresh=False)
    starts = iter([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)])
    monkeypatch.setattr(steps, "_server_started_at", lambda _: next(starts))
    with pytest.raises(WarehouseProblem, match="restarted"):
        steps.begin_build(settings, only_if_new=False, full_refresh=False)


def test_what_an_earlier_build_covered_is_not_built_again_but_by_hand(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.build.warehouse_build.run_step", lambda *_: ())

    def build(*, only_if_new: bool = True, ends: str = "succeeded") -> bool:
        built = steps.begin_build(settings, only_if_new=only_if_new, full_refresh=False)
        with engine.begin() as connection:
            connection.execute(sa.update(BUILDS).where(BUILDS.c.status == "running").values(status=ends))
        return built is not None

    assert build()
    assert not build()
    assert build(only_if_new=False)
    drop(settings, "good.csv")
    ingest_all(settings)
    assert build(ends="failed")
    assert build()
    assert not build()


def test_the_watch_keeps_and_refuses_files_of_no_feed_and_counts_what_is_open(
    settings: Settings, engine: sa.Engine
) -> None:
    path = drop(settings, "letter.txt", "hello", feed="mystery_feed")
    assert watching.watch(settings) == {"refused": 1}
    assert not path.exists()
    (row,) = ledger(engine)
    assert (row.feed, row.status) == ("mystery_feed", DeliveryStatus.REFUSED)


def test_a_file_that_is_not_whole_yet_is_not_taken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.ingest.dropped_files.QUIET_SECONDS", 60.0)
    path = drop(settings, "growing.csv")
    os.utime(path, (time.time(), time.time()))
    assert steps.collect(settings, FEED) == []
    assert path.exists()
