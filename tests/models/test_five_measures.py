"""The five measures of success are the same figures wherever they are read: view, dashboards, recipes, extract,
briefing, and the incidents that they are counted from. All months, of every measure that belongs to one of the five."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from dashboards.asking import Question
from dashboards.assets import read_assets, read_datasets
from hub.briefing.success import success_section
from hub.publish.extract import extract
from hub.settings import Settings, read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

Row = Mapping[str, Any]
Figures = dict[tuple[str, str], tuple[float | None, float | None]]
"""Value and base by measure and month."""

RECIPES = read_settings({}).project / "docs" / "recipes"
OF_RECIPES = {
    "officer_time_saved": {"officer_hours_saved": ("hours_saved", "base_of_hours_saved")},
    "confidence_of_victims": {
        "confident_start": ("share_confident_at_start", "answers_at_start"),
        "confident_end": ("share_confident_at_end", "answers_at_end"),
        "confidence_change": ("mean_change", "answered_twice"),
    },
}
"""Recipe → measure → its columns with value and base."""

CHARTS = {"intake-success": 1, "victims-confidence": 3, "victims-base": None}
"""Charts of dashboards that show them to the analyst, and how many months they put together; None: all."""


@pytest.fixture
def hub(published_once: Settings) -> Settings:
    return published_once


def ask(hub: Settings, query: str) -> list[Row]:
    with open_warehouse(hub, Role.ANALYST).connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(query)).mappings()]


def ask_chart(hub: Settings, name: str) -> list[Row]:
    """What a chart of the dashboards shows, asked as the role as which the dashboards read it."""
    chart = read_assets("charts")[name]
    dataset = read_datasets()[chart["dataset_uuid"]]
    with open_warehouse(hub, dataset.role).connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(Question(chart, dataset).as_sql())).mappings()]


def number(cell: Any) -> float | None:
    """Of any form in which a figure comes; an empty cell of a CSV file is none."""
    return None if cell is None or cell == "" else round(float(cell), 6)


def figures(rows: Iterable[Row], *, name: str = "measure_code") -> Figures:
    """Of rows as ``measures_v1`` has them, those of the five measures and the whole hub."""
    return {
        (row[name], str(row["month"])): (number(row["measure_value"]), number(row["base_size"]))
        for row in rows
        if row["success_measure"] and row["dimension"] == "all"
    }


@pytest.fixture
def of_the_view(hub: Settings) -> Figures:
    rows = ask(hub, "select * from publish.measures_v1")
    assert len({row["success_measure"] for row in rows} - {None}) == 5
    found = figures(rows)
    assert len({month for _, month in found}) > 2
    return found


def test_recipes_have_the_figures_of_the_view(hub: Settings, of_the_view: Figures) -> None:
    rows = ask(hub, (RECIPES / "five_measures_of_success.sql").read_text())
    names = {row["measure_name"]: row["measure_code"] for row in ask(hub, "select * from publish.measures_v1")}
    told = figures([{**row, "dimension": "all", "measure_code": names[row["measure_name"]]} for row in rows])
    assert told == of_the_view
    assert len(rows) == len(of_the_view)
    for recipe, measures in OF_RECIPES.items():
        rows = ask(hub, (RECIPES / f"{recipe}.sql").read_text())
        for measure, (value, base) in measures.items():
            told = {
                (measure, str(row["month"])): (number(row[value]), number(row[base]))
                for row in rows
                if row[base] is not None
            }
            assert told == {key: figure for key, figure in of_the_view.items() if key[0] == measure}, measure


def test_a_dashboard_has_the_figures_of_every_month(hub: Settings, of_the_view: Figures) -> None:
    rows = ask_chart(hub, "intake-success")
    codes = {row["measure_name"]: row["measure_code"] for row in ask(hub, "select * from publish.measures_v1")}
    told = {
        (codes[row["measure_name"]], str(row["month"])): (number(row["measure_value"]), number(row["base_size"]))
        for row in rows
    }
    assert told == of_the_view
    assert len(rows) == len(of_the_view)
    assert len(rows) <= read_assets("charts")["intake-success"]["params"]["row_limit"]


@pytest.mark.parametrize("chart", ["victims-confidence", "victims-base"])
def test_a_dashboard_puts_months_together_from_what_was_counted(hub: Settings, chart: str) -> None:
    counted: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for row in ask(hub, "select * from publish.measures_v1 where dimension = 'all'"):
        counted[row["measure_name"], period(row["month"], CHARTS[chart])].append(row)
    rows = ask_chart(hub, chart)
    assert rows
    for row in rows:
        months = counted[row["measure_name"], period(row.get("month"), CHARTS[chart])]
        count, out_of, base = (
            sum(one[column] for one in months) for column in ("numerator", "denominator", "base_size")
        )
        assert number(row["share"]) == number(count / out_of), row
        assert "base" not in row or row["base"] == base


def test_no_other_chart_shows_them_to_the_analyst(hub: Settings) -> None:
    names = {row["measure_name"] for row in ask(hub, "select * from publish.measures_v1") if row["success_measure"]}
    of_measures = read_assets("datasets")["inside/measures_v1"]["uuid"]
    charts = [name for name, chart in read_assets("charts").items() if chart["dataset_uuid"] == of_measures]
    assert {name for name in charts if names & {row.get("measure_name") for row in ask_chart(hub, name)}} == set(CHARTS)


def period(month: date | datetime | None, months: int | None) -> str | None:
    """The first month of those that are put together."""
    if month is None or months is None:
        return None
    return f"{month.year}-{month.month - (month.month - 1) % months:02}"


def test_an_extract_has_the_figures_of_the_view(hub: Settings, of_the_view: Figures) -> None:
    written = extract(hub, open_warehouse(hub, Role.ANALYST), ["measures_v1"], role="hub_analyst")
    assert figures(pq.read_table(written.folder / "measures_v1.parquet").to_pylist()) == of_the_view
    with (written.folder / "measures_v1.csv").open(encoding="utf-8", newline="") as file:
        assert figures(csv.DictReader(file)) == of_the_view


def test_months_of_incidents_are_those_of_the_measures(hub: Settings) -> None:
    """What the five rest on: counted from the view of incidents by the date that it begins with."""
    counted = """
        select cast(date_trunc('month', first_reported_at at time zone 'Europe/London') as date) as month,
            count(*) as incidents, sum(count_reports) as reports
        from publish.incidents_v1 group by 1
    """
    told = """
        select month, max(numerator) filter (where measure_code = 'incidents') as incidents,
            max(numerator) filter (where measure_code = 'reports') as reports
        from publish.measures_v1 where dimension = 'all' and measure_code in ('incidents', 'reports') group by 1
    """
    by_month = [
        {row["month"]: (int(row["incidents"]), int(row["reports"])) for row in ask(hub, query)}
        for query in (counted, told)
    ]
    assert by_month[0] == by_month[1] != {}


def test_the_briefing_of_each_month_has_the_figures_of_the_view(hub: Settings, of_the_view: Figures) -> None:
    rows = [
        row for row in ask(hub, "select * from publish.measures_v1 where dimension = 'all'") if row["success_measure"]
    ]
    codes = {row["measure_name"]: row["measure_code"] for row in rows}
    for month in {row["month"] for row in rows}:
        told = success_section(rows, [], (month + timedelta(days=31)).replace(day=1)).tables[0].rows
        assert {codes[row[0]] for row in told} == set(codes.values())
        for name, cell, *_ in told:
            value, _ = of_the_view.get((codes[name], str(month)), (None, None))
            unit = next(row["unit"] for row in rows if row["measure_name"] == name)
            assert cell in shown(value, unit), (name, month)


def shown(value: float | None, unit: str) -> tuple[str, ...]:
    """How a figure may stand in a briefing; nearly all is not called all."""
    if value is None:
        return ("-",)
    return (f"{value:.0%}", ">99%") if unit == "share" else (f"{value:,.0f} {unit}", f"{value:,.1f} {unit}")
