"""What Spark needs, and what is said where it is missing: on a machine with a package of that name, or without."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from hub.ingest.spark_context import SparkMissing, spark_context
from hub.settings import read_settings
try:
    with spark_context(read_settings({"HUB_HOME": sys.argv[1]})):
        print("Spark was there")
except SparkMissing as missing:
    print(missing)
"""


def said(folder: Path, package: str) -> str:
    """What is said where ``pyspark`` is this, and the programs of the machine are those in ``folder``."""
    (folder / "pyspark.py").write_text(package)
    program = folder / "program.py"
    program.write_text(PROGRAM)
    environment = {"PATH": str(folder), "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, program, folder], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path) -> None:
    assert said(tmp_path, "raise ImportError") == "the package pyspark is not installed: scripts/set-up spark"


def test_without_java_it_says_which(tmp_path: Path) -> None:
    assert said(tmp_path, "") == "Spark needs Java 17 or later, and there is no java on PATH"


@pytest.mark.parametrize(
    ("answer", "found"),
    [('openjdk version "11.0.2" 2019-01-15', "11"), ('java version "1.8.0_202"', "8"), ("what?", "unknown")],
)
def test_an_old_java_is_named(tmp_path: Path, answer: str, found: str) -> None:
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho '{answer}' >&2\n")
    java.chmod(0o700)
    assert said(tmp_path, "") == f"Spark needs Java 17 or later; this one is {found}"
