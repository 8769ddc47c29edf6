"""Compares the forces that the warehouse found with those that are true, where the incident itself is right."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proofs.truth_world.found import Found
from proofs.truth_world.reports import Report
from proofs.truth_world.scoring import Share, Truth
from proofs.truth_world.sending import POLICE

SURE = 0.9
"""The share of a force from which on a place is taken to be in its area."""


@dataclass(frozen=True)
class PlaceScores:
    """Of incidents whose reports are all of one true incident, by what their reports say of a place."""

    right: Share
    """Where the best evidence is sure, the force is the true one."""
    by_label: Mapping[str, Share]
    """The same by the form in which a place was named, where the name is all there is."""
    runner_up_on_borders: Share
    """Where the district lies in several forces' areas and nothing better is known, another force is told."""
    runner_up_on_doubtful_names: Share
    """Where a place is named that exists in several forces' areas, another force is told."""
    runner_up_when_contradicted: Share
    """Where the report contradicts itself, another force is told."""
    placed_by_the_reporter: Share
    """Of posts that attack no single victim, those that were placed in the reporter's own borough."""


def score_places(truth: Truth, found: Found) -> PlaceScores:
    """Over incidents without a record of a force, which says by itself whose it is."""
    incidents: defaultdict[str, list[Report]] = defaultdict(list)
    for row, report in truth.items():
        if row in found.incidents:
            incidents[found.incidents[row]].append(report)
    answers: defaultdict[str, list[bool]] = defaultdict(list)
    for incident, reports in incidents.items():
        if len({report.event.key for report in reports}) > 1 or any(one.feed == POLICE for one in reports):
            continue
        case, true = _case(reports), reports[0].event.force
        if case == "sure":
            is_right = found.forces.get(incident) == true
            answers[case].append(is_right)
            for label in _names_alone(reports):
                answers[f"named: {label}"].append(is_right)
        elif case == "own":
            answers[case].append(incident in found.forces)
        else:
            answers[case].append(incident in found.with_runner_up)
    shares = {case: Share(sum(right), len(right)) for case, right in sorted(answers.items())}
    none = Share(0, 0)
    return PlaceScores(
        right=shares.get("sure", none),
        by_label={case.removeprefix("named: "): one for case, one in shares.items() if case.startswith("named: ")},
        runner_up_on_borders=shares.get("border", none),
        runner_up_on_doubtful_names=shares.get("doubtful", none),
        runner_up_when_contradicted=shares.get("contradicted", none),
        placed_by_the_reporter=shares.get("own", none),
    )


def _case(reports: Sequence[Report]) -> str:
    """What can be asked of the place of an incident."""
    told = [report.place_shares for report in reports if report.place_shares]
    labels = {label for report in reports for label in report.labels}
    if any(report.contradicts_itself for report in reports):
        return "contradicted"
    if not reports[0].event.force:
        return "own" if "reporter's own borough" in labels else "nothing"
    if any(max(shares.values()) >= SURE for shares in told):
        return "sure"
    if not told:
        return "nothing"
    return "border" if "border district" in labels else "doubtful"


def _names_alone(reports: Sequence[Report]) -> set[str]:
    """The forms of names of places, where every report that says a place only names it."""
    told = [report for report in reports if report.place_shares]
    fields = ("offence_lsoa_code", "offence_postcode_district", "victim_postcode", "force_named")
    if any(report.cells.get(field) for report in told for field in fields):
        return set()
    return {label for report in told for label in report.labels & PLACE_LABELS}


PLACE_LABELS = frozenset(
    (
        *(
            "place as listed",
            "place, country",
            "council area",
            "council",
            "place with a typing error",
            "London borough",
        ),
        *("city of", "double name", "locality", "locality and place", "name that exists twice"),
    )
)
