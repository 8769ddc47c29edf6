"""``hub ingest`` as a person types it: an answer for each file of a call, whatever became of the others."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from feeds.samples import packed_sample
from hub.cli import app
from hub.contracts import Catalogue
from hub.settings import Settings

RUNNER = CliRunner()
FEED = "true_vision_reports"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert settings.warehouse_url
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url)


def ingest(*arguments: object, exit_code: int = 0) -> list[dict[str, object]]:
    result = RUNNER.invoke(app, ["ingest", *map(str, arguments)])
    assert result.exit_code == exit_code, result.output
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_a_file_that_is_given_twice_is_loaded_once_and_answered_twice(catalogue: Catalogue, tmp_path: Path) -> None:
    path = packed_sample(catalogue.contracts[FEED], "good", tmp_path)
    first, second = ingest(FEED, path, path)
    assert (first["status"], second["status"]) == ("loaded", "duplicate")
    assert first["delivery_id"] == second["delivery_id"]
    assert first["rows_accepted"] == second["rows_duplicate"] == second["rows_read"]
    assert ingest(FEED, path) == [second]


def test_a_file_that_is_not_there_leaves_the_others_answered(catalogue: Catalogue, tmp_path: Path) -> None:
    path = packed_sample(catalogue.contracts[FEED], "good", tmp_path)
    (tmp_path / "empty.csv").touch()
    found = ingest(FEED, tmp_path / "absent.csv", tmp_path / "empty.csv", path, exit_code=1)
    assert [(one["file_name"], one["status"]) for one in found] == [("empty.csv", "refused"), (path.name, "loaded")]


def test_an_unknown_feed_is_answered_with_the_feeds_there_are_and_leaves_no_trace(
    tmp_path: Path, engine: sa.Engine
) -> None:
    (tmp_path / "lost.csv").write_text("a,b\n1,2\n")
    result = RUNNER.invoke(app, ["ingest", "true_vison_reports", str(tmp_path / "lost.csv")])
    assert result.exit_code == 2
    assert "did you mean true_vision_reports?" in result.output
    assert "community_reports" in result.output
    with engine.connect() as connection:
        for table in ("deliveries", "incidents"):
            assert connection.scalar(sa.text(f"select count(*) from ledger.{table}")) == 0


def test_a_folder_is_no_delivery(tmp_path: Path, engine: sa.Engine) -> None:
    result = RUNNER.invoke(app, ["ingest", FEED, str(tmp_path)])
    assert result.exit_code == 1
    assert "is a folder" in result.output
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from ledger.deliveries")) == 0
