"""Hubs whose figures are recomputed: simulated deliveries, taken in, built and published as any others."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from benchmarks.own_hub import OwnHub, delivered_files

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.withdrawal import withdraw_delivery
from hub.publish import publish
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from recomputed.corrections import MISTAKE, write_correction, write_corrections
from recomputed.inputs import FEEDS

ISSUES = (
    {"feed": "hub_activity", "sender": None, "from_on": "2026-09-28", "to_on": "2026-09-30"},
    {"feed": "training_sessions", "sender": None, "from_on": "2026-09-28", "to_on": "2126-09-30"},
    {"feed": "provider_responses", "sender": None, "from_on": "2026-10-02", "to_on": None},
    {"feed": "force_responses", "sender": "E23000001", "from_on": "2026-09-30", "to_on": None},
)
"""Known issues that people have written down."""


def deliver(settings: Settings, engine: sa.Engine, catalogue: Catalogue, plan: Plan, folder: Path) -> None:
    """Take in what a plan simulates of the feeds that figures are counted from, with corrections."""
    simulate(plan, folder)
    prepare_warehouse(engine, catalogue.contracts.values())
    files = [path for path in delivered_files(folder) if path.parent.name in FEEDS]
    corrections = write_corrections(folder, folder.parent / "corrected")
    OwnHub(settings, engine, dict(catalogue.contracts)).take_in([*files, *corrections])
    write_issues(engine)


def deliver_by_mistake(settings: Settings, engine: sa.Engine, catalogue: Catalogue, folder: Path) -> None:
    """Take in one more delivery, newer than all others, and withdraw it: no figure may change by it."""
    mistake = write_correction(folder, folder.parent / "mistaken", *MISTAKE)
    [result] = OwnHub(settings, engine, dict(catalogue.contracts)).take_in([mistake])
    withdraw_delivery(settings, catalogue, result.delivery_id, because="for a test", decided_by="a.tester")


def write_issues(engine: sa.Engine) -> None:
    """As a person would open them."""
    statement = """insert into ledger.known_issue_events (kind, feed, sender, from_on, to_on, effect, said_by)
        values ('opened', :feed, :sender, :from_on, :to_on, 'for a test', 'a.tester')"""
    with engine.begin() as connection:
        connection.execute(sa.text(statement), list(ISSUES))


def load_by(engine: sa.Engine, moment: datetime) -> None:
    """Let the data be as of a moment: nothing was loaded after it. Then some clocks still run."""
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.deliveries set loaded_at = :moment"), {"moment": moment})


def build_and_publish(settings: Settings) -> None:
    """Build all that is loaded, and switch readers to it."""
    build_warehouse(settings)
    publisher = open_warehouse(settings, Role.PUBLISHER)
    publish(settings, publisher)
    publisher.dispose()
