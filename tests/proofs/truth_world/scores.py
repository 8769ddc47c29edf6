"""All that is scored of a world, what is wanted of it, and the tables that say so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from proofs.truth_world.found import Found
from proofs.truth_world.place_scores import PlaceScores, score_places
from proofs.truth_world.scoring import (
    Pairs,
    Share,
    Truth,
    incident_pairs,
    incident_traps,
    often_mentioned,
    person_pairs,
    person_traps,
    placeholder_pairs,
    right_person_suggestions,
    workers_taken_for_clients,
    wrong_pairs,
)

WRAPPED = "class: any wrapped address that says which post"
BY_VICTIM = "class: police record with a report, by the victim"
LEAST_OF_A_GROUP = 40
"""Pairs of an origin or a strand, below which its recall says nothing."""


@dataclass(frozen=True)
class Scores:
    """What was found of one world."""

    incidents: Pairs
    persons: Pairs
    incident_traps: Mapping[str, Share]
    person_traps: Mapping[str, Share]
    wrong_text_pairs: Share
    wrong_suggestions: Share
    right_person_suggestions: Share
    often_split: Share
    placeholders: Share
    workers: Share
    places: PlaceScores


@dataclass(frozen=True)
class Wanted:
    """A figure and its bound."""

    name: str
    share: Share
    bound: float
    is_least: bool = True

    @property
    def is_met(self) -> bool:
        return self.share.value >= self.bound if self.is_least else self.share.value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.is_least else "≤"
        mark = "met" if self.is_met else "NOT MET"
        return f"{self.name:<62} {_figure(self.share)}  wanted {sign} {self.bound:.3f}  {mark}"


def score(truth: Truth, found: Found) -> Scores:
    """Compare a warehouse with the world whose deliveries it took in."""
    return Scores(
        incidents=incident_pairs(truth, found),
        persons=person_pairs(truth, found),
        incident_traps=incident_traps(truth, found),
        person_traps=person_traps(truth, found),
        wrong_text_pairs=wrong_pairs(truth, found.text_pairs),
        wrong_suggestions=wrong_pairs(truth, found.suggestions),
        right_person_suggestions=right_person_suggestions(truth, found.person_suggestions),
        often_split=often_mentioned(truth, found),
        placeholders=placeholder_pairs(truth, found),
        workers=workers_taken_for_clients(truth, found),
        places=score_places(truth, found),
    )


def wanted(scores: Scores) -> list[Wanted]:
    """What the linkage of a world is held to."""
    suggestions = Share(scores.wrong_suggestions.whole - scores.wrong_suggestions.part, scores.wrong_suggestions.whole)
    return [
        Wanted("incidents: precision", scores.incidents.precision(), 0.99),
        Wanted("incidents: recall where any evidence is shared", scores.incidents.recall("evidence shared"), 0.93),
        Wanted("incidents: recall over all pairs", scores.incidents.recall(), 0.80),
        Wanted("confirmed text pairs that are wrong", scores.wrong_text_pairs, 0.01, is_least=False),
        Wanted("wrapped addresses that say which post", scores.incidents.recall(WRAPPED), 0.95),
        Wanted("police record with a report, by the victim", scores.incidents.recall(BY_VICTIM), 0.85),
        Wanted("named victims: precision", scores.persons.precision(), 0.995),
        Wanted("named victims: recall where an identifier agrees", scores.persons.recall("identifier agrees"), 0.95),
        Wanted("victims of nine mentions or more that are split", scores.often_split, 0.10, is_least=False),
        Wanted("pairs of placeholders taken for one person", scores.placeholders, 0.0, is_least=False),
        Wanted("case workers taken for their clients", scores.workers, 0.0, is_least=False),
        Wanted("force right where incident and evidence allow", scores.places.right, 0.97),
        Wanted("border districts with a runner-up", scores.places.runner_up_on_borders, 1.0),
        Wanted("names that exist twice with a runner-up", scores.places.runner_up_on_doubtful_names, 1.0),
        Wanted("contradicting places with a runner-up", scores.places.runner_up_when_contradicted, 1.0),
        Wanted("posts placed by the reporter's own borough", scores.places.placed_by_the_reporter, 0.0, is_least=False),
        Wanted("suggested pairs of reports that are right", suggestions, 0.80),
        Wanted("suggested pairs of mentions that are right", scores.right_person_suggestions, 0.80),
        Wanted(
            "gap of recall between strands, where evidence is shared",
            _gap(scores.incidents, "strand: "),
            0.02,
            is_least=False,
        ),
        Wanted(
            "gap of recall between origins of names, identifier agrees",
            _gap(scores.persons, "origin: "),
            0.02,
            is_least=False,
        ),
    ]


def table(scores: Scores) -> str:
    """What is wanted and every class, in lines."""
    return "\n".join(_lines(scores))


def _lines(scores: Scores) -> Iterator[str]:
    yield from map(str, wanted(scores))
    for title, pairs in (("incidents", scores.incidents), ("persons", scores.persons)):
        yield f"\n{title}: recall by class (found of true pairs); precision where wrong pairs are counted by it"
        for of in sorted(pairs.true):
            precision = f"  precision {_figure(pairs.precision(of))}" if pairs.wrong[of] else ""
            yield f"  {of:<60} {_figure(pairs.recall(of))}{precision}"
    for title, traps in (("incidents", scores.incident_traps), ("persons", scores.person_traps)):
        yield f"\n{title}: pairs wrongly joined, by what makes them look alike"
        yield from (f"  {name:<60} {_figure(share)}" for name, share in traps.items())
    yield "\nplaces: force right, where a name is all that is told, by its form"
    yield from (f"  {label:<60} {_figure(share)}" for label, share in scores.places.by_label.items())


def _gap(pairs: Pairs, prefix: str) -> Share:
    """Between the best and the worst recall of groups that are large enough, in thousandths."""
    groups = [of for of in pairs.true if of.startswith(prefix) and pairs.true[of] >= LEAST_OF_A_GROUP]
    recalls = [pairs.recall(of).value for of in groups]
    return Share(round(1000 * (max(recalls) - min(recalls))), 1000) if recalls else Share(0, 1000)


def _figure(share: Share) -> str:
    return f"{share.value:6.3f} ({share.part} of {share.whole})" if share.whole else "     - (none)"
