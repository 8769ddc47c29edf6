"""What Spark needs, and what is said where it is missing."""

import stat
import sys
import types
from pathlib import Path

import pytest

from hub.ingest.spark_context import SparkMissing, spark_context
from hub.settings import Settings


def open_spark(settings: Settings) -> None:
    with spark_context(settings):
        raise AssertionError("Spark was there")


@pytest.fixture
def without_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with Spark's package and an empty folder of programs."""
    monkeypatch.setitem(sys.modules, "pyspark", types.ModuleType("pyspark"))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_the_package_it_says_how_to_get_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(SparkMissing, match="pyspark is not installed: scripts/set-up spark"):
        open_spark(settings)


@pytest.mark.usefixtures("without_java")
def test_without_java_it_says_which(settings: Settings) -> None:
    with pytest.raises(SparkMissing, match="Java 17 or later, and there is no java on PATH"):
        open_spark(settings)


@pytest.mark.parametrize(
    ("said", "found"),
    [('openjdk version "11.0.2" 2019-01-15', "11"), ('java version "1.8.0_202"', "8"), ("what?", "unknown")],
)
def test_an_old_java_is_named(settings: Settings, without_java: Path, said: str, found: str) -> None:
    java = without_java / "java"
    java.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
    java.chmod(stat.S_IRWXU)
    with pytest.raises(SparkMissing, match=f"this one is {found}"):
        open_spark(settings)
