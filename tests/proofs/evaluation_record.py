"""Writes down what was measured of a world, for the transparency records of both linkages."""

from collections.abc import Sequence
from datetime import date

from hub.linkage.transparency.evaluation import Evaluation, Figure, Group, Measured, Share
from proofs.truth_world import scoring
from proofs.truth_world.scores import Scores, wanted

ABOUT_REPORTS = (
    "incidents: precision",
    "incidents: recall where any evidence is shared",
    "incidents: recall over all pairs",
    "confirmed text pairs that are wrong",
    "wrapped addresses that say which post",
    "police record with a report, by the victim",
    "suggested pairs of reports that are right",
)
ABOUT_PERSONS = (
    "named victims: precision",
    "named victims: recall where an identifier agrees",
    "victims of nine mentions or more that are split",
    "pairs of placeholders taken for one person",
    "case workers taken for their clients",
    "suggested pairs of mentions that are right",
)


def evaluation_of(scores: Scores, *, seed: int, reports: int, measured_on: date) -> Evaluation:
    """What the records need of the scores of a world: figures, and groups by strand and by origin of the name."""
    incidents = _measured(scores, ABOUT_REPORTS, scores.incidents, "strand")
    persons = _measured(scores, ABOUT_PERSONS, scores.persons, "origin")
    linkages = {"incident_linkage": incidents, "person_linkage": persons}
    return Evaluation(seed=seed, reports=reports, measured_on=measured_on, linkages=linkages)


def _measured(scores: Scores, names: Sequence[str], pairs: scoring.Pairs, kind: str) -> Measured:
    known = {one.name: one for one in wanted(scores)}
    figures = [Figure(name, _share(known[name].share), known[name].bound, known[name].is_least) for name in names]
    prefix = f"{kind}: "
    groups = [
        Group(of.removeprefix(prefix), _share(pairs.recall(of)), _share(pairs.precision(of)))
        for of in sorted(pairs.true)
        if of.startswith(prefix)
    ]
    by = {"strand": "strand where evidence is shared", "origin": "origin of the name where an identifier agrees"}[kind]
    return Measured(figures, by, groups)


def _share(share: scoring.Share) -> Share:
    return Share(share.part, share.whole)
