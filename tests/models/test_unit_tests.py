"""What of the dbt project must have a unit test: rules, macros, and the incremental path of a model."""

import re

import pytest

from hub.settings import read_settings
from models.conftest import Built

PROJECT = read_settings({}).dbt_project
JINJA = re.compile(r"{[{%#].*?[}%#]}", re.DOTALL)
RULE = re.compile(r"\b((case|coalesce|greatest|least|join|distinct on|group by)\b|(filter|over) \()", re.IGNORECASE)
"""What makes a query more than a choice of columns and rows."""


@pytest.mark.parametrize("layer", ["intermediate", "marts", "publish"])
def test_every_rule_of_a_model_has_a_unit_test(layer: str) -> None:
    ruled = [
        path for path in (PROJECT / "models" / layer).rglob("*.sql") if RULE.search(JINJA.sub("", path.read_text()))
    ]
    assert ruled
    untested = {path.stem for path in ruled if "\nunit_tests:\n" not in path.with_suffix(".yml").read_text()}
    # The database's own catalogue cannot be given rows: test_publish looks at what is made of it.
    assert untested - {"data_dictionary_v1"} == set()


def test_every_incremental_model_has_a_unit_test_of_its_incremental_path(built: Built) -> None:
    incremental = {
        one
        for one, of_it in built.manifest["nodes"].items()
        if of_it["resource_type"] == "model" and of_it["config"]["materialized"] == "incremental"
    }
    tested = {
        f"model.hub.{test['model']}"
        for test in built.manifest["unit_tests"].values()
        if ((test["overrides"] or {}).get("macros") or {}).get("is_incremental")
    }
    assert incremental
    assert incremental - tested == set()


def test_every_macro_has_a_test() -> None:
    macros = {path.stem for path in (PROJECT / "macros").glob("*.sql")}
    by_test = {path.stem.removeprefix("macro_") for path in (PROJECT / "tests").glob("macro_*.sql")}
    elsewhere = {
        "generate_schema_name",  # test_a_model_lands_in_the_schema_of_its_folder
        "get_columns_in_relation",  # every unit test with a list in it
        "prefix_of_id",  # macro_mention_id, macro_incident_id, macro_allocation_id
        "report_columns",  # unit test answers_keep_their_meaning, and every other of a feed of reports
        "delete_affected",  # the rebuild law
        "accepted_rows",  # unit tests of every feed's staging, and the rebuild law
        "newest_delivered",
        "every_version",  # test_victim_journeys
        "journey_columns",
        "journey_aggregates",  # unit tests of fct_victim_journeys and of its versions
        "journey_state",
        "known_issue_ids",  # unit tests of measures_v1 and of provider_scorecard_v1
        "test_every_accepted_row",  # test_generic_tests_find_what_they_look_for, for these three
        "test_expression_is_true",
        "test_unique_combination_of_columns",
    }
    assert macros - by_test == elsewhere
