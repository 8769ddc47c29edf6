"""The dbt project's own rules, read off the manifest of a real build: layers, owners, descriptions, keys, personal
data."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.samples import EXPECTATIONS, FEEDS
from each import of_each
from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.conftest import Built
from models.rows import fetch

PROJECT = read_settings({}).dbt_project
LAYER_OF_SCHEMA = {
    "staging": "staging",
    "intermediate": "intermediate",
    "marts": "marts",
    "candidate": "publish",
    "reference": "seeds",
}
MAY_READ = {
    "staging": {"sources", "staging"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "marts": {"staging", "intermediate", "marts", "seeds"},
    "publish": {"marts"},
}
OWN_SCHEMAS = ("disclosure", "forecast", "ledger", "linkage")
MODELS = sorted(path.stem for path in (PROJECT / "models").rglob("*.sql"))
INTELLIGENCE = sorted(
    path.stem
    for path in (PROJECT / "models" / "publish").glob("*.sql")
    if path.stem.startswith(("hotspot_", "engagement_", "tasking_"))
)
ONE_EVENT = re.compile(r"incident|victim|suspect|author|content|address|postcode|tude$|occurred|reported_at|_key$")
PERSONAL = re.compile(r"token|person_id|email|phone|birth|(reporter|victim|officer)_name|content_url|crime_reference")


def node(built: Built, name: str) -> dict[str, Any]:
    found: dict[str, Any] = built.manifest["nodes"][f"model.hub.{name}"]
    return found


def layer_of(built: Built, unique_id: str) -> str:
    if unique_id.startswith("source."):
        return "sources"
    return LAYER_OF_SCHEMA[built.manifest["nodes"][unique_id]["schema"]]


def attached_tests(built: Built, name: str) -> Iterator[dict[str, Any]]:
    for test in built.manifest["nodes"].values():
        if test["resource_type"] == "test" and test.get("attached_node") == f"model.hub.{name}":
            yield test


def test_the_manifest_holds_every_model_file(built: Built) -> None:
    made = sorted(one["name"] for one in built.manifest["nodes"].values() if one["resource_type"] == "model")
    assert made == MODELS


@of_each("name", MODELS)
def test_a_model_lands_in_the_schema_of_its_folder(built: Built, name: str) -> None:
    folder = Path(node(built, name)["path"]).parts[0]
    assert LAYER_OF_SCHEMA[node(built, name)["schema"]] == folder


@of_each("name", MODELS)
def test_a_model_reads_only_the_layers_below(built: Built, name: str) -> None:
    model = node(built, name)
    allowed = MAY_READ[LAYER_OF_SCHEMA[model["schema"]]]
    read = {parent: layer_of(built, parent) for parent in model["depends_on"]["nodes"]}
    assert {parent: layer for parent, layer in read.items() if layer not in allowed} == {}


@of_each("name", MODELS)
def test_staging_of_a_feed_reads_its_own_source_alone(built: Built, name: str) -> None:
    model = node(built, name)
    if model["schema"] != "staging":
        assert not model["sources"]
        return
    feed = Path(model["path"]).parts[1]
    refs = {parent for parent in model["depends_on"]["nodes"] if not parent.startswith("source.")}
    if name == "stg_ledger__new_deliveries":  # the ledger's own arithmetic, which staging of feeds rests on
        assert refs == {"model.hub.stg_ledger__deliveries", "model.hub.stg_ledger__built_deliveries"}
        return
    # All versions of a feed's records, the overwritten ones too, stand beside their latest.
    staged = name.removeprefix("stg_").removesuffix("__versions")
    assert {source[1] for source in model["sources"]} == {staged.rpartition("__")[2]}
    assert feed in (*OWN_SCHEMAS, staged)
    ledger = ("deliveries", "new_deliveries", "restated_records")
    assert refs <= {f"model.hub.stg_ledger__{one}" for one in ledger}


@of_each("name", MODELS)
def test_a_model_has_an_owner_and_says_what_a_row_is(built: Built, name: str) -> None:
    model = node(built, name)
    assert model["config"]["meta"].get("owner")
    assert model["description"].startswith("One row per"), "the first sentence states the grain"
    assert model["patch_path"].endswith(f"{name}.yml"), "SQL and YAML stand side by side"
    assert Path(model["original_file_path"]).with_suffix(".yml").as_posix() in model["patch_path"]


@of_each("name", MODELS)
def test_every_column_is_declared_and_described_in_the_database(built: Built, name: str) -> None:
    model = node(built, name)
    schema = model["schema"]
    found = fetch(
        open_warehouse(built.settings, Role.OWNER),
        f"""select attname, coalesce(col_description(attrelid, attnum), '') from pg_attribute
            where attrelid = '{schema}.{name}'::regclass and attnum > 0 and not attisdropped order by attnum""",
    )
    assert [column for column, _ in found] == list(model["columns"])
    assert [column for column, comment in found if not comment] == []
    own = fetch(
        open_warehouse(built.settings, Role.OWNER), f"select obj_description('{schema}.{name}'::regclass, 'pg_class')"
    )
    assert own == [model["description"]]


def constraints(built: Built, name: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in node(built, name)["constraints"] if one["type"] == kind]


def keys(built: Built, name: str) -> Iterator[set[str]]:
    """What no two rows of a model have alike, as constraints, unique indexes and data tests say."""
    for kind in ("primary_key", "unique"):
        yield from (set(one["columns"]) for one in constraints(built, name, kind))
    indexes = node(built, name)["config"].get("indexes") or ()
    yield from (set(one["columns"]) for one in indexes if one.get("unique"))
    for test in attached_tests(built, name):
        match test.get("test_metadata"):
            case {"name": "unique", "kwargs": kwargs}:
                yield {kwargs["column_name"]}
            case {"name": "unique_combination_of_columns", "kwargs": kwargs}:
                yield set(kwargs["combination_of_columns"])


@of_each("name", [model for model in MODELS if model != "victim_journeys_v1"])
def test_a_model_has_a_tested_key(built: Built, name: str) -> None:
    """The journeys' published key counts the rows and cannot be there twice; what it counts has a tested key. A view is
    not built: its key can be tested in the models that read it."""
    waiting, seen = [name], set[str]()
    while waiting:
        one = waiting.pop()
        if any(keys(built, one)):
            return
        if node(built, one)["config"]["materialized"] == "view" and one not in seen:
            seen.add(one)
            readers = built.manifest["child_map"][f"model.hub.{one}"]
            waiting += [reader.rpartition(".")[2] for reader in readers if reader.startswith("model.")]
    pytest.fail(f"nothing says what a row of {name} is")


@of_each("name", [path.stem for path in (PROJECT / "models" / "staging" / "linkage").glob("*.sql")])
def test_a_table_of_linkage_keeps_the_rules_of_its_model(built: Built, name: str) -> None:
    """No build looks for what the table's own constraints refuse."""
    engine = open_warehouse(built.settings, Role.OWNER)
    table = name.removeprefix("stg_linkage__")
    filled = fetch(
        engine,
        f"select attname::text from pg_attribute where attrelid = 'linkage.{table}'::regclass and attnotnull",
    )
    columns = node(built, name)["columns"].values()
    said = {one["name"] for one in columns for rule in one["constraints"] if rule["type"] == "not_null"}
    assert said <= set(filled)
    (key,) = fetch(
        engine,
        f"""select array(select attname::text from unnest(conkey) as key
                join pg_attribute on attnum = key where attrelid = conrelid)
            from pg_constraint where conrelid = 'linkage.{table}'::regclass and contype = 'p'""",
    )
    assert [one["columns"] for one in constraints(built, name, "primary_key")] == [key]


@of_each("name", MODELS)
def test_a_model_keeps_its_contract(built: Built, name: str) -> None:
    model = node(built, name)
    assert model["config"]["contract"]["enforced"]
    assert [column for column, what in model["columns"].items() if not what["data_type"]] == []


@pytest.mark.parametrize("name", [path.stem for path in (PROJECT / "models" / "publish").glob("*.sql")])
def test_nothing_that_stands_for_a_person_is_published(built: Built, name: str) -> None:
    assert re.search(r"_v[1-9][0-9]*$", name)
    assert [column for column in node(built, name)["columns"] if PERSONAL.search(column)] == []


@pytest.mark.parametrize("name", INTELLIGENCE)
def test_no_row_of_intelligence_is_about_a_person_or_one_event(built: Built, name: str) -> None:
    """A key that leads to an incident, a report, a place below an area or an account would make it so."""
    columns = list(node(built, name)["columns"])
    assert [column for column in columns if column.endswith("_id")] in ([], ["run_id"])
    assert [
        column for column in columns if column.endswith("_name") and column not in ("area_name", "force_name")
    ] == []
    assert [column for column in columns if ONE_EVENT.search(column) and not column.startswith("count_")] == []


def test_every_fact_keeps_its_way_back_to_the_delivered_row(built: Built) -> None:
    facts = [name for name in MODELS if name.startswith(("fct_", "bridge_"))]
    without = [name for name in facts if not {"delivery_id", "row_number"} <= set(node(built, name)["columns"])]
    # Deliveries are files, a month of recorded crime is in as many files as issues, and a working day is in all.
    assert without == ["fct_deliveries", "fct_hub_days", "fct_measures", "fct_recorded_crime_months"]


@pytest.mark.parametrize("feed", FEEDS)
def test_staging_keeps_every_accepted_row_of_a_feed_whose_records_have_no_key(built: Built, feed: str) -> None:
    """Where the contract names a key, a later record replaces an earlier one, and fewer rows are right."""
    (schema,) = yaml.safe_load((EXPECTATIONS / feed / "contract.yaml").read_text(encoding="utf-8"))["schema"]
    has_key = any(column.get("primaryKey") for column in schema["properties"])
    tests = [test["test_metadata"] for test in attached_tests(built, f"stg_{feed}") if test.get("test_metadata")]
    kept = [test["kwargs"].get("feed") for test in tests if test["name"] == "every_accepted_row"]
    assert kept == ([] if has_key else [feed])


def test_every_singular_test_says_what_it_is_for() -> None:
    assert [path.name for path in (PROJECT / "tests").glob("*.sql") if "-- so that " not in path.read_text()] == []


def test_data_tests_stop_the_build_and_keep_no_rows(built: Built) -> None:
    tests = [one for one in built.manifest["nodes"].values() if one["resource_type"] == "test"]
    assert {test["config"]["severity"].lower() for test in tests} == {"error"}
    assert not any(test["config"]["store_failures"] for test in tests)
    assert {(test["config"]["warn_if"], test["config"]["error_if"]) for test in tests} == {("!= 0", "!= 0")}


def test_every_published_view_is_used_by_somebody(built: Built) -> None:
    used = {parent for one in built.manifest["exposures"].values() for parent in one["depends_on"]["nodes"]}
    published = {f"model.hub.{path.stem}" for path in (PROJECT / "models" / "publish").glob("*.sql")}
    assert published <= used


def test_every_mart_is_read_by_a_model_or_an_exposure(built: Built) -> None:
    marts = [one for one, of_it in built.manifest["nodes"].items() if of_it["schema"] == "marts"]
    readers = {one: {child.split(".")[0] for child in built.manifest["child_map"][one]} for one in marts}
    assert [one for one, kinds in readers.items() if not kinds & {"model", "exposure"}] == []


def test_every_code_list_names_its_source(built: Built) -> None:
    seeds = [one for one in built.manifest["nodes"].values() if one["resource_type"] == "seed"]
    assert len(seeds) == len(list((PROJECT / "seeds").glob("*.csv")))
    assert [seed["name"] for seed in seeds if "Source: " not in seed["description"]] == []


def test_no_view_is_lost_when_a_forecast_makes_its_counts_again(built: Built) -> None:
    nodes, children = built.manifest["nodes"], built.manifest["child_map"]
    made_again = {one for one, of_it in nodes.items() if "hotspot_counts" in of_it["tags"]}
    views = {one for one, of_it in nodes.items() if of_it["config"].get("materialized") == "view"} - made_again
    assert made_again
    assert not [(one, reader) for one in made_again for reader in children[one] if reader in views]
