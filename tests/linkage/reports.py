"""A world of reports for linkage: what the warehouse and the vault hold of each, put there without files or dbt."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from encrypting import put_values
from hub.contracts.model import read_contract
from hub.settings import read_settings

TABLE = """
    create schema if not exists intermediate;
    create table intermediate.int_reports__unioned (
        report_id uuid primary key, feed text, delivery_id uuid, row_number bigint, report_ref text, body_code text,
        reported_at timestamptz, occurred_on date, strands text[], is_online text, platform text, content_url text,
        reporter_is_victim boolean, offence_lsoa_code text, offence_postcode_district text, borough_named text,
        force_named text,
        crime_reference text, has_victim_details boolean
    )
"""
KETTLE = (
    "Under a post about the bus lane an account with a kettle as its picture said '[slur]' at 14:35, 217 reactions."
)
KETTLE_AGAIN = (
    "Under a post about the bus lane, an acount with a kettle as picture said '[slur]' at 14:35. 217 reactions"
)
PIANO = "Near the bakery two teenagers with a striped scarf shouted '[slur]' on Sunday and they were carrying a piano."
POST, OTHER_POST = "https://x.com/somebody/status/1234567890", "https://x.com/somebody/status/9876543210"
DELIVERY = uuid.UUID(int=7)
CONTRACT = read_contract(read_settings({}).expectations / "community_reports" / "contract.yaml")


@dataclass(frozen=True)
class Told:
    """One report of a community body, and the vault's part of it."""

    number: int
    description: str
    url: str | None = None
    is_online: str | None = "unknown"
    platform: str | None = "x"
    occurred_on: str | None = "2026-03-04"
    reported_at: str = "2026-03-05T10:00:00+00:00"
    victim_name: str | None = None
    victim_birth: str | None = None
    reporter_name: str | None = None
    reporter_email: str | None = None
    strands: str = "{race}"
    borough: str | None = None
    crime_reference: str | None = None
    force: str | None = None
    delivery: uuid.UUID = DELIVERY

    @property
    def report_id(self) -> uuid.UUID:
        return uuid.UUID(int=self.number * 7919)


def make_table(engine: sa.Engine) -> None:
    """The model that linkage reads, empty."""
    with engine.begin() as connection:
        for statement in TABLE.split(";"):
            connection.execute(sa.text(statement))


def put(engine: sa.Engine, reports: Iterable[Told]) -> None:
    """Make these the reports there are; one that says something else than before stands on a row of its own."""
    with engine.begin() as connection:
        connection.execute(sa.text("truncate intermediate.int_reports__unioned"))
        for told in reports:
            row = abs(hash(told)) % 2**62
            is_known = sa.text("select exists (select from vault.community_reports where _row_number = :row)")
            if not connection.execute(is_known, {"row": row}).scalar():
                victim = {"victim_name": told.victim_name, "victim_date_of_birth": told.victim_birth}
                reporter = {"reporter_name": told.reporter_name, "reporter_email": told.reporter_email}
                said = {
                    name: value
                    for name, value in {**victim, **reporter, "description": told.description}.items()
                    if value
                }
                put_values(connection, CONTRACT, told.delivery, row, said)
            connection.execute(
                sa.text("""
                    insert into intermediate.int_reports__unioned values (
                        :report_id, 'community_reports', :delivery, :row, :ref, 'galop', :reported_at, :occurred_on,
                        cast(:strands as text[]), :is_online, :platform, :url, null, null, null, :borough, :force,
                        :crime_reference, :has_victim_details
                    )
                """),
                {
                    "report_id": told.report_id,
                    "delivery": told.delivery,
                    "row": row,
                    "ref": f"GAL-{told.number:08}",
                    "reported_at": told.reported_at,
                    "strands": told.strands,
                    "occurred_on": told.occurred_on,
                    "is_online": told.is_online,
                    "platform": told.platform,
                    "url": told.url,
                    "borough": told.borough,
                    "force": told.force,
                    "crime_reference": told.crime_reference,
                    "has_victim_details": bool(told.victim_name or told.victim_birth),
                },
            )


def put_override(engine: sa.Engine, first: Told, second: Told, *, is_together: bool) -> None:
    """As if a person had decided about two reports."""
    a, b = sorted((first.report_id, second.report_id))
    with engine.begin() as connection:
        connection.execute(
            sa.text("insert into linkage.incident_overrides values (:a, :b, :is_together, 'read both', 'a.person')"),
            {"a": a, "b": b, "is_together": is_together},
        )


def incidents(engine: sa.Engine) -> set[frozenset[int]]:
    """The reports' numbers, incident by incident."""
    query = "select array_agg(cast(report_id as text)) from linkage.report_incidents group by incident_id"
    with engine.connect() as connection:
        groups: list[list[str]] = list(connection.execute(sa.text(query)).scalars())
    return {frozenset(int(one[-12:], 16) // 7919 for one in group) for group in groups}


def all_that_is_known(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """All that a run leaves behind but times and logs."""
    queries = {
        "incidents": "select report_id, incident_id from linkage.report_incidents order by 1",
        "pairs": "select report_a, report_b, reason, score, state, explanation from linkage.report_pairs order by 1, 2",
        "marks": "select report_id, keys from linkage.report_marks order by 1",
        "keys": "select key, position, report_id from linkage.report_keys order by 1, 2, 3",
    }
    with engine.connect() as connection:
        return {name: [tuple(row) for row in connection.execute(sa.text(query))] for name, query in queries.items()}
