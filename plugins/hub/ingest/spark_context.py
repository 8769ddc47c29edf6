"""A connection to Spark for the time of one delivery: on this machine, or on the cluster ``HUB_SPARK_MASTER``.

Spark is an extra that most hubs do without. It writes what does not fit into memory to its own folders, encrypted by a
key that ends with it: what is left after a kill can no longer be read.
"""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from hub.settings import Settings, environment_with

if TYPE_CHECKING:
    from pyspark import SparkContext

LEAST_JAVA = 17
LOCAL = "local[*]"
ALWAYS = {
    "spark.app.name": "hate crime hub",
    "spark.authenticate": "true",
    "spark.io.encryption.enabled": "true",
    "spark.network.crypto.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
OF_THIS_MACHINE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
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
    except (Py4JError, PySparkException, OSError, ValueError) as error:  # the latter two where its Java has died
        raise SparkFailed(f"Spark failed ({type(error).__name__})") from None


@contextmanager
def spark_context(settings: Settings) -> Iterator["SparkContext"]:
    """Spark, until the end of the block. Raises :class:`SparkMissing` and :class:`SparkFailed`."""
    try:
        import pyspark  # noqa: PLC0415  # an extra: who has no large files does without
    except ImportError as missing:
        raise SparkMissing("the package pyspark is not installed: scripts/set-up spark") from missing
    _need_java()
    master = settings.spark_master or LOCAL
    asked = {"spark.master": master} | ALWAYS | (OF_THIS_MACHINE if master.startswith("local") else {})
    with saying_that_it_failed(), environment_with(_environment(settings)):
        context = pyspark.SparkContext(conf=pyspark.SparkConf().setAll(list(asked.items())))
        context.setLogLevel("OFF")  # what went wrong comes as an exception
    try:
        yield context
    finally:
        # Java stays for the next delivery, and ends with this process.
        with suppress(SparkFailed), saying_that_it_failed():
            context.stop()


def _environment(settings: Settings) -> dict[str, str]:
    """What Spark reads when its Java starts. The operator's settings come from their file: what is in a command line,
    such as a secret, everybody on the machine sees."""
    own = settings.spark_options
    options = f"--properties-file {shlex.quote(str(own))} " if own.exists() else ""
    return {
        # Its workers are this Python, at the same path on each machine of a cluster.
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_SUBMIT_ARGS": f"{options}pyspark-shell",
        "JAVA_HOME": "",  # the java on PATH, which was looked at
    }


def _need_java() -> None:
    """Java says its version on the standard error stream, as ``version "17.0.1"``."""
    program = shutil.which("java")
    if program is None:
        raise SparkMissing(f"Spark needs Java {LEAST_JAVA} or later, and there is no java on PATH")
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise SparkMissing(f"Spark needs Java {LEAST_JAVA} or later, and java does not say which it is") from None
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    if found is None or int(found[1]) < LEAST_JAVA:
        raise SparkMissing(f"Spark needs Java {LEAST_JAVA} or later; this one is {found[1] if found else 'unknown'}")
