"""What reports say, read from the warehouse and, for texts and victims, from the vault."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import batched

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.contracts.values import TEXT_SUBJECT
from hub.linkage.incidents.accounts import read_account
from hub.linkage.incidents.components import Member
from hub.linkage.incidents.content_urls import read_address
from hub.linkage.incidents.statements import (
    Person,
    ReportRecord,
    one_person,
    plain_crime_number,
    plain_reference,
    read_person,
    references_of,
)
from hub.linkage.incidents.texts import plain_text, undisguised_text
from hub.linkage.tables import row_by_row
from hub.vault.reading import Encrypted, VaultReader, encrypted_columns, key_join
from hub.vault.tables import vault_table

REPORTS = "intermediate.int_reports__unioned"
POLICE = "stg_police_hate_crimes"
REPORTS_A_FETCH = 10_000
Subjects = tuple[str, ...]
SUBJECTS: Subjects = (TEXT_SUBJECT, "victim", "reporter")
PERSON_FIELDS = ("name", "date_of_birth", "postcode", "email", "phone")
IS_ONLINE = {"yes": True, "no": False}
PEOPLE_ALONE: Subjects = ("victim", "reporter")


class RecordReader:
    """Reads what reports say, some at a time. A report that is gone is left out."""

    def __init__(self, connection: sa.Connection, catalogue: Catalogue, vault: VaultReader) -> None:
        self._connection = connection
        self._vault = vault
        has_police = _has_police(connection)
        self._queries = {
            subjects: _query(catalogue, subjects, has_police=has_police) for subjects in (SUBJECTS, PEOPLE_ALONE)
        }

    def read(self, report_ids: Sequence[str]) -> Iterator[ReportRecord]:
        """All that those reports say."""
        for row, (text, victim, reporter) in self._fetch(report_ids, SUBJECTS):
            yield _record(row, text, victim, reporter)

    def read_members(self, report_ids: Sequence[str]) -> Iterator[Member]:
        """Those reports as far as joining needs them: their texts stay encrypted."""
        for row, (victim, reporter) in self._fetch(report_ids, PEOPLE_ALONE):
            address = read_address(row["content_url"], row["platform"])
            day = row["day"] if row["is_day_known"] else None
            who = _victim(row, victim, reporter)
            yield Member(row["report_id"], row["reported_at"], address, who, day, row["force_named"])

    def _fetch(
        self, report_ids: Sequence[str], subjects: Subjects
    ) -> Iterator[tuple[sa.RowMapping, tuple[dict[str, str], ...]]]:
        """Rows of the query below, each with the values of its subjects."""
        for ids in batched(sorted(report_ids), REPORTS_A_FETCH):
            with row_by_row(self._connection):
                rows = self._connection.execute(sa.text(self._queries[subjects]), {"ids": list(ids)}).mappings().all()
            encrypted = [_encrypted(row, subject) for row in rows for subject in subjects]
            decrypted = self._vault.decrypt(encrypted)
            yield from zip(rows, batched(decrypted, len(subjects)), strict=True)


def _has_police(connection: sa.Connection) -> bool:
    inspector = sa.inspect(connection)
    if not (inspector.has_table(POLICE, schema="staging") or POLICE in inspector.get_view_names(schema="staging")):
        return False
    columns = {column["name"] for column in inspector.get_columns(POLICE, schema="staging")}
    return {"report_id", "hub_reference"} <= columns


def _query(catalogue: Catalogue, subjects: Subjects, *, has_police: bool) -> str:
    hub_reference = "police.hub_reference" if has_police else "cast(null as text)"
    police = f"left join staging.{POLICE} as police on reports.report_id = police.report_id" if has_police else ""
    parts = []
    for contract in catalogue.contracts.values():
        vault = vault_table(contract)
        held = [name for name in subjects if vault is not None and name in vault.columns]
        personal = [
            encrypted_columns(name, f"vault.{name}" if name in held else "cast(null as bytea)") for name in subjects
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
                reports.is_online,
                reports.platform,
                reports.content_url,
                reports.reporter_is_victim,
                reports.strands,
                reports.offence_lsoa_code,
                reports.offence_postcode_district,
                reports.borough_named,
                reports.force_named,
                reports.crime_reference,
                {hub_reference} as hub_reference,
                {", ".join(personal)}
            from unnest(cast(:ids as uuid[])) as wanted (report_id)
            cross join lateral (
                select * from {REPORTS} as found
                where found.report_id = wanted.report_id and found.feed = '{contract.feed}' offset 0
            ) as reports
            {police}
            {" ".join(joins)}
            """  # noqa: S608 (names of our own tables, from contracts that were checked)
        )
    return " union all ".join(parts)


def _encrypted(row: sa.RowMapping, subject: str) -> Encrypted:
    version, wrapped, blob = (row[f"{subject}_{part}"] for part in ("version", "wrapped", "blob"))
    return Encrypted(
        row["feed"], subject, uuid.UUID(row["delivery_id"]).bytes, row["row_number"], version, wrapped, blob
    )


def _record(
    row: sa.RowMapping, text: Mapping[str, str], victim: Mapping[str, str], reporter: Mapping[str, str]
) -> ReportRecord:
    is_police = row["body_code"] == "police"
    own = plain_reference(row["report_ref"])
    quoted = [plain_crime_number(row["crime_reference"]), plain_crime_number(row["report_ref"]) if is_police else None]
    passed_on = [plain_reference(row["hub_reference"]) if is_police else own]
    description = text.get("description", "")
    account = read_account(description)
    return ReportRecord(
        report_id=row["report_id"],
        delivery_id=row["delivery_id"],
        row_number=row["row_number"],
        reported_at=row["reported_at"],
        day=row["day"],
        is_day_known=row["is_day_known"],
        is_police=is_police,
        is_online=IS_ONLINE.get(row["is_online"]),
        platform=row["platform"],
        address=read_address(row["content_url"], row["platform"]),
        text=undisguised_text(description),
        account=account,
        victim=_victim(row, victim, reporter),
        reporter=_person(reporter, "reporter"),
        area=row["offence_lsoa_code"],
        district=row["offence_postcode_district"],
        borough=plain_text(row["borough_named"] or "") or None,
        force=row["force_named"],
        strands=frozenset(row["strands"] or ()),
        crime_references=frozenset(one for one in quoted if one),
        hub_references=frozenset(one for one in passed_on if one),
        mentioned_references=references_of(account),
    )


def _victim(row: sa.RowMapping, victim: Mapping[str, str], reporter: Mapping[str, str]) -> Person | None:
    own = _person(victim, "victim")
    return one_person(own, _person(reporter, "reporter")) if row["reporter_is_victim"] else own


def _person(values: Mapping[str, str], role: str) -> Person | None:
    return read_person(*(values.get(f"{role}_{field}") for field in PERSON_FIELDS))
