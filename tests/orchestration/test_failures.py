"""What a failure of a task leads to, and what it tells."""

import psycopg
import pytest
import sqlalchemy as sa
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from hub.contracts.rules import ContractRefused
from hub.orchestration.failures import RetryableError, retry_policy
from hub.warehouse.embedded_postgres import PostgresProblem
from hub.warehouse.engine import WarehouseProblem

VICTIM = "Fake Victim-Name"


def outcome_of(error: Exception) -> Exception:
    @retry_policy
    def step() -> None:
        raise error

    with pytest.raises(Exception, match=r".*") as caught:
        step()
    return caught.value


def database_error(kind: type[sa.exc.DBAPIError], cause: psycopg.Error) -> sa.exc.DBAPIError:
    return kind("insert ...", None, cause)


@pytest.mark.parametrize(
    "error",
    [
        database_error(sa.exc.OperationalError, psycopg.errors.AdminShutdown("terminating connection")),
        database_error(sa.exc.OperationalError, psycopg.errors.DeadlockDetected("deadlock detected")),
        database_error(sa.exc.OperationalError, psycopg.errors.DiskFull("no space left")),
        WarehouseProblem("the warehouse cannot be reached"),
        PostgresProblem("pg_ctl failed"),
        OSError(28, "No space left on device"),
        ConnectionResetError(104, "Connection reset by peer"),
    ],
    ids=lambda error: type(getattr(error, "orig", error)).__name__,
)
def test_what_is_transient_is_tried_again(error: Exception) -> None:
    assert isinstance(outcome_of(error), RetryableError)


@pytest.mark.parametrize(
    "error",
    [
        database_error(sa.exc.IntegrityError, psycopg.errors.CheckViolation("nothing_is_lost")),
        database_error(sa.exc.ProgrammingError, psycopg.errors.UndefinedTable("raw.feed")),
        ContractRefused("version must be given"),
        FileNotFoundError(2, "No such file or directory"),
        KeyError("column"),
        AssertionError(),
    ],
    ids=lambda error: type(getattr(error, "orig", error)).__name__,
)
def test_what_cannot_pass_fails_at_once(error: Exception) -> None:
    assert isinstance(outcome_of(error), AirflowFailException)


def test_a_skip_stays_a_skip() -> None:
    assert isinstance(outcome_of(AirflowSkipException("covered")), AirflowSkipException)


@pytest.mark.parametrize(
    "error",
    [
        database_error(sa.exc.DataError, psycopg.errors.InvalidDatetimeFormat(f'invalid input: "{VICTIM}"')),
        database_error(sa.exc.OperationalError, psycopg.errors.SerializationFailure(f"key (name)=({VICTIM})")),
        ValueError(f"cannot parse {VICTIM}"),
    ],
    ids=lambda error: type(getattr(error, "orig", error)).__name__,
)
def test_the_log_tells_kind_and_place_of_a_failure_and_no_value_of_a_delivery(error: Exception) -> None:
    outcome = outcome_of(error)
    assert type(error).__name__ in str(outcome)
    assert VICTIM not in str(outcome)
    # What Airflow would print along with it.
    assert outcome.__cause__ is None
    assert outcome.__context__ is None


def test_the_hubs_own_message_is_told_in_full() -> None:
    assert "HUB_PG_PORT" in str(outcome_of(PostgresProblem("set HUB_PG_PORT to a free one")))


def test_the_state_of_a_database_error_is_told() -> None:
    error = database_error(sa.exc.IntegrityError, psycopg.errors.UniqueViolation("duplicate key"))
    assert "SQLSTATE 23505" in str(outcome_of(error))


def test_why_a_task_gave_up_is_told_where_the_hub_itself_says_so() -> None:
    why = "could not be carried out: 0f1e: a legal hold is placed"
    assert why in str(outcome_of(AirflowFailException(why)))
