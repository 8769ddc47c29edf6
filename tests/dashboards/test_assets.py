"""The dashboards are in step with the published views, and read them as the role that each is for. Without Superset."""

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from dashboards.assets import (
    PROJECT,
    Asset,
    Dataset,
    charts_of,
    dimensions,
    measured,
    published_columns,
    read_assets,
    read_datasets,
    read_text_of_assets,
)
from each import of_each
from hub.warehouse.grant_policy import read_policy

DATABASES = read_assets("databases")
DATASETS = read_datasets()
CHARTS = read_assets("charts")
DASHBOARDS = read_assets("dashboards")
BY_UUID = {chart["uuid"]: chart for chart in CHARTS.values()}
COLUMNS = published_columns()
INSIDE, SHARED, FORCE = "hub_analyst", "hub_bi", "hub_force"
ADDING = (exp.Sum, exp.Avg)
COLUMNS_BESIDE_ANOTHER_CHART, WHOLE_WIDTH = 4, 12
# In pixels, and as text is shown in a window of 800.
UNIT_OF_HEIGHT, LINE_HEIGHT, MARGINS, CHARACTERS_OF_A_LINE = 8, 22, 70, 92


def _name(one: object) -> str:
    return one.name if isinstance(one, Dataset) else str(one)


def what_it_offers(dataset: Dataset) -> set[str]:
    """The columns of a dataset by the contracts. Raises where its statement names what is not published."""
    statement = sqlglot.parse_one(f"select * from {dataset.source}", dialect="postgres")
    qualified = qualify(statement, schema={"publish": COLUMNS}, dialect="postgres")
    assert isinstance(qualified, exp.Query)
    return set(qualified.named_selects)


def one_of_text(part: object) -> bool:
    """Whether a part of a dashboard is a text."""
    return isinstance(part, dict) and part["type"] == "MARKDOWN"


def read_as(dashboard: Asset) -> set[str]:
    """The roles as which the charts of a dashboard are read."""
    return {DATASETS[BY_UUID[meta["uuid"]]["dataset_uuid"]].role for meta in charts_of(dashboard)}


def test_a_connection_is_made_as_a_role_that_looks_on_and_holds_no_password() -> None:
    addresses = {name: one["sqlalchemy_uri"] for name, one in DATABASES.items()}
    assert addresses == {
        "inside": "postgresql+psycopg2://hub_analyst@hub/hub",
        "shared": "postgresql+psycopg2://hub_bi@hub/hub",
        "force": "postgresql+psycopg2://hub_force@hub/hub",
    }
    assert {name for name, one in DATABASES.items() if one.get("impersonate_user")} == {"force"}
    assert not any(one["expose_in_sqllab"] or one["allow_dml"] for one in DATABASES.values())


@of_each("dataset", DATASETS.values(), _name)
def test_a_dataset_reads_published_views_that_its_role_may_read(dataset: Dataset) -> None:
    readers = read_policy().published
    assert dataset.views
    for view in dataset.views:
        schema, _, name = view.partition(".")
        assert schema == "publish", view
        assert dataset.role in readers.get(name, {}), f"{dataset.role} may not read {view}"


@of_each("dataset", DATASETS.values(), _name)
def test_a_dataset_names_columns_that_the_contracts_of_its_views_have(dataset: Dataset) -> None:
    offered = what_it_offers(dataset)
    assert set(dataset.columns) <= offered
    for metric, expression in dataset.metrics.items():
        named = {one.name for one in sqlglot.parse_one(expression, dialect="postgres").find_all(exp.Column)}
        assert named <= offered, metric
    if dataset.asset["main_dttm_col"] is not None:
        assert dataset.asset["main_dttm_col"] in dataset.columns


@of_each("dataset", DATASETS.values(), _name)
def test_every_column_and_metric_of_a_dataset_has_a_label_in_plain_words(dataset: Dataset) -> None:
    labels = [one["verbose_name"] for one in (*dataset.asset["columns"], *dataset.asset["metrics"])]
    assert all(label and label[0].isupper() and "_" not in label for label in labels)
    assert dataset.asset["description"]
    assert all(metric["description"] for metric in dataset.asset["metrics"])


@of_each("dataset", [one for one in DATASETS.values() if one.role == SHARED], _name)
def test_shared_datasets_never_add_figures_that_are_rounded_one_by_one(dataset: Dataset) -> None:
    for metric, expression in dataset.metrics.items():
        assert not list(sqlglot.parse_one(expression, dialect="postgres").find_all(*ADDING)), metric


@of_each("name", CHARTS)
def test_a_chart_shows_columns_and_metrics_that_its_dataset_offers(name: str) -> None:
    chart = CHARTS[name]
    dataset = DATASETS[chart["dataset_uuid"]]
    filters = chart["params"]["adhoc_filters"]
    assert {*dimensions(chart), *(one["subject"] for one in filters)} <= dataset.columns.keys()
    assert set(measured(chart)) <= dataset.metrics.keys()
    assert dimensions(chart) or measured(chart)
    assert {one["expressionType"] for one in filters} <= {"SIMPLE"}


@of_each("name", CHARTS)
def test_a_chart_says_what_it_counts_and_from_which_view(name: str) -> None:
    chart = CHARTS[name]
    views = {view.removeprefix("publish.") for view in DATASETS[chart["dataset_uuid"]].views}
    told = re.search(r"(.{20,})\. From ([\w ,]+)\.$", chart["description"])
    assert told, chart["description"]
    assert set(re.findall(r"\w+_v1", told[2])) == views


@of_each("name", DASHBOARDS)
def test_a_dashboard_holds_charts_that_are_there_and_says_whether_the_data_are_simulated(name: str) -> None:
    shown = [meta["uuid"] for meta in charts_of(DASHBOARDS[name])]
    assert set(shown) <= BY_UUID.keys()
    assert any("origin" in measured(BY_UUID[uuid]) for uuid in shown)
    assert DASHBOARDS[name]["slug"] == name
    assert DASHBOARDS[name]["published"]
    for one in DASHBOARDS[name]["metadata"]["native_filter_configuration"]:
        for target in one["targets"]:
            assert target["column"]["name"] in DATASETS[target["datasetUuid"]].columns


@of_each("name", DASHBOARDS)
def test_a_dashboard_ends_with_what_each_of_its_charts_counts(name: str) -> None:
    # Superset 6.1 shows the description of a chart to screen readers alone.
    texts = [one["meta"]["code"] for one in DASHBOARDS[name]["position"].values() if one_of_text(one)]
    charts = [BY_UUID[meta["uuid"]] for meta in charts_of(DASHBOARDS[name])]
    lines = [f"- **{chart['slice_name']}**: {chart['description']}" for chart in charts]
    assert texts[-1].splitlines()[2:] == lines


@of_each("name", DASHBOARDS)
def test_a_narrow_window_cuts_off_no_column_of_a_table_and_no_line_of_the_list_of_charts(name: str) -> None:
    for meta in charts_of(DASHBOARDS[name]):
        chart = BY_UUID[meta["uuid"]]
        columns = [*dimensions(chart), *measured(chart)]
        if chart["viz_type"] == "table" and len(columns) > COLUMNS_BESIDE_ANOTHER_CHART:
            assert meta["width"] == WHOLE_WIDTH, meta["sliceName"]
    last = [one["meta"] for one in DASHBOARDS[name]["position"].values() if one_of_text(one)][-1]
    lines = sum(math.ceil(len(line) / CHARACTERS_OF_A_LINE) for line in last["code"].splitlines())
    assert last["height"] * UNIT_OF_HEIGHT >= lines * LINE_HEIGHT + MARGINS


def test_every_chart_is_in_a_dashboard() -> None:
    shown = {meta["uuid"] for dashboard in DASHBOARDS.values() for meta in charts_of(dashboard)}
    assert {name for name, chart in CHARTS.items() if chart["uuid"] not in shown} == set()


@pytest.mark.parametrize(("beginning", "role"), [("shared-", SHARED), ("force-", FORCE)])
def test_a_dashboard_that_leaves_the_hub_reads_nothing_as_the_analyst(beginning: str, role: str) -> None:
    chosen = {name: read_as(one) for name, one in DASHBOARDS.items() if name.startswith(beginning)}
    assert chosen
    for name, roles in chosen.items():
        assert roles == {role}, name


def test_the_other_dashboards_read_as_the_analyst() -> None:
    inside = [one for name, one in DASHBOARDS.items() if not name.startswith(("shared-", "force-"))]
    assert {one["dashboard_title"] for one in inside} == {
        "Intake and capacity",
        "Allocations and forces",
        "Victims' way and clocks",
        "Hotspots and tasking",
        "Data quality",
    }
    assert all(read_as(one) == {INSIDE} for one in inside)


def test_no_file_names_an_address_from_which_something_would_be_fetched() -> None:
    for path, text in read_text_of_assets().items():
        assert not re.search(r"https?://|mapbox://|tile://", text), path.name
    maps = {name: chart["params"] for name, chart in CHARTS.items() if chart["viz_type"].startswith("deck_")}
    assert maps
    assert {params["mapbox_style"] for params in maps.values()} == {"none"}


def test_every_uuid_is_given_once() -> None:
    kinds = ("databases", "datasets", "charts", "dashboards")
    uuids = [one["uuid"] for kind in kinds for one in read_assets(kind).values()]
    assert len(uuids) == len(set(uuids))


@pytest.fixture
def broken() -> Mapping[str, Any]:
    """A dataset of the shared connection over a view that it may not read, and with a column that is not there."""
    return {"schema": "publish", "table_name": "incidents_v1", "sql": None, "columns": [], "metrics": []}


def test_a_statement_over_a_column_that_no_contract_has_is_seen(broken: Mapping[str, Any]) -> None:
    statement = {**broken, "sql": "select area_nam from publish.dim_area_v1"}
    with pytest.raises(sqlglot.errors.SqlglotError, match="area_nam"):
        what_it_offers(Dataset("a", dict(statement), SHARED))


def test_the_page_of_recipes_names_charts_that_stand_where_it_says() -> None:
    page = (PROJECT / "docs" / "recipes" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"\.sql\) \| (.+): \*(.+)\* \|$", page, re.MULTILINE)
    assert len(named) >= len(re.findall(r"\.sql\) \|", page)) - 1, "more than one question is answered in SQL alone"
    stand = {
        (board["dashboard_title"], meta["sliceName"]) for board in DASHBOARDS.values() for meta in charts_of(board)
    }
    assert set(named) <= stand
