"""Compares the forces that the warehouse found with those that are true, where the incident itself is right."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proofs.truth_world.deliveries import Row
from proofs.truth_world.found import Found
from proofs.truth_world.reports import Report
from proofs.truth_world.scoring import Share, Truth

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
    runner_up_when_contradicted: Share
    """Where the report contradicts itself, another force is told."""
    placed_by_the_reporter: Share
    """Of posts that attack no single victim, those that were placed in the reporter's own borough."""


def score_places(truth: Truth, found: Found) -> PlaceScores:
    """Over incidents without a record of a force, which says by itself whose it is."""
    incidents: defaultdict[str, list[Row]] = defaultdict(list)
    for row in truth:
        if row in found.incidents:
            incidents[found.incidents[row]].append(row)
    sure: list[bool] = []
    borders: list[bool] = []
    contradicted: list[bool] = []
    own: list[bool] = []
    labels: defaultdict[str, list[bool]] = defaultdict(list)
    for incident, rows in incidents.items():
        reports = [truth[row] for row in rows]
        if len({report.event.key for report in reports}) > 1 or any(one.feed == "police_hate_crimes" for one in reports):
            continue
        force, told_other = found.forces.get(incident), incident in found.with_runner_up
        told = [report.place_shares for report in reports if report.place_shares]
        true = reports[0].event.force
        if any(report.contradicts_itself for report in reports):
            contradicted.append(told_other)
        elif true and any(max(shares.values()) >= SURE for shares in told):
            sure.append(force == true)
            for label in _names_alone(reports):
                labels[label].append(force == true)
        elif told and any("border district" in report.labels for report in reports):
            borders.append(told_other)
        elif not true and any("reporter's own borough" in report.labels for report in reports):
            own.append(bool(force))
    return PlaceScores(
        right=_share(sure),
        by_label={label: _share(right) for label, right in sorted(labels.items())},
        runner_up_on_borders=_share(borders),
        runner_up_when_contradicted=_share(contradicted),
        placed_by_the_reporter=_share(own),
    )


def _names_alone(reports: Sequence[Report]) -> set[str]:
    """The forms of names of places, where every report that says a place only names it."""
    told = [report for report in reports if report.place_shares]
    fields = ("offence_lsoa_code", "offence_postcode_district", "victim_postcode", "force_named")
    if any(report.cells.get(field) for report in told for field in fields):
        return set()
    return {label for report in told for label in report.labels & PLACE_LABELS}


PLACE_LABELS = frozenset(
    (
        *("place as listed", "place, country", "council area", "council", "place with a typing error", "London borough"),
        *("city of", "double name", "locality", "locality and place", "name that exists twice"),
    )
)


def _share(right: Sequence[bool]) -> Share:
    return Share(sum(right), len(right))
