"""``hub delivery`` as a person types it: each answer is one line, and an error has an exit code."""

import json
import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.samples import packed_sample
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.settings import Settings

RUNNER = CliRunner()
FEED = "true_vision_reports"
WHY = ("--because", "a test of the sender's", "--by", "a person")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert settings.warehouse_url
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url)


def hub(*arguments: object, exit_code: int = 0) -> str:
    result = RUNNER.invoke(app, list(map(str, arguments)))
    assert result.exit_code == exit_code, result.output
    return result.output.strip()


def test_a_delivery_is_shown_withdrawn_and_restored(catalogue: Catalogue, tmp_path: Path) -> None:
    path = packed_sample(catalogue.contracts[FEED], "good", tmp_path)
    taken = json.loads(hub("ingest", FEED, path))
    one = taken["delivery_id"]
    assert one in hub("delivery", "list", "--feed", FEED)
    assert json.loads(hub("delivery", "show", one))["rows_accepted"] == taken["rows_accepted"]
    said = hub("delivery", "withdraw", one, *WHY)
    assert said == f"{one} of {FEED} withdrawn: {taken['rows_accepted']} records go; next: hub build"
    again = hub("delivery", "withdraw", one, *WHY)
    assert again.startswith(f"{one} of {FEED} is out already: withdrawn by a person on ")
    answer = json.loads(hub("ingest", FEED, path))
    assert (answer["status"], answer["rows_accepted"]) == ("withdrawn", taken["rows_accepted"])
    assert answer["reason"].endswith(": a test of the sender's")
    restored = json.loads(hub("delivery", "restore", one, *WHY))
    assert (restored["status"], restored["rows_accepted"]) == ("loaded", taken["rows_accepted"])


def test_what_cannot_be_withdrawn_is_said_in_one_line(tmp_path: Path) -> None:
    unknown = uuid.UUID(int=7)
    for action in ("withdraw", "restore"):
        assert hub("delivery", action, unknown, *WHY, exit_code=1) == f"hub: the ledger has no delivery {unknown}"
    assert hub("delivery", "show", unknown, exit_code=1) == f"hub: the ledger has no delivery {unknown}"
    (tmp_path / "empty.csv").touch()
    refused = json.loads(hub("ingest", FEED, tmp_path / "empty.csv"))["delivery_id"]
    said = hub("delivery", "withdraw", refused, *WHY, exit_code=1)
    assert said == f"hub: delivery {refused} was refused: nothing of it was loaded"
    assert hub("delivery", "list", "--feed", "nobody", exit_code=1).startswith(
        "hub: there is no feed nobody; there are "
    )
