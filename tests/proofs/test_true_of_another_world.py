"""What linkage finds in a simulated world whose truth is known; the world was written without sight of the linkage.

``HUB_TRUTH_WORLD_SEED`` and ``HUB_TRUTH_WORLD_REPORTS`` choose another world for the long form.
``HUB_TRUTH_WORLD_RECORD`` names a file into which the scores are written: name the evaluation file of the transparency
records to bring it up to date, then run ``hub docs write`` to make their pages again.
"""

import os
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.linkage.transparency.evaluation import write_evaluation
from hub.settings import Settings
from proofs.commanded_hub import CommandedHub
from proofs.evaluation_record import evaluation_of
from proofs.truth_world.deliveries import Deliveries, deliver, make_reports
from proofs.truth_world.found import Found, read_found
from proofs.truth_world.scores import score, table, wanted
from proofs.truth_world.scoring import Truth

SEED = int(os.environ.get("HUB_TRUTH_WORLD_SEED", "6203"))
REPORTS = int(os.environ.get("HUB_TRUTH_WORLD_REPORTS", "20000"))
RECORD = os.environ.get("HUB_TRUTH_WORLD_RECORD")
DAY = date(2026, 11, 20)
FLOORS = {
    "incidents: precision": 0.97,
    "incidents: recall where any evidence is shared": 0.88,
    "incidents: recall over all pairs": 0.75,
    "wrapped addresses that say which post": 0.95,
    "police record with a report, by the victim": 0.8,
    "suggested pairs of reports that are right": 0.7,
    "named victims: precision": 0.955,
    "named victims: recall where an identifier agrees": 0.88,
    "force right where incident and evidence allow": 0.93,
}
"""What linkage reaches today, with room for another seed; what it is wanted to reach is printed beside it."""


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> CommandedHub:
    return CommandedHub(settings, engine)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    return deliver(make_reports(11, 1_500, DAY), tmp_path_factory.mktemp("world"))


def test_a_seed_always_makes_the_same_world(tmp_path: Path) -> None:
    files = [deliver(make_reports(3, 200, DAY), tmp_path / copy).files for copy in ("one", "other")]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]


def test_every_report_is_one_row_under_a_reference_of_its_own(world: Deliveries) -> None:
    references = [(one.reference, one.cells.get("force_code")) for one in world.reports.values()]
    assert len(set(references)) == len(references) >= 1_500
    assert {(path.parent.name, path.name) for path in world.files} == {(feed, name) for feed, name, _ in world.reports}


def test_perfect_linkage_reaches_all_that_is_wanted(world: Deliveries) -> None:
    scores = score(world.reports, _perfect(world.reports))
    measured = [one for one in wanted(scores) if one.share.whole]
    assert len(measured) >= 15
    assert all(one.is_met for one in measured), table(scores)
    assert scores.incidents.recall().value == scores.persons.precision().value == 1


def test_a_linkage_that_joins_nothing_has_no_recall(world: Deliveries) -> None:
    apart = replace(_perfect(world.reports), incidents={}, people={})
    scores = score(world.reports, apart)
    assert scores.incidents.recall().part == scores.persons.recall().part == 0
    assert scores.often_split.value == 1


def test_a_linkage_that_joins_everything_has_little_precision(world: Deliveries) -> None:
    few = dict(list(world.reports.items())[::4])
    people = {(row, mention.role): "one" for row, report in few.items() for mention in report.mentions}
    scores = score(few, replace(_perfect(few), incidents=dict.fromkeys(few, "one"), people=people))
    assert scores.incidents.recall().value == 1
    assert scores.incidents.precision().value < 0.05
    assert scores.persons.precision().value < 0.05
    assert all(share.value == 1 for share in (*scores.incident_traps.values(), *scores.person_traps.values()))
    assert scores.placeholders.value == scores.workers.value == 1


def test_a_fifth_of_true_pairs_share_nothing(world: Deliveries) -> None:
    pairs = score(world.reports, _perfect(world.reports)).incidents
    assert 0.1 < pairs.true["nothing shared"] / pairs.true["all"] < 0.3


def test_texts_of_different_incidents_differ_unless_they_say_nothing(world: Deliveries) -> None:
    told: defaultdict[str, set[str]] = defaultdict(set)
    for report in world.reports.values():
        if report.facts and not report.traps:
            told[str(report.cells["description"])].add(report.event.key)
    alike = [text for text, events in told.items() if len(events) > 1 and len(text) > 60]
    assert len(told) > 500
    assert not alike


def test_every_class_has_pairs(world: Deliveries) -> None:
    scores = score(world.reports, _perfect(world.reports))
    classes = {of for of in scores.incidents.true if of.startswith("class: ")}
    assert {
        f"class: {name}" for name in ("mirror", "link shim", "archive copy", "unknown day", "homoglyphs")
    } <= classes
    assert Counter(report.feed for report in world.reports.values()).keys() == {
        path.parent.name for path in world.files
    }


@pytest.mark.long
def test_a_small_world_is_taken_in_built_and_scored(hub: CommandedHub, tmp_path: Path) -> None:
    made = deliver(make_reports(5, 150, _yesterday()), tmp_path, files_a_feed=1)
    _take_in(hub, made)
    found = read_found(hub.engine)
    assert found.incidents.keys() == made.reports.keys()
    scores = score(made.reports, found)
    assert scores.incidents.precision().value > 0.5
    assert 0 < scores.incidents.recall().value <= 1
    assert 0 < scores.persons.recall("identifier agrees").value <= 1


@pytest.mark.long
def test_what_linkage_finds_of_another_world(
    hub: CommandedHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = deliver(make_reports(SEED, REPORTS, _yesterday()), tmp_path)
    _take_in(hub, made)
    found = read_found(hub.engine)
    assert found.incidents.keys() == made.reports.keys()
    scores = score(made.reports, found)
    with capsys.disabled():
        print(f"\n{len(made.reports)} reports of the world of seed {SEED}\n{table(scores)}")
    if RECORD is not None:
        today = datetime.now(UTC).date()
        measured = evaluation_of(scores, seed=SEED, reports=len(made.reports), measured_on=today)
        write_evaluation(measured, Path(RECORD))
    assert {one.name: one.share for one in wanted(scores) if one.share.value < FLOORS.get(one.name, 0)} == {}


def _yesterday() -> date:
    return date.fromordinal(datetime.now(UTC).date().toordinal() - 1)


def _take_in(hub: CommandedHub, made: Deliveries) -> None:
    """Every row must be accepted: what is scored is linkage, not dirt."""
    for feed in sorted({path.parent.name for path in made.files}):
        for answer in hub.ingest(feed, [path for path in made.files if path.parent.name == feed]):
            assert (answer["status"], answer["rows_accepted"]) == ("loaded", answer["rows_read"]), hub.rules_broken()
    hub.build()


def _perfect(truth: Truth) -> Found:
    """What a warehouse would find that makes no mistake."""
    return Found(
        incidents={row: report.event.key for row, report in truth.items()},
        people={
            (row, mention.role): mention.person
            for row, report in truth.items()
            for mention in report.mentions
            if mention.person
        },
        forces={report.event.key: report.event.force for report in truth.values() if report.event.force},
        with_runner_up={report.event.key for report in truth.values()},
    )
