"""How much of the truth behind a simulation the warehouse found: incidents, persons, forces, dirt."""

import csv
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.pairs import Pairs
from hub.contracts.model import Contract, read_catalogue
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_records

Record = tuple[str, str, int]
"""Feed, file name and row number: how the truth names a record."""

REPORTS = """
    select
        reports.feed, deliveries.file_name, reports.row_number,
        cast(reports.incident_id as text) as incident_id, cast(reports.victim_person_id as text) as victim_person_id,
        reports.force_code
    from marts.fct_reports as reports
    inner join ledger.deliveries as deliveries on reports.delivery_id = deliveries.delivery_id
"""
# Whom the hub first gave an incident's case to: what it decided before anybody answered. A police force's own record
# belongs to it whatever the evidence says, and is not counted.
FIRST_OWNERS = """
    select distinct on (reports.report_id)
        reports.feed, deliveries.file_name, reports.row_number, allocations.target_code, incidents.location_evidence
    from marts.fct_reports as reports
    inner join ledger.deliveries as deliveries on reports.delivery_id = deliveries.delivery_id
    inner join marts.fct_incidents as incidents on reports.incident_id = incidents.incident_id
    left join marts.fct_allocations as allocations
        on reports.incident_id = allocations.incident_id
        and allocations.target_kind = 'force' and allocations.route <> 'police_record'
    where reports.feed <> 'police_hate_crimes'
    order by reports.report_id, allocations.sequence_number
"""
EXPLAINED = """
    select
        count(*) as count_allocations,
        count(*) filter (
            where rule_version is not null and evidence_grade is not null and nullif(reason, '') is not null
        ) as count_explained
    from marts.fct_allocations
"""
REPORTED = """
    select reports.delivery_id, reports.row_number, deliveries.file_name, reports.reporter_is_victim
    from intermediate.int_reports__unioned as reports
    inner join ledger.deliveries as deliveries on reports.delivery_id = deliveries.delivery_id
    where reports.feed = :feed
    union all
    select events.delivery_id, events.row_number, deliveries.file_name, null
    from staging.stg_victim_support_events as events
    inner join ledger.deliveries as deliveries on events.delivery_id = deliveries.delivery_id
    where deliveries.feed = :feed
"""
SUPPORT = "victim_support_events"
TELLING, POINTING = ("name", "email", "phone"), ("date_of_birth", "postcode")
"""What tells who a victim is, each by itself; and what does so only together: a postcode is that of a street, and
thousands were born on every day."""
QUARANTINED = """
    select rows.feed, deliveries.file_name, rows.row_number, rows.rule
    from quarantine.rows as rows
    inner join ledger.deliveries as deliveries on rows.delivery_id = deliveries.delivery_id
"""


@dataclass(frozen=True)
class Forces:
    """Reports whose true force is known: of ``scored`` there is evidence of a place, ``right`` found their force."""

    without_evidence: int
    scored: int
    right: int

    @property
    def share_right(self) -> float:
        return self.right / self.scored if self.scored else 1.0


@dataclass(frozen=True)
class Dirt:
    """Planted rows: all of them, those that their rule caught, and clean rows that were taken for dirt."""

    planted: int
    caught: int
    clean_refused: int


@dataclass(frozen=True)
class TruthScores:
    """All of it over one simulation. ``persons`` are scored over reports that name their victim, ``knowable_persons``
    over those that hold anything by which somebody can be known, ``all_persons`` also over those that give a postcode
    or a date of birth alone. ``most_person_pairs``: pairs that somebody could find who knew each incident and made no
    mistake: of either report's victim, the report itself or another record of the same incident tells who it is."""

    incidents: Pairs
    persons: Pairs
    knowable_persons: Pairs
    all_persons: Pairs
    most_person_pairs: int
    located: Forces
    allocated: Forces
    count_allocations: int
    count_explained: int
    dirt: Dirt


def score_truth(settings: Settings, engine: sa.Engine, truth: Path) -> TruthScores:
    """Compare the marts and the quarantine with ``truth/records.csv`` of the simulation that was taken in."""
    with truth.open(encoding="utf-8", newline="") as file:
        known = {(row["feed"], row["file_name"], int(row["row_number"])): row for row in csv.DictReader(file)}
    with engine.connect() as connection:
        reports = connection.execute(sa.text(REPORTS)).all()
        owners = connection.execute(sa.text(FIRST_OWNERS)).all()
        explained = connection.execute(sa.text(EXPLAINED)).one()
        caught = connection.execute(sa.text(QUARANTINED)).all()
        reader = VaultReader(settings, "scores against the truth of a simulation")
        contracts = read_catalogue(settings.expectations).contracts
        feeds = sorted({SUPPORT, *(row.feed for row in reports)})
        named, knowable = _told(reader, connection, [contracts[feed] for feed in feeds])
    told_of = {_victim(known[record]) for record in knowable}
    persons = [(_record(row), row.victim_person_id, known[_record(row)]["victim_person_id"]) for row in reports]
    return TruthScores(
        incidents=_pairs((row.incident_id, known[_record(row)]["incident_id"]) for row in reports),
        persons=_pairs((found, true) for record, found, true in persons if record in named),
        knowable_persons=_pairs((found, true) for record, found, true in persons if record in knowable),
        all_persons=_pairs((found, true) for _, found, true in persons),
        most_person_pairs=_count_pairs(
            true for record, _, true in persons if true and _victim(known[record]) in told_of
        ),
        located=_forces((row.force_code, known[_record(row)]["force_code"], bool(row.force_code)) for row in reports),
        allocated=_forces(
            (row.target_code, known[_record(row)]["force_code"], row.location_evidence != "none")
            for row in owners
            if row.target_code is not None
        ),
        count_allocations=int(explained.count_allocations),
        count_explained=int(explained.count_explained),
        dirt=_dirt(known, {(_record(row), row.rule) for row in caught}),
    )


def _told(
    reader: VaultReader, connection: sa.Connection, contracts: Iterable[Contract]
) -> tuple[set[Record], set[Record]]:
    """The reports that name their victim, and those that hold what tells who it is; who reports what was done to them
    is told of by the reporter's part, too."""
    named, knowable = set(), set()
    for contract in contracts:
        if "victim_name" not in {column.name for column in contract.personal_columns}:
            continue
        rows = connection.execute(sa.text(REPORTED), {"feed": contract.feed})
        reported = {(row.delivery_id, row.row_number): row for row in rows}
        for delivery_id, row_number, values in read_records(reader, connection, contract):
            row = reported.get((delivery_id, row_number))
            if row is None:
                continue
            record = (contract.feed, row.file_name, row_number)
            roles = ("victim", "reporter") if row.reporter_is_victim else ("victim",)
            if "victim_name" in values:
                named.add(record)
            tells = any(f"{role}_{field}" in values for role in roles for field in TELLING)
            if tells or all(f"victim_{field}" in values for field in POINTING):
                knowable.add(record)
    return named, knowable


def _victim(truth: Mapping[str, str]) -> tuple[str, str]:
    return truth["incident_id"], truth["victim_person_id"]


def _record(row: sa.Row[tuple[object, ...]]) -> Record:
    return row.feed, row.file_name, row.row_number


def _pairs(labels: Iterable[tuple[str | None, str]]) -> Pairs:
    """Over the records for which there is a truth; one that was put nowhere is alone."""
    scored = [(found or f"alone {place}", true) for place, (found, true) in enumerate(labels) if true]
    return Pairs(
        found=_count_pairs(found for found, _ in scored),
        right=_count_pairs(scored),
        true=_count_pairs(true for _, true in scored),
    )


def _count_pairs(labels: Iterable[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(labels).values())


def _forces(found: Iterable[tuple[str | None, str, bool]]) -> Forces:
    scored = Counter[str]()
    for code, true, has_evidence in found:
        if true:
            scored["without" if not has_evidence else "right" if code == true else "wrong"] += 1
    return Forces(scored["without"], scored["right"] + scored["wrong"], scored["right"])


def _dirt(known: Mapping[Record, Mapping[str, str]], caught: set[tuple[Record, str]]) -> Dirt:
    planted = {(record, row["expected_rule"]) for record, row in known.items() if row["expected_rule"]}
    dirty = {record for record, _ in planted}
    return Dirt(len(planted), len(planted & caught), len({record for record, _ in caught} - dirty))
