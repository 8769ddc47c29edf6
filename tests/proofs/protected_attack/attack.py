"""Whether a reader of the five views learns a small count, or what nearly everybody of an area and period shares."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from proofs.protected_attack.figures import BASE, POSSIBLE, SMALL, Breakdown, Cell, Issue, breakdowns
from proofs.protected_attack.knowledge import (
    NO_LIMIT,
    Interval,
    intervals,
    is_silent,
    is_told_zero,
    links,
    remainders,
    rows,
)
from proofs.protected_attack.problem import Key, Line, Problem, apart

Sought = Mapping[Key, int]


@dataclass(frozen=True)
class Leak:
    """What a reader of an issue learns."""

    issue: int
    what: str
    why: str
    kind: str = "promise"
    """promise, count, group, or misfit: the reader is wrong."""

    def __str__(self) -> str:
        return f"issue {self.issue}: {self.what}: {self.why}"


def named(one: Mapping[Cell, int]) -> str:
    """A sum of cells for people."""
    cells = sorted(one, key=lambda cell: -one[cell])
    words = [f"{'+' if one[cell] > 0 else '-'} {cell.measure} {cell.area} {cell.part}" for cell in cells]
    return f"{' '.join(words).removeprefix('+ ')} {cells[0].period}"


def broken_promises(place: int, issue: Issue) -> Iterator[Leak]:
    """Figures that the documents do not allow."""
    hidden_whole = {part for one in breakdowns(issue.figures) if is_silent(issue, one) for part in one.parts}
    for cell, value in issue.figures.items():
        count = issue.counts[cell]
        wrong = {
            "a small count is shown": value is not None and 0 < count < SMALL,
            "a zero is shown where there are cases": value == 0 and count > 0,
            "a figure is shown where there is none": bool(value) and count == 0,
            "a true zero is not shown": value is None and count == 0 and cell not in hidden_whole,
            "a figure is not rounded": bool(value) and value is not None and value % BASE != 0,
        }
        yield from (Leak(place, named({cell: 1}), what) for what, is_so in wrong.items() if is_so)
    for one, largest in dominated(issue):
        for part in one.parts:
            if issue.figures[part] is not None and not is_told_zero(issue, part):
                yield Leak(place, named({part: 1}), f"shown though nearly all are {largest}")


def dominated(issue: Issue) -> Iterator[tuple[Breakdown, str]]:
    """Breakdowns in which fewer than five cases are outside one part, with the name of the part."""
    for one in breakdowns(issue.figures):
        total = issue.counts[one.whole]
        for name, part in one.sums():
            held = sum(issue.counts[cell] * many for cell, many in part.items())
            if total and total - held < SMALL and 2 * held >= total:
                yield one, name


def attack(issues: Sequence[Issue], seed: int = 0, without: Collection[str] = ()) -> list[Leak]:
    """All that is learned from successive issues, by a reader ``without`` some knowledge."""
    found = [leak for place, issue in enumerate(issues) for leak in broken_promises(place, issue)]
    history = _History(issues, without)
    for place in range(len(issues)):
        found += history.learned(place, np.random.default_rng(seed))
    return found


class _History:
    def __init__(self, issues: Sequence[Issue], without: Collection[str]) -> None:
        self.issues, self.without = issues, without
        self.made, self.links = links(issues)
        self.known: dict[Key, Interval] = {}
        for place, issue in enumerate(issues):
            for cell, interval in intervals(issue).items():
                stays = self.made.get((place, cell), place) != place
                low, high = (max(SMALL, interval.low - 4), interval.high + 4) if stays else interval
                self.known[place, cell] = Interval(low, high)
        self.lines = [self._lines(place) for place in range(len(issues))]
        self.truth = {(place, cell): count for place, one in enumerate(issues) for cell, count in one.counts.items()}
        self._joint: list[Problem] | None = None

    def _lines(self, place: int) -> list[Line]:
        return [
            ({(place, cell): many for cell, many in row.sum.items()}, row.least, 0 if row.is_equal else np.inf)
            for row in rows(self.issues[place])
            if row.why not in self.without
        ]

    def learned(self, place: int, rng: np.random.Generator) -> Iterator[Leak]:
        """Of one issue: first beside the true counts of the others, and what that leaves unsafe from all together."""
        keys = [(place, cell) for cell in self.issues[place].figures]
        problems = list(apart(keys, self._beside_truth(place), self.lines[place], self.truth))
        questions = self._counts_sought(place), list(dominated(self.issues[place]))
        where = {key: problem for problem in problems for key in problem.keys}
        for problem in problems:
            if not problem.fits(problem.truth):
                why = "the true counts are none that a reader expects"
                yield from (Leak(place, one, why, "misfit") for one in misfits(problem))
                return
        for problem in problems:
            mine = [one for one in questions[0] if where[next(iter(one))] is problem]
            problem.sweep(mine, rng)
        for one in questions[0]:
            if len(where[next(iter(one))].possible(one)) < POSSIBLE and not self._is_told(place, one):
                counts = self.joint(one).possible(one) if len(self.issues) > 1 else where[next(iter(one))].possible(one)
                if len(counts) < POSSIBLE:
                    yield Leak(place, named(_plain(one)), f"only {sorted(counts)} are possible", "count")
        for breakdown, name in questions[1]:
            learned = told_of_group(where[place, breakdown.whole], place, breakdown, name)
            if learned and len(self.issues) > 1:
                learned = told_of_group(self.joint({(place, breakdown.whole): 1}), place, breakdown, name)
            if learned:
                yield Leak(place, named({breakdown.whole: 1}), learned, "group")

    def _counts_sought(self, place: int) -> list[Sought]:
        issue = self.issues[place]
        single = [{cell: 1} for cell, value in issue.figures.items() if value is None]
        return [{(place, cell): many for cell, many in one.items()} for one in (*single, *remainders(issue))]

    def _is_told(self, place: int, one: Sought) -> bool:
        """Whether a true zero follows from shown zeros alone: nobody is behind it."""
        vector_truth = sum(self.truth[key] * many for key, many in one.items())
        if vector_truth:
            return False
        free = {
            (place, cell): (0.0, 0.0 if value == 0 else float(NO_LIMIT))
            for cell, value in self.issues[place].figures.items()
        }
        lines = [(line, 0.0 if least > 0 else least, most) for line, least, most in self.lines[place]]
        for problem in apart(free, free, lines, self.truth):
            if next(iter(one)) in problem.place:
                return problem.highest(problem.vector(one)) == 0
        return False

    def _beside_truth(self, place: int) -> dict[Key, tuple[float, float]]:
        known: dict[Key, tuple[float, float]] = {
            (place, cell): self.known[place, cell] for cell in self.issues[place].figures
        }
        for link in self.links:
            if place in (link.earlier, link.later):
                low, high = link.change
                other = self.truth[link.later if place == link.earlier else link.earlier, link.cell]
                span = (other - high, other - low) if place == link.earlier else (other + low, other + high)
                before = known[place, link.cell]
                known[place, link.cell] = max(before[0], span[0]), min(before[1], span[1])
        return known

    def joint(self, one: Sought) -> Problem:
        """The problem of all issues in which a sum lies."""
        if self._joint is None:
            of_links: list[Line] = [
                ({(link.later, link.cell): 1, (link.earlier, link.cell): -1}, *link.change) for link in self.links
            ]
            lines = [line for some in self.lines for line in some] + of_links
            self._joint = list(apart(self.known, self.known, lines, self.truth))
        return next(problem for problem in self._joint if next(iter(one)) in problem.place)


def _plain(one: Sought) -> dict[Cell, int]:
    return {cell: many for (_, cell), many in one.items()}


def misfits(problem: Problem) -> Iterator[str]:
    """What does not hold of the truth."""
    truth = problem.truth
    for place in np.flatnonzero((truth < problem.lower) | (truth > problem.upper)):
        yield f"{named({problem.keys[place][1]: 1})} is {truth[place]}"
    sums = problem.matrix @ truth
    for row in np.flatnonzero((sums < problem.least) | (sums > problem.most)):
        line = problem.matrix[[row]].tocoo()
        yield named({problem.keys[at][1]: int(many) for at, many in zip(line.coords[1], line.data, strict=True)})


def told_of_group(problem: Problem, place: int, one: Breakdown, name: str) -> str | None:
    """What tables tell of a breakdown of which nearly all cases are in one part: that all are, or that five or more are
    and fewer than five are not."""
    part = {(place, cell): many for cell, many in dict(one.sums())[name].items()}
    inside, whole = problem.vector(part), problem.vector({(place, one.whole): 1})
    outside = whole - inside
    if max(problem.seen(outside)) >= SMALL:
        return None
    most = problem.highest(outside)
    if most == 0 and problem.lowest(whole) > 0:
        return f"all are surely {name}"
    if most < SMALL and min(problem.seen(inside)) >= SMALL and problem.lowest(inside) >= SMALL:
        return f"at most {most} are not {name}"
    return None
