"""What a run of the linkages on a made-up world measured, as the run wrote it down."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from pathlib import Path
from typing import Any

LEAST_OF_A_GROUP = 40
"""True pairs of a group, below which its recall says nothing."""
MOST_GAP = 0.02
"""Between the recall of two groups, beyond which it has to be explained."""
Z_95 = 1.96


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval of 95 %, as if each were drawn by itself."""
        n, p, z = self.whole, self.value, Z_95
        middle, width = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (middle - width) / (1 + z * z / n), (middle + width) / (1 + z * z / n)


@dataclass(frozen=True)
class Figure:
    """A measured share and its target: at least, or at most, so much."""

    name: str
    share: Share
    wanted: float
    is_least: bool

    @property
    def is_met(self) -> bool:
        return self.share.value >= self.wanted if self.is_least else self.share.value <= self.wanted


@dataclass(frozen=True)
class Group:
    """Pairs of a group: how many of the true ones were found, and how many of those found are right."""

    name: str
    recall: Share
    precision: Share

    @property
    def is_large(self) -> bool:
        return self.recall.whole >= LEAST_OF_A_GROUP


@dataclass(frozen=True)
class Measured:
    """The measurements of one linkage; the groups are of one kind."""

    figures: Sequence[Figure]
    groups_by: str
    groups: Sequence[Group]

    @property
    def gap(self) -> float:
        """Between the best and the worst recall of groups that are large enough; 0 of fewer than two."""
        recalls = [group.recall.value for group in self.groups if group.is_large]
        return max(recalls) - min(recalls) if recalls else 0.0

    @property
    def has_gap(self) -> bool:
        # As it is shown, to a tenth of a point.
        return round(self.gap, 3) > MOST_GAP


@dataclass(frozen=True)
class Evaluation:
    """One run: of which world, of how many reports, on what day, and what it measured by linkage."""

    seed: int
    reports: int
    measured_on: date
    linkages: Mapping[str, Measured]


def read_evaluation(path: Path) -> Evaluation:
    """The run that a file describes; raises KeyError where a part of it is missing."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return Evaluation(
        seed=held["seed"],
        reports=held["reports"],
        measured_on=date.fromisoformat(held["measured_on"]),
        linkages={name: _measured(one) for name, one in held["linkages"].items()},
    )


def write_evaluation(evaluation: Evaluation, path: Path) -> None:
    """The file that ``read_evaluation`` reads: counts alone."""
    held = {
        "seed": evaluation.seed,
        "reports": evaluation.reports,
        "measured_on": evaluation.measured_on.isoformat(),
        "linkages": {
            name: {
                "figures": [
                    {"name": one.name, "share": _pair(one.share), "wanted": one.wanted, "is_least": one.is_least}
                    for one in measured.figures
                ],
                "groups_by": measured.groups_by,
                "groups": [
                    {"name": one.name, "recall": _pair(one.recall), "precision": _pair(one.precision)}
                    for one in measured.groups
                ],
            }
            for name, measured in evaluation.linkages.items()
        },
    }
    path.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _measured(held: Mapping[str, Any]) -> Measured:
    return Measured(
        figures=[Figure(one["name"], Share(*one["share"]), one["wanted"], one["is_least"]) for one in held["figures"]],
        groups_by=held["groups_by"],
        groups=[Group(one["name"], Share(*one["recall"]), Share(*one["precision"])) for one in held["groups"]],
    )


def _pair(share: Share) -> list[int]:
    return [share.part, share.whole]
