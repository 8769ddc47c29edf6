"""Reads counts of other kinds beside a panel: area_id, occurred_on, kind, count."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from hub.forecast.panel import Context, Panel, PanelRefused, read_columns

COLUMNS = ("area_id", "occurred_on", "kind", "count")


def with_context(panel: Panel, path: Path) -> Panel:
    """The panel with the counts of the file, which are known when they occur; several of an area, day and kind are
    added up. Counts of areas that the panel does not name are left out and counted.

    Raises:
        PanelRefused: A column is missing, or a value breaks its rule; the message names file, line, column and rule.
    """
    frame = read_columns(path, required=COLUMNS)
    days = pd.to_datetime(frame["occurred_on"].str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    counts = pd.to_numeric(frame["count"], errors="coerce")
    rules = (
        ("area_id", frame["area_id"].isna(), "an area is named"),
        ("occurred_on", days.isna(), "a date is written YYYY-MM-DD"),
        ("kind", frame["kind"].isna(), "a kind is named"),
        ("count", ~(np.isfinite(counts) & (counts >= 0) & (counts % 1 == 0)), "a count is a whole number, 0 or more"),
    )
    broken = [(int(frame.index[is_bad.to_numpy()][0]), column, rule) for column, is_bad, rule in rules if is_bad.any()]
    if broken:
        row, column, rule = min(broken, key=lambda one: one[0])
        value = frame[column].fillna("empty")[row]
        raise PanelRefused(f"{path.name}, line {row + 2}, {column}: {rule}, but it is {value}")
    number_of = {area: number for number, area in enumerate(panel.areas.ids)}
    numbers = frame["area_id"].map(number_of)
    is_inside = numbers.notna().to_numpy()
    kind, kinds = pd.factorize(frame["kind"][is_inside], sort=True)
    occurred = panel.calendar.index_of(days[is_inside].to_numpy().astype("datetime64[D]"))
    order = np.argsort(occurred, kind="stable")
    context = Context(
        kinds=tuple(kinds),
        area=numbers[is_inside].to_numpy().astype(np.int64)[order],
        occurred=occurred[order],
        kind=kind.astype(np.int64)[order],
        count=counts[is_inside].to_numpy(dtype=np.float64)[order],
        count_outside=int((~is_inside).sum()),
    )
    return replace(panel, context=context)
