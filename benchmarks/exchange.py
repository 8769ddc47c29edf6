"""How many answers a second the exchange takes, beside a route of FastAPI that keeps nothing, both under uvicorn."""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
from fastapi import Body, FastAPI

from benchmarks.histories import history_of
from benchmarks.own_hub import OwnHub, own_hub
from benchmarks.report import Line, free_port, print_lines
from hub.build.warehouse_build import build_warehouse
from hub.dispatch import ledger
from hub.dispatch.rounds import prepare_dispatches, send_due
from hub.dispatch.states import State
from hub.exchange import tokens
from hub.exchange.tokens import Scope
from hub.ingest.samples import note_simulated
from hub.publish import publish
from hub.publish.extract_store import sha256
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

REPORTS, ANSWERS, CLIENTS = 2_000, 120, 4
LIMIT = 4.0
START_SECONDS, LOOK_SECONDS = 60, 0.2

bare = FastAPI()


@bare.post("/v1/dispatches/{dispatch_id}/answers")
def take(dispatch_id: str, said: Annotated[dict[str, str | None], Body()]) -> dict[str, str | None]:
    """Read what an answer brings, and keep nothing of it."""
    return {**said, "dispatch_id": dispatch_id}


def run(reports: int = REPORTS, answers: int = ANSWERS) -> bool:
    """Acknowledge the dispatches of the recipient that has most; returns whether the limit is kept."""
    port, bare_port = free_port(), free_port()
    with own_hub() as hub:
        recipient, dispatches = _dispatch(hub, reports)
        made = tokens.issue(hub.settings, hub.engine, recipient, tuple(Scope), datetime.now(UTC), days=1, by="bench")
        of_hub = {"HUB_HOME": str(hub.settings.home), "HUB_PG_PORT": str(hub.settings.pg_port)}
        with (
            _served(["hub.exchange.server"], port, of_hub | {"HUB_EXCHANGE_PORT": str(port)}),
            _served(["uvicorn", "--port", str(bare_port), "--no-access-log", f"{__name__}:bare"], bare_port, {}),
        ):
            rates = [_rate(address, made.token, dispatches[:answers]) for address in (port, bare_port)]
    what = f"{len(dispatches[:answers])} answers of {CLIENTS} clients at once"
    return print_lines(
        [
            Line(what, rates[0], "a second", rates[1] / rates[0], LIMIT, "of a bare route's rate to one"),
            Line("a bare route of FastAPI", rates[1], "a second"),
        ]
    )


def _dispatch(hub: OwnHub, reports: int) -> tuple[str, Sequence[str]]:
    """Take in a history, publish it and send its dispatches; returns the recipient of most, and their ids."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        files = history_of(Path(folder), reports, days=1).before
        with begin(hub.engine) as connection:  # made-up recipients take simulated cases alone
            note_simulated(connection, map(sha256, files))
        hub.take_in(files)
    build_warehouse(hub.settings)
    publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER))
    prepare_dispatches(hub.settings)
    send_due(hub.settings)
    with hub.engine.connect() as connection:
        sent = ledger.in_states(connection, [State.SENT])
    [(recipient, _)] = Counter(one.recipient for one in sent).most_common(1)
    return recipient, [str(one.dispatch_id) for one in sent if one.recipient == recipient]


@contextmanager
def _served(module: Sequence[str], port: int, variables: Mapping[str, str]) -> Iterator[None]:
    """A server in a process of its own, from when it listens until the end. Raises RuntimeError where it does not."""
    command = [sys.executable, "-m", *module]
    with subprocess.Popen(command, env=os.environ | variables, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port, process)
            yield
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        try:
            httpx.get(f"http://127.0.0.1:{port}/")
        except httpx.TransportError:
            time.sleep(LOOK_SECONDS)
        else:
            return
    raise RuntimeError(f"nothing listens on port {port}")


def _rate(port: int, token: str, dispatches: Sequence[str]) -> float:
    """Answers a second, all of which are taken, after one that is not counted."""
    said = {"kind": "acknowledged", "happened_at": datetime.now(UTC).isoformat(timespec="seconds")}
    address = f"http://127.0.0.1:{port}/v1/dispatches"
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=START_SECONDS) as client:

        def acknowledge(dispatch_id: str) -> None:
            client.post(f"{address}/{dispatch_id}/answers", json=said).raise_for_status()

        acknowledge(dispatches[0])
        with ThreadPoolExecutor(CLIENTS) as clients:
            began = time.perf_counter()
            list(clients.map(acknowledge, dispatches[1:]))
            return (len(dispatches) - 1) / (time.perf_counter() - began)
