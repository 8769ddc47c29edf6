"""``hub ingest`` as a person types it: an answer for each file of a call, whatever became of the others."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from contracts.samples import packed_sample
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.settings import Settings
from permissions import permissions_hold

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


def test_a_file_that_may_not_be_read_leaves_the_others_answered(catalogue: Catalogue, tmp_path: Path) -> None:
    path = packed_sample(catalogue.contracts[FEED], "good", tmp_path)
    (tmp_path / "closed.csv").write_text("a,b\n")
    (tmp_path / "closed.csv").chmod(0)
    with permissions_hold():
        (found,) = ingest(FEED, tmp_path / "closed.csv", path, exit_code=1)
    assert (found["file_name"], found["status"]) == (path.name, "loaded")


def test_an_unknown_feed_is_answered_with_the_feeds_there_are_and_leaves_no_trace(
    tmp_path: Path, engine: sa.Engine
) -> None:
    (tmp_path / "lost.csv").write_text("a,b\n1,2\n")
    result = RUNNER.invoke(app, ["ingest", "true_vison_reports", str(tmp_path / "lost.csv")])
    assert result.exit_code == 2
    assert "did you mean true_vision_reports?" in result.output
    assert "community_reports" in result.output
    with engine.connect() as connection:
        for table in ("deliveries", "alerts"):
            assert connection.scalar(sa.text(f"select count(*) from ledger.{table}")) == 0


def test_a_folder_is_no_delivery(tmp_path: Path, engine: sa.Engine) -> None:
    result = RUNNER.invoke(app, ["ingest", FEED, str(tmp_path)])
    assert result.exit_code == 1
    assert "is a folder" in result.output
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from ledger.deliveries")) == 0


def open_alerts(engine: sa.Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        query = sa.text("select kind, detail from ledger.alerts where closed_at is null order by kind")
        return [(row.kind, row.detail) for row in connection.execute(query)]


def test_a_total_that_disagrees_opens_its_alert_with_the_load_and_a_right_file_ends_it(
    catalogue: Catalogue, engine: sa.Engine, tmp_path: Path
) -> None:
    good = packed_sample(catalogue.contracts[FEED], "good", tmp_path).read_bytes()
    count = good.count(b"\nTV-")
    for number, stated in enumerate((count + 7, count)):
        path = tmp_path / f"true_vision_2026-10-0{number + 1}_000001.csv"
        path.write_bytes(good.replace(b"TV-000", b"TV-00%d" % number))
        path.with_name(f"{path.name}.control.json").write_text(json.dumps({"rows": stated}))
        ingest(FEED, path)
        wrong = ("control_total", f"the sender states {stated} rows, {count} were read")
        assert open_alerts(engine) == ([wrong] if stated != count else [])


def test_a_count_in_xml_that_disagrees_and_a_held_or_refused_file_are_alerts_at_once(
    catalogue: Catalogue, engine: sa.Engine, tmp_path: Path
) -> None:
    path = packed_sample(catalogue.contracts["force_responses"], "good", tmp_path)
    text = path.read_text(encoding="utf-8")
    count = text.count("<response>")
    path.write_text(text.replace(f'count="{count}"', 'count="99"'), encoding="utf-8")
    (found,) = ingest("force_responses", path)
    assert (found["status"], found["rows_read"]) == ("loaded", count)
    assert open_alerts(engine) == [("control_total", f"the sender states 99 rows, {count} were read")]

    bad = packed_sample(catalogue.contracts[FEED], "bad", tmp_path)
    (tmp_path / "report.csv").write_bytes(b"%PDF-1.7")
    ingest(FEED, bad, tmp_path / "report.csv")
    kinds = [kind for kind, _ in open_alerts(engine)]
    assert kinds == ["control_total", "held", "refused"]
    assert ("refused", "this is a PDF; this feed sends CSV in utf-8") in open_alerts(engine)
