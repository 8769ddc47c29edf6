"""All tables of whole numbers that fit what is known, and the counts that they leave possible."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from proofs.protected_attack.figures import POSSIBLE, Cell
from proofs.protected_attack.knowledge import NO_LIMIT

Key = tuple[int, Cell]
"""Place of the issue, and the cell."""
Numbers = npt.NDArray[np.float64]
Line = tuple[Mapping[Key, int], float, float]
"""A sum that lies between two numbers."""
NEAR = 40
SWEEPS = 12


@dataclass
class Problem:
    """``truth`` is a table that fits, and the first that is found. What is found is checked in whole numbers."""

    keys: list[Key]
    lower: Numbers
    upper: Numbers
    matrix: sp.csr_array
    least: Numbers
    most: Numbers
    truth: Numbers
    seconds: float = 20
    found: list[Numbers] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.found.append(self.truth)
        self.place = {key: place for place, key in enumerate(self.keys)}

    def fits(self, counts: Numbers) -> bool:
        """Whether a table could be the true one."""
        sums = self.matrix @ counts
        within = (self.lower <= counts).all() and (counts <= self.upper).all()
        return bool(within and (self.least <= sums).all() and (sums <= self.most).all())

    def sweep(self, sought: Iterable[Mapping[Key, int]], rng: np.random.Generator) -> None:
        """Look for tables in which many of the sums are high and many low."""
        vectors = [self.vector(one) for one in sought]
        for _ in range(SWEEPS if vectors else 0):
            goal = np.sum([rng.choice((-1, 1)) * rng.random() * vector for vector in vectors], axis=0)
            self.solve(goal, near=True)

    def vector(self, one: Mapping[Key, int]) -> Numbers:
        """A sum as a row of numbers."""
        vector = np.zeros(len(self.keys))
        for key, many in one.items():
            vector[self.place[key]] += many
        return vector

    def solve(self, goal: Numbers, *, near: bool = False, fixed: tuple[Numbers, float] | None = None) -> float | None:
        """The least of a goal; None where no table fits. ``near``: to the true one, any good one will do."""
        upper = np.minimum(self.upper, self.truth + NEAR) if near else self.upper
        lower = np.maximum(self.lower, self.truth - NEAR) if near else self.lower
        lines = [LinearConstraint(self.matrix, self.least, self.most)] if self.matrix.shape[0] else []
        if fixed:
            lines.append(LinearConstraint(fixed[0][None, :], fixed[1], fixed[1]))
        options = {"time_limit": self.seconds, "mip_rel_gap": 0.2 if near else 0}
        # What the solver does before its search has called problems impossible of which a table is found without.
        for presolves in (True, False):
            answer = milp(
                goal,
                constraints=lines,
                bounds=Bounds(lower, upper),
                integrality=np.ones(len(goal)),
                options=options | {"presolve": presolves},
            )
            if answer.status != 2:
                break
        if answer.x is None:
            if answer.status != 2:
                raise TimeoutError(answer.message)
            return None
        counts = np.round(answer.x)
        assert self.fits(counts), "what the solver found does not fit"
        self.found.append(counts)
        # A search that was ended has a bound: nothing is less.
        return float(answer.fun if answer.status == 0 else answer.mip_dual_bound)

    def seen(self, vector: Numbers) -> set[int]:
        """Counts of a sum in the tables that were found."""
        return {round(float(vector @ counts)) for counts in self.found}

    def possible(self, one: Mapping[Key, int], enough: int = POSSIBLE) -> set[int]:
        """Counts of a sum, all or ``enough``."""
        vector = self.vector(one)
        if len(self.seen(vector)) < enough:
            low, high = self.lowest(vector), self.highest(vector)
            true = round(float(vector @ self.truth))
            between = sorted(
                range(max(low, true - NEAR), min(high, true + NEAR) + 1), key=lambda count: abs(count - true)
            )
            for count in between:
                if len(self.seen(vector)) >= enough:
                    break
                if count not in self.seen(vector):
                    self.solve(np.zeros(len(vector)), fixed=(vector, count))
        return self.seen(vector)

    def lowest(self, vector: Numbers) -> int:
        """The least of a sum."""
        answer = self.solve(vector)
        assert answer is not None, "the truth fits"
        return int(np.ceil(answer - 1e-6))

    def highest(self, vector: Numbers) -> int:
        """The most of a sum."""
        return -self.lowest(-vector)


def apart(
    keys: Iterable[Key], known: Mapping[Key, tuple[float, float]], lines: Iterable[Line], truth: Mapping[Key, int]
) -> Iterator[Problem]:
    """The problems that have nothing to do with each other."""
    keys = list(keys)
    place = {key: number for number, key in enumerate(keys)}
    stated = list(lines)
    entries = [(row, place[key], many) for row, (one, *_) in enumerate(stated) for key, many in one.items()]
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    matrix = sp.csr_array((values, (rows, columns)), shape=(len(stated), len(keys)), dtype=float)
    _, label = sp.csgraph.connected_components(matrix.T @ matrix)
    least, most = (np.array([line[side] for line in stated], dtype=float) for side in (1, 2))
    lower, upper = (np.array([known[key][side] for key in keys], dtype=float) for side in (0, 1))
    counts = np.array([truth[key] for key in keys], dtype=float)
    first = np.array([next(iter(place[key] for key in one)) for one, *_ in stated], dtype=int)
    for component in range(int(label.max(initial=-1)) + 1):
        inside = np.flatnonzero(label == component)
        of_rows = np.flatnonzero(label[first] == component) if len(first) else np.zeros(0, dtype=int)
        yield Problem(
            [keys[number] for number in inside],
            lower[inside],
            np.minimum(upper[inside], NO_LIMIT),
            matrix[of_rows][:, inside],
            least[of_rows],
            most[of_rows],
            counts[inside],
        )
