"""Lineage events: by OpenLineage's schema, with counts and names alone, and sent once even where the receiver fails."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
import sqlalchemy as sa
import yaml
from jsonschema.validators import Draft202012Validator

from hub.build import builds, code_hash
from hub.contracts.model import Catalogue
from hub.lineage import LineageRefused, send_lineage
from hub.settings import Settings, read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import take_in
from ingest.test_data_docs import REPORTS, bad_rows
from searching import files_holding

SCHEMA = json.loads(Path(__file__).with_name("openlineage.schema.json").read_text())
SOURCE = {"resource_type": "source", "fqn": ["hub", "staging", "any"], "config": {}}
MANIFEST = {
    "nodes": {
        "model.hub.stg": {
            **{"resource_type": "model", "name": "stg", "schema": "staging", "alias": "stg", "config": {}},
            **{"fqn": ["hub", "staging", "stg"], "depends_on": {"nodes": ["source.hub.raw", "macro.hub.any"]}},
        },
        "model.hub.incidents_v1": {
            **{"resource_type": "model", "name": "incidents_v1", "schema": "candidate", "alias": "incidents_v1"},
            **{"fqn": ["hub", "publish", "incidents_v1"], "config": {"meta": {}}},
            "depends_on": {"nodes": ["model.hub.stg", "source.hub.linked"]},
        },
        "test.hub.any": {"resource_type": "test", "name": "any"},
    },
    "sources": {
        "source.hub.raw": {**SOURCE, "name": REPORTS, "schema": "raw", "identifier": REPORTS},
        "source.hub.linked": {
            **{**SOURCE, "config": {"meta": {"made_from": ["stg"]}}},
            **{"name": "report_incidents", "schema": "linkage", "identifier": "report_incidents"},
        },
    },
}
NODES = {"model": {"success": 2}, "test": {"pass": 5}, "unit_test": {"pass": 1}}


@pytest.fixture
def ran(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> Settings:
    """A hub that took in victims' reports, some of them wrong, and was built and published."""
    contract = catalogue.contracts[REPORTS]
    take_in(settings, engine, contract, bad_rows(contract), "robin.sample@example.org 07700 900123.csv")
    take_in(settings, engine, contract, b"what,when\nwork,today\n", "other columns.csv")
    code = code_hash(settings.dbt_project)
    build_id = builds.start_build(engine, selection=None, code_sha256=code, seeds_sha256="")
    builds.note_nodes(engine, build_id, "stage", NODES)
    builds.note_nodes(engine, build_id, "build_marts", {"model": {"success": 1}, "test": {"warn": 1}})
    builds.note_linked(engine, build_id)
    published = {"id": build_id, "rows": json.dumps({"incidents_v1": 3})}
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.builds set status = 'succeeded', finished_at = clock_timestamp()"))
        connection.execute(
            sa.text("""
                insert into ledger.publishes (publish_id, build_id, fingerprint, code_version, delivery_ids, row_counts)
                values (1, :id, '', '', '{}', cast(:rows as jsonb))
            """),
            published,
        )
    (settings.home / "dbt" / "manifest.json").write_text(json.dumps(MANIFEST))
    return settings


def send_to_a_file(settings: Settings) -> list[dict[str, Any]]:
    """The events, as a file of them holds them."""
    path = settings.home / "events" / "all.ndjson"
    path.parent.mkdir(exist_ok=True)
    transport = {"type": "file", "log_file_path": str(path), "append": True}
    settings.openlineage.write_text(yaml.safe_dump({"transport": transport}))
    count = send_lineage(settings)
    sent = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    assert count == len(sent)
    return sent


def of_job(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one for one in events if one["job"]["name"] == name]


def names(datasets: list[dict[str, Any]]) -> list[str]:
    """The datasets without the database, which is another in each test."""
    return [
        f"{one['namespace'].partition('://')[0]} {one['name'].partition('.')[2] or one['name']}" for one in datasets
    ]


def test_events_keep_openlineages_schema_tell_counts_and_tables_and_hold_no_value_of_a_victim(
    ran: Settings, catalogue: Catalogue
) -> None:
    events = send_to_a_file(ran)
    _every_event_keeps_the_schema(events)
    _an_ingest_tells_its_status_and_its_rows(ran, events)
    _a_build_tells_models_and_tests_by_state_and_is_the_parent_of_its_linkage(events)
    _no_event_holds_a_value_of_a_victim_or_the_name_of_a_file(ran, catalogue)


def _every_event_keeps_the_schema(events: list[dict[str, Any]]) -> None:
    checker = Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    for event in events:
        checker.validate(event)
    assert len({one["schemaURL"] for one in events}) == 2
    assert not checker.is_valid({**events[0], "eventType": "DONE"})
    assert not checker.is_valid({**events[0], "inputs": [{"name": "without a namespace"}]})


def _an_ingest_tells_its_status_and_its_rows(ran: Settings, sent: list[dict[str, Any]]) -> None:
    with open_warehouse(ran, Role.AUDITOR).connect() as connection:
        query = "select rows_read, rows_accepted, rows_quarantined from ledger.deliveries where status = 'loaded'"
        read, accepted, quarantined = (int(count) for count in connection.execute(sa.text(query)).one())
    events = of_job(sent, f"ingest.{REPORTS}")
    assert [one["eventType"] for one in events] == ["START", "COMPLETE", "START", "FAIL"]
    (rows,) = (one["run"]["facets"]["hub_rows"] for one in events if one["eventType"] == "COMPLETE")
    assert quarantined > 0
    assert (rows["status"], rows["received"], rows["accepted"], rows["quarantined"], rows["duplicate"]) == (
        *("loaded", read, accepted, quarantined),
        read - accepted - quarantined,
    )
    assert names(events[1]["inputs"]) == [f"file drop/{REPORTS}"]
    assert names(events[1]["outputs"]) == [f"postgres raw.{REPORTS}"]


def _a_build_tells_models_and_tests_by_state_and_is_the_parent_of_its_linkage(events: list[dict[str, Any]]) -> None:
    build, linkage, publish = (of_job(events, name)[1] for name in ("build", "linkage", "publish"))
    nodes = build["run"]["facets"]["hub_nodes"]
    assert (nodes["models"], nodes["tests"]) == ({"success": 3}, {"pass": 6, "warn": 1})
    assert names(build["inputs"]) == [f"postgres raw.{REPORTS}"]
    assert names(build["outputs"]) == names(publish["inputs"]) == ["postgres candidate.incidents_v1"]
    assert names(publish["outputs"]) == ["postgres publish.incidents_v1"]
    assert linkage["run"]["facets"]["parent"]["run"]["runId"] == build["run"]["runId"]
    assert (names(linkage["inputs"]), names(linkage["outputs"])) == (
        ["postgres staging.stg"],
        ["postgres linkage.report_incidents"],
    )
    assert names(of_job(events, "candidate.incidents_v1")[0]["inputs"]) == [
        "postgres linkage.report_incidents",
        "postgres staging.stg",
    ]


def _no_event_holds_a_value_of_a_victim_or_the_name_of_a_file(ran: Settings, catalogue: Catalogue) -> None:
    contract = catalogue.contracts[REPORTS]
    rows = list(csv.DictReader(io.StringIO(bad_rows(contract).decode())))
    personal = [column.name for column in contract.personal_columns] + ["description"]
    told = {row[name] for row in rows for name in personal if len(row.get(name) or "") >= 5}
    assert {"Robin Sample", "robin.sample@example.org"} <= told
    assert files_holding(ran.home / "events", {REPORTS}) != set()
    words = told | {"robin.sample", "900123", "withheld-", "other columns", "sha256", "hub_auditor"}
    assert files_holding(ran.home / "events", words) == set()


class Receiver(BaseHTTPRequestHandler):
    """Takes events, but for those of the times at which it fails."""

    taken: ClassVar[list[str]] = []
    count_asked: ClassVar[int] = 0
    fails_at = (3, 4)

    def do_POST(self) -> None:
        """One event."""
        Receiver.count_asked += 1
        event = json.loads(self.rfile.read(int(self.headers["content-length"])))
        is_away = self.count_asked in self.fails_at
        if not is_away:
            self.taken.append(f"{event.get('run', {}).get('runId')} {event.get('eventType')} {event['job']['name']}")
        self.send_response(503 if is_away else 201)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    """The address of a receiver on loopback, and what it has taken."""
    Receiver.taken, Receiver.count_asked = [], 0
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", Receiver.taken
        server.shutdown()


def test_what_a_failing_receiver_did_not_take_is_sent_later_and_nothing_twice(
    ran: Settings, receiver: tuple[str, list[str]]
) -> None:
    address, taken = receiver
    transport = {"type": "http", "url": address, "retry": {"total": 0}}
    ran.openlineage.write_text(yaml.safe_dump({"transport": transport}))
    for _ in range(2):
        with pytest.raises(OSError, match="503"):
            send_lineage(ran)
    assert len(taken) == 2
    rest = send_lineage(ran)
    assert rest == len(taken) - 2
    assert len(set(taken)) == len(taken) >= 13
    assert send_lineage(ran) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "transport: {url: http://127.0.0.1}",
        "a: [",
        "a: 2026-02-30",
        "{transport: {type: console}, facets: {environment_variables: [A]}}",
    ],
)
def test_nothing_is_sent_without_a_configuration_or_by_one_that_is_none_or_would_add_to_events(
    tmp_path: Path, text: str
) -> None:
    settings = read_settings({"HUB_HOME": str(tmp_path)})
    assert send_lineage(settings) is None
    settings.openlineage.write_text(text)
    with pytest.raises(LineageRefused, match=r"openlineage\.yml"):
        send_lineage(settings)
