"""Counts of other kinds beside the events: what they add, what is told of them, and files that are refused."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from forecast.towns import FIRST_TEST, add_context, forecast, make_context, make_town, read_town, write_town
from hub.cli.main import app
from hub.forecast.backtest import STACK, Backtest
from hub.forecast.context import ContextStream
from hub.forecast.context_file import with_context
from hub.forecast.hub_panel import Counts, make_panel
from hub.forecast.panel import Areas, Panel, PanelRefused
from hub.forecast.walk_forward import walk_forward


def bits(panel: Panel) -> float:
    done = Backtest(panel)
    for made in forecast(panel).values():
        done.add(made)
    told: float = done.result()["methods"][STACK]["bits_per_event"]
    return told


def test_areas_with_few_reports_are_told_apart_by_what_else_happens_there(tmp_path: Path) -> None:
    events, areas = make_town(reports_a_week=6)
    panel = read_town(tmp_path, events, areas)
    context = make_context()
    assert bits(add_context(tmp_path, panel, context)) > bits(panel) + 0.05
    # Counts that lie anywhere say nothing, and do next to no harm.
    thefts = context[context["kind"] == "theft"]
    assert bits(add_context(tmp_path, panel, thefts)) > bits(panel) - 0.02


def test_an_areas_own_reports_move_what_counts_like_its_own_lead_to_expect(tmp_path: Path) -> None:
    """Twenty areas with as many brawls each: the one that reports is expected to report more, the others the same."""
    areas = pd.DataFrame({"area_id": [f"{number:02}" for number in range(40)]})
    weeks = [FIRST_TEST + dt.timedelta(weeks=week) for week in range(-30, 1)]
    rows = [(f"{number:02}", day) for day in weeks for number in range(20) for _ in range(1 if number else 5)]
    brawls = pd.DataFrame(
        [(f"{number:02}", day, "brawl", 4) for day in weeks[:-1] for number in range(20)],
        columns=["area_id", "occurred_on", "kind", "count"],
    )
    panel = add_context(
        tmp_path, read_town(tmp_path, pd.DataFrame(rows, columns=["area_id", "occurred_on"]), areas), brawls
    )
    assert panel.context is not None
    stream = ContextStream(panel.context, panel.calendar, 40)
    stream.learn(-1)
    own = np.bincount(panel.events.area, weights=panel.events.count, minlength=40)
    expected = stream.expected(0, own)
    assert expected.sum() == pytest.approx(own.sum())
    assert expected[1:20] == pytest.approx(np.full(19, expected[1]))
    assert expected[0] > 2 * expected[1] > 4 * expected[20]
    assert stream.share[0] < stream.share[1] < stream.share[20] == 1


def test_what_a_forecast_rests_on_adds_up_with_counts_of_other_kinds() -> None:
    random = np.random.default_rng(5)
    cut_off, count = dt.date(2026, 10, 1), 50
    months = np.arange("2024-10", "2026-10", dtype="datetime64[M]").astype("datetime64[D]")
    rate = random.gamma(0.5, size=count)
    month, area = np.divmod(np.arange(len(months) * count), count)
    nowhere = np.full(count, np.nan)
    areas = Areas(tuple(map(str, range(count))), nowhere, nowhere, nowhere, nowhere)

    def counts(mean: float) -> Counts:
        return Counts(area, months[month], months[month], random.poisson(mean * rate[area]))

    walked = walk_forward(*make_panel(areas, counts(1), cut_off, "month", {"brawl": counts(20)}))
    assert sum(walked.contributions.values()) == pytest.approx(np.ones(count))
    assert all((share >= 0).all() for share in walked.contributions.values())
    assert walked.contributions["context"].mean() > 0.2
    # Where an area has many reports of its own, these say more.
    assert walked.contributions["context"][rate.argmax()] < walked.contributions["context"][rate.argmin()]
    alone = walk_forward(*make_panel(areas, counts(1), cut_off, "month"))
    assert not alone.contributions["context"].any()


@pytest.mark.parametrize("rows", ["", "elsewhere,2023-01-01,brawl,3\n"])
def test_a_file_without_a_count_of_a_listed_area_changes_nothing(tmp_path: Path, rows: str) -> None:
    panel = read_town(tmp_path, *make_town(weeks=52))
    beside = add_rows(tmp_path, panel, "area_id,occurred_on,kind,count\n" + rows)
    assert beside.context is not None
    assert beside.context.count_outside == len(rows.splitlines())
    np.testing.assert_array_equal(forecast(beside)[1].expected, forecast(panel)[1].expected)


def test_the_backtest_command_takes_counts_of_other_kinds_and_says_so(tmp_path: Path) -> None:
    events, areas = make_town(weeks=56)
    paths = write_town(tmp_path, events, areas)
    context = make_context(weeks=56)
    elsewhere = pd.DataFrame([("elsewhere", "2023-01-01", "brawl", 3)], columns=context.columns)
    pd.concat([context, elsewhere]).to_csv(tmp_path / "context.csv", index=False)
    options = ["--events", paths[0], "--areas", paths[1], "--period", "week", "--first-test", FIRST_TEST]
    options += ["--context", tmp_path / "context.csv"]
    options += ["--forecasts", tmp_path / "out.csv", "--json", tmp_path / "o.json"]
    ran = CliRunner().invoke(app, ["backtest", *map(str, options)], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    told = json.loads((tmp_path / "o.json").read_text())["context"]
    assert told == {"kinds": ["brawl", "theft"], "counts": int(context["count"].sum()), "rows_outside_areas": 1}
    assert "Counts of 2 other kinds" in (tmp_path / "o.md").read_text()
    (tmp_path / "context.csv").write_text("area_id,occurred_on,kind,count\nW000,2023-01-01,brawl,many\n")
    refused = CliRunner().invoke(app, ["backtest", *map(str, options)])
    assert refused.exit_code == 2
    assert "context.csv, line 2, count: a count is a whole number, 0 or more, but it is many" in refused.output


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("area_id,occurred_on,kind\nW000,2023-01-01,brawl\n", "context.csv has no column count"),
        ("area_id,occurred_on,kind,count\nW000,2023-01-01,brawl,1\n,2023-01-01,brawl,1\n", "line 3, area_id: an area"),
        ("area_id,occurred_on,kind,count\n\nW000,01/02/2023,brawl,1\n", "line 3, occurred_on: a date .* 01/02/2023"),
        ("area_id,occurred_on,kind,count\nW000,,brawl,1\n", "line 2, occurred_on: a date .* but it is empty"),
        ("area_id,occurred_on,kind,count\nW000,2023-02-30,brawl,1\n", "line 2, occurred_on"),
        ("area_id,occurred_on,kind,count\nW000,2023-01-01,,1\n", "line 2, kind: a kind is named, but it is empty"),
        ("area_id,occurred_on,kind,count\nW000,2023-01-01,brawl,-1\n", "line 2, count: .* but it is -1"),
        ("area_id,occurred_on,kind,count\nW000,2023-01-01,brawl,1.5\n", "line 2, count"),
        ("area_id,occurred_on,kind,count\nW000,2023-01-01,brawl,\n", "line 2, count: .* but it is empty"),
        ("area_id,occurred_on,kind,count\nW000,2023-01-01,brawl,inf\nx,,,\n", "line 2, count"),
        (
            "area_id,occurred_on,kind,count\nW000,2023-01-01,brawl,1\nW000,2023-01-01,a,b,1\n",
            "4 fields in line 3, saw 5",
        ),
        ("", "context.csv: No columns"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_its_column_and_the_rule(tmp_path: Path, rows: str, message: str) -> None:
    panel = read_town(tmp_path, *make_town(weeks=52))
    with pytest.raises(PanelRefused, match=message):
        add_rows(tmp_path, panel, rows)


def add_rows(folder: Path, panel: Panel, rows: str) -> Panel:
    (folder / "context.csv").write_text(rows)
    return with_context(panel, folder / "context.csv")
