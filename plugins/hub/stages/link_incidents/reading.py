"""What the reports say, read from the warehouse and, for texts and victims, from the vault."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import batched
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from hub.content_urls import read_address
from hub.contract_values import TEXT_SUBJECT
from hub.contracts import Catalogue
from hub.doors import linkage_tables
from hub.doors.vault_reading import Sealed, VaultReader, key_join, sealed_columns
from hub.doors.vault_tables import vault_table
from hub.incident_components import Member
from hub.incident_evidence import ReportTraits, Victim, plain_reference, read_victim
from hub.text_similarity import plain_text

REPORTS = "intermediate.int_reports__unioned"
POLICE = "stg_police_hate_crimes"
ROWS_A_FETCH = 10_000
MOST_KEPT = 60_000
"""Reports whose words are in memory at one time beyond those of the part at hand; about 3 KB each."""
Subjects = tuple[str, ...]
SUBJECTS: Subjects = (TEXT_SUBJECT, "victim")
VICTIM_ALONE: Subjects = ("victim",)
Opened = tuple[sa.Row[Any], tuple[dict[str, str], ...]]
"""A row of the query below, and the values of each subject."""

CHANGED = f"""
    insert into changed_reports (report_id, is_gone)
    select coalesce(reports.report_id, marks.report_id), reports.report_id is null
    from {REPORTS} as reports
    full join linkage.report_marks as marks on reports.report_id = marks.report_id
    where (reports.delivery_id, reports.row_number) is distinct from (marks.delivery_id, marks.row_number)
"""  # noqa: S608 (made of constants)
CHANGED_AMONG = f"""
    insert into changed_reports (report_id, is_gone)
    select reports.report_id, false
    from {REPORTS} as reports
    left join linkage.report_marks as marks on reports.report_id = marks.report_id
    where reports.delivery_id = any(cast(:deliveries as uuid[]))
    and (reports.delivery_id, reports.row_number) is distinct from (marks.delivery_id, marks.row_number)
"""  # noqa: S608 (made of constants)


def as_uuid_column(ids: Sequence[str]) -> pa.FixedSizeBinaryArray:
    """Ids as Arrow holds them for a column of type uuid."""
    return pa.array([bytes.fromhex(one.replace("-", "")) for one in ids], pa.binary(16))


def find_changed(connection: sa.Connection, deliveries: Sequence[uuid.UUID] | None) -> None:
    """Fill ``changed_reports``: reports that are new, that now stand on another delivered row, or that are gone. Where
    ``deliveries`` are given only their rows are asked, which does not cost more when the history is longer.

    A delivered row never changes, so where the row is the same, what it says is the same.
    """
    connection.execute(
        sa.text("create temporary table changed_reports (report_id uuid, is_gone boolean) on commit drop")
    )
    if deliveries is None:
        connection.execute(sa.text(CHANGED))
    else:
        connection.execute(sa.text(CHANGED_AMONG), {"deliveries": list(deliveries)})
    connection.execute(sa.text("analyze changed_reports"))


def find_gone(connection: sa.Connection) -> None:
    """Add to ``changed_reports`` those that have an incident but are no more: what a full run, whose marks are all
    new, cannot see by them."""
    connection.execute(
        sa.text(
            "insert into changed_reports select own.report_id, true from linkage.report_incidents as own "
            "where not exists (select from linkage.report_marks as marks where marks.report_id = own.report_id)"
        )
    )


def count_changed(connection: sa.Connection) -> tuple[int, int]:
    """How many reports are new or other than they were, and how many are gone."""
    query = "select count(*) filter (where not is_gone), count(*) filter (where is_gone) from changed_reports"
    row = connection.execute(sa.text(query)).one()
    return int(row[0]), int(row[1])


class TraitsReader:
    """Reads what reports say, in small parts, whatever their number. ``full``: all reports are new to this run."""

    def __init__(self, connection: sa.Connection, catalogue: Catalogue, vault: VaultReader, *, full: bool) -> None:
        self._connection = connection
        self._full = full
        self._vault = vault
        has_police = _has_police(connection)
        self._queries = {
            subjects: _traits_query(catalogue, subjects, has_police=has_police) for subjects in (SUBJECTS, VICTIM_ALONE)
        }
        self._kept: dict[str, ReportTraits] = {}
        self._members: dict[str, Member] = {}

    def read_changed(self) -> Iterator[tuple[ReportTraits, str, int]]:
        """The new and changed reports, each with the delivered row (delivery, number) that it stands on."""
        with nullcontext() if self._full else linkage_tables.row_by_row(self._connection):
            rows = self._ask("changed_reports where not is_gone", SUBJECTS)
        for row, (text, victim) in self._open(rows, SUBJECTS):
            traits = _traits(row, text, victim)
            if not self._full:
                self._kept[traits.report_id] = traits
            yield traits, row.delivery_id, row.row_number

    def read(self, report_ids: Sequence[str]) -> dict[str, ReportTraits]:
        """Those reports; one that is gone is left out. The last ``MOST_KEPT`` are remembered: a day's run asks for the
        same ones again and again."""
        if len(self._kept) > MOST_KEPT:
            self._kept.clear()
        for row, (text, victim) in self._fetch([one for one in report_ids if one not in self._kept], SUBJECTS):
            self._kept[row.report_id] = _traits(row, text, victim)
        return {one: self._kept[one] for one in report_ids if one in self._kept}

    def read_members(self, report_ids: Sequence[str]) -> dict[str, Member]:
        """Those reports as far as joining needs them, in the same way: their texts stay sealed."""
        if len(self._members) > MOST_KEPT:
            self._members.clear()
        for one in report_ids:
            if one in self._kept and one not in self._members:
                traits = self._kept[one]
                self._members[one] = Member(one, traits.reported_at, traits.address, traits.victim)
        missing = [one for one in report_ids if one not in self._members]
        for row, (victim,) in self._fetch(missing, VICTIM_ALONE):
            address = read_address(row.content_url, row.platform)
            self._members[row.report_id] = Member(row.report_id, row.reported_at, address, _victim(victim))
        return {one: self._members[one] for one in report_ids if one in self._members}

    def _fetch(self, report_ids: Sequence[str], subjects: Subjects) -> Iterator[Opened]:
        if not report_ids:
            return
        self._connection.execute(
            sa.text("create temporary table if not exists wanted_reports (report_id uuid) on commit drop")
        )
        self._connection.execute(sa.text("truncate wanted_reports"))
        self._connection.execute(
            sa.text("insert into wanted_reports select unnest(cast(:ids as uuid[]))"), {"ids": sorted(report_ids)}
        )
        self._connection.execute(sa.text("analyze wanted_reports"))
        with linkage_tables.row_by_row(self._connection):
            rows = self._ask("wanted_reports", subjects)
        yield from self._open(rows, subjects)

    def _ask(self, wanted: str, subjects: Subjects) -> sa.CursorResult[Any]:
        query = f"with wanted as (select report_id from {wanted}) {self._queries[subjects]}"  # noqa: S608 (our own names)
        return self._connection.execute(sa.text(query), execution_options={"yield_per": ROWS_A_FETCH})

    def _open(self, rows: sa.CursorResult[Any], subjects: Subjects) -> Iterator[Opened]:
        """Each row with the values of its subjects."""
        for part in rows.partitions():
            sealed = [_sealed(row, subject) for row in part for subject in subjects]
            opened = self._vault.open(self._connection.engine, sealed)
            yield from zip(part, batched(opened, len(subjects)), strict=True)


def _has_police(connection: sa.Connection) -> bool:
    inspector = sa.inspect(connection)
    if not (inspector.has_table(POLICE, schema="staging") or POLICE in inspector.get_view_names(schema="staging")):
        return False
    columns = {column["name"] for column in inspector.get_columns(POLICE, schema="staging")}
    return {"report_id", "hub_reference"} <= columns


def _traits_query(catalogue: Catalogue, subjects: Subjects, *, has_police: bool) -> str:
    hub_reference = "police.hub_reference" if has_police else "cast(null as text)"
    police = f"left join staging.{POLICE} as police on reports.report_id = police.report_id" if has_police else ""
    parts = []
    for contract in catalogue.contracts.values():
        vault = vault_table(contract)
        held = [name for name in subjects if vault is not None and name in vault.columns]
        personal = [
            sealed_columns(name, f"vault.{name}" if name in held else "cast(null as bytea)") for name in subjects
        ]
        joins = [key_join(name, "reports") for name in subjects]
        if vault is not None:
            joins.append(
                f"left join {vault.fullname} as vault "
                "on reports.delivery_id = vault._delivery_id and reports.row_number = vault._row_number"
            )
        parts.append(
            f"""
            select
                cast(reports.report_id as text) as report_id,
                cast(reports.delivery_id as text) as delivery_id,
                reports.row_number,
                reports.feed,
                cast(extract(epoch from reports.reported_at) * 1000000 as bigint) as reported_at,
                coalesce(reports.occurred_on, cast(reports.reported_at at time zone 'Europe/London' as date))
                - date '1970-01-01' as day,
                reports.occurred_on is not null as is_day_known,
                reports.report_ref,
                reports.body_code,
                reports.platform,
                reports.content_url,
                reports.strands,
                reports.offence_lsoa_code,
                reports.offence_postcode_district,
                reports.borough_named,
                reports.force_named,
                reports.crime_reference,
                {hub_reference} as hub_reference,
                {", ".join(personal)}
            from wanted
            inner join {REPORTS} as reports on wanted.report_id = reports.report_id
            {police}
            {" ".join(joins)}
            where reports.feed = '{contract.feed}'
            """  # noqa: S608 (names of our own tables, from contracts that were checked)
        )
    return " union all ".join(parts)


def _sealed(row: sa.Row[tuple[object, ...]], subject: str) -> Sealed:
    version, wrapped, blob = (row._mapping[f"{subject}_{part}"] for part in ("version", "wrapped", "blob"))
    return Sealed(row.feed, subject, uuid.UUID(row.delivery_id).bytes, row.row_number, version, wrapped, blob)


def _traits(row: sa.Row[tuple[object, ...]], text: Mapping[str, str], victim: Mapping[str, str]) -> ReportTraits:
    is_police = row.body_code == "police"
    own = plain_reference(row.report_ref)
    quoted = [plain_reference(row.crime_reference), own if is_police else None]
    passed_on = [plain_reference(row.hub_reference) if is_police else own]
    return ReportTraits(
        report_id=row.report_id,
        reported_at=row.reported_at,
        day=row.day,
        is_day_known=row.is_day_known,
        platform=row.platform,
        address=read_address(row.content_url, row.platform),
        text=plain_text(text.get("description", "")),
        victim=_victim(victim),
        area=row.offence_lsoa_code,
        district=row.offence_postcode_district,
        borough=plain_text(row.borough_named or "") or None,
        force=row.force_named,
        strands=frozenset(row.strands or ()),
        crime_references=frozenset(one for one in quoted if one),
        hub_references=frozenset(one for one in passed_on if one),
    )


def _victim(told: Mapping[str, str]) -> Victim | None:
    return read_victim(*(told.get(f"victim_{field}") for field in ("name", "date_of_birth", "postcode")))
