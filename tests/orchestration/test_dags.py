"""What holds for every DAG, and what a parse of the DAG files may do."""

import itertools
import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, Asset, AssetAlias, AssetAny
from airflow.sdk.definitions.param import process_params
from airflow.serialization.serialized_objects import DagSerialization

from hub.build.warehouse_build import STEPS
from hub.contracts.model import Catalogue
from hub.orchestration.ingest_dag import ingest_dags
from hub.orchestration.second_person import SecondPersonOperator
from hub.orchestration.turns import RUNS_AT_ONCE
from hub.settings import Settings, read_settings

PROJECT = Path(__file__).parents[2]
DOORWAY_LINES = 25
OPEN_ENDED = {
    *("release_quarantine", "withdraw_delivery", "switch_publish"),
    *("erase_person", "mask_mentions", "forecast_hotspots", "dispatch_allocations", "tell_reporters"),
    *("withdraw_dispatch", "send_dispatch_again", "pause_recipient"),
}
"""People decide side by side; a run waits for its person and must not block another's."""

PARSE = """
import json, socket, sys, time
def refuse(*_, **__):
    raise AssertionError("a parse of the DAG files reached for the network")
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
socket.socket.connect = refuse
socket.getaddrinfo = refuse
started = time.perf_counter()
bag = DagBag(dag_folder=sys.argv[1])
seconds = time.perf_counter() - started
heavy = [name for name in ("pandas", "pyarrow", "great_expectations", "dbt", "psycopg") if name in sys.modules]
dags = {dag_id: DagSerialization.serialize_dag(dag) for dag_id, dag in sorted(bag.dags.items())}
print(json.dumps({"seconds": seconds, "heavy": heavy, "errors": bag.import_errors, "dags": dags}, sort_keys=True))
"""


def parse_in_a_fresh_process(**environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", PARSE, str(PROJECT / "dags")],
        env=environment | {"AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def waited_for(dag: DAG) -> set[str]:
    """Names of the assets any of which starts the DAG."""
    assert isinstance(dag.schedule, AssetAny)
    return {asset.name for asset in dag.schedule.objects if isinstance(asset, Asset)}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(dag_folder=str(PROJECT / "dags"))


@pytest.fixture(scope="module")
def dags(bag: DagBag) -> dict[str, DAG]:
    return dict(bag.dags)


def test_every_dag_file_imports(bag: DagBag) -> None:
    assert bag.import_errors == {}


def test_there_is_an_ingest_dag_for_every_feed_and_the_dags_that_follow(
    dags: dict[str, DAG], catalogue: Catalogue
) -> None:
    others = {
        "build_warehouse",
        "publish_intelligence",
        "forecast_hotspots",
        "write_briefing",
        "watch_deliveries",
        "watch_safeguards",
        "release_quarantine",
        "withdraw_delivery",
        "switch_publish",
        "erase_person",
        "mask_mentions",
        "review_retention",
        "write_catalogue",
        "write_extracts",
        "write_quality_letters",
        "back_up",
        "drill_restore",
        "send_notifications",
        "dispatch_allocations",
        "withdraw_dispatch",
        "send_dispatch_again",
        "pause_recipient",
        "collect_answers",
        "tell_reporters",
        "send_updates",
        "send_lineage",
    }
    assert catalogue.contracts
    assert dags.keys() == {f"ingest_{feed}" for feed in catalogue.contracts} | others


def test_every_dag_has_owner_tags_and_a_way_to_run_it_again(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        assert {task.owner for task in dag.tasks} - {"airflow"}, dag.dag_id
        assert all(task.owner != "airflow" for task in dag.tasks), dag.dag_id
        assert dag.tags, dag.dag_id
        assert dag.description, dag.dag_id
        assert "run it again" in (dag.doc_md or ""), dag.dag_id


def test_a_feeds_dag_belongs_to_the_contracts_owner(dags: dict[str, DAG], catalogue: Catalogue) -> None:
    for feed, contract in catalogue.contracts.items():
        assert {task.owner for task in dags[f"ingest_{feed}"].tasks} == {contract.owner}


def test_what_is_transient_is_tried_again_with_growing_waits(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        for task in dag.tasks:
            assert (task.retries or 0) >= 3, task
            assert task.retry_exponential_backoff > 1, task
            assert task.max_retry_delay is not None, task


def test_work_of_two_runs_of_a_dag_does_not_overlap_and_none_catches_up(dags: dict[str, DAG]) -> None:
    for dag in dags.values():
        assert dag.catchup is False, dag.dag_id
        if dag.dag_id in OPEN_ENDED:
            continue
        # A second run that waits: see hub.orchestration.turns.
        assert dag.max_active_runs == (1 if isinstance(dag.schedule, str) else RUNS_AT_ONCE), dag.dag_id
        works = [task for task in dag.tasks if dag.max_active_runs > 1]
        assert {task.max_active_tis_per_dag for task in works} <= {1}, dag.dag_id


def test_no_two_tasks_end_together_with_the_first_event_of_an_alias(dags: dict[str, DAG]) -> None:
    """Airflow would set one of them to failed."""
    tasks = [task for dag in dags.values() for task in dag.tasks]
    telling = [task for task in tasks if any(isinstance(outlet, AssetAlias) for outlet in task.outlets)]
    assert {task.task_id for task in telling} >= {"ingest", "carry_out"}
    assert {task.max_active_tis_per_dag for task in telling} == {1}


def test_order_comes_from_assets_and_only_what_nothing_triggers_goes_by_the_clock(dags: dict[str, DAG]) -> None:
    by_the_clock = {dag_id for dag_id, dag in dags.items() if isinstance(dag.schedule, str)}
    assert by_the_clock == {
        "watch_deliveries",
        "watch_safeguards",
        "review_retention",
        "write_quality_letters",
        "back_up",
        "drill_restore",
        "collect_answers",
        "send_updates",
        "send_lineage",
    }


def test_every_raw_table_that_a_feed_can_fill_starts_the_build(dags: dict[str, DAG], catalogue: Catalogue) -> None:
    assert {f"raw.{feed}" for feed in catalogue.contracts} <= waited_for(dags["build_warehouse"])


def test_every_mart_starts_the_publication_and_has_an_event_of_the_build(dags: dict[str, DAG]) -> None:
    marts = {f"marts.{path.stem}" for path in (PROJECT / "dbt_project/models/marts").rglob("*.sql")}
    outlets = {
        asset.name for asset in dags["build_warehouse"].get_task("check_disclosure").outlets if isinstance(asset, Asset)
    }
    assert outlets == marts
    if marts:
        assert waited_for(dags["publish_intelligence"]) == marts | {"forecast.hotspots"}


def test_a_build_has_a_task_for_each_of_its_steps(dags: dict[str, DAG]) -> None:
    tasks = dags["build_warehouse"].task_dict
    assert tasks.keys() == STEPS.keys()
    for earlier, later in itertools.pairwise(STEPS):
        assert tasks[later].upstream_task_ids == {earlier}


def test_a_run_that_the_clock_or_an_asset_starts_can_begin_every_task(dags: dict[str, DAG]) -> None:
    """Airflow checks the forms of answers as parameters of the task, before anybody has filled them in."""
    for dag in dags.values():
        if dag.schedule is not None:
            for one in dag.tasks:
                process_params(dag, one, {}, suppress_exception=False)


def test_every_question_is_for_a_second_person_and_nothing_is_carried_out_before_its_answer(
    dags: dict[str, DAG],
) -> None:
    operators = {
        (dag_id, task.task_id): getattr(task, "operator_class", type(task))
        for dag_id, dag in dags.items()
        for task in dag.tasks
    }
    questions = {key: kind for key, kind in operators.items() if issubclass(kind, HITLOperator)}
    assert {key for key, kind in questions.items() if not issubclass(kind, SecondPersonOperator)} == set()
    unasked = {"send_dispatch_again", "pause_recipient"}
    assert {dag_id for dag_id, _ in questions} == OPEN_ENDED - unasked | {"review_retention"}
    for dag_id, question in questions:
        (work,) = dags[dag_id].get_task(question).downstream_list
        assert (work.task_id, work.trigger_rule) == ("carry_out", "all_success"), dag_id


def test_what_was_published_starts_the_briefing(dags: dict[str, DAG]) -> None:
    schedule = dags["write_briefing"].schedule
    assert isinstance(schedule, Asset)
    assert schedule.name == "publish.intelligence"


def test_what_is_to_be_told_and_what_was_published_start_a_round_of_notifications(dags: dict[str, DAG]) -> None:
    assert waited_for(dags["send_notifications"]) == {"notifications.due", "publish.intelligence"}


@pytest.mark.parametrize("path", sorted((PROJECT / "dags").glob("*.py")), ids=lambda path: path.name)
def test_a_dag_file_is_a_doorway(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= DOORWAY_LINES


def test_a_parse_is_quick_touches_no_network_or_database_and_two_give_the_same_dags(tmp_path: Path) -> None:
    environment = {"AIRFLOW_HOME": str(tmp_path), "HUB_HOME": str(tmp_path), "HUB_WAREHOUSE_URL": "postgresql://x:1/x"}
    first = parse_in_a_fresh_process(**environment, PYTHONHASHSEED="1")
    second = parse_in_a_fresh_process(**environment, PYTHONHASHSEED="2", TZ="Pacific/Auckland")
    assert first["errors"] == {}
    assert first["heavy"] == []
    assert first["dags"] == second["dags"]
    assert min(first["seconds"], second["seconds"]) <= 3.0


def test_a_parse_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HUB_HOME", str(home))
    assert DagBag(dag_folder=str(PROJECT / "dags")).import_errors == {}
    assert not home.exists()


@pytest.fixture
def copied(tmp_path: Path) -> Settings:
    """Settings of a copy of this project's contracts."""
    shutil.copytree(PROJECT / "expectations", tmp_path / "expectations")
    return read_settings({"HUB_PROJECT": str(tmp_path), "HUB_HOME": str(tmp_path / "home")})


def test_a_refused_contract_is_an_import_error_and_leaves_the_other_feeds_up(
    copied: Settings, monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue
) -> None:
    path = copied.expectations / "force_responses" / "contract.yaml"
    document = yaml.safe_load(path.read_text())
    document["team"] = []
    path.write_text(yaml.safe_dump(document))
    (copied.expectations / "empty_folder").mkdir()
    monkeypatch.setenv("HUB_PROJECT", str(copied.project))
    (copied.project / "dags").mkdir()
    for name in ("ingest_feeds.py", "refused_contracts.py"):
        shutil.copy(PROJECT / "dags" / name, copied.project / "dags")
    bag = DagBag(dag_folder=str(copied.project / "dags"))
    fed = {dag_id for dag_id in bag.dags if dag_id.startswith("ingest_")}
    assert fed == {f"ingest_{feed}" for feed in catalogue.contracts if feed != "force_responses"}
    ((_, error),) = bag.import_errors.items()
    assert "force_responses" in error
    assert "owner" in error
    assert "empty_folder" in error


def test_a_task_reads_only_the_contract_of_its_own_dag(copied: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "ingest_force_responses")
    for feed in copied.expectations.iterdir():
        if feed.is_dir() and feed.name != "force_responses":
            shutil.rmtree(feed)
    (dag,) = ingest_dags(copied)
    assert dag.dag_id == "ingest_force_responses"


def test_a_new_feed_folder_is_a_new_dag(copied: Settings) -> None:
    folder = copied.expectations / "parish_reports"
    shutil.copytree(copied.expectations / "true_vision_reports", folder)
    text = (folder / "contract.yaml").read_text().replace("true_vision_reports", "parish_reports")
    (folder / "contract.yaml").write_text(text)
    assert "ingest_parish_reports" in {dag.dag_id for dag in ingest_dags(copied)}


def test_the_clock_plays_no_part_in_a_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    def serialised() -> list[Any]:
        return [DagSerialization.serialize_dag(dag) for dag in ingest_dags(read_settings({}))]

    before = serialised()
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    assert serialised() == before


def test_no_parse_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a parse of the DAG files opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert DagBag(dag_folder=str(PROJECT / "dags")).import_errors == {}
