"""How well persons are found on simulated deliveries whose truth is known, and what a run costs.

``python -m benchmarks.persons [REPORTS DAYS SEED]``. Deliveries go through the hub as any others do. Incidents are
taken from the truth, so that this measures persons alone. Prints no value of anybody.
"""

import csv
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.report import Line, free_port, print_lines
from hub.contracts import read_catalogue
from hub.doors import embedded_postgres
from hub.doors.linkage_tables import REPORT_INCIDENTS
from hub.doors.warehouse import open_warehouse, prepare_warehouse
from hub.ingest import ingest_delivery
from hub.settings import Settings, read_settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.stages.build import Part, Scope, run_dbt
from hub.stages.collect import collect_files
from hub.stages.link_people import link_people

LEAST_PRECISION, LEAST_RECALL = 0.99, 0.93
RECORDS = """
    select distinct mentions.record_id, mentions.feed, deliveries.file_name, mentions.row_number
    from intermediate.int_person_mentions as mentions
    inner join ledger.deliveries as deliveries using (delivery_id)
"""
VICTIMS = """
    select mentions.feed, deliveries.file_name, mentions.row_number, persons.person_id
    from intermediate.int_person_mentions as mentions
    inner join linkage.mention_persons as persons using (mention_id)
    inner join ledger.deliveries as deliveries using (delivery_id)
    where mentions.role = 'victim' and exists (
        select 1 from vault.{feed} as held
        where held._delivery_id = mentions.delivery_id and held._row_number = mentions.row_number
            and held.victim_name is not null
    ) and mentions.feed = '{feed}'
"""


@dataclass(frozen=True)
class Score:
    """Pairs of records that name their victim: found together, found rightly, and truly together."""

    found: int
    right: int
    true: int
    count_records: int
    largest: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


def score(engine: sa.Engine, truth: Path) -> Score:
    """Compare persons with ``truth/records.csv``, pair by pair, over the records that name the victim."""
    with truth.open(encoding="utf-8", newline="") as file:
        true = {
            (row["feed"], row["file_name"], int(row["row_number"])): row["victim_person_id"]
            for row in csv.DictReader(file)
            if row["victim_person_id"]
        }
    judged = [(person, true[record]) for record, person in _found(engine) if record in true]
    sizes = Counter(person for person, _ in judged)
    return Score(
        found=_pairs(person for person, _ in judged),
        right=_pairs(judged),
        true=_pairs(victim for _, victim in judged),
        count_records=len(judged),
        largest=max(sizes.values(), default=0),
    )


def say_incidents(engine: sa.Engine, truth: Path) -> None:
    """Tell linkage which reports are one incident."""
    with truth.open(encoding="utf-8", newline="") as file:
        incident_of = {
            (row["feed"], row["file_name"], int(row["row_number"])): row["incident_id"]
            for row in csv.DictReader(file)
            if row["incident_id"]
        }
    with engine.begin() as connection:
        rows = connection.execute(sa.text(RECORDS)).all()
        known = [(row.record_id, incident_of.get((row.feed, row.file_name, row.row_number))) for row in rows]
        connection.execute(
            REPORT_INCIDENTS.insert(),
            [
                {"report_id": record, "incident_id": uuid.uuid5(uuid.NAMESPACE_OID, incident)}
                for record, incident in known
                if incident is not None
            ],
        )


def _found(engine: sa.Engine) -> list[tuple[tuple[str, str, int], str]]:
    with engine.connect() as connection:
        query = sa.text("select distinct feed from intermediate.int_person_mentions")
        feeds: Sequence[str] = connection.execute(query).scalars().all()
        named = [feed for feed in feeds if _names_victims(connection, feed)]
        rows = [row for feed in named for row in connection.execute(sa.text(VICTIMS.format(feed=feed)))]
    return [((row.feed, row.file_name, row.row_number), str(row.person_id)) for row in rows]


def _names_victims(connection: sa.Connection, feed: str) -> bool:
    return any(column["name"] == "victim_name" for column in sa.inspect(connection).get_columns(feed, schema="vault"))


def _pairs(labels: Iterable[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def take_in(settings: Settings, folder: Path) -> None:
    """Take simulated deliveries of every feed that mentions people in, and build what linkage reads."""
    engine = open_warehouse(settings)
    contracts = read_catalogue(settings.expectations).contracts
    prepare_warehouse(engine, contracts.values())
    for feed, contract in contracts.items():
        if (folder / feed).is_dir() and any(column.name.startswith("victim_") for column in contract.columns):
            for receipt in collect_files(settings, engine, contract, sorted((folder / feed).iterdir())):
                ingest_delivery(settings, engine, contract, receipt.delivery_id)
    run_dbt(settings, Scope(part=Part.BEFORE_LINKAGE, full_refresh=True))


def run(reports: int = 100_000, days: int = 8, seed: int = 77) -> bool:
    """Measure and print; returns whether precision and recall are what they must be."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        environment = {"HUB_HOME": str(Path(folder, "home")), "HUB_PG_PORT": str(free_port())}
        settings = read_settings(environment)
        server = embedded_postgres.embedded_postgres(settings)
        embedded_postgres.ensure_running(server)
        try:
            deliveries = Path(folder, "simulated")
            simulate(Plan(reports=reports, days=days, seed=seed), deliveries)
            take_in(settings, deliveries)
            engine = open_warehouse(settings)
            say_incidents(engine, deliveries / "truth" / "records.csv")
            linked = link_people(settings, engine)
            result = score(engine, deliveries / "truth" / "records.csv")
            engine.dispose()
        finally:
            embedded_postgres.stop(server)
    print(f"{reports:,} reports, seed {seed}: {result.count_records:,} name the victim; {dict(linked.counts)}")
    print(f"largest person: {result.largest} records; {result.right:,} of {result.found:,} pairs found are right")
    kept = result.precision >= LEAST_PRECISION and result.recall >= LEAST_RECALL
    print_lines(
        [
            Line("pairwise precision", result.precision, ""),
            Line("pairwise recall", result.recall, ""),
            Line("linkage of persons from scratch", linked.seconds, "s"),
        ]
    )
    return kept


if __name__ == "__main__":
    sys.exit(0 if run(*(int(argument) for argument in sys.argv[1:])) else 1)
