"""Disclosure control of the public statistics and the protected figures: decides of each count whether, and how, it may
be shown.

They come out by a calendar, one issue a month or so. The first build of a month decides of its counts, and later ones
decide again until that issue is out; from then on its decisions stay in ``disclosure.cells``, and every publish repeats
them until the next issue is due. So a figure that changes says only in which month something came. The published views
show nothing that is not in there. The same counts and the same earlier issues always give the same decisions.
"""

import numpy as np
import pandas as pd
import sqlalchemy as sa

from hub.disclosure import store as disclosure_store
from hub.disclosure.figures import Mark, Rules, is_small, rounds_clear_of_small
from hub.disclosure.history import Past, read_past
from hub.disclosure.issues import read_together
from hub.disclosure.key import KEY
from hub.disclosure.protected_tables import is_rest, with_rests
from hub.disclosure.public_tables import figures, revealed, whole_table
from hub.disclosure.suppress import protect, protect_beside_earlier
from hub.disclosure.tables import Flags


def disclose(engine: sa.Engine) -> bool:
    """Decide of every cell of ``marts.agg_public_counts`` and ``marts.agg_protected_counts``, if an issue is due.
    Returns whether it was.

    Raises :class:`~hub.disclosure.suppress.CannotBeProtected`.
    """
    with engine.begin() as connection:
        issue_month = disclosure_store.issue_due(connection)
        if issue_month is None:
            return False
        cells = disclosure_store.counts(connection).assign(issue_month=issue_month)
        is_collected = cells["count"].notna()
        counts = cells[is_collected].reset_index(drop=True).astype({"count": "int64"})
        rules = disclosure_store.rules(connection)
        counts = with_rests(counts)
        past = read_past(counts, disclosure_store.published_figures(connection), rules)
        issued = disclosure_store.issued(connection)
        hidden = decide(counts, past, rules, issued=issued, standing=disclosure_store.decided(connection))
        rows = _as_rows(counts, past, hidden, rules) + _not_collected(cells[~is_collected], rules)
        disclosure_store.replace_cells(connection, rows)
    return True


def decide(
    counts: pd.DataFrame,
    past: Past,
    rules: Rules,
    *,
    issued: pd.DataFrame | None = None,
    standing: pd.DataFrame | None = None,
) -> Flags:
    """Which cells to keep back: those that stay as they were kept back, small ones, and what must go with them.

    Tables in which nothing has changed since ``standing`` was decided are left as they stand. The others are looked at
    alone, and then beside all earlier issues, ``issued``.
    """
    hidden = np.zeros(len(counts), dtype=bool)
    values = figures(past, rules)
    tells = revealed(values, ~past.is_restated, rules)
    small = np.where(past.is_restated, is_small(past.stated_counts, rules), past.was_hidden)
    # Who saw it kept back one report ago would learn of that count what the figure now tells: that must be enough.
    small |= past.was_hidden & ~rounds_clear_of_small(past.stated_counts, rules)
    small &= counts["count"].to_numpy() > 0
    stands, stood_hidden = _still_stand(counts, past, rules, standing)
    table = whole_table(counts, rules)
    small |= table.never_shown
    stands |= table.never_shown
    for cells, part in table.apart():
        if stands[cells].all():
            hidden[cells] = (stood_hidden | table.never_shown)[cells]
        else:
            remembered = past.remembered.of(cells)
            hidden[cells] = protect(part, tells.of(cells), small[cells], rules, remembered=remembered)
    if issued is not None and not issued.empty:
        for cells, issues in read_together(issued, counts, np.where(hidden, np.nan, values), tells, rules).apart():
            if not stands[cells].all():
                hidden[cells] = protect_beside_earlier(issues, rules)
    return hidden


def _still_stand(counts: pd.DataFrame, past: Past, rules: Rules, standing: pd.DataFrame | None) -> tuple[Flags, Flags]:
    """Which cells were decided by the same rules for the same count, with nothing else published since; and which of
    them were kept back."""
    if standing is None:
        return np.zeros(len(counts), dtype=bool), np.zeros(len(counts), dtype=bool)
    old = counts[list(KEY)].merge(standing, on=list(KEY), how="left")
    figures_before = zip(old["mark"], old["public_value"], strict=True)
    is_published = [
        last is None or last == (mark, None if pd.isna(value) else int(value))
        for last, (mark, value) in zip(past.last_figures, figures_before, strict=True)
    ]
    same = (old["count"].to_numpy() == counts["count"].to_numpy()) & (old["decided_by"] == rules.as_text).to_numpy()
    return same & np.array(is_published, dtype=bool), (old["mark"] == Mark.SUPPRESSED).to_numpy()


def _as_rows(counts: pd.DataFrame, past: Past, hidden: Flags, rules: Rules) -> list[dict[str, object]]:
    values, is_table = figures(past, rules), ~is_rest(counts)
    rows: list[dict[str, object]] = []
    cells = zip(_described(counts), counts["count"], strict=True)
    for place, (cell, count) in ((place, one) for place, one in enumerate(cells) if is_table[place]):
        mark = Mark.SUPPRESSED if hidden[place] else Mark.SHOWN if values[place] else Mark.ZERO
        value = None if mark is Mark.SUPPRESSED else int(values[place])
        before = past.last_figures[place]
        rows.append(
            {
                **cell,
                "count_incidents": int(count),
                "decided_by": rules.as_text,
                "stated_count": int(past.stated_counts[place]),
                "mark": mark.value,
                "public_value": value,
                "is_revised": bool(past.was_revised[place] or before not in (None, (mark.value, value))),
            }
        )
    return rows


def _not_collected(cells: pd.DataFrame, rules: Rules) -> list[dict[str, object]]:
    nothing = {"count_incidents": None, "stated_count": None, "public_value": None, "is_revised": False}
    decided = {"mark": Mark.NOT_COLLECTED.value, "decided_by": rules.as_text}
    return [{**cell, **nothing, **decided} for cell in _described(cells)]


def _described(cells: pd.DataFrame) -> list[dict[str, object]]:
    """The columns of each cell that stay as the build has them."""
    own = cells.drop(columns="count").astype(object)
    return [
        {str(name): value for name, value in row.items()} for row in own.where(own.notna(), None).to_dict("records")
    ]
