"""Successive issues, read together. Who keeps the earlier ones knows of each figure whether it stayed, and its count
within the revision threshold, or moved, and its count by as much as that. What is shown now must not tell what was kept
back then.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from hub.disclosure.figures import Mark, Rules
from hub.disclosure.key import ISSUE, KEY
from hub.disclosure.knowledge import Knowledge
from hub.disclosure.protected_tables import with_rests
from hub.disclosure.public_tables import revealed, whole_table
from hub.disclosure.tables import Flags, Numbers, Places, Table


@dataclass(frozen=True)
class Issues:
    """All issues as one table, whose keys have the number of the ``issue`` besides; the present one has the highest,
    and the last cells. ``revealed``: what each figure tells, were it shown. ``hidden``: cells that are kept back.
    ``is_other``: what is shown of the cell is not what the issue before showed."""

    table: Table
    revealed: Knowledge
    hidden: Flags
    is_other: Flags
    is_present: Flags

    def of(self, cells: Places) -> "Issues":
        """Some cells alone."""
        return Issues(
            self.table.of(cells),
            self.revealed.of(cells),
            self.hidden[cells],
            self.is_other[cells],
            self.is_present[cells],
        )

    @property
    def earlier(self) -> "Issues":
        """Without the present one."""
        return self.of(np.flatnonzero(~self.is_present))

    def apart(self) -> Iterator[tuple[Places, "Issues"]]:
        """The issues of tables that have nothing to do with each other, each with the places of its present cells, as
        far as the present issue tells another thing than the one before. What was possible in an issue is in one that
        tells the same, so these are left out."""
        first = self.table.size - int(self.is_present.sum())
        for cells, _ in self.table.apart():
            own, issue = self.of(cells), self.table.keys[ISSUE].to_numpy()[cells]
            changed = issue[own.is_other]
            if (own.is_other & own.is_present).any() and not own.is_present.all():
                yield cells[own.is_present] - first, own.of(np.flatnonzero(np.isin(issue, changed)))


def read_together(
    issued: pd.DataFrame, counts: pd.DataFrame, values: Numbers, revealed_now: Knowledge, rules: Rules
) -> Issues:
    """``issued``: the cells of earlier issues, as :func:`hub.disclosure.store.issued` gives them; ``counts``: the
    present ones, whose figures are ``values`` (not a number where they are kept back), and would tell ``revealed_now``.
    Issues before the last change of the rules are left out."""
    by_others = issued.loc[issued["decided_by"] != rules.as_text, "issue_month"]
    own = issued[issued["issue_month"] > by_others.max()] if len(by_others) else issued
    earlier = [with_rests(one.reset_index(drop=True)) for _, one in own.groupby("issue_month", sort=True)]
    frames = [*(_as_shown(one) for one in earlier), _keys(counts).assign(value=values)]
    cells = pd.concat([one.assign(issue=number) for number, one in enumerate(frames)], ignore_index=True)
    shown, is_present = cells["value"].to_numpy(), (cells[ISSUE] == len(earlier)).to_numpy()
    runs = _runs(cells)
    told = revealed(shown[~is_present], ~runs["is_made"].to_numpy()[~is_present], rules)
    table = _stacked([whole_table(one, rules) for one in (*earlier, counts)])
    return Issues(
        table=_with_links(table, runs, shown, rules),
        revealed=Knowledge(
            np.concatenate([told.lower, revealed_now.lower]), np.concatenate([told.upper, revealed_now.upper])
        ),
        hidden=np.isnan(shown),
        is_other=runs["is_other"].to_numpy(),
        is_present=is_present,
    )


def _keys(cells: pd.DataFrame) -> pd.DataFrame:
    return cells[list(KEY)].reset_index(drop=True)


def _as_shown(cells: pd.DataFrame) -> pd.DataFrame:
    """Key and ``value`` of each cell, which is missing where it was kept back."""
    values = cells["public_value"].astype("float64").where(cells["mark"] != Mark.SUPPRESSED)
    return _keys(cells).assign(value=values.to_numpy())


def _runs(cells: pd.DataFrame) -> pd.DataFrame:
    """For each cell of each issue the place at which its figure was ``made``, whether that is here (``is_made``), the
    place at which the figure ``before`` was made (-1 where none was shown), and whether it ``is_other`` than that."""
    keys = list(KEY)
    order = cells.assign(place=np.arange(len(cells))).sort_values([*keys, ISSUE], kind="stable")
    last = order.groupby(keys, sort=False)[[ISSUE, "value"]].shift()
    is_shown, was_shown, was_there = order["value"] > 0, last["value"] > 0, last[ISSUE].notna()
    is_same = was_there & ((order["value"] == last["value"]) | (order["value"].isna() & last["value"].isna()))
    stays = is_same & is_shown
    made = order["place"].where(~stays).ffill().astype("int64")
    before = made.shift(fill_value=-1).where(was_shown & is_shown, -1)
    found = pd.DataFrame({"made": made, "is_made": ~stays, "before": before, "is_other": ~is_same})
    return found.sort_index()


def _stacked(tables: Sequence[Table]) -> Table:
    """Tables that have nothing to do with each other yet, as one."""
    starts = np.cumsum([0, *(table.size for table in tables)])

    def placed(places: Sequence[Places]) -> Places:
        moved = [np.where(own >= 0, own + start, -1) for own, start in zip(places, starts, strict=False)]
        return np.concatenate(moved).astype(np.intp)

    return Table(
        keys=pd.concat([table.keys.assign(issue=number) for number, table in enumerate(tables)], ignore_index=True),
        counts=np.concatenate([table.counts for table in tables]),
        equal=sp.csr_array(sp.block_diag([table.equal for table in tables], format="csr")),
        at_most=sp.csr_array(sp.block_diag([table.at_most for table in tables], format="csr")),
        highest=np.concatenate([table.highest for table in tables]),
        told_by=placed([table.told_by for table in tables]),
        ties_years=np.concatenate([table.ties_years for table in tables]),
        weights=np.concatenate([table.weights for table in tables]),
        whole_of=placed([table.whole_of for table in tables]),
        never_shown=np.concatenate([table.never_shown for table in tables]),
    )


def _with_links(table: Table, runs: pd.DataFrame, values: Numbers, rules: Rules) -> Table:
    """The table for a reader who knows that a figure stays until its count has moved by the revision threshold."""
    made, before = runs["made"].to_numpy(), runs["before"].to_numpy()
    stay, move = np.flatnonzero(~runs["is_made"].to_numpy()), np.flatnonzero(runs["is_made"].to_numpy() & (before >= 0))
    rises = np.sign(values[move] - values[before[move]])
    # Where the threshold is lower than the base, a count can move by more and be rounded to the same figure.
    within = max(rules.revision_threshold, rules.rounding_base) - 1.0
    more, less = np.concatenate([stay, made[stay], before[move]]), np.concatenate([made[stay], stay, move])
    sign = np.concatenate([np.ones(2 * len(stay)), rises])
    lines = np.arange(len(more))
    entries = np.concatenate([sign, -sign]), (np.concatenate([lines, lines]), np.concatenate([more, less]))
    links = sp.csr_array(entries, shape=(len(more), table.size))
    highest = np.concatenate([np.full(2 * len(stay), within), np.full(len(move), -float(rules.revision_threshold))])
    return table.knowing(links, highest, np.concatenate([stay, stay, move]))
