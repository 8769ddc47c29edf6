"""Years of deliveries in a few files: what was delivered before a day, gathered in the last files before it."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from hub.simulate.cells import Numbers
from hub.simulate.rows import CLEAN, FeedRows

HISTORY = "history"
"""The folder beside those of the feeds in which these files are."""
PERIOD = re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?:_\d{6})?")
"""The day or month of a file in its name, and the number that goes with the day."""
REFERENCE = re.compile(r"_ref$|_reference$|^uuid$")
"""How the column is named that tells a feed's records apart. Feeds of open data have none."""


def _was_delivered_before(names: "pd.Series[str]", first_day: date) -> "pd.Series[bool]":
    """Of each file name, whether what it is for had ended by ``first_day``: a month before it, or a day."""
    period = names.str.extract(f"({PERIOD.pattern})")[0]
    starts = pd.to_datetime(period.str[:10])
    is_month = period.str.len() < len("2026-01-01")
    ends = (starts + pd.offsets.MonthBegin(1)).where(is_month, starts + pd.Timedelta(days=1))
    return ends <= pd.Timestamp(first_day)


def set_history_apart(folder: Path, apart: Path, first_day: date) -> None:
    """Move the files that were delivered before ``first_day`` out of a feed's folder."""
    names = pd.Series(sorted(path.name for path in folder.iterdir()), dtype=str)
    apart.mkdir(parents=True, exist_ok=True)
    for name in names[_was_delivered_before(names, first_day)]:
        (folder / name).rename(apart / name)


def gathered(rows: FeedRows, first_day: date) -> FeedRows:
    """The same records, those of each sender's files before ``first_day`` in as few of these files as can hold them.

    One file holds a record once, as contracts ask: its first version is in the earliest of the few, each correction in
    the next. Dirt stays in the first.
    """
    names = pd.Series(rows.file_names)
    is_before = _was_delivered_before(names, first_day)
    sender = names.str.replace(PERIOD, "", regex=True)
    places = pd.DataFrame({"file": rows.file, "sender": sender.to_numpy()[rows.file]})
    places["is_old"] = is_before.to_numpy()[rows.file]
    places["version"] = 0
    if reference := next(filter(REFERENCE.search, rows.cells.column_names), None):
        is_counted = places["is_old"] & (rows.broken_rule == CLEAN)
        clean = places[is_counted].assign(key=rows.cells[reference].to_pandas()[is_counted])
        places.loc[is_counted, "version"] = clean.groupby(["sender", "key"]).cumcount()
    file = rows.file.copy()
    for _, old in places[places["is_old"]].groupby("sender"):
        file[old.index] = _last_files(old)
    return replace(rows, file=file).take(np.argsort(file, kind="stable"))


def _last_files(old: pd.DataFrame) -> Numbers:
    """The file of each record of one sender: the last files that hold any, one for each version of a record."""
    files = np.unique(old["file"])
    kept = files[-(int(old["version"].max()) + 1) :]
    chosen: Numbers = kept[np.minimum(old["version"].to_numpy(), len(kept) - 1)]
    return chosen
