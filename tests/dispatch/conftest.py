"""A hub with a few published allocations, and recipients of a test's own."""

import dataclasses
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from hub.contracts.model import Catalogue
from hub.dispatch import ledger
from hub.dispatch.ledger import Dispatch
from hub.dispatch.preparing import Prepared
from hub.dispatch.rounds import Round, prepare_dispatches, send_due, utc_now
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import put_delivery

FORCE, PROVIDER = "E23000001", "x"
PUBLISHED = """
    create table publish.allocations_v1 (
        publish_id bigint, allocation_id uuid primary key, incident_id uuid, duty text, sequence_number integer,
        target_kind text, target_code text, target_name text, route text, rule_id text, rule_version integer,
        evidence_grade text, reason text, runner_up text, runner_up_evidence text, allocated_at timestamptz,
        due_at timestamptz, action_due_at timestamptz, status text, acknowledged_at timestamptz, closed_at timestamptz,
        is_personal_data_shareable boolean not null default false, data_as_of timestamptz default now()
    );
    create table publish.incidents_v1 (
        incident_id uuid primary key, incident_class text, class_basis text, strands text[], is_online text,
        platform text, is_threat_to_life boolean, occurred_on date, first_reported_at timestamptz,
        count_reports integer, force_code text, location_evidence text, location_status text,
        is_consented_share_anonymised boolean not null default true
    );
    create table publish.incident_evidence_v1 (
        incident_id uuid, report_id uuid, report_ref text, feed text, delivery_sha256 text, row_number bigint,
        reported_at timestamptz, provider_code text, content_url text, is_simulated boolean not null default false
    );
    grant select on all tables in schema publish to hub_dispatcher, hub_analyst;
    -- In the hub itself no address is published: here a test says both in one row.
    create view staging.stg_true_vision_reports as
        select report_id, provider_code as platform, content_url from publish.incident_evidence_v1;
    grant select on staging.stg_true_vision_reports to hub_discloser;
"""
DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclasses.dataclass
class Hub:
    """A hub, what it publishes, and its rounds of dispatching."""

    settings: Settings
    engine: sa.Engine
    catalogue: Catalogue
    count: int = 0
    ahead: timedelta = timedelta()

    def recipient(self, code: str, /, **said: Any) -> None:
        """Write a contract, or change keys of it; None takes a key out."""
        path = self.settings.recipients / code / "recipient.yaml"
        known = yaml.safe_load(path.read_text()) if path.exists() else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({key: one for key, one in {**known, **said}.items() if one is not None}))

    def add_recipient(self, code: str, kind: str, transport: dict[str, str]) -> None:
        """Write the contract of a recipient that takes all allocations to it."""
        by = {"notifier": "Online Hate Crime Hub", "contact": "notices@hub.example"}
        self.recipient(
            code,
            notices=by if kind == "provider" else None,
            code=code,
            name=f"Recipient {code}",
            kind=kind,
            owner="hub-allocation-desk",
            valid_from="2016-04-01",
            allocations=[{"target_kind": kind, "target_code": code}],
            transport=transport,
        )

    def offer(self, target_kind: str = "force", target_code: str = FORCE, **said: Any) -> uuid.UUID:
        """Publish an allocation of a new incident with one report; returns its id."""
        self.count += 1
        ids = {name: uuid.UUID(int=self.count * 16 + place) for place, name in enumerate(("incident", "allocation"))}
        incident = {
            "incident_id": ids["incident"],
            "incident_class": "crime",
            "class_basis": "presumed",
            "strands": ["race"],
            "is_online": "yes",
            "platform": "x",
            "is_threat_to_life": said.pop("is_threat_to_life", False),
            "occurred_on": DAY.date(),
            "first_reported_at": DAY,
            "count_reports": 1,
            "force_code": FORCE,
            "location_evidence": "borough_named",
            "location_status": "located",
        }
        allocation = {
            "publish_id": 1,
            "allocation_id": ids["allocation"],
            "incident_id": ids["incident"],
            "duty": "owner",
            "sequence_number": 1,
            "target_kind": target_kind,
            "target_code": target_code,
            "route": "evidence_package" if target_kind == "force" else "priority_flagger",
            "rule_id": "located",
            "rule_version": 1,
            "evidence_grade": "borough_named",
            "reason": "The force to which the best evidence points",
            "allocated_at": DAY + timedelta(minutes=self.count),
            "status": "sent",
        }
        with self.engine.begin() as connection:
            _insert(connection, "allocations_v1", allocation | said)
            _insert(connection, "incidents_v1", incident)
            self._tell(connection, ids["incident"])
        return ids["allocation"]

    def report(self, allocation_id: uuid.UUID) -> None:
        """Publish one more report of an allocation's incident."""
        self.count += 1
        self.change("update publish.allocations_v1 set publish_id = publish_id + 1")
        with self.engine.begin() as connection:
            self._tell(connection, uuid.UUID(int=allocation_id.int - 1))

    def _tell(self, connection: sa.Connection, incident_id: uuid.UUID) -> None:
        said = {"incident_id": incident_id, "report_id": uuid.UUID(int=self.count), "feed": "true_vision_reports"}
        place = {"report_ref": f"TV-{self.count:08d}", "delivery_sha256": "00", "row_number": self.count}
        _insert(connection, "incident_evidence_v1", said | place | {"reported_at": DAY})

    def change(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def prepare(self) -> Prepared:
        return prepare_dispatches(self.settings, clock=self.now)

    def send(self, **arguments: Any) -> Round:
        return send_due(self.settings, clock=self.now, **arguments)

    def now(self) -> datetime:
        return utc_now() + self.ahead

    def later(self, **passed: float) -> None:
        self.ahead += timedelta(**passed)

    def dispatches(self) -> list[Dispatch]:
        with self.engine.connect() as connection:
            return sorted(ledger.everything(connection), key=lambda one: one.number)

    def states(self) -> list[str]:
        """The state of each dispatch, as prepared."""
        return [one.state.value for one in self.dispatches()]

    def way(self, number: int = 1) -> list[str]:
        """All states in which a dispatch has been."""
        [found] = [one for one in self.dispatches() if one.number == number]
        with self.engine.connect() as connection:
            return [one.to_state.value for one in ledger.moves_of(connection, found.dispatch_id)]

    def answer(self, kind: str, number: int = 1, **said: Any) -> uuid.UUID:
        """Load an answer of the force to a dispatch, past all checks."""
        self.count += 1
        [found] = [one for one in self.dispatches() if one.number == number]
        row = {
            "response_ref": f"FR-{self.count:08d}",
            "force_code": found.target_code,
            "incident_ref": found.report_ref,
            "kind": kind,
            "happened_at": f"2026-03-03T10:{self.count % 60:02d}:00+00:00",
            "outcome_code": "1" if kind == "outcome" else None,
        }
        return put_delivery(self.engine, self.catalogue.contracts["force_responses"], row | said)

    def files(self, code: str = FORCE) -> list[Path]:
        """What lies in a recipient's folder to be taken."""
        return sorted((self.settings.pickup_folder / code).glob("*-*-*-*.json"))

    def package(self, place: int = 0, code: str = FORCE) -> dict[str, Any]:
        return dict(json.loads(self.files(code)[place].read_text()))


def _insert(connection: sa.Connection, view: str, row: dict[str, Any]) -> None:
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in row]
    connection.execute(sa.insert(sa.table(view, *columns, schema="publish")).values(row))


@pytest.fixture
def hub(settings: Settings, catalogue: Catalogue, tmp_path: Path) -> Hub:
    """A hub of which one force and one provider take dispatches from folders."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("expectations", "dbt_project"):
        (project / name).symlink_to(settings.project / name)
    settings = dataclasses.replace(settings, project=project)
    engine = open_warehouse(settings, Role.OWNER)
    with engine.begin() as connection:
        connection.exec_driver_sql(PUBLISHED)
    made = Hub(settings, engine, catalogue)
    for code, kind in ((FORCE, "force"), (PROVIDER, "provider")):
        made.add_recipient(code, kind, {"kind": "folder", "folder": code})
    return made
