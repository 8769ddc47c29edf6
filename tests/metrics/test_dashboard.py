"""The dashboard for Grafana shows what the hub exposes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.samples import Sample

from hub import metrics
from hub.metrics.metrics import METRICS
from metrics.promql import Moment, names_in

DASHBOARD: dict[str, Any] = json.loads(Path(metrics.__file__).with_name("grafana_dashboard.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
TARGETS = [(panel, target) for panel in PANELS for target in panel.get("targets", [])]
NAMES = [f"{panel['title']}-{target['refId']}" for panel, target in TARGETS]
WIDTH = 24
VALUES = {
    "state": "received",
    "outcome": "quarantined",
    "feed": "a_feed",
    "kind": "late",
    "dag": "a_dag",
    "disk": "home",
}
"""A value of each label, such that every panel picks it or does without."""

ONE_OF_EACH = tuple(Sample(name, {label: VALUES[label] for label in one.labels}, 1.0) for name, one in METRICS.items())


@pytest.mark.parametrize(("panel", "target"), TARGETS, ids=NAMES)
def test_a_panel_names_only_metrics_that_are_exposed(panel: dict[str, Any], target: dict[str, Any]) -> None:
    assert names_in(target["expr"]) <= METRICS.keys(), panel["title"]


@pytest.mark.parametrize(("panel", "target"), TARGETS, ids=NAMES)
def test_a_panel_shows_something_and_its_legend_names_labels_that_are_there(
    panel: dict[str, Any], target: dict[str, Any]
) -> None:
    waiting = (Sample("hub_notifications_waiting", {"state": "waiting"}, 1.0),)
    found = Moment(ONE_OF_EACH + waiting, 2.0).ask(target["expr"])
    assert found, panel["title"]
    for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
        assert all(label in dict(labels) for labels in found), panel["title"]


def test_every_metric_but_those_for_rules_alone_is_in_a_panel() -> None:
    shown = set().union(*(names_in(target["expr"]) for _, target in TARGETS))
    assert METRICS.keys() - shown == {
        "hub_quarantine_oldest_open_timestamp_seconds",
        "hub_feed_late_timestamp_seconds",
        "hub_delivery_oldest_waiting_timestamp_seconds",
        "hub_alert_oldest_open_timestamp_seconds",
        "hub_notification_oldest_waiting_timestamp_seconds",
        "hub_backup_oldest_base_timestamp_seconds",
    }


def test_panels_have_names_of_their_own_say_what_they_show_and_lie_side_by_side() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= WIDTH
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["title"]
        assert panel["type"] == "row" or panel["description"]


def test_the_reader_chooses_the_prometheus_that_is_asked() -> None:
    (variable,) = DASHBOARD["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    sources = {json.dumps(target["datasource"]) for _, target in TARGETS}
    assert sources == {json.dumps({"type": "prometheus", "uid": f"${{{variable['name']}}}"})}
