"""What earlier publishes said, and what a reader of them all knows.

A figure stays as it was published until its count has changed by the revision threshold: who knows of one more report
sees no figure move. Two things are stated at once: that a count is, or is no longer, zero, since the other would be
untrue; and that a shown one has become small, since small counts are not shown.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from hub.disclosure.figures import Mark, Rules, is_small, learned
from hub.disclosure.key import KEY
from hub.disclosure.knowledge import Knowledge
from hub.disclosure.tables import Flags, Numbers

type Figure = tuple[str, int | None]


@dataclass(frozen=True)
class Past:
    """A row a cell. ``stated_counts`` is the count that the figure is to rest on: the present one where the cell
    ``is_restated``, otherwise the one of the last publish, which kept it back where it ``was_hidden``.
    ``remembered`` is what readers of the earlier publishes know of the present count, who know of each report that came
    or went since, as long as those are fewer than the revision threshold."""

    stated_counts: Numbers
    is_restated: Flags
    was_hidden: Flags
    was_revised: npt.NDArray[np.bool_]
    last_figures: tuple[Figure | None, ...]
    remembered: Knowledge


def read_past(counts: pd.DataFrame, statements: pd.DataFrame, rules: Rules) -> Past:
    """``counts``: the cells, with their present ``count``; ``statements``: every published figure, in order."""
    now = counts["count"].to_numpy(dtype=np.float64)
    keys = list(KEY)
    last = counts[keys].merge(statements.drop_duplicates(keys, keep="last"), on=keys, how="left")
    before = last["stated_count"].to_numpy(dtype=np.float64, na_value=np.nan)
    moved = np.abs(now - before) >= rules.revision_threshold
    was_zero, was_shown = ((last["mark"] == mark).to_numpy() for mark in (Mark.ZERO, Mark.SHOWN))
    is_restated = np.isnan(before) | moved | (was_zero != (now == 0)) | (was_shown & is_small(now, rules))
    times = counts[keys].merge(statements.groupby(keys, as_index=False).size(), on=keys, how="left")["size"]
    return Past(
        stated_counts=np.where(is_restated, now, before),
        is_restated=is_restated,
        was_hidden=(last["mark"] == Mark.SUPPRESSED).to_numpy(),
        was_revised=(times.fillna(0) > 1).to_numpy(dtype=bool),
        last_figures=tuple(
            None if pd.isna(mark) else (str(mark), None if pd.isna(value) else int(value))
            for mark, value in zip(last["mark"], last["public_value"], strict=True)
        ),
        remembered=_remembered(counts[keys].assign(cell=np.arange(len(counts)), now=now), statements, rules),
    )


def _remembered(cells: pd.DataFrame, statements: pd.DataFrame, rules: Rules) -> Knowledge:
    lower, upper = np.zeros(len(cells)), np.full(len(cells), np.inf)
    shown = cells.merge(statements[statements["mark"] == Mark.SHOWN], on=list(KEY))
    since = shown["now"].to_numpy(dtype=np.float64) - shown["stated_count"].to_numpy(dtype=np.float64)
    values = shown["public_value"].to_numpy(dtype=np.float64)
    figure = learned(values, rules).moved(since)
    is_near, place = np.abs(since) < rules.revision_threshold, shown["cell"].to_numpy(dtype=np.intp)
    np.maximum.at(lower, place[is_near], figure.lower[is_near])
    np.minimum.at(upper, place[is_near], figure.upper[is_near])
    return Knowledge(lower, upper)
