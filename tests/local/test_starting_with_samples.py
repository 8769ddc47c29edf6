"""A start gets samples only where they are asked for, and never beside what was really reported."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from rich.console import Console

from hub.contracts.model import Catalogue
from hub.local import journey
from hub.local.components import Executor
from hub.local.progress import Steps
from hub.local.run_folder import run_folder
from hub.local.sample_deliveries import Samples, sample_folder
from hub.local.start import Prepared
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES


def test_a_start_without_samples_takes_up_none_that_an_earlier_start_left(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = sample_folder(settings) / "true_vision_reports" / "monday.csv"
    waiting.parent.mkdir(parents=True)
    waiting.write_text("made up")
    loaded: list[Mapping[str, str]] = []
    monkeypatch.setattr(journey, "load_history", lambda _, environment: loaded.append(environment))
    environment: Any = {}
    assert not journey._make_sample(settings, Prepared(engine, environment), [], Samples.NONE)
    assert loaded == []


def test_a_hub_to_which_people_have_reported_gets_no_made_up_reports(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where it is started again after a feed was added whose sender has not delivered yet."""
    really = {"feed": "true_vision_reports", "file_name": "a.csv", "bytes": 1, "status": "loaded", "sha256": "a" * 64}
    with engine.begin() as connection:
        connection.execute(sa.insert(DELIVERIES).values(delivery_id="00000000-0000-0000-0000-000000000001", **really))
    settings.drop.mkdir(parents=True, exist_ok=True)
    environment: Any = {}
    made: list[object] = []
    monkeypatch.setattr(journey, "supervisor_answers", lambda _: True)
    monkeypatch.setattr(journey, "prepare_hub", lambda *_, **__: Prepared(engine, environment))
    monkeypatch.setattr(journey, "wait_until_healthy", lambda *_: None)
    monkeypatch.setattr(journey, "simulate", lambda _, __, feeds, ___: made.extend(feeds))
    monkeypatch.setattr(journey, "load_history", lambda *_: None)
    monkeypatch.setattr(journey, "drop_sample", lambda _: 0)
    steps, folder = Steps(Console(file=io.StringIO())), run_folder(settings)
    journey._bring_up(settings, folder, Executor.LOCAL, 1, steps, catalogue, Samples.DAYS)
    assert made == []
