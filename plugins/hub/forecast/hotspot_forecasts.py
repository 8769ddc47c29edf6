"""Forecasts of the hub's own reports at a cut-off: read what was known, forecast, test, write what may be published.

The same cut-off, data and model give the same run, which is written once. Nothing of a run is published before it has
passed its test, and no area is tasked before a person has approved it.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from hub.build import FORECASTS, HOTSPOT_COUNTS, builds, code_hash
from hub.build.warehouse_build import build_warehouse
from hub.forecast import store as forecast_store
from hub.forecast.hub_panel import Demands, too_little
from hub.forecast.hub_rows import AreaHistory, area_history, groups_of, online_history, online_rows, rows_of_areas
from hub.forecast.proposals import Candidates, propose
from hub.forecast.verdict import Verdict
from hub.forecast.walk_forward import WalkResult, evaluation_rows, walk_forward
from hub.settings import Settings
from hub.warehouse import build_lock
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

MODEL_VERSION = "stack-5"
LEVELS = ("force", "local_authority", "lsoa")
PANELS = (*LEVELS, "online", "recorded_crime")
TASKED = ("local_authority", "lsoa")
"""Panels from which areas are proposed: a force is too large to be sent to."""
NAMESPACE = uuid.UUID("6f2c3a52-6a2f-5b43-9c0e-7f5b6a1d0e11")


class ForecastRefused(RuntimeError):
    """There is nothing to forecast from; the message says what to do."""


@dataclass(frozen=True)
class PanelRun:
    """What became of one panel. ``is_new`` is false where the same run stood already; ``count_outside`` reports were
    left out, as their area is not in the hub's list."""

    run_id: uuid.UUID
    panel: str
    cut_off: dt.date
    is_new: bool
    verdict: str | None
    withheld_because: str | None
    count_slots: int
    count_outside: int


def forecast_hotspots(
    settings: Settings,
    *,
    cut_off: dt.date | None = None,
    panels: Collection[str] = PANELS,
    on_panel: Callable[[str], None] = lambda _: None,
) -> list[PanelRun]:
    """Forecast panels from what was known before the cut-off: a Monday, the latest by default. Published counts are
    forecast for the month after their last.

    Raises :class:`ForecastRefused` where the warehouse is not built by this code, the last build of everything did not
    succeed, nothing is known, or the cut-off is no Monday, or later than the latest: weeks of which nobody can have
    reported yet are not quiet ones.
    """
    if cut_off is not None and cut_off.weekday():
        raise ForecastRefused(f"{cut_off} is no Monday")
    # The transformer reads the counts; the forecaster writes the forecasts.
    counts, forecasts = open_warehouse(settings, Role.TRANSFORMER), open_warehouse(settings, Role.FORECASTER)
    if builds.must_start_from_nothing(counts, code_hash(settings.dbt_project)):
        raise ForecastRefused("the warehouse was not built by this code; run hub build first")
    with counts.begin() as reader:
        build_lock.lock_builds(reader)
        _refuse_unfinished(reader)
    build_warehouse(settings, select=HOTSPOT_COUNTS)
    made = []
    with counts.begin() as reader, forecasts.begin() as writer:
        # No build may swap the counts while they are read.
        build_lock.lock_builds(reader)
        _refuse_unfinished(reader)
        latest = forecast_store.latest_cut_off(reader)
        if cut_off is not None and latest is not None and cut_off > latest:
            raise ForecastRefused(f"{cut_off} is to come: reports are known until {latest}")
        for panel, at in cut_offs(reader, cut_off).items():
            if panel in panels:
                on_panel(panel)
                made.append(_forecast_panel(reader, writer, panel, at))
    if not made:
        raise ForecastRefused("no report that forecasts learn from is known")
    if any(run.is_new for run in made):
        forecast_store.analyze(forecasts)
        build_warehouse(settings, select=FORECASTS)
    return made


def _refuse_unfinished(connection: sa.Connection) -> None:
    """A build of everything that fails leaves its first models new and the others as they were."""
    if because := builds.why_unfinished(builds.last_build(connection, of_everything=True)):
        raise ForecastRefused(because)


def cut_offs(connection: sa.Connection, weekly: dt.date | None = None) -> dict[str, dt.date]:
    """The cut-off of each panel of which something is known: a Monday, the latest where none is named, and for
    published counts the month after their last."""
    weekly = weekly or forecast_store.latest_cut_off(connection)
    known = {} if weekly is None else dict.fromkeys((*LEVELS, "online"), weekly)
    month = forecast_store.latest_month(connection)
    return known if month is None else known | {"recorded_crime": _next_month(month)}


def not_forecast(connection: sa.Connection) -> list[str]:
    """Panels that were never forecast at their latest cut-off."""
    return [
        panel for panel, at in cut_offs(connection).items() if not forecast_store.is_forecast(connection, panel, at)
    ]


def _next_month(month: dt.date) -> dt.date:
    return (month.replace(day=1) + dt.timedelta(days=31)).replace(day=1)


def _forecast_panel(reader: sa.Connection, writer: sa.Connection, panel: str, cut_off: dt.date) -> PanelRun:
    parameters = forecast_store.read_parameters(reader, cut_off)
    if panel == "online":
        return _forecast_online(reader, writer, cut_off, parameters)
    is_recorded = panel == "recorded_crime"
    areas = forecast_store.read_areas(reader, "lsoa" if is_recorded else panel)
    counts = (
        forecast_store.read_recorded_crime(reader, cut_off)
        if is_recorded
        else forecast_store.read_counts(reader, panel, cut_off)
    )
    others = forecast_store.read_other_recorded_crime(reader, cut_off) if is_recorded else ()
    history = area_history(areas, counts, cut_off, others)
    run = _run(panel, cut_off, history, areas[0].boundary_version, parameters)
    return _write_areas(writer, run, history, "month" if is_recorded else "week", parameters)


def _write_areas(
    writer: sa.Connection,
    run: dict[str, Any],
    history: AreaHistory,
    unit: Any,
    parameters: Mapping[str, float],
) -> PanelRun:
    if stood := _stood(writer, run, history):
        return stood
    walked = _walk(run, history, unit, parameters)
    if walked is None:
        return _panel_run(run, history, is_new=forecast_store.write_run(writer, run))
    by_horizon, run["completeness"] = rows_of_areas(walked, history, run["cut_off"])
    slots: list[dict[str, Any]] = []
    if run["panel"] in TASKED and not run["is_withheld"]:
        selected = forecast_store.read_selected(writer, run["panel"], run["cut_off"])
        slots = propose(_candidates(history, by_horizon), parameters, run["cut_off"], selected)
    forecast_store.write_run(
        writer,
        run,
        areas=[row for rows in by_horizon.values() for row in rows.as_rows(history, run["completeness"])],
        evaluations=list(evaluation_rows(walked, history.panel(unit, run["cut_off"])[0])),
        groups=groups_of(walked, history, slots),
        slots=slots,
    )
    return _panel_run(run, history, is_new=True, count_slots=len(slots))


def _forecast_online(
    reader: sa.Connection, writer: sa.Connection, cut_off: dt.date, parameters: Mapping[str, float]
) -> PanelRun:
    quarter = cut_off - dt.timedelta(weeks=13)
    history = online_history(forecast_store.read_online(reader, cut_off), cut_off)
    run = _run("online", cut_off, history, "community bands of 2021", parameters)
    if stood := _stood(writer, run, history):
        return stood
    walked = _walk(run, history, "week", parameters)
    if walked is None:
        return _panel_run(run, history, is_new=forecast_store.write_run(writer, run))
    authors = forecast_store.read_authors(reader, quarter, cut_off)
    hours = forecast_store.read_moderation_hours(reader, quarter, cut_off)
    rows, run["completeness"] = online_rows(walked, history, cut_off, authors, hours)
    forecast_store.write_run(
        writer, run, online=rows, evaluations=list(evaluation_rows(walked, history.panel("week", cut_off)[0]))
    )
    return _panel_run(run, history, is_new=True)


def _run(
    panel: str, cut_off: dt.date, history: AreaHistory, boundary_version: str, parameters: Mapping[str, float]
) -> dict[str, Any]:
    digest = hashlib.sha256()
    digest.update(repr((panel, cut_off, boundary_version, sorted(parameters.items()))).encode())
    for part in history.fingerprint():
        digest.update(part)
    data = digest.hexdigest()
    return {
        "run_id": uuid.uuid5(NAMESPACE, f"{panel}/{cut_off}/{data}/{MODEL_VERSION}"),
        "panel": panel,
        "cut_off": cut_off,
        "data_sha256": data,
        "boundary_version": boundary_version,
        "model_version": MODEL_VERSION,
        "count_areas": history.areas.count,
        "count_reports": history.whole.total(),
        "first_event_on": history.first_event_on(),
        "completeness": None,
        **history.shares,
    }


def _walk(run: dict[str, Any], history: AreaHistory, unit: Any, parameters: Mapping[str, float]) -> WalkResult | None:
    """The walk, or None where the history is too short; the verdict is written into the run."""
    walked = None
    if because := too_little(history.whole, run["cut_off"], Demands.of(parameters)):
        verdict = Verdict("too_few_events", [because])
    else:
        walked = walk_forward(*history.panel(unit, run["cut_off"]))
        verdict = walked.verdict()
    run |= {"verdict": verdict.code, "is_withheld": verdict.is_withheld, "withheld_because": verdict.sentence}
    return walked


def _candidates(history: AreaHistory, by_horizon: Mapping[str, Any]) -> Candidates:
    longest = list(by_horizon.values())[-1]
    return Candidates(
        codes=history.areas.ids,
        names=history.names,
        forces=history.forces,
        bands=history.bands,
        residents=history.areas.population,
        rows=longest.whole,
        strands={strand: np.asarray(columns["reports_12m"]) for strand, columns in longest.strands.items()},
    )


def _stood(writer: sa.Connection, run: dict[str, Any], history: AreaHistory) -> PanelRun | None:
    """What became of the run where it was written before, with its reason and slots of then."""
    standing = forecast_store.read_standing(writer, run["run_id"])
    if standing is None:
        return None
    run |= {"verdict": standing.verdict, "withheld_because": standing.withheld_because}
    return _panel_run(run, history, is_new=False, count_slots=standing.count_slots)


def _panel_run(run: Mapping[str, Any], history: AreaHistory, *, is_new: bool, count_slots: int = 0) -> PanelRun:
    return PanelRun(
        run_id=run["run_id"],
        panel=run["panel"],
        cut_off=run["cut_off"],
        is_new=is_new,
        verdict=run["verdict"],
        withheld_because=run["withheld_because"],
        count_slots=count_slots,
        count_outside=history.count_outside,
    )
