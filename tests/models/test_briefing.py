"""The briefing of a hub that has published, and of one that has not."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.briefing.tables import BriefingRefused
from hub.briefing.write import write_briefing
from hub.cli.main import app
from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def test_a_briefing_is_of_what_is_published_and_refused_before(
    warehouse: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    with pytest.raises(BriefingRefused, match="nothing has been published"):
        write_briefing(engine, tmp_path)
    published = publish(warehouse, engine)
    monkeypatch.setenv("HUB_HOME", str(warehouse.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", warehouse.warehouse_url or "")
    ran = CliRunner().invoke(app, ["briefing", "--out", str(tmp_path)], catch_exceptions=False)
    told = json.loads(ran.output)
    assert told["publish_id"] == published.publish_id
    assert {Path(path).name for path in told["files"]} >= {"briefing.html", "briefing.pdf"}
    assert f"Publish {published.publish_id} of" in Path(told["files"][0]).read_text(encoding="utf-8")
