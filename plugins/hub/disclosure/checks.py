"""What must hold of public figures before anybody sees them; stated in counts, never in a cell's own."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hub.disclosure.attack import attacked
from hub.disclosure.breakdowns import as_read, dominated
from hub.disclosure.figures import Mark, Rules, is_small, rounds_clear_of_small
from hub.disclosure.history import Past, read_past
from hub.disclosure.issues import read_together
from hub.disclosure.key import KEY
from hub.disclosure.protected_tables import with_rests
from hub.disclosure.public_tables import figures, revealed, whole_table
from hub.disclosure.suppress import groups_to_guard, worked_out
from hub.disclosure.tables import Flags, Numbers


@dataclass(frozen=True)
class Finding:
    """One check: whether it holds, and its finding."""

    name: str
    holds: bool
    detail: str


def findings(
    shown: pd.DataFrame, decided: pd.DataFrame, statements: pd.DataFrame, issued: pd.DataFrame | None = None
) -> list[Finding]:
    """All that must hold. ``shown``: what would be published (key, ``mark``, ``value``); ``decided``: the cells with
    their true ``count``, what they are part of, ``mark``, ``public_value`` and rules; ``statements``: what was
    published before; ``issued``: the cells of earlier issues.

    The figures are attacked as they are in the candidate.
    """
    keys = list(KEY)
    if decided.empty and shown.empty:
        return [Finding("decided", True, "there is no cell")]
    both = decided.merge(shown, on=keys, how="outer", suffixes=("_decided", ""), indicator=True)
    as_decided = (both["mark"] == both["mark_decided"]) & both["value"].eq(both["public_value"]).where(
        both["value"].notna(), both["public_value"].isna()
    )
    undecided = int((~as_decided | (both["_merge"] != "both")).sum())
    if undecided:
        return [Finding("decided", False, f"{undecided} cells are not the ones that disclosure control has decided of")]
    rules = Rules.of_text(both["decided_by"].iloc[0])
    try:
        both = with_rests(both)
    except ValueError as problem:
        return [Finding("attack", False, str(problem))]
    both["mark"] = both["mark"].fillna(Mark.SUPPRESSED)
    hidden = (both["mark"] == Mark.SUPPRESSED).to_numpy()
    values = both["value"].to_numpy(dtype=np.float64, na_value=0.0)
    past = read_past(both, statements, rules)
    small = int((is_small(both["count"].to_numpy(dtype=np.float64), rules) & ~hidden).sum())
    groups = _groups_shown(both, hidden, rules)
    wrong = int((~hidden & (values != figures(past, rules))).sum())
    moved = _moved_by_few(both, past, rules)
    few = f"fewer than {rules.revision_threshold} reports"
    return [
        Finding("decided", True, f"{len(shown)} cells, {int((shown['mark'] == Mark.SUPPRESSED).sum())} kept back"),
        Finding("small", not small, f"{small} counts below {rules.threshold} are shown"),
        Finding("groups", not groups, f"{groups} cells tell the strand or outcome of nearly all cases of an area"),
        Finding("consistent", not wrong, f"{wrong} figures are not the rounded counts"),
        Finding("differencing", not moved, f"{moved} figures moved in which {few} came or went"),
        _attack(both, past, values, hidden, rules, issued),
    ]


def repeated(shown: pd.DataFrame, statements: pd.DataFrame) -> list[Finding]:
    """Of an issue that has come out: that each figure is the one that came out, which was attacked then."""
    keys = list(KEY)
    last = statements.drop_duplicates(keys, keep="last")
    both = shown.merge(last, on=keys, how="left", suffixes=("", "_issued"))
    is_other = (both["mark"] != both["mark_issued"]) | (both["value"].fillna(0) != both["public_value"].fillna(0))
    others = int(is_other.sum())
    return [Finding("issued", not others, f"{others} of {len(both)} figures are not those that came out")]


def _attack(
    cells: pd.DataFrame, past: Past, values: Numbers, hidden: Flags, rules: Rules, issued: pd.DataFrame | None
) -> Finding:
    shown = revealed(values, ~past.is_restated, rules)
    try:
        table = whole_table(cells, rules)
    except ValueError as problem:
        return Finding("attack", False, str(problem))
    known = as_read(shown, table, hidden, rules.threshold)
    if not known.holds(table.counts):
        return Finding("attack", False, "the figures are not those of the counts, so nothing can be said")
    found, told = attacked(table, known, hidden, rules.possible_counts, groups_to_guard(table, rules))
    bounded = len(found)
    if issued is not None and not issued.empty:
        for _, issues in read_together(issued, cells, np.where(hidden, np.nan, values), shown, rules).apart():
            more = worked_out(issues, rules)
            bounded, told = bounded + more[0], told + more[1]
    if not bounded and not told:
        return Finding("attack", True, f"each that is kept back can be any of {rules.possible_counts} counts")
    detail = f"{bounded} figures that are kept back can be worked out to fewer than {rules.possible_counts} counts"
    return Finding("attack", False, f"{detail}, and of {told} areas it can be told that nearly all cases are alike")


def _groups_shown(cells: pd.DataFrame, hidden: Flags, rules: Rules) -> int:
    try:
        return int((dominated(whole_table(cells, rules), rules.threshold) & ~hidden).sum())
    except ValueError:
        return 0  # no table, which the attack tells


def _moved_by_few(cells: pd.DataFrame, past: Past, rules: Rules) -> int:
    """Figures from which a reader who also has the last publish learns of a few reports: one that is another though its
    count has hardly changed, and one that was kept back and is shown as soon as its count is not small any more. A
    figure that is now kept back, or zero, is not counted."""
    is_clear = rounds_clear_of_small(past.stated_counts, rules)
    return sum(
        before is not None
        and mark == Mark.SHOWN
        and (mark, int(value)) != before
        and (not restated or (before[0] == Mark.SUPPRESSED and not clear))
        for mark, value, before, restated, clear in zip(
            cells["mark"], cells["value"].fillna(0), past.last_figures, past.is_restated, is_clear, strict=True
        )
    )
