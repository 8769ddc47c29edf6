"""Mentions of made-up people in a test's own warehouse: vault rows, and the table that a build would make of them."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from encrypting import put_values
from hub.contracts.model import read_contract
from hub.settings import read_settings

DELIVERY = uuid.UUID(int=1)
FEED = "community_reports"
CONTRACT = read_contract(read_settings({}).expectations / FEED / "contract.yaml")
MENTIONS = """
    create schema if not exists intermediate;
    create table if not exists intermediate.int_person_mentions (
        mention_id uuid primary key, record_id uuid, delivery_id uuid, row_number bigint, feed text, role text,
        is_reporter_victim boolean, client_id uuid, told_at timestamptz
    );
    create table if not exists intermediate.int_support_events__reports (event_id uuid, report_id uuid, grade integer)
"""

ZOE = {"name": "Zoë Alderbourne", "date_of_birth": "1990-02-07", "postcode": "SW1A 1AI", "phone": "07700 900123"}
FAMILY = (
    ZOE,
    {"name": "Z. Alderbourne", "phone": ZOE["phone"], "postcode": ZOE["postcode"]},
    {"name": "Liam Alderbourne", "phone": ZOE["phone"], "postcode": ZOE["postcode"]},
    {"name": "Alderbourne", "phone": ZOE["phone"], "postcode": ZOE["postcode"]},
    {"name": "Zoe Alderborne", "date_of_birth": "1990-07-02"},
    {"name": "Zoe Alderbourne", "date_of_birth": "1961-12-24", "postcode": ZOE["postcode"]},
    {"name": "Zoe Alderbourne"},
    ZOE | {"name": "ALDERBOURNE, Zoe"},
    {"postcode": ZOE["postcode"]},
    {"postcode": "N1 1AI"},
    {"date_of_birth": ZOE["date_of_birth"], "postcode": ZOE["postcode"]},
)
CLIENTS = {2: 1, 5: 1, 9: 2}
"""Who tells of them is a support service, about a client with this number."""
RESULTS = (("mention_persons", "mention_id, person_id"), ("mention_areas", "mention_id, postcode_district"),
           ("person_pairs", "mention_a, mention_b, round(probability::numeric, 9), state"))  # fmt: skip


def record_of(number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"record {number}")


def mention_of(number: int, role: str = "victim") -> str:
    return str(uuid.uuid5(record_of(number), role))


def tell(
    engine: sa.Engine,
    number: int,
    victim: Mapping[str, str] | None = None,
    reporter: Mapping[str, str] | None = None,
    *,
    is_same: bool | None = None,
    client: int | None = None,
    day: int | None = None,
) -> None:
    """Put a record that mentions these people; values by field (name, email, phone, date_of_birth, postcode). With a
    ``client`` it is an event of a support service about the client with this number. It was told on a ``day`` of its
    own, or with others of other numbers."""
    told_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number % 5 if day is None else day)
    roles = {"victim": victim, "reporter": reporter}
    values = {f"{role}_{field}": value for role, told in roles.items() for field, value in (told or {}).items()}
    with engine.begin() as connection:
        for statement in MENTIONS.split(";"):
            connection.execute(sa.text(statement))
        put_values(connection, CONTRACT, DELIVERY, number, values)
        for role, told in roles.items():
            if told is None:
                continue
            connection.execute(
                sa.text(
                    "insert into intermediate.int_person_mentions values (:mention, :record, :delivery, :number,"
                    " :feed, :role, :is_same, :client, :told_at)"
                ),
                {
                    "mention": mention_of(number, role),
                    "record": record_of(number),
                    "delivery": DELIVERY,
                    "number": number,
                    "feed": FEED,
                    "role": role,
                    "is_same": is_same,
                    "client": None if client is None else uuid.UUID(int=client),
                    "told_at": told_at,
                },
            )


def take_back(engine: sa.Engine, number: int) -> None:
    """A report that no longer mentions anybody, as after a correction."""
    with engine.begin() as connection:
        connection.execute(
            sa.text("delete from intermediate.int_person_mentions where record_id = :record"),
            {"record": record_of(number)},
        )


def say_incident(engine: sa.Engine, number: int, incident: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "insert into linkage.report_incidents (report_id, incident_id) values (:report, :incident)"
                " on conflict (report_id) do update set incident_id = excluded.incident_id"
            ),
            {"report": record_of(number), "incident": uuid.UUID(int=incident)},
        )


def name_report(engine: sa.Engine, event: int, report: int, grade: int = 1) -> None:
    """An event of a support service names a report: 1 by its own reference, 2 by that of the crime."""
    with engine.begin() as connection:
        connection.execute(
            sa.text("insert into intermediate.int_support_events__reports values (:event, :report, :grade)"),
            {"event": record_of(event), "report": record_of(report), "grade": grade},
        )


def persons(engine: sa.Engine) -> dict[str, str]:
    """The person of each mention."""
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select mention_id, person_id from linkage.mention_persons"))
        return {str(row.mention_id): str(row.person_id) for row in rows}


def are_one(engine: sa.Engine, *mentions: str) -> bool:
    found = persons(engine)
    return len({found[mention] for mention in mentions}) == 1


def table(engine: sa.Engine, name: str, columns: str = "*") -> list[tuple[Any, ...]]:
    """What a table of linkage holds, in an order of its own."""
    with engine.connect() as connection:
        return sorted(
            tuple(str(value) for value in row)
            for row in connection.execute(sa.text(f"select {columns} from linkage.{name}"))
        )


def results(engine: sa.Engine) -> list[list[tuple[object, ...]]]:
    return [table(engine, name, columns) for name, columns in RESULTS]
