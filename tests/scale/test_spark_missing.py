"""Where Spark or Java is missing or its options are wrong, a file is read in order, or the load says why not."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hub.deliveries import DeliveryStatus
from hub.settings import Settings, SettingsError
from ingest.deliveries import ledger_rows, raw_rows
from ingest.zips_in_parts import zip_of
from scale.hubs import Both, answer, needs_spark
from scale.small_parts import NOTES, good, part, prepared, without_place

pytestmark = [pytest.mark.long, needs_spark]
CLUSTER = "spark://127.0.0.1:7077"
DATA = zip_of(part(good(0, 5)), part(without_place(10, 2), good(20, 5)))
type Lacking = Callable[[pytest.MonkeyPatch, Path], None]


def without_java(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing on PATH is called java."""
    patch.setenv("PATH", str(folder))
    patch.delenv("JAVA_HOME", raising=False)


def with_java_that(says: str) -> Lacking:
    """A java that only says a version, or fails."""

    def put(patch: pytest.MonkeyPatch, folder: Path) -> None:
        java = folder / "java"
        java.write_text(f"#!/bin/sh\n{says}\n")
        java.chmod(0o700)
        patch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        patch.delenv("JAVA_HOME", raising=False)

    return put


def without_pyspark(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """It cannot be imported."""
    for name in ("pyspark", "py4j"):
        (folder / f"{name}.py").write_text("raise ImportError\n")
    patch.syspath_prepend(folder)


LACKING: dict[str, Lacking] = {
    "java": without_java,
    "pyspark": without_pyspark,
    "a java that is new enough": with_java_that("""echo 'openjdk version "11.0.2" 2019-01-15' >&2"""),
    "a java of the old numbering": with_java_that("""echo 'java version "1.8.0_392"' >&2"""),
    "a java that can say its version": with_java_that("exit 3"),
    "a java that speaks clearly": with_java_that("echo hello"),
}


def with_spark(both: Both, **options: str | None) -> Both:
    """The hub that uses Spark gets these settings."""
    return replace(both, spark=replace(both.spark, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LACKING)
def test_what_is_missing_lets_a_file_be_read_in_order(
    name: str, both: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    prepared(both)
    LACKING[name](monkeypatch, tmp_path)
    caplog.set_level(logging.INFO, "hub")
    caplog.clear()
    one, other, seen = both.deliver(NOTES, DATA)
    assert one.status is DeliveryStatus.LOADED
    assert answer(one) == answer(other)
    assert (seen.was_used, seen.rows_of_spark) == (0, 0)
    seen.assert_read_in_order()
    both.assert_equal(NOTES)
    assert_says_so_in_one_line(caplog, name)


def assert_says_so_in_one_line(caplog: pytest.LogCaptureFixture, name: str) -> None:
    said = [one.getMessage() for one in caplog.records if one.name.startswith("hub.")]
    print(name, "|", said)
    assert len(said) == 1
    assert "\n" not in said[0]


@pytest.mark.parametrize("name", LACKING)
def test_what_is_missing_fails_the_load_where_a_cluster_is_named(
    name: str, both: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared(both)
    LACKING[name](monkeypatch, tmp_path)
    with pytest.raises(SettingsError) as failed:
        with_spark(both, spark_master=CLUSTER).on_spark(NOTES, DATA)
    assert_is_one_clear_line(str(failed.value))
    assert "HUB_SPARK_MASTER" in str(failed.value) or CLUSTER in str(failed.value)
    assert_nothing_is_written(both, both.spark)
    # Once it is there again, and no cluster is named, the same file is loaded.
    monkeypatch.undo()
    other, _ = both.waiting(NOTES)
    assert answer(other) == answer(both.in_order(NOTES, DATA))


def assert_is_one_clear_line(said: str) -> None:
    print(said)
    assert "\n" not in said
    assert 20 < len(said) < 400
    assert "Traceback" not in said


def assert_nothing_is_written(both: Both, settings: Settings) -> None:
    engine = both.engine(settings)
    assert raw_rows(engine, NOTES) == []
    assert [row.status for row in ledger_rows(engine)] == ["received"]


def test_with_options_that_spark_does_not_take_a_file_is_read_in_order(both: Both) -> None:
    prepared(both)
    both.spark.spark_options.write_text("spark.driver.memory a lot\n")
    one, other, seen = both.deliver(NOTES, DATA)
    assert answer(one) == answer(other)
    seen.assert_read_in_order()
    both.assert_equal(NOTES)


def test_where_the_cluster_does_not_answer_a_file_is_read_in_order(both: Both) -> None:
    """A cluster can be away for a while, so the file goes on; a machine that lacks Spark was set up wrongly."""
    prepared(both)
    one, (other, seen) = both.in_order(NOTES, DATA), with_spark(both, spark_master=CLUSTER).on_spark(NOTES, DATA)
    assert answer(one) == answer(other)
    seen.assert_read_in_order()
