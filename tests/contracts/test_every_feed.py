"""Walks every feed folder: whatever feed is added, these are the promises that its folder keeps."""

import io
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from contracts.samples import EXPECTATIONS, FEEDS, RECEIVED_AT, bad_reasons, packed_sample
from hub.cli.feed import forgotten_files, rules_of, rules_without_bad_record
from hub.contracts.model import Catalogue, Contract, read_contract
from hub.deliveries import ControlTotal, DeliveryStatus, RuleTally
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.readers import read_chunks
from hub.ingest.validation import delivery_problems, validate_chunk
from hub.settings import Settings, read_settings


@pytest.fixture(params=FEEDS)
def contract(request: pytest.FixtureRequest) -> Contract:
    return read_contract(EXPECTATIONS / str(request.param) / "contract.yaml")


def test_there_are_the_feeds_that_the_hub_lives_on(catalogue: Catalogue) -> None:
    assert not catalogue.refusals
    assert {
        "true_vision_reports",
        "community_reports",
        "provider_statements",
        "force_responses",
        "police_uk_street",
        "police_uk_outcomes",
        "mps_recorded_crime",
        "volunteer_reports",
        "police_hate_crimes",
        "provider_responses",
        "victim_support_events",
        "victim_surveys",
        "hub_activity",
        "training_sessions",
        "programme_spend",
    } <= set(catalogue.contracts)


def test_no_file_of_the_feed_was_forgotten(contract: Contract) -> None:
    assert forgotten_files(read_settings({}), contract) == []


def test_every_rule_has_a_record_that_breaks_it(contract: Contract) -> None:
    assert rules_without_bad_record(read_settings({}), contract) == []


def test_the_reasons_name_rules_that_there_are(contract: Contract) -> None:
    named = {rule for rule in bad_reasons(contract.feed).values() if not rule.startswith("row.")}
    assert named <= rules_of(contract)


def test_every_rule_says_why_it_stands(contract: Contract) -> None:
    rules = [*contract.row_rules, *contract.delivery_rules]
    because = [rule.because for rule in rules] + [rule.because for rule in contract.agreement_rules]
    assert all(len(text.split()) >= 4 for text in because)


def test_the_good_sample_is_accepted_whole_and_plausible(contract: Contract, tmp_path: Path) -> None:
    path = packed_sample(contract, "good", tmp_path)
    stated: list[ControlTotal] = []
    tallies: list[RuleTally] = []
    count = 0
    for chunk in read_chunks(read_settings({}), contract, io.BytesIO(path.read_bytes()), stated):
        verdict = validate_chunk(contract, chunk, RECEIVED_AT)
        assert verdict.rejections == ()
        tallies += verdict.tallies
        count += chunk.count_rows
    assert count >= 2
    assert stated in ([], [ControlTotal(count)])
    assert delivery_problems(contract, tallies, count) == []


def test_a_bad_record_breaks_one_rule_only_so_that_the_sample_explains_it(contract: Contract, tmp_path: Path) -> None:
    path = packed_sample(contract, "bad", tmp_path)
    verdicts = [
        validate_chunk(contract, chunk, RECEIVED_AT)
        for chunk in read_chunks(read_settings({}), contract, io.BytesIO(path.read_bytes()), [])
    ]
    by_number = {one.row_number: one.rule for verdict in verdicts for one in verdict.rejections}
    # What spans chunks is validated when the delivery is put together.
    spanning = {f"{column.name}.unique" for column in contract.columns if column.unique}
    spanning |= {rule.name for rule in contract.agreement_rules}
    reasons = {number: rule for number, rule in bad_reasons(contract.feed).items() if rule not in spanning}
    assert by_number == reasons
    assert [verdict.other_rules for verdict in verdicts if verdict.other_rules] == []


def test_the_bad_sample_is_quarantined_for_exactly_its_reasons(
    contract: Contract, settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    path = packed_sample(contract, "bad", tmp_path)
    (receipt,) = collect_files(settings, engine, contract, [path])

    # Most of its rows are wrong, so it is held as a whole until a person lets it in.
    result = ingest_delivery(settings, engine, contract, receipt.delivery_id, released_by="a.person")

    reasons = bad_reasons(contract.feed)
    assert result.status is DeliveryStatus.LOADED
    assert (result.rows_quarantined, result.rows_duplicate) == (len(reasons), 0)
    with engine.connect() as connection:
        found = connection.execute(sa.text("select row_number, rule, because, state from quarantine.rows")).all()
        numbers = connection.execute(sa.text(f"select _row_number from raw.{contract.feed}"))
        loaded = [int(row[0]) for row in numbers]
    assert {row.row_number: row.rule for row in found} == reasons
    assert {row.state for row in found} == {"open"}
    assert all(row.because for row in found)
    assert sorted(loaded) == sorted(set(range(1, result.rows_read + 1)) - set(reasons))


def test_the_same_words_in_two_feeds_mean_the_same(catalogue: Catalogue) -> None:
    """A code list that stands in several contracts is one list."""
    lists: dict[str, set[frozenset[str]]] = {}
    for contract in catalogue.contracts.values():
        for rule in contract.row_rules:
            if rule.name.rsplit(".", 1)[-1] == "known" and "value_set" in rule.kwargs:
                lists.setdefault(rule.name, set()).add(frozenset(rule.kwargs["value_set"]))
    # What kinds of answers or events there are is each feed's own matter.
    assert {name for name, found in lists.items() if len(found) > 1} <= {"kind.known"}
    # Reporters name forces from the same list that forces answer from.
    assert lists["force_named.known"] == lists["force_code.known"] == lists["transferred_to_force_code.known"]


def test_samples_hold_no_address_or_number_that_could_be_somebodys(contract: Contract) -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in (EXPECTATIONS / contract.feed / "samples").iterdir()
        if path.suffix != ".yaml"
    )
    domains = {word.rsplit("@", 1)[1].split('"')[0].split(",")[0].split("<")[0] for word in text.split() if "@" in word}
    assert domains <= {"example.org"}


def test_reasons_are_unique_by_record(contract: Contract) -> None:
    text = (EXPECTATIONS / contract.feed / "samples" / "bad.reasons.yaml").read_text(encoding="utf-8")
    counts = Counter(item["row_number"] for item in yaml.safe_load(text))
    assert max(counts.values()) == 1
