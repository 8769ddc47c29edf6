"""What the product decides of a made-up hub's counts, issue after issue, and what its readers see of it."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from hub.disclosure.disclose import decide
from hub.disclosure.figures import Rules
from hub.disclosure.history import read_past
from hub.disclosure.key import KEY
from hub.disclosure.protected_tables import is_rest, with_rests
from hub.disclosure.public_tables import figures
from proofs.protected_attack.figures import Cell, Issue
from proofs.protected_attack.world import World

RULES = Rules(threshold=5, rounding_base=5, possible_counts=5, revision_threshold=5)
COLUMNS = [*KEY, "publish_id", "stated_count", "mark", "public_value"]


def issues(world: World, months: Sequence[int]) -> Iterator[Issue]:
    """An issue at the end of each of these months. Later ones rest on what earlier ones have shown."""
    statements, issued = pd.DataFrame(columns=COLUMNS), pd.DataFrame()
    for month in months:
        counts = {cell: count for cell, count in world.count(month).items() if count is not None}
        frame = _frame(counts, world.within, world.silent_quarters())
        shown, stated = _decided(frame, statements, issued)
        values = [shown[Cell(*key)] for key in frame[list(KEY)].itertuples(index=False, name=None)]
        come_out = frame.assign(
            issue_month=month,
            mark=["suppressed" if value is None else "shown" if value else "zero" for value in values],
            public_value=pd.array(values, dtype="Int64"),
            decided_by=RULES.as_text,
        )
        issued = pd.concat([issued, come_out], ignore_index=True)
        last = dict(
            zip(statements[list(KEY)].itertuples(index=False, name=None), statements["public_value"], strict=True)
        )
        new = [
            {**dict(zip(KEY, cell, strict=True)), "publish_id": month + 1, "stated_count": stated[cell]}
            | {"mark": "suppressed" if value is None else "shown" if value else "zero", "public_value": value}
            for cell, value in shown.items()
            if cell not in last or _plain(last[cell]) != value
        ]
        statements = pd.concat([statements, _typed(pd.DataFrame(new, columns=COLUMNS))], ignore_index=True)
        yield Issue(shown, counts, world.silent_quarters(), world.within)


def issue_of(counts: Mapping[Cell, int], silent: frozenset[str], within: Mapping[str, str]) -> Issue:
    """The first issue of these counts."""
    shown, _ = _decided(_frame(counts, within, silent), pd.DataFrame(columns=COLUMNS), pd.DataFrame())
    return Issue(shown, counts, silent, within)


def _plain(value: object) -> int | None:
    return None if value is None or value is pd.NA else int(str(value))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(public_value=frame["public_value"].astype("Int64"))


def _frame(counts: Mapping[Cell, int], within: Mapping[str, str], silent: frozenset[str]) -> pd.DataFrame:
    """As the build counts them: of two forces one sent nothing in a quarter of ``silent``."""
    frame = pd.DataFrame([*counts], columns=list(KEY))
    is_quarter = frame["period_code"].str.contains(" ")
    years = frame["period_code"].str.split(" ").str[0]
    return frame.assign(
        parent_area_code=pd.Series([within.get(area) for area in frame["area_code"]], dtype=object),
        parent_period_code=years.where(is_quarter, None),
        count=list(counts.values()),
        count_forces=2,
        count_forces_reported=np.where(frame["period_code"].isin(silent), 1, 2),
    )


def _decided(
    frame: pd.DataFrame, statements: pd.DataFrame, issued: pd.DataFrame
) -> tuple[dict[Cell, int | None], dict[Cell, int]]:
    cells = with_rests(frame)
    past = read_past(cells, statements, RULES)
    hidden, values, rest = decide(cells, past, RULES, issued=issued), figures(past, RULES), is_rest(cells)
    shown: dict[Cell, int | None] = {}
    stated: dict[Cell, int] = {}
    for place in np.flatnonzero(~rest).tolist():
        cell = Cell(*(str(cells[name].iat[place]) for name in KEY))
        shown[cell] = None if hidden[place] else int(values[place])
        stated[cell] = int(past.stated_counts[place])
    return shown, stated
