"""``hub backtest``: forecasts of past periods, each from what was known before it, and what they were worth."""

import datetime as dt
import json
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from hub.forecast.backtest import Backtest
    from hub.forecast.model import Forecast
    from hub.forecast.panel import Panel


class Period(StrEnum):
    """Length of a period."""

    WEEK = "week"
    MONTH = "month"


class AsOf(StrEnum):
    """What a forecast may use: without it, all that occurred before; with it, only what was also reported before."""

    REPORTED = "reported"


def backtest(
    events: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="area_id, occurred_on, reported_on")],
    areas: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="area_id, x_km, y_km, area_km2, population")],
    period: Annotated[Period, typer.Option(help="Weeks in sevens from the first-test date, or calendar months")],
    first_test: Annotated[
        dt.datetime,
        typer.Option(formats=["%Y-%m-%d"], help="First day that is forecast; with months, the first of one"),
    ],
    forecasts: Annotated[Path, typer.Option(help="CSV to write: one row per area and test period, with is_withheld")],
    json_out: Annotated[Path, typer.Option("--json", help="JSON to write: scores, baselines, differences, verdict")],
    context: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Counts of kinds other than the events: area_id, occurred_on, kind, count"
        ),
    ] = None,
    as_of: Annotated[AsOf | None, typer.Option(help="Use only what was reported before each period")] = None,
) -> None:
    """Forecast each past period from what was known before it, and score the forecasts beside the baselines.

    Of the context, too, only counts from before the period are used.

    The forecasts are withheld unless they are surely better than every baseline: is_withheld in the CSV, verdict and
    because in the JSON. docs/backtest.md says what each field means. Model card and charts go beside the JSON. Ends
    with 2 where the files are not a panel, or the name for the JSON does not end in .json.
    """
    if json_out.suffix != ".json":
        raise typer.BadParameter(f"{json_out.name} does not end in .json", param_hint="--json")
    from hub.forecast.context_file import with_context  # noqa: PLC0415
    from hub.forecast.forecast_file import write_forecasts  # noqa: PLC0415 - seconds to import
    from hub.forecast.model_card import summary, write_card  # noqa: PLC0415
    from hub.forecast.panel import PanelRefused, read_panel  # noqa: PLC0415

    try:
        panel = read_panel(
            events, areas, unit=period.value, first_test=first_test.date(), as_of_reported=as_of is AsOf.REPORTED
        )
        panel = panel if context is None else with_context(panel, context)
    except PanelRefused as refused:
        typer.echo(f"hub: {refused}", err=True)
        raise typer.Exit(2) from refused
    _tell_left_out(panel)
    done, made = _walk(panel)
    result = done.result()
    write_forecasts(forecasts, panel, made, is_withheld=result["withheld"])
    json_out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    json_out.with_suffix(".md").write_text(write_card(result), encoding="utf-8")
    if done.events:
        from hub.forecast.charts import draw  # noqa: PLC0415

        draw(done, json_out.with_suffix(""))
    typer.echo(summary(result))


def _tell_left_out(panel: "Panel") -> None:
    """What of the files is not used, on standard error."""
    if panel.count_outside:
        typer.echo(f"hub: left out: {panel.count_outside:,} events in areas that the list of areas lacks", err=True)
    if panel.count_no_report_date:
        events = f"{panel.count_no_report_date:,} events without reported_on"
        typer.echo(f"hub: {events} count as reported on the day they occurred", err=True)
    if panel.context is not None and panel.context.count_outside:
        rows = f"{panel.context.count_outside:,} rows of the context"
        typer.echo(f"hub: left out: {rows} in areas that the list of areas lacks", err=True)


def _walk(panel: "Panel") -> "tuple[Backtest, list[Forecast]]":
    from hub.forecast.backtest import Backtest, periods, walk  # noqa: PLC0415
    from hub.forecast.model import Forecaster  # noqa: PLC0415

    done, made = Backtest(panel), []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("periods", total=len(periods(panel)))
        for forecast in walk(panel, Forecaster(panel), lambda: progress.advance(bar)):
            done.add(forecast)
            made.append(replace(forecast, baselines={}))
    return done, made
