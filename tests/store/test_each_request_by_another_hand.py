"""Each request that a landing and a load make fails once, in each way: the delivery waits, and is loaded at the next
try."""

from collections.abc import Callable
from contextlib import suppress

import pytest
import sqlalchemy as sa

from hub.ingest import dropped_files
from hub.ingest.ingest import awaiting
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.store import StoreUnavailable
from ingest.deliveries import ledger_rows
from store.faulty_proxy import EVERY, Fault, FaultyProxy, Plan, Request, can_happen
from store.s3 import Bucket
from store.storm import FEEDS, PERSON, Row, Sent, Worker, is_as_sent, put, sent

ROWS = 900
MOST_REQUESTS = 30
SHORT_FORM = (Fault.CUT_BEFORE, Fault.SHORT, Fault.EMPTY)


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_warehouse(engine, FEEDS)
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


def nth(number: int, kind: Fault) -> Callable[[Request], bool]:
    """Chooses a request by its place among those to which this can happen, and its repetitions by the library."""
    seen: list[Request] = []

    def is_it(request: Request) -> bool:
        if not can_happen(kind, request):
            return False
        if not seen or seen[-1] != request or len(seen) < number:
            seen.append(request)
        return len(seen) == number

    return is_it


def large(name: str) -> Sent:
    rows: list[Row] = [(f"{name}-{one}", f"{one:03}" * 700, PERSON) for one in range(ROWS)]
    return sent("notes", f"{name}.csv", rows)


@pytest.mark.parametrize(
    "kind", [one if one in SHORT_FORM else pytest.param(one, marks=pytest.mark.long) for one in EVERY]
)
def test_whichever_request_fails_the_delivery_waits_and_is_loaded(
    kind: Fault, bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, engine: sa.Engine
) -> None:
    files: list[Sent] = []
    for number in range(1, MOST_REQUESTS):
        one = large(f"{kind.name}-{number}")
        files.append(one)
        put(bucket_hub, [one])
        worker = Worker(bucket_hub, engine)
        with proxy.failing(Plan(1.0, (kind,), on=nth(number, kind), slow_seconds=0.01)) as failing:
            with suppress(StoreUnavailable):
                worker.take_once("notes")
            injected = failing.injected.total()
        waits = list((bucket_hub.drop / "notes").rglob("*.csv"))
        row = next((row for row in ledger_rows(engine) if row.file_name == one.name), None)
        assert waits or (row is not None and row.status in ("received", "loaded")), (number, row)
        assert row is None or row.status != "received" or awaiting(engine, "notes") == [row.delivery_id]
        worker.take_all(["notes"])
        if not injected:
            break  # there are no more requests than those
    assert number > 3 or kind in (Fault.CONFLICT, Fault.ERROR_IN_200)
    is_as_sent(bucket_hub, engine, files, bucket)
