"""The mutations that drift is measured by are what they say: accepted by the contracts, from a day on, of one feed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from hub.contracts.model import Catalogue
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from proofs.drift_mutations.accepted import refusals
from proofs.drift_mutations.candidates import Candidate, cell_candidates
from proofs.drift_mutations.choice import FEWEST_ROWS_A_DAY, WIDEST_SWINGS, Mutation, choose, plainness
from proofs.drift_mutations.deliveries import Delivery, Row, read_feed, write_deliveries
from proofs.drift_mutations.families import DENSE, QUOTAS, SIMULATED_DAYS, THIN, RoleFamily
from proofs.drift_mutations.simulation import SimulatedFeed, read_simulation
from proofs.drift_mutations.volume_candidates import volume_candidates
from proofs.drift_mutations.volumes import Turn
from proofs.test_drift_in_short import KINDS

type Feeds = dict[str, SimulatedFeed]

DAY = date(2026, 10, 1)
FEEDS = ["true_vision_reports", "force_responses", pytest.param("community_reports", marks=pytest.mark.long)]
EACH_KIND = [pytest.param(kind, marks=() if kind in KINDS else pytest.mark.long) for kind in QUOTAS]
"""Without the long ones, those by which drift is measured in short."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("simulated") / "deliveries"
    simulate(Plan(reports=3_000, days=40, seed=11), place)
    return place


@pytest.fixture(scope="module")
def feeds(folder: Path) -> Feeds:
    return read_simulation(folder)


@pytest.fixture(scope="module")
def mutations(feeds: Feeds) -> dict[str, Mutation]:
    """The first candidate of each kind, from the twelfth last delivery day on; of a monthly feed in its last file."""
    first: dict[str, Candidate] = {}
    for candidate in (*cell_candidates(feeds), *volume_candidates(feeds)):
        first.setdefault(candidate.kind, candidate)
    return {kind: _begun(candidate, feeds[candidate.feed]) for kind, candidate in first.items()}


def _begun(candidate: Candidate, feed: SimulatedFeed) -> Mutation:
    day = feed.days[-1] if feed.is_monthly else feed.days[-12]
    turn = Turn(day, day + timedelta(days=candidate.days - 1), "seed")
    return Mutation(candidate.kind, candidate, turn, rows_a_day=0, seen_on_first=0, seen_in_three=0, seen_in_ten=0)


@pytest.mark.parametrize("feed", [*FEEDS, pytest.param("provider_statements", marks=pytest.mark.long)])
def test_records_are_written_as_they_were_read(feeds: Feeds, tmp_path: Path, feed: str) -> None:
    clean = [one for one in feeds[feed].deliveries if not one.dirty]
    assert clean
    write_deliveries(clean, tmp_path / feed)
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "records.csv").write_text("feed,file_name,row_number,expected_rule\n", encoding="utf-8")
    for before, after in zip(clean, read_feed(tmp_path, feed), strict=True):
        assert (before.file_name, before.head) == (after.file_name, after.head)
        assert [given(row) for row in before.rows] == [given(row) for row in after.rows]


@pytest.mark.parametrize("feed", FEEDS)
def test_files_without_dirt_are_the_same_to_the_last_byte(
    folder: Path, feeds: Feeds, tmp_path: Path, feed: str
) -> None:
    clean = [one for one in feeds[feed].deliveries if not one.dirty]
    write_deliveries(clean, tmp_path)
    for one in clean:
        assert (tmp_path / one.file_name).read_bytes() == (folder / feed / one.file_name).read_bytes()


def test_there_is_a_change_of_every_kind(mutations: dict[str, Mutation]) -> None:
    assert set(mutations) == set(QUOTAS)


def given(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def of_senders(deliveries: Sequence[Delivery], mutation: Mutation, *, changed: bool) -> Counter[str]:
    """Records since the first day, of the senders that changed or of all others."""
    return Counter(
        f"{one.file_name} {given(row)}"
        for one in deliveries
        for row in one.rows
        if one.day >= mutation.turn.first and (one.sender_of(row) in mutation.what.senders) is changed
    )


@pytest.mark.parametrize("kind", EACH_KIND)
def test_a_change_begins_on_its_day_and_touches_its_senders_only(
    feeds: Feeds, mutations: dict[str, Mutation], kind: str
) -> None:
    mutation = mutations[kind]
    feed = feeds[mutation.what.feed]
    changed = mutation.deliveries(feed)
    before = mutation.turn.first
    assert [one for one in changed if one.day < before] == [one for one in feed.deliveries if one.day < before]
    assert of_senders(changed, mutation, changed=True) != of_senders(feed.deliveries, mutation, changed=True)
    assert of_senders(changed, mutation, changed=False) == of_senders(feed.deliveries, mutation, changed=False)


def first_changed(mutation: Mutation, feed: SimulatedFeed, count: int) -> list[Delivery]:
    """The first files that are changed wholly and hold anything."""
    return [one for one in mutation.deliveries(feed) if one.day >= mutation.turn.full and one.rows][:count]


@pytest.mark.parametrize("kind", EACH_KIND)
def test_every_record_of_a_change_is_accepted(
    catalogue: Catalogue, feeds: Feeds, mutations: dict[str, Mutation], kind: str, tmp_path: Path
) -> None:
    mutation = mutations[kind]
    changed = first_changed(mutation, feeds[mutation.what.feed], 2)
    assert changed
    assert refusals(catalogue.contracts[mutation.what.feed], changed, tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize(("family", "count"), [(THIN, 73), (DENSE, 48)])
def test_every_chosen_mutation_is_accepted_and_can_be_seen(
    catalogue: Catalogue, tmp_path: Path, family: RoleFamily, count: int
) -> None:
    simulated = tmp_path / "clean"
    simulate(Plan(reports=family.reports_a_day * SIMULATED_DAYS, days=SIMULATED_DAYS, seed=3), simulated)
    feeds = read_simulation(simulated)
    chosen = choose(feeds, family, seed=3).mutations
    assert len({mutation.name for mutation in chosen}) == count
    for number, mutation in enumerate(chosen):
        assert mutation.rows_a_day >= FEWEST_ROWS_A_DAY
        assert plainness(mutation) >= WIDEST_SWINGS
        changed = first_changed(mutation, feeds[mutation.what.feed], 4)
        refused = refusals(catalogue.contracts[mutation.what.feed], changed, tmp_path / str(number))
        assert refused == [], mutation.name


def test_a_tripled_day_has_new_records_and_not_the_same_ones_again(
    feeds: Feeds, mutations: dict[str, Mutation]
) -> None:
    mutation = mutations["rows tripled"]
    feed = feeds[mutation.what.feed]
    unique = feed.form.unique
    assert unique is not None
    for before, after in zip(feed.deliveries, mutation.deliveries(feed), strict=True):
        times = 3 if before.day >= mutation.turn.first else 1
        assert len(after.rows) == times * len(before.rows)
    keys = Counter(
        row[unique] for one in mutation.deliveries(feed) for row in one.rows if one.day >= mutation.turn.first
    )
    once = Counter(row[unique] for one in feed.deliveries for row in one.rows if one.day >= mutation.turn.first)
    assert len(keys) == 3 * len(once)


def test_a_shuffled_column_keeps_its_shares(feeds: Feeds, mutations: dict[str, Mutation]) -> None:
    mutation = mutations["correlation broken"]
    feed, column = feeds[mutation.what.feed], mutation.what.columns[0]
    for before, after in zip(feed.deliveries, mutation.deliveries(feed), strict=True):
        assert Counter(row.get(column) for row in before.rows) == Counter(row.get(column) for row in after.rows)


def test_a_gradual_change_is_partial_at_first_and_complete_after_ten_days() -> None:
    turn = Turn(DAY, DAY + timedelta(days=9), "seed")
    parts = [turn.part(DAY + timedelta(days=days)) for days in range(-1, 12)]
    assert parts == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1])
