"""Panels as they come: small, without coordinates, without population, weekly or monthly, and some that are none."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from forecast.towns import FIRST_TEST, forecast, make_town, read_town, write_town
from hub.cli.main import app
from hub.forecast.calendar import Calendar
from hub.forecast.completeness import ReportingTriangle
from hub.forecast.level import LevelStream
from hub.forecast.panel import PanelRefused, read_panel


@pytest.mark.parametrize("unit", ["week", "month"])
@pytest.mark.parametrize(
    ("count_areas", "has_places", "has_population"), [(77, True, True), (77, False, False), (700, True, False)]
)
def test_backtest_command_writes_a_row_an_area_and_test_period(
    tmp_path: Path, unit: str, count_areas: int, has_places: bool, has_population: bool
) -> None:
    events, areas = make_town(
        count_areas=count_areas, has_places=has_places, has_population=has_population, reports_a_week=30
    )
    paths = write_town(tmp_path, events, areas)
    first = FIRST_TEST if unit == "week" else FIRST_TEST.replace(day=1)
    options = [
        "--events",
        paths[0],
        "--areas",
        paths[1],
        "--period",
        unit,
        "--first-test",
        first,
        "--as-of",
        "reported",
    ]
    options += ["--forecasts", tmp_path / "out.csv", "--json", tmp_path / "out.json"]
    ran = CliRunner().invoke(app, ["backtest", *map(str, options)], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    rows = pd.read_csv(tmp_path / "out.csv", dtype={"area_id": str})
    assert list(rows.columns) == ["period_start", "area_id", "expected", "p05", "p95", "is_withheld"]
    told = json.loads((tmp_path / "out.json").read_text())
    assert len(rows) == told["periods"] * count_areas
    assert set(rows["is_withheld"]) == {told["withheld"]}
    assert not rows.duplicated(["period_start", "area_id"]).any()
    assert rows["period_start"].min() == first.isoformat()
    assert (rows["expected"] > 0).all()
    assert (rows["p05"] <= rows["p95"]).all()
    assert ("kernel_density" in told["methods"]) == has_places
    assert told["paired"]["long_run_mean"]["bits_per_event"]["low"] > -0.1
    assert told["methods"]["stack"]["bits_per_event"] > 0.5
    for picture in ("hit_rate.png", "calibration.png", "log_score.png"):
        assert (tmp_path / "out" / picture).read_bytes().startswith(b"\x89PNG")
    assert f"{told['methods']['stack']['bits_per_event']:.3f}" in (tmp_path / "out.md").read_text()


def run_command(
    folder: Path, events: pd.DataFrame, areas: pd.DataFrame, unit: str, first_test: str, json_name: str = "out.json"
) -> Result:
    paths = write_town(folder, events, areas)
    options = ["--events", paths[0], "--areas", paths[1], "--period", unit, "--first-test", first_test]
    options += ["--forecasts", folder / "out.csv", "--json", folder / json_name]
    return CliRunner().invoke(app, ["backtest", *map(str, options)])


@pytest.mark.parametrize("json_name", ["scores", "scores.md", "scores.csv"])
def test_a_name_beside_which_no_card_and_charts_can_be_written_is_refused_at_the_start(
    tmp_path: Path, json_name: str
) -> None:
    events = pd.DataFrame({"area_id": ["a"], "occurred_on": ["2023-01-02"]})
    ran = run_command(tmp_path, events, pd.DataFrame({"area_id": ["a"]}), "month", "2023-02-01", json_name)
    assert ran.exit_code == 2
    assert "does not end in .json" in ran.stderr
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / json_name).exists()


def test_a_withheld_forecast_is_marked_wherever_it_is_written(tmp_path: Path) -> None:
    """A handful of events, some of them in areas that are not listed, in one period: nobody can be sure of anything."""
    days = ["2023-01-02", "2023-02-03", "2023-03-07", "2023-03-09"]
    events = pd.DataFrame({"area_id": ["a", "elsewhere", "b", "elsewhere"], "occurred_on": days})
    ran = run_command(tmp_path, events, pd.DataFrame({"area_id": ["a", "b"]}), "month", "2023-03-01")
    assert ran.exit_code == 0, ran.output
    assert "left out: 2 events in areas that the list of areas lacks" in ran.stderr
    assert "withheld, too few events" in ran.stdout
    told = json.loads((tmp_path / "out.json").read_text())
    assert (told["verdict"], told["withheld"]) == ("too_few_events", True)
    assert told["events_outside_areas"] == 2
    assert pd.read_csv(tmp_path / "out.csv")["is_withheld"].all()
    assert "Withheld, too few events" in (tmp_path / "out.md").read_text()


def test_scores_and_settings_of_every_baseline_are_told(tmp_path: Path) -> None:
    ran = run_command(tmp_path, *make_town(weeks=60), "week", str(FIRST_TEST))
    assert ran.exit_code == 0, ran.output
    assert "left out" not in ran.stderr
    told = json.loads((tmp_path / "out.json").read_text())
    names = {"counts_plus_one", "long_run_mean", "last_period", "lag_ensemble", "empirical_bayes", "kernel_density"}
    assert set(told["baselines"]) == set(told["paired"]) == set(told["methods"]) - {"stack"} == names
    assert set(told["baselines"]["kernel_density"]["setting_at_last_test"]) == {
        "bandwidth_km",
        "half_life_weeks",
        "uniform_share",
    }
    best = told["best_baseline"]
    assert told["methods"][best]["bits_per_event"] == max(told["methods"][name]["bits_per_event"] for name in names)
    assert f"best baseline: {best.replace('_', ' ')}" in ran.stdout.replace("\n", " ")
    assert f"best baseline: {best.replace('_', ' ')}" in (tmp_path / "out.md").read_text()


def test_a_first_test_in_the_middle_of_a_month_is_refused_not_moved(tmp_path: Path) -> None:
    ran = run_command(tmp_path, *make_town(weeks=60), "month", "2023-03-06")
    assert ran.exit_code == 2
    assert "periods are months, and 2023-03-06 is not the first day of one" in ran.stderr
    assert not (tmp_path / "out.csv").exists()


def test_weeks_are_counted_in_sevens_both_ways_from_the_first_test() -> None:
    calendar = Calendar("week", dt.date(2023, 3, 8))
    days = np.array(["2023-03-07", "2023-03-08", "2023-03-14", "2023-03-15", "2023-02-28"], dtype="datetime64[D]")
    assert calendar.index_of(days).tolist() == [-1, 0, 0, 1, -2]
    assert calendar.start_of(-2) == dt.date(2023, 2, 22)


def test_months_are_calendar_months_over_the_turn_of_a_year() -> None:
    calendar = Calendar("month", dt.date(2023, 1, 1))
    days = np.array(["2022-12-31", "2023-01-31", "2024-02-29"], dtype="datetime64[D]")
    assert calendar.index_of(days).tolist() == [-1, 0, 13]
    assert calendar.start_of(-1) == dt.date(2022, 12, 1)


def test_a_test_without_any_history_expects_nothing_in_its_first_week_and_learns_from_it(tmp_path: Path) -> None:
    events = pd.DataFrame({"area_id": ["b"] * 9, "occurred_on": ["2023-03-06"] * 8 + ["2023-03-20"]})
    areas = pd.DataFrame({"area_id": ["a", "b"]})
    made = forecast(read_town(tmp_path, events, areas))
    assert made[0].expected.tolist() == [0, 0]
    assert made[1].expected[1] > made[1].expected[0] > 0


def test_events_of_unlisted_areas_are_left_out_and_counted(tmp_path: Path) -> None:
    events = pd.DataFrame({"area_id": ["a", "elsewhere"], "occurred_on": ["2023-03-07", "2023-03-07"]})
    panel = read_town(tmp_path, events, pd.DataFrame({"area_id": ["a"]}))
    assert panel.count_outside == 1
    assert panel.actual(0).tolist() == [1]


@pytest.mark.parametrize(
    ("events", "areas", "message"),
    [
        ({"area_id": ["a"], "occurred_on": ["07/03/2023"]}, {"area_id": ["a"]}, "not a date"),
        ({"area_id": ["a"]}, {"area_id": ["a"]}, "no column occurred_on"),
        ({"area_id": ["a"], "occurred_on": ["2023-03-07"]}, {"area_id": ["a", "a"]}, "stands once"),
        ({"area_id": ["a"], "occurred_on": ["2022-03-07"]}, {"area_id": ["a"]}, "nothing to test"),
        ({"area_id": ["a"], "occurred_on": ["2023-03-07"]}, {"area_id": ["a"], "x_km": ["far"]}, "not a number"),
    ],
)
def test_files_that_are_no_panel_are_refused_with_what_is_wrong(
    tmp_path: Path, events: dict[str, list[str]], areas: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(PanelRefused, match=message):
        read_town(tmp_path, pd.DataFrame(events), pd.DataFrame(areas))


def test_completeness_is_learnt_from_how_late_reports_came(tmp_path: Path) -> None:
    """Half of each week's reports come a week later: the latest week is known by half, the others whole."""
    weeks = [FIRST_TEST + dt.timedelta(weeks=week) for week in range(-20, 5)]
    rows = [("a", day, day + dt.timedelta(weeks=late)) for day in weeks for late in (0, 1) for _ in range(10)]
    events = pd.DataFrame(rows, columns=["area_id", "occurred_on", "reported_on"])
    panel = read_town(tmp_path, events, pd.DataFrame({"area_id": ["a", "b"]}), as_of_reported=True)
    complete = ReportingTriangle(panel).completeness(2)
    np.testing.assert_allclose(complete[-3:], [1, 1, 0.5])
    level = LevelStream(panel)
    assert [level.forecast(week) for week in range(-15, 3)][-1] == pytest.approx(20, rel=0.02)


def test_the_level_follows_a_shock_and_comes_down_again(tmp_path: Path) -> None:
    counts = [10] * 40 + [60] * 3 + [10] * 12
    rows = [
        ("a", FIRST_TEST + dt.timedelta(weeks=week - 30)) for week, count in enumerate(counts) for _ in range(count)
    ]
    panel = read_town(
        tmp_path, pd.DataFrame(rows, columns=["area_id", "occurred_on"]), pd.DataFrame({"area_id": ["a"]})
    )
    stream = LevelStream(panel)
    level = [stream.forecast(week) for week in range(-30, 25)]
    assert level[40] == pytest.approx(10, rel=0.05)
    assert level[43] > 35
    assert level[-1] < 13


def test_a_mistyped_year_is_refused_and_does_not_take_all_memory(tmp_path: Path) -> None:
    events, areas = tmp_path / "events.csv", tmp_path / "areas.csv"
    areas.write_text("area_id\nA\nB\n")
    events.write_text("area_id,occurred_on\nA,0202-02-01\nB,2024-02-01\n")
    with pytest.raises(PanelRefused, match="occurred_on"):
        read_panel(events, areas, unit="week", first_test=dt.date(2024, 1, 1))


def test_an_area_may_be_called_na(tmp_path: Path) -> None:
    events, areas = tmp_path / "events.csv", tmp_path / "areas.csv"
    areas.write_text("area_id\nNA\nB\n")
    events.write_text("area_id,occurred_on\nNA,2024-02-01\nB,2024-02-01\n")
    panel = read_panel(events, areas, unit="week", first_test=dt.date(2024, 1, 1))
    assert (panel.areas.ids, panel.count_outside) == (("NA", "B"), 0)
