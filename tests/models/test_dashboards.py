"""What the dashboards ask for is SQL that runs, as the role that each chart is read as. Without Superset."""

import pytest
import sqlalchemy as sa

from dashboards.asking import Question, rows_of_sql
from dashboards.assets import read_assets, read_datasets
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse

ROLES = {"hub_analyst": "hub_analyst", "hub_bi": "hub_bi", "hub_force": "force_E23000001"}
"""Role of a connection → the one that asks here. That of a force is whoever is logged in."""


@pytest.fixture
def engines(published_once: Settings) -> dict[str, sa.Engine]:
    return {named: open_warehouse(published_once, role) for named, role in ROLES.items()}


def test_every_chart_asks_what_its_role_is_answered(engines: dict[str, sa.Engine]) -> None:
    datasets = read_datasets()
    answered = {}
    for name, chart in read_assets("charts").items():
        question = Question(chart, datasets[chart["dataset_uuid"]])
        answered[name] = rows_of_sql(engines[question.dataset.role], question)
    for name in ("state-of-the-data", "shared-state-of-the-data", "force-state-of-the-data"):
        [(whose, as_of, publish_id)] = answered[name]
        assert whose == "Delivered by the senders"
        assert name.startswith("force") or None not in (as_of, publish_id)
    assert [rows for (rows,) in answered["intake-incidents"]] != [0.0]
