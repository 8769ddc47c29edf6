"""Disclosure control of the public statistics: decides of each count whether, and how, it may be shown.

Runs on the counts of the last build, before anything is published, and leaves its decisions in ``disclosure.cells``;
the published view shows nothing that is not decided there for just that count. The same counts and the same earlier
publishes always give the same decisions.
"""

import numpy as np
import pandas as pd
import sqlalchemy as sa

from hub.disclosure import store as disclosure_store
from hub.disclosure.figures import Mark, Rules, is_small, rounds_clear_of_small
from hub.disclosure.history import Past, read_past
from hub.disclosure.key import KEY
from hub.disclosure.public_tables import figures, tables, told
from hub.disclosure.suppress import protect
from hub.disclosure.tables import Flags


def disclose(engine: sa.Engine) -> int:
    """Decide of every collected cell of ``marts.agg_public_counts``. Returns how many are kept back.

    Raises :class:`~hub.disclosure.suppress.CannotBeProtected`.
    """
    with engine.begin() as connection:
        counts = disclosure_store.counts(connection)
        rules = disclosure_store.rules(connection)
        past = read_past(counts, disclosure_store.statements(connection), rules)
        hidden = decide(counts, past, rules, disclosure_store.decided(connection))
        disclosure_store.replace_cells(connection, _as_rows(counts, past, hidden, rules))
    return int(hidden.sum())


def decide(counts: pd.DataFrame, past: Past, rules: Rules, standing: pd.DataFrame | None = None) -> Flags:
    """Which cells to keep back: those that stay as they were kept back, small ones, and what must go with them.

    Years in which nothing has changed since ``standing`` was decided are left as they stand.
    """
    hidden = np.zeros(len(counts), dtype=bool)
    tells = told(past, figures(past, rules), rules)
    small = np.where(past.is_stated_anew, is_small(past.stated_counts, rules), past.was_hidden)
    # Who saw it kept back one report ago would learn of that count what the figure now tells: that must be enough.
    small |= past.was_hidden & ~rounds_clear_of_small(past.stated_counts, rules)
    stands, stood_hidden = _still_stand(counts, past, rules, standing)
    for places, table in tables(counts):
        for own, part in table.apart():
            cells = places[own]
            if stands[cells].all():
                hidden[cells] = stood_hidden[cells]
            else:
                remembered = past.remembered.of(cells)
                hidden[cells] = protect(part, tells.of(cells), small[cells], rules, remembered=remembered)
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
    values = figures(past, rules)
    rows: list[dict[str, object]] = []
    for place, key in enumerate(counts[list(KEY)].itertuples(index=False)):
        mark = Mark.SUPPRESSED if hidden[place] else Mark.SHOWN if values[place] else Mark.ZERO
        value = None if mark is Mark.SUPPRESSED else int(values[place])
        before = past.last_figures[place]
        rows.append(
            {
                **dict(zip(KEY, key, strict=True)),
                "parent_area_code": None if pd.isna(area := counts["parent_area_code"].iloc[place]) else area,
                "parent_period_code": None if pd.isna(year := counts["parent_period_code"].iloc[place]) else year,
                "count_incidents": int(counts["count"].iloc[place]),
                "decided_by": rules.as_text,
                "stated_count": int(past.stated_counts[place]),
                "mark": mark.value,
                "public_value": value,
                "is_revised": bool(past.was_revised[place] or before not in (None, (mark.value, value))),
            }
        )
    return rows
