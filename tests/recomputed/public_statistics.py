"""``public_statistics_v1`` against the true counts: what is shown is rounded, and what is small is not shown."""

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

from recomputed.compare import OF_THE_PUBLISH, plain
from recomputed.inputs import Inputs, Row, empty_as_none, rows_of
from recomputed.public_counts import RECORDED, Cell, parameter
from recomputed.values import month_of_day, start_of_day
from recomputed.working_time import holds

KEY = ("measure_code", "area_code", "part_code", "period_code")
STRAND_NOTE = "An incident can have several strands: strands add up to more than all incidents."
WORDS = {"measure_name", "caution", "area_name"}
"""Columns of words for people that no list has, or not for each row; they must be there."""


def differences_of_public(inputs: Inputs, cells: list[Cell], published: pd.DataFrame) -> list[str]:
    """All that is wrong with the published cells, given a first publish: no figure is revised yet."""
    theirs = {_key(row): row for row in rows_of(empty_as_none(published))}
    ours = {cell.key: cell for cell in cells}
    found = [f"public_statistics_v1 {' '.join(key)}: published, not recomputed" for key in theirs.keys() - ours.keys()]
    found += [f"public_statistics_v1 {' '.join(key)}: recomputed, not published" for key in ours.keys() - theirs.keys()]
    for key in ours.keys() & theirs.keys():
        found += [f"public_statistics_v1 {' '.join(key)}: {wrong}" for wrong in _wrong(inputs, ours[key], theirs[key])]
    return sorted(found)


def _key(row: Row) -> tuple[str, str, str, str]:
    part = row["strand_code"] if row["measure_code"] == RECORDED else row["outcome_group"]
    return row["measure_code"], row["area_code"], part, row["period_code"]


def _wrong(inputs: Inputs, cell: Cell, row: Row) -> Iterator[str]:
    threshold, base = int(parameter(inputs, "threshold")), int(parameter(inputs, "rounding_base"))
    wrong = wrong_value(cell.count, row["mark"], row["value"], threshold, base)
    if wrong is not None:
        yield wrong
    expected = _described(inputs, cell, row["mark"])
    columns = set(row) - OF_THE_PUBLISH
    if columns != expected.keys() | WORDS | {"mark", "value"}:
        yield f"columns are {sorted(columns)}"
        return
    for column, own in expected.items():
        if plain(row[column]) != plain(own):
            yield f"{column} is {own}, published {row[column]}"
    for column in sorted(WORDS):
        if not row[column]:
            yield f"{column} is empty"
    if cell.area.name not in (None, row["area_name"]):
        yield f"area_name is {cell.area.name}, published {row['area_name']}"


def wrong_value(count: int | None, mark: str, value: int | None, threshold: int, base: int) -> str | None:
    """What is wrong with a mark and value. A count may always be kept back; what is shown must be right, and what is
    small may not be shown."""
    right = {
        "not_collected": count is None and value is None,
        "suppressed": count is not None and value is None,
        "zero": count == 0 and value == 0,
        "shown": count is not None and count >= threshold and value == (count + base // 2) // base * base,
    }
    return None if right.get(mark, False) else f"{mark} with the value {value}, and the count is {count}"


def _described(inputs: Inputs, cell: Cell, mark: str) -> Row:
    """All that is said of a cell besides its value."""
    period, is_recorded = cell.period, cell.measure == RECORDED
    months = int(parameter(inputs, "provisional_months"))
    provisional_to = month_of_day(period.last + timedelta(days=1))
    provisional_to = provisional_to.replace(year=provisional_to.year + months // 12)
    is_provisional = inputs.as_of < start_of_day(provisional_to)
    changes = [
        f"{row['what_changed']} ({row['break_on']})"
        for row in inputs.seed("series_breaks")
        if row["force_code"] in cell.area.forces
        and holds({"valid_from": str(period.first), "valid_to": str(period.last)}, date.fromisoformat(row["break_on"]))
    ]
    marks = {"suppressed": "[c]", "not_collected": "[x]"}.get(mark, "")
    return {
        "measure_code": cell.measure,
        "outcome_base": "recorded" if is_recorded else "closed",
        "period_kind": period.kind,
        "financial_year": period.year,
        "financial_quarter": period.quarter,
        "period_code": period.code,
        "period_start": period.first,
        "period_end": period.last,
        "area_kind": cell.area.kind,
        "area_code": cell.area.code,
        "strand_code": cell.part if is_recorded else "all",
        "outcome_group": "all" if is_recorded else cell.part,
        "symbols": marks + ("[p]" if is_provisional else "") + ("[b]" if changes else ""),
        "is_provisional": is_provisional,
        "is_revised": False,
        "count_forces_reported": cell.forces_reported,
        "count_forces": cell.forces,
        "series_break": "; ".join(changes) or None,
        "strand_note": STRAND_NOTE if is_recorded and cell.part not in ("all", "not_stated") else None,
    }
