"""A file is checked before it is delivered: the same answer as live, and nothing of it is kept."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from contracts.samples import stored_sample
from hub.contracts.files import RejectedRows
from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.check_file import Checked, check_file
from hub.ingest.collect import collect_files
from hub.ingest.ingest import answer_of, ingest_delivery, result_of
from hub.ingest.quarantine import open_rejections
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES
from ingest.deliveries import take_in

FEED = "true_vision_reports"


@pytest.fixture
def contract(catalogue: Catalogue) -> Contract:
    return catalogue.contracts[FEED]


def sample(contract: Contract, which: str, folder: Path) -> Path:
    stored = stored_sample(contract, which)
    path = folder / stored.name
    path.write_bytes(stored.read_bytes())
    return path


def everything(settings: Settings, engine: sa.Engine) -> dict[str, object]:
    """What every table of the hub and every file of its home holds."""
    tables = (
        "select schemaname || '.' || tablename from pg_tables"
        " where schemaname in ('ledger', 'quarantine', 'raw', 'vault')"
    )
    with engine.connect() as connection:
        names: list[str] = list(connection.execute(sa.text(tables)).scalars())
        rows = {
            name: connection.execute(sa.text(f"select count(*), sum(hashtext(one::text)) from {name} as one")).one()
            for name in names
        }
    files = {str(path): path.stat().st_mtime_ns for path in settings.home.rglob("*") if path.is_file()}
    return {**rows, **{name: when for name, when in files.items() if "/postgres" not in name}}


def live(settings: Settings, engine: sa.Engine, contract: Contract, path: Path) -> Checked:
    """What the hub answers when the file is delivered."""
    (receipt,) = collect_files(settings, engine, contract, [path])
    with engine.connect() as connection:
        if receipt.status is not DeliveryStatus.RECEIVED:
            row = connection.execute(sa.select(DELIVERIES).where(DELIVERIES.c.delivery_id == receipt.delivery_id)).one()
            return Checked(answer_of(result_of(row, 0)), (), {})
    result = answer_of(ingest_delivery(settings, engine, contract, receipt.delivery_id))
    with engine.connect() as connection:
        rejections = list(open_rejections(connection, receipt.delivery_id))
    return Checked(result, rejections, Counter(one.rule for one in rejections))


def same(result: DeliveryResult) -> DeliveryResult:
    """An answer without its time."""
    return replace(result, seconds=0.0)


@pytest.mark.parametrize("which", ["good", "bad"])
def test_a_checked_file_gets_the_answer_of_its_delivery(
    settings: Settings, engine: sa.Engine, contract: Contract, which: str
) -> None:
    path = sample(replace(contract, rejected_rows=RejectedRows(1.0, 1, "a test")), which, settings.home)
    contract = replace(contract, rejected_rows=RejectedRows(1.0, 1, "a test"))
    checked = check_file(settings, engine, contract, path)
    delivered = live(settings, engine, contract, path)
    assert same(checked.result) == same(delivered.result)
    assert (checked.rejections, checked.by_rule) == (delivered.rejections, delivered.by_rule)
    assert bool(checked.rejections) == (which == "bad")
    assert sum(checked.by_rule.values()) == checked.result.rows_quarantined


def test_nothing_of_a_checked_file_is_kept(settings: Settings, engine: sa.Engine, contract: Contract) -> None:
    take_in(settings, engine, contract, stored_sample(contract, "good").read_bytes(), "before.csv")
    path = sample(contract, "bad", settings.home)
    before = everything(settings, engine)
    check_file(settings, engine, contract, path)
    assert everything(settings, engine) == before


def test_a_file_that_was_delivered_before_is_said_to_be_a_duplicate(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    path = sample(contract, "good", settings.home)
    take_in(settings, engine, contract, path.read_bytes(), "before.csv")
    assert check_file(settings, engine, contract, path).result.status is DeliveryStatus.DUPLICATE


def test_a_file_that_cannot_be_read_is_said_to_be_refused(
    settings: Settings, engine: sa.Engine, contract: Contract
) -> None:
    path = settings.home / "report.csv"
    path.write_bytes(b"%PDF-1.7\n")
    checked = check_file(settings, engine, contract, path)
    assert checked.result.status is DeliveryStatus.REFUSED
    assert checked.result.reason == live(settings, engine, contract, path).result.reason
