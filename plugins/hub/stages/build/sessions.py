"""Database sessions of a build: dbt's threads keep theirs from node to node.

dbt itself opens one for each model and each test and closes it: hundreds a build, at 5 ms each for the handshake, and
every statement is then planned by a session that has yet to read what the tables look like.
"""

from typing import override

from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.adapters.postgres.impl import PostgresAdapter


class KeptSessions(PostgresConnectionManager):
    """dbt's connections to PostgreSQL, one a thread for as long as a command runs (``cleanup_all`` closes them)."""

    @override
    def release(self) -> None:
        """Leave the thread's session as a new one would be: no transaction, nothing temporary, no setting of its own.
        One that cannot be left so is closed, as dbt would have done."""
        connection = self.get_if_exists()
        if connection is None or connection.state != ConnectionState.OPEN:
            return
        try:
            self._leave_as_new(connection)
        except Exception:  # the node's own failure, if there was one, has been told already
            self.clear_thread_connection()
            self.close(connection)

    @classmethod
    def _leave_as_new(cls, connection: Connection) -> None:
        if connection.transaction_open:
            cls._rollback(connection)
        handle = connection.handle
        handle.rollback()
        was_autocommit = handle.autocommit
        handle.autocommit = True
        with handle.cursor() as cursor:
            cursor.execute("discard temp")
            cursor.execute("reset all")
        handle.autocommit = was_autocommit


def keep_sessions() -> None:
    """From now on dbt's adapter for PostgreSQL keeps its sessions, in this process."""
    PostgresAdapter.ConnectionManager = KeptSessions
