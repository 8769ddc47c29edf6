"""Keeps the embedded PostgreSQL up under the supervisor: ``python -m hub.local.keep_postgres``.

PostgreSQL is started by ``pg_ctl`` in a session of its own, so that any command may start it. This process makes sure
that it runs and waits for as long as it lives. When it dies this process ends with an error, and the supervisor starts
both again. When this process is asked to end, it stops PostgreSQL first.
"""

import signal
import sys
from types import FrameType

from hub.settings import read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.embedded_postgres import EmbeddedPostgres


class AskedToEnd(Exception):
    """The supervisor wants this process to end."""


def _ask_to_end(_number: int, _frame: FrameType | None) -> None:
    raise AskedToEnd


def keep(server: EmbeddedPostgres) -> None:
    """Start the server where it does not run, and return when it has died."""
    embedded_postgres.ensure_running(server)
    postmaster = embedded_postgres.postmaster(server)
    if postmaster is not None:
        print(f"PostgreSQL runs on port {server.port}, process {postmaster.pid}", flush=True)
        postmaster.wait()


def main() -> int:
    """Exit code 0 after being asked to end, 1 when PostgreSQL died or could not be started."""
    server = embedded_postgres.embedded_postgres(read_settings())
    signal.signal(signal.SIGTERM, _ask_to_end)
    signal.signal(signal.SIGINT, _ask_to_end)
    try:
        keep(server)
    except AskedToEnd:
        embedded_postgres.stop(server)
        print("PostgreSQL stopped", flush=True)
        return 0
    except embedded_postgres.PostgresProblem as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1
    print("PostgreSQL has died", file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
