"""``hub quarantine`` as a person types it: a decision that was not carried out is an error, not an answer."""

import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from contracts.samples import packed_sample
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.ingest import release
from hub.settings import Settings
from hub.warehouse.tables import QUARANTINED_ROWS

FEED = "true_vision_reports"


def hub(*arguments: object, exit_code: int = 0) -> str:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exit_code == exit_code, result.output
    return result.output.strip()


@pytest.fixture(autouse=True)
def delivery(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> uuid.UUID:
    """Id of the only delivery."""
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url or "")
    hub("ingest", FEED, packed_sample(catalogue.contracts[FEED], "good", tmp_path))
    with engine.connect() as connection:
        found: uuid.UUID = connection.scalars(sa.text("select delivery_id from ledger.deliveries")).one()
        return found


@pytest.mark.parametrize(
    ("before", "asked", "said"),
    [
        ("rejected", ("release",), "not released: the row was rejected before"),
        ("corrected", ("release",), "not released: the row was corrected before"),
        ("released", ("release", "--set", "strands=race"), "not corrected: the row was released before"),
        ("corrected", ("release", "--set", "strands=race"), "not corrected: the row was corrected before"),
        ("released", ("reject",), "not rejected: the row was released before"),
        ("released", ("release",), None),
        ("rejected", ("reject",), None),
    ],
)
def test_a_row_that_was_decided_otherwise_before_is_an_error(
    delivery: uuid.UUID, engine: sa.Engine, before: str, asked: tuple[str, ...], said: str | None
) -> None:
    row = {"quarantine_id": uuid.uuid4(), "delivery_id": delivery, "feed": FEED, "row_number": 1, "rule": "a.rule"}
    row |= {"because": "of a rule", "state": before, "decided_by": "a person", "decided_at": sa.func.now()}
    with engine.begin() as connection:
        connection.execute(sa.insert(QUARANTINED_ROWS).values(row))
    command, *options = asked
    answer = hub("quarantine", command, row["quarantine_id"], *options, exit_code=0 if said is None else 1)
    assert (said or f"{row['quarantine_id']} {before}") in answer


@dataclass
class Ended:
    """A held delivery that was not loaded when it was released."""

    status: str = "refused"
    reason: str = "line 7 cannot be read"


def test_a_held_delivery_that_is_refused_when_it_is_released_is_an_error(
    delivery: uuid.UUID, monkeypatch: pytest.MonkeyPatch, engine: sa.Engine
) -> None:
    monkeypatch.setattr(release, "release_delivery", lambda *_: Ended())
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.deliveries set status = 'held', reason = 'too few rows'"))
    said = hub("quarantine", "release", delivery, exit_code=1)
    assert "not loaded: the delivery is refused: line 7 cannot be read" in said
    assert "--set corrects a row" in hub("quarantine", "release", delivery, "--set", "strands=race", exit_code=1)
