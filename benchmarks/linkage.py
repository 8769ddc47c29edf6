"""How well and how fast reports are linked, on simulated deliveries whose truth is known."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.incident_scores import IncidentScores, score_incidents
from benchmarks.report import Line, free_port, print_lines
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import read_catalogue
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.linkage.incidents import LinkedIncidents, link_incidents
from hub.settings import Settings, read_settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

PLAN = Plan(reports=100_000, days=365, seed=20_261)
"""Its seed is none that the rules were tuned on."""
REPORT_FEEDS = ("true_vision_reports", "community_reports", "volunteer_reports", "police_hate_crimes")
WRONG_LIMIT, MISSED_LIMIT, SECONDS_LIMIT = 0.01, 0.03, 60.0
WORST_SHOWN = 6


@dataclass(frozen=True)
class Linked:
    """What a run over a whole simulation did, and how right it was."""

    run: LinkedIncidents
    scores: IncidentScores


def run() -> bool:
    """Simulate, take in, link and score; returns whether every limit is kept."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        settings = read_settings({"HUB_HOME": f"{folder}/home", "HUB_PG_PORT": str(free_port())})
        try:
            linked = link_simulated(settings, PLAN, Path(folder) / "deliveries")
        finally:
            embedded_postgres.stop(embedded_postgres.embedded_postgres(settings))
    return print_incidents(linked)


def link_simulated(settings: Settings, plan: Plan, deliveries: Path) -> Linked:
    """Take in the reports of a simulation, link them from scratch and compare with the truth."""
    simulate(plan, deliveries)
    engine = open_warehouse(settings, Role.OWNER)
    take_in(settings, engine, deliveries)
    build_warehouse(settings, select="+int_reports__unioned")
    done = link_incidents(settings, engine, full=True)
    return Linked(done, score_incidents(engine, deliveries / "truth" / "records.csv"))


def take_in(settings: Settings, engine: sa.Engine, deliveries: Path) -> None:
    """The deliveries of all feeds that bring reports, through the stages that any delivery goes through."""
    catalogue = read_catalogue(settings.expectations)
    prepare_warehouse(engine, catalogue.contracts.values())
    for feed in REPORT_FEEDS:
        folder = deliveries / feed
        if not folder.is_dir():
            continue
        contract = catalogue.contracts[feed]
        for receipt in collect_files(settings, engine, contract, sorted(folder.iterdir())):
            ingest_delivery(settings, engine, contract, receipt.delivery_id)


def print_incidents(linked: Linked) -> bool:
    """Print pairs put together rightly and wrongly, by kind and by evidence; returns whether the limits are kept."""
    whole, counts = linked.scores.whole, linked.run.counts
    print(f"incidents: {counts['changed']:,} reports, {counts['compared']:,} pairs compared, {whole.true:,} true pairs")
    kept = print_lines(
        [
            Line("precision", whole.precision, "", 1 - whole.precision, WRONG_LIMIT, "wrong"),
            Line("recall", whole.recall, "", 1 - whole.recall, MISSED_LIMIT, "missed"),
            Line("from scratch", linked.run.seconds, "s", linked.run.seconds, SECONDS_LIMIT, "s"),
        ]
    )
    for one in linked.scores.by_evidence:
        print(f"  by {one.reason}, {one.state}: {one.pairs:,} pairs, {one.right / one.pairs:.4f} of them right")
    errors = [(one.true - one.right, "missed", one.kind) for one in linked.scores.by_kind]
    errors += [(one.found - one.right, "wrong", one.kind) for one in linked.scores.by_kind]
    for count, what, kind in sorted(errors, reverse=True)[:WORST_SHOWN]:
        print(f"  {what}: {count:,} pairs of {kind}")
    return kept
