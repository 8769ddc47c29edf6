"""The hub's suppression beside that of τ-ARGUS, on random tables of the hub's shape.

``python -m benchmarks.against_tau_argus PYTHON [TABLES]``: ``PYTHON`` is the interpreter of an environment of its own
that has ``pytauargus`` (0.6.0, with its solver); it is not in the lock. Both sides get the same small counts and the
same rule, five possible counts of each, none of them zero; no zero may cover for another. τ-ARGUS does not round, so
the hub is asked for figures that are not rounded, too.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from hub.disclosure.figures import Rules, is_small, learned, rounded
from hub.disclosure.suppress import protect
from hub.disclosure.tables import Dimension, Table, make_table

PUBLISHED = Rules(threshold=5, rounding_base=5, possible_counts=5, revision_threshold=5)
NOT_ROUNDED = replace(PUBLISHED, rounding_base=1)
METHOD = "MOD(1,5,1,1,1)"
"""Modular, with its precautions for cells that have a single case."""
REGIONS = {f"r{region}": [f"f{region}{force}" for force in range(3)] for region in range(2)}
STRANDS = {"race": 1.0, "religion": 0.4, "orientation": 0.3, "disability": 0.15, "transgender": 0.05}
QUARTERS = ("q1", "q2", "q3", "q4")
TOTAL = "Total"
KEY = ["force", "strand", "quarter"]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """Of some tables: small cells; those that are safe from a reader who knows that no hidden cell is zero, and from
    one who does not; and all cells that are hidden."""

    small: int
    safe: int
    safe_from_ignorance: int
    hidden: int

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.small + other.small,
            self.safe + other.safe,
            self.safe_from_ignorance + other.safe_from_ignorance,
            self.hidden + other.hidden,
        )


def random_table(seed: int) -> Table:
    """Forces in regions, strands and quarters, with all margins; a few forces are large."""
    rng = np.random.default_rng(seed)
    dimensions = [
        Dimension("force", _parents()),
        Dimension("strand", {strand: [TOTAL] for strand in STRANDS}),
        Dimension("quarter", {quarter: [TOTAL] for quarter in QUARTERS}),
    ]
    counts: dict[tuple[str, str, str], int] = {}
    for force, region in ((force, region) for region, forces in REGIONS.items() for force in forces):
        size = 6 * rng.gamma(0.7, 2.0)
        for (strand, weight), quarter in product(STRANDS.items(), QUARTERS):
            count = int(rng.poisson(size * weight))
            for key in product((force, region, TOTAL), (strand, TOTAL), (quarter, TOTAL)):
                counts[key] = counts.get(key, 0) + count
    cells = pd.DataFrame([(*key, count) for key, count in counts.items()], columns=[*KEY, "count"])
    return make_table(cells, dimensions)


def _parents() -> Mapping[str, Sequence[str]]:
    regions = {region: [TOTAL] for region in REGIONS}
    return {force: [region] for region, forces in REGIONS.items() for force in forces} | regions


def hidden_by_hub(table: Table, rules: Rules) -> Flags:
    """Cells that the hub keeps back; zeros that go with a group are none here."""
    small = is_small(table.counts, rules)
    return np.asarray(protect(table, learned(rounded(table.counts, rules), rules), small, rules))


def hidden_by_tau_argus(tables: Sequence[Table], python: str) -> Iterator[Flags | None]:
    """The same of τ-ARGUS, in its own process; None where it has no answer."""
    with tempfile.TemporaryDirectory(prefix="tau-argus-") as folder:
        asked = {"method": METHOD, "regions": REGIONS, "tables": [_cells(table) for table in tables]}
        (Path(folder) / "tables.json").write_text(json.dumps(asked))
        script = Path(__file__).with_name("tau_argus_side.py")
        # The engine leaves files where it runs.
        subprocess.run([python, str(script), folder], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        answers = json.loads((Path(folder) / "suppressed.json").read_text())
    for table, answer in zip(tables, answers, strict=True):
        hidden = {tuple(key) for key in answer or ()}
        yield (
            None
            if answer is None
            else np.array([key in hidden for key in table.keys[KEY].itertuples(index=False, name=None)])
        )


def _cells(table: Table) -> list[dict[str, object]]:
    """Below a small count one is possible, above it five: five counts. A zero is protected from being suppressed."""
    small, rows = is_small(table.counts, PUBLISHED), []
    for key, count, is_hidden in zip(table.keys[KEY].itertuples(index=False), table.counts, small, strict=True):
        lower, upper = (int(count) - 1, 5 - int(count)) if is_hidden else (0, 0)
        status = "U" if is_hidden else "S" if count else "P"
        rows.append({"key": list(key), "count": int(count), "lower": lower, "upper": upper, "status": status})
    return rows


def score(table: Table, hidden: Flags, rules: Rules) -> Score:
    """Whether small cells are safe is worked out here, from the least and the most that each can be."""
    small = is_small(table.counts, rules)
    safe, safe_from_ignorance = (_count_safe(table, hidden, small & hidden, rules, lowest) for lowest in (1, 0))
    return Score(int(small.sum()), safe, safe_from_ignorance, int(hidden.sum()))


def _count_safe(table: Table, hidden: Flags, cells: Flags, rules: Rules, lowest: int) -> int:
    """``lowest``: what a hidden cell is at least, as far as a reader knows."""
    shown = learned(rounded(table.counts, rules), rules)
    bounds = Bounds(np.where(hidden, lowest, shown.lower), np.where(hidden, table.counts.sum(), shown.upper))
    fits = [LinearConstraint(table.equal, 0, 0)]
    if table.at_most.shape[0]:
        fits.append(LinearConstraint(table.at_most, -np.inf, 0))
    safe = 0
    for cell in np.flatnonzero(cells):
        ends = []
        for sign in (1.0, -1.0):
            costs = np.zeros(len(table.counts))
            costs[cell] = sign
            answer = milp(costs, integrality=np.ones(len(costs)), bounds=bounds, constraints=fits)
            ends.append(round(answer.x[cell]))
        safe += ends[1] - ends[0] >= rules.possible_counts - 1
    return safe


def main(python: str, count: int) -> None:
    """A line for each side, over the tables that both have answered."""
    made = [random_table(seed) for seed in range(count)]
    answered = [
        (table, hidden)
        for table, hidden in zip(made, hidden_by_tau_argus(made, python), strict=True)
        if hidden is not None
    ]
    tables = [table for table, _ in answered]
    print(f"{len(tables)} of {count} tables of {len(made[0].counts)} cells were answered by τ-ARGUS", flush=True)
    _tell(f"τ-ARGUS {METHOD}", tables, [hidden for _, hidden in answered], NOT_ROUNDED)
    for name, rules in (("hub, rounded to 5", PUBLISHED), ("hub, not rounded", NOT_ROUNDED)):
        _tell(name, tables, [hidden_by_hub(table, rules) for table in tables], rules)


def _tell(name: str, tables: Sequence[Table], hidden: Sequence[Flags], rules: Rules) -> None:
    scores = [score(table, flags, rules) for table, flags in zip(tables, hidden, strict=True)]
    total = sum(scores, Score(0, 0, 0, 0))
    print(
        f"{name}: {total.small} small cells, {total.safe} safe ({total.safe_from_ignorance} from who believes that "
        f"a hidden cell may be zero), {total.hidden} cells hidden",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
