"""A code list that stands in a contract and in a seed of the warehouse is one list: a code that passes the first and is
unknown to the second would be in no total."""

import csv
import re

import pytest

from hub.contracts.model import Catalogue
from hub.settings import read_settings

SEEDS = read_settings({}).dbt_project / "seeds"
ALTERNATIVES = re.compile(r"([A-Z_]*)\(\?:([A-Za-z_|]+)\)")

STATEMENT_LISTS = [
    ("decision_visibility.known", "decision_visibility"),
    ("decision_monetary.known", "decision_monetary"),
    ("decision_provision.known", "decision_provision"),
    ("decision_account.known", "decision_account"),
    ("account_type.known", "account_type"),
    ("decision_ground.known", "decision_ground"),
    ("category.known", "category"),
    ("category_addition.known", "category"),
    ("category_specification.known", "keyword"),
    ("content_type.known", "content_type"),
    ("source_type.known", "source_type"),
    ("automated_decision.known", "automated_decision"),
]


def seed_column(seed: str, column: str, **where: str) -> set[str]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row[column] for row in rows if all(row[name] == value for name, value in where.items())}
    assert found, f"seed {seed} has no such rows"
    return found - {""}


def codes_of(catalogue: Catalogue, feed: str, name: str) -> set[str]:
    """Codes that a rule takes, whether it is written as a set or as a pattern of alternatives."""
    (rule,) = [rule for rule in catalogue.contracts[feed].row_rules if rule.name == name]
    if "value_set" in rule.kwargs:
        return set(rule.kwargs["value_set"])
    found = ALTERNATIVES.search(rule.kwargs["regex"])
    assert found is not None
    return {found[1] + ending for ending in found[2].split("|")}


@pytest.mark.parametrize(
    ("feed", "rule", "seed", "column"),
    [
        ("force_responses", "force_code.known", "police_forces", "force_code"),
        ("force_responses", "outcome_code.known", "outcomes", "outcome_code"),
        ("true_vision_reports", "force_named.known", "police_forces", "force_code"),
        ("true_vision_reports", "platform.known", "platforms", "provider_code"),
        ("true_vision_reports", "strands.known", "strands", "strand_code"),
        ("community_reports", "platform.known", "platforms", "provider_code"),
        ("community_reports", "strands.known", "strands", "strand_code"),
        ("volunteer_reports", "platform.known", "platforms", "provider_code"),
        ("volunteer_reports", "strands.known", "strands", "strand_code"),
        ("volunteer_reports", "force_named.known", "police_forces", "force_code"),
        ("police_hate_crimes", "platform.known", "platforms", "provider_code"),
        ("police_hate_crimes", "strands.known", "strands", "strand_code"),
        ("police_hate_crimes", "offence_code.known", "offences", "offence_code"),
        ("provider_responses", "provider_code.known", "platforms", "provider_code"),
        ("police_uk_street", "last_outcome_category.known", "police_uk_outcome_names", "written_name"),
        ("police_uk_outcomes", "outcome_type.known", "police_uk_outcome_names", "written_name"),
    ],
)
def test_contract_and_seed_hold_the_same_codes(
    catalogue: Catalogue, feed: str, rule: str, seed: str, column: str
) -> None:
    assert codes_of(catalogue, feed, rule) == seed_column(seed, column)


@pytest.mark.parametrize(
    ("feed", "rule"),
    [
        ("police_hate_crimes", "force_code.recording"),
        ("provider_responses", "suspect_force_code.known"),
        ("training_sessions", "force_code.trained"),
    ],
)
def test_a_force_at_home_is_any_force_but_that_of_all_abroad(catalogue: Catalogue, feed: str, rule: str) -> None:
    assert codes_of(catalogue, feed, rule) == seed_column("police_forces", "force_code") - {"ABROAD"}


def test_forces_record_the_outcomes_of_the_home_office_and_none_of_the_hubs_own(catalogue: Catalogue) -> None:
    recorded = codes_of(catalogue, "police_hate_crimes", "outcome_code.home_office")
    assert recorded == seed_column("outcomes", "outcome_code", scheme="home_office")


def test_a_country_may_be_norway(catalogue: Catalogue) -> None:
    """YAML reads a bare NO as false."""
    countries = codes_of(catalogue, "provider_responses", "suspect_country_code.known")
    assert {"NO", "GB"} <= countries
    assert all(re.fullmatch("[A-Z]{2}", code) for code in countries)
    assert "UK" not in countries


@pytest.mark.parametrize(("rule", "code_list"), STATEMENT_LISTS)
def test_the_codes_of_a_statement_are_those_of_the_seed(catalogue: Catalogue, rule: str, code_list: str) -> None:
    assert codes_of(catalogue, "provider_statements", rule) == seed_column(
        "statement_codes", "code", code_list=code_list
    )


def test_the_statements_that_are_followed_are_those_of_the_hate_path(catalogue: Catalogue) -> None:
    followed = catalogue.contracts["provider_statements"].followed
    assert followed is not None
    with (SEEDS / "hate_statement_paths.csv").open(encoding="utf-8", newline="") as file:
        assert list(followed.any_of) == list(csv.DictReader(file))


@pytest.mark.parametrize("feed", ["police_uk_street", "police_uk_outcomes"])
def test_every_force_name_of_the_street_files_leads_to_a_force(catalogue: Catalogue, feed: str) -> None:
    names = codes_of(catalogue, feed, "reported_by.known")
    assert names <= seed_column("police_force_names", "written_name")
    assert names == codes_of(catalogue, feed, "falls_within.known")


def test_every_offence_that_the_warehouse_looks_for_is_one_that_the_force_publishes(catalogue: Catalogue) -> None:
    minor_categories = codes_of(catalogue, "mps_recorded_crime", "minor_category.known")
    assert seed_column("offences", "mps_minor_category") <= minor_categories
