"""A dropped file is claimed before it is taken: whoever dies or comes between, each file is taken once, with its own
control file."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.deliveries import Receipt
from hub.ingest import collect, dropped_files, landing_store
from hub.ingest.collect import collect_drop
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import drop, landed_bytes, ledger_rows
from ingest.small_feeds import column, feed

TEXT = b"place,note\nBow,x\nHam,y\n"
PLACES = feed(column("place", required=True), column("note"), name="places")


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, [PLACES])


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are at rest at once: no test here is about waiting."""
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


class _Killed(BaseException):
    """Stands for a kill: nothing in the code under test catches it."""


@pytest.mark.parametrize("moment", ["land", "begin", "_clear"])
def test_a_worker_that_dies_at_any_step_leaves_a_file_that_the_next_one_takes_up_once(
    moment: str, settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, "places", "a.csv", TEXT)

    def die(*_: object, **__: object) -> None:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr(collect, moment, die)
        with pytest.raises(_Killed):
            collect_drop(settings, engine, PLACES)

    (receipt,) = collect_drop(settings, engine, PLACES)
    assert landed_bytes(settings, receipt) == TEXT
    (row,) = ledger_rows(engine)
    assert (row.file_name, row.status) == ("a.csv", "received")
    assert [path for path in (settings.drop / "places").rglob("*") if path.is_file()] == []
    assert collect_drop(settings, engine, PLACES) == []


@pytest.mark.parametrize(
    ("control", "stated"),
    [
        (b'{"rows": 2}', 2),
        (b'{"rows": 0}', 0),
        (b'{"rows": "2"}', None),
        (b'{"rows": true}', None),
        (b'{"rows": -1}', None),
        (b'{"rows": 99999999999999999999}', None),
        (b'{"rows": 1e3}', None),
        (b"[2]", None),
        (b"{}", None),
        (b"", None),
        (b"\xff", None),
        (b'{"rows": ' + b"9" * 5000 + b"}", None),
    ],
)
def test_a_control_file_states_the_rows_and_is_no_delivery_of_its_own(
    control: bytes, stated: int | None, settings: Settings, engine: sa.Engine
) -> None:
    contract = feed(*PLACES.columns, name="places", has_control_file=True)
    drop(settings, "places", "a.csv", TEXT)
    drop(settings, "places", "a.csv.control.json", control)
    assert len(collect_drop(settings, engine, contract)) == 1
    (row,) = ledger_rows(engine)
    assert (row.stated_rows, row.is_total_unreadable) == (stated, stated is None)
    assert [path for path in (settings.drop / "places").rglob("*") if path.is_file()] == []


def test_a_sender_who_puts_another_file_under_the_name_meanwhile_loses_neither(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, "places", "a.csv", TEXT)
    land = landing_store.land

    def land_slowly(settings: Settings, name: str, source: Path) -> landing_store.Landed:
        landed = land(settings, name, source)
        if landed.size == len(TEXT):
            drop(settings, "places", "a.csv", TEXT + b"Ely,z\n")
        return landed

    monkeypatch.setattr(collect, "land", land_slowly)
    (first,) = collect_drop(settings, engine, PLACES)
    (second,) = collect_drop(settings, engine, PLACES)
    assert landed_bytes(settings, first) == TEXT
    assert landed_bytes(settings, second) == TEXT + b"Ely,z\n"
    assert [row.status for row in ledger_rows(engine)] == ["received", "received"]


def test_a_control_file_goes_with_its_own_file_when_another_comes_under_the_same_name(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = feed(*PLACES.columns, name="places", has_control_file=True)
    drop(settings, "places", "a.csv", TEXT)
    drop(settings, "places", "a.csv.control.json", b'{"rows": 2}')
    land = landing_store.land

    def land_slowly(settings: Settings, name: str, source: Path) -> landing_store.Landed:
        landed = land(settings, name, source)
        if landed.size == len(TEXT):
            drop(settings, "places", "a.csv", TEXT + b"Ely,z\n")
            drop(settings, "places", "a.csv.control.json", b'{"rows": 3}')
        return landed

    monkeypatch.setattr(collect, "land", land_slowly)
    collect_drop(settings, engine, contract)
    collect_drop(settings, engine, contract)
    assert [row.stated_rows for row in ledger_rows(engine)] == [2, 3]
    assert [path for path in (settings.drop / "places").rglob("*") if path.is_file()] == []


def test_a_claim_that_a_killed_worker_left_keeps_its_own_control_file(settings: Settings, engine: sa.Engine) -> None:
    contract = feed(*PLACES.columns, name="places", has_control_file=True)
    for name, rows in (("a.csv", b"2"), ("b.csv", b"3")):
        drop(settings, "places", name, TEXT + name.encode())
        drop(settings, "places", f"{name}.control.json", b'{"rows": ' + rows + b"}")
    (settings.drop / "places" / ".claimed" / "1").mkdir(parents=True)
    # Killed between the two renames, and another file of that name has come since.
    (settings.drop / "places" / "b.csv").rename(settings.drop / "places" / ".claimed" / "1" / "b.csv")
    drop(settings, "places", "b.csv", TEXT)
    collect_drop(settings, engine, contract)
    found = {(row.file_name, row.bytes): row.stated_rows for row in ledger_rows(engine)}
    assert not any(row.is_total_unreadable for row in ledger_rows(engine))
    assert found == {("b.csv", len(TEXT) + 5): None, ("a.csv", len(TEXT) + 5): 2, ("b.csv", len(TEXT)): 3}


def test_workers_at_once_write_one_receipt_a_file(settings: Settings, engine: sa.Engine) -> None:
    texts = {f"{number}.csv": TEXT + b"Ely,%d\n" % number for number in range(12)}
    for name, data in texts.items():
        drop(settings, "places", name, data)
    start = threading.Barrier(4)

    def work(_: int) -> list[Receipt]:
        start.wait()
        return collect_drop(settings, engine, PLACES)

    with ThreadPoolExecutor(4) as workers:
        receipts = [receipt for found in workers.map(work, range(4)) for receipt in found]
    rows = ledger_rows(engine)
    assert sorted((row.file_name, row.status) for row in rows) == sorted((name, "received") for name in texts)
    assert {receipt.delivery_id for receipt in receipts} == {row.delivery_id for row in rows}
    assert {receipt.file_name: landed_bytes(settings, receipt) for receipt in receipts} == texts
    assert [path for path in (settings.drop / "places").rglob("*") if path.is_file()] == []
