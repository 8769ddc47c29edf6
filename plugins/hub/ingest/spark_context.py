"""A connection to Spark for the time of one delivery: on this machine, or on the cluster ``HUB_SPARK_MASTER``.

Spark is an extra that most hubs do without. It writes what does not fit into memory to its own folders, encrypted by a
key that ends with it: what is left after a kill can no longer be read.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

from hub.settings import Settings, SettingsError, environment_with

if TYPE_CHECKING:
    from pyspark import SparkContext

LEAST_JAVA = 17
LOCAL = "local[*]"
ALWAYS = {
    "spark.app.name": "hate crime hub",
    "spark.io.encryption.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
OF_THIS_MACHINE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
OF_A_CLUSTER = {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}
IN_COMMAND_LINE = "spark.authenticate.secret"
ASK_SECONDS = 60


class SparkMissing(Exception):
    """Spark cannot be used here; the message says what is missing."""


class SparkFailed(Exception):
    """Spark did not do what it was asked for."""


@contextmanager
def saying_that_it_failed() -> Iterator[None]:
    """Raises :class:`SparkFailed` for whatever Spark raises, without its words: they may hold what a worker said."""
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (Py4JError, PySparkException) as error:
        raise SparkFailed(f"Spark failed ({type(error).__name__})") from None


@contextmanager
def spark_context(settings: Settings) -> Iterator["SparkContext"]:
    """Spark, until the end of the block. Raises :class:`SparkMissing` and :class:`SparkFailed`, and
    :class:`~hub.settings.SettingsError` for options that cannot be read."""
    options = _options(settings)
    try:
        import pyspark  # noqa: PLC0415  # an extra: who has no large files does without
    except ImportError as missing:
        raise SparkMissing("the package pyspark is not installed: scripts/set-up spark") from missing
    _need_java()
    # Its workers are this Python, at the same path on each machine of a cluster; it reads that from the environment.
    with saying_that_it_failed(), environment_with({"PYSPARK_PYTHON": sys.executable}):
        context = pyspark.SparkContext(conf=pyspark.SparkConf().setAll(list(options.items())))
    context.setLogLevel("OFF")  # what went wrong comes as an exception
    try:
        yield context
    finally:
        context.stop()  # Java stays for the next delivery, and ends with this process


def _options(settings: Settings) -> dict[str, str]:
    """Spark's settings: what the hub always asks for, then the operator's own."""
    master = settings.spark_master or LOCAL
    where = OF_THIS_MACHINE if master.startswith("local") else OF_A_CLUSTER
    return {"spark.master": master} | where | _own_options(settings) | ALWAYS


def _own_options(settings: Settings) -> dict[str, str]:
    try:
        given: Any = yaml.safe_load(settings.spark_options.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"{settings.spark_options} cannot be read") from error
    if not isinstance(given, dict) or not all(str(name).startswith("spark.") for name in given):
        raise SettingsError(f"{settings.spark_options} must hold Spark's own settings, one 'spark.name: value' a line")
    if IN_COMMAND_LINE in given:
        told = f"{IN_COMMAND_LINE} would stand in a command line; give {IN_COMMAND_LINE}.file"
        raise SettingsError(f"{settings.spark_options}: {told}")
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def _need_java() -> None:
    """Java says its version on the standard error stream, as ``version "17.0.1"``."""
    program = shutil.which("java")
    if program is None:
        raise SparkMissing(f"Spark needs Java {LEAST_JAVA} or later, and there is no java on PATH")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    found = re.search(r'version "(\d+)', said.stderr)
    if found is None or int(found[1]) < LEAST_JAVA:
        raise SparkMissing(f"Spark needs Java {LEAST_JAVA} or later; this one is {found[1] if found else 'unknown'}")
