"""What a failure of a task means: it can pass and is tried again, or it cannot and a person is needed.

Messages of foreign exceptions can hold values of a delivery (a database names the value it could not cast, a parser the
text it choked on). Task logs are kept and widely read, so they name only the kind and place of a failure, unless its
message is one of the hub's own, which never hold such values.
"""

import functools
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

PACKAGE = f"{Path(__file__).parents[1]}/"
RETRIES: dict[str, Any] = {
    "retries": 4,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 3.0,
    "max_retry_delay": timedelta(minutes=10),
}
"""Tries after 5 s, 15 s, 45 s and 2 min: a restart of the database passes, a missing disk calls somebody."""


class RetryableError(AirflowException):
    """A failure that can pass; the task is retried with growing waits."""


def retry_policy[**P, R](step: Callable[P, R]) -> Callable[P, R]:
    """Wrap a task's function: what can pass raises :class:`RetryableError`, all else fails the task at once."""

    @functools.wraps(step)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return step(*args, **kwargs)
        except (AirflowSkipException, AirflowFailException):
            raise  # the hub's own words
        except Exception as error:
            kind = RetryableError if is_transient(error) else AirflowFailException
            message = describe(error)
        # Outside the handler, so that the original with its message is not chained into the log.
        raise kind(message)

    return run


def is_transient(error: Exception) -> bool:
    """Whether the same step can succeed later without anyone's doing: the database is away or restarting, a deadlock, a
    full disk, a network that fails."""
    import sqlalchemy as sa  # noqa: PLC0415  # at the top it would slow every parse of the DAG files

    from hub.store import StoreUnavailable  # noqa: PLC0415
    from hub.warehouse.embedded_postgres import PostgresProblem  # noqa: PLC0415
    from hub.warehouse.engine import WarehouseProblem  # noqa: PLC0415

    if isinstance(error, sa.exc.DBAPIError):
        return isinstance(error, sa.exc.OperationalError) or error.connection_invalidated
    is_a_mistake = isinstance(error, (FileNotFoundError, NotADirectoryError, IsADirectoryError))
    return isinstance(error, (WarehouseProblem, PostgresProblem, StoreUnavailable, sa.exc.TimeoutError)) or (
        isinstance(error, OSError) and not is_a_mistake
    )


def describe(error: BaseException) -> str:
    """Kind and place of a failure; its message only where the hub wrote it."""
    kind = type(error)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/hub/" in frame.filename]
    place = (
        f" at {frames[-1].filename.rsplit('/hub/', 1)[1]}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    )
    if kind.__module__.split(".")[0] == "hub":
        return f"{kind.__name__}: {error}{place}"
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"{kind.__module__}.{kind.__qualname__}{f' (SQLSTATE {code})' if code else ''}{place}"
