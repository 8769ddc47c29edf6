"""What a node of a build leaves of the database session that the next one goes on with."""

from collections.abc import Iterator

import pytest
from dbt.adapters.contracts.connection import Connection, ConnectionState, Identifier
from dbt.adapters.postgres.connections import PostgresCredentials
from dbt_common.helper_types import Port
from sqlalchemy.engine import make_url

from hub.settings import Settings
from hub.stages.build.sessions import KeptSessions


class OneSession(KeptSessions):
    """The connections of one thread, without a profile."""

    def __init__(self, connection: Connection) -> None:
        self.connection: Connection | None = connection

    def get_if_exists(self) -> Connection | None:
        return self.connection

    def clear_thread_connection(self) -> None:
        self.connection = None


@pytest.fixture
def thread(settings: Settings) -> Iterator[OneSession]:
    assert settings.warehouse_url
    url = make_url(settings.warehouse_url)
    credentials = PostgresCredentials(
        host=str(url.host),
        port=Port(url.port or 5432),
        user=str(url.username),
        password=str(url.password),
        database=str(url.database),
        schema="staging",
    )
    kind = Identifier("postgres")
    connection = Connection(kind, name="model", credentials=credentials, state=ConnectionState.INIT, handle=None)
    yield OneSession(KeptSessions.open(connection))  # type: ignore[no-untyped-call]  # dbt's adapter has no hints
    connection.handle.close()


def value(thread: OneSession, query: str) -> object:
    assert thread.connection
    with thread.connection.handle.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.parametrize("ends", ["select 1", "select 1 / 0"])
def test_a_node_finds_nothing_of_the_one_before(thread: OneSession, ends: str) -> None:
    assert thread.connection
    first = value(thread, "select pg_backend_pid()")
    with thread.connection.handle.cursor() as cursor:
        cursor.execute("create temporary table left_behind as select 1; set work_mem = '123MB'; commit")
        thread.connection.transaction_open = True
        try:
            cursor.execute(ends)
        except Exception:
            assert ends != "select 1"
    thread.release()
    assert not thread.connection.transaction_open
    assert value(thread, "select pg_backend_pid()") == first
    assert value(thread, "show work_mem") != "123MB"
    assert value(thread, "select to_regclass('pg_temp.left_behind')") is None


def test_a_session_that_cannot_be_left_as_new_is_closed(thread: OneSession) -> None:
    assert thread.connection
    connection = thread.connection
    connection.handle.close()
    thread.release()
    assert thread.connection is None
    assert connection.state == ConnectionState.CLOSED
