"""The hub's desk is told of threats to life that lie with it and with nobody else."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.notifications.taken import NotTaken
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from notifications.conftest import NOW, Handed, Outbox

PUBLISHED = """
    create table publish.incidents_v1 (incident_id uuid, is_threat_to_life boolean);
    create table publish.allocations_v1 (
        allocation_id uuid, incident_id uuid, target_kind text, target_code text, route text, status text,
        allocated_at timestamptz, data_as_of timestamptz
    );
    grant select on all tables in schema publish to hub_analyst;
"""
TITLE = "A threat to life lies with the hub's desk, and with nobody else"


def publish(outbox: Outbox, number: int, **said: object) -> None:
    """One more allocation; by default a threat to life that lies with the desk since today."""
    values = {
        "id": uuid.UUID(int=number),
        "is_threat": True,
        "kind": "hub_desk",
        "code": "hub_desk",
        "status": "open",
        "at": NOW - timedelta(hours=1),
        "now": NOW,
    }
    with open_warehouse(outbox.settings, Role.PUBLISHER).begin() as connection:
        connection.execute(sa.text("insert into publish.incidents_v1 values (:id, :is_threat)"), values | said)
        row = "(:id, :id, :kind, :code, 'returned_to_desk', :status, :at, :now)"
        connection.execute(sa.text(f"insert into publish.allocations_v1 values {row}"), values | said)


@pytest.fixture
def handed(outbox: Outbox) -> Handed:
    with open_warehouse(outbox.settings, Role.PUBLISHER).begin() as connection:
        connection.exec_driver_sql(PUBLISHED)
    outbox.channel("desk", "json://127.0.0.1", owners=["hub_desk hub_desk"])
    return Handed()


def test_the_desk_is_told_at_once_and_once_and_no_more_when_a_force_has_it(outbox: Outbox, handed: Handed) -> None:
    publish(outbox, 1)
    for _ in range(2):
        outbox.send(hand=handed)
    assert handed.titles == [("desk", TITLE)]
    assert f"What: allocation {uuid.UUID(int=1)}: returned to desk" in handed.messages[0][1].lines
    with open_warehouse(outbox.settings, Role.PUBLISHER).begin() as connection:
        connection.execute(sa.text("update publish.allocations_v1 set status = 'transferred'"))
    outbox.send(hand=handed)
    publish(outbox, 2)
    outbox.send(hand=handed)
    assert [title for _, title in handed.titles].count(TITLE) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"is_threat": False},
        {"kind": "force", "code": "E23000001"},
        {"status": "returned"},
        {"at": NOW - timedelta(days=9)},
    ],
)
def test_nothing_else_is_a_threat_at_the_desk(outbox: Outbox, handed: Handed, said: dict[str, object]) -> None:
    publish(outbox, 1, **said)
    outbox.send(hand=handed)
    assert handed.titles == []


def test_one_that_was_told_lasts_however_long_it_lies_there(outbox: Outbox, handed: Handed) -> None:
    publish(outbox, 1)
    outbox.send(hand=handed)
    with open_warehouse(outbox.settings, Role.PUBLISHER).begin() as connection:
        later = sa.text("update publish.allocations_v1 set data_as_of = data_as_of + interval '9 days'")
        connection.execute(later)
    outbox.send(hand=handed)
    lasting = "select count(*) from ledger.notifications where kind = 'threat_at_desk' and over_at is null"
    with open_warehouse(outbox.settings, Role.OWNER).connect() as connection:
        assert connection.scalar(sa.text(lasting)) == 1


def test_one_that_was_dropped_before_anybody_was_told_is_told_when_it_is_back(outbox: Outbox, handed: Handed) -> None:
    """Its channel took nothing while a force seemed to have it; the force has given it back since."""

    def takes_nothing(*_: object) -> str:
        raise NotTaken("busy")

    publish(outbox, 1)
    outbox.send(hand=takes_nothing)
    for status in ("transferred", "open"):
        with open_warehouse(outbox.settings, Role.PUBLISHER).begin() as connection:
            connection.execute(sa.text("update publish.allocations_v1 set status = :status"), {"status": status})
        outbox.send(hand=takes_nothing)
    outbox.later(hours=1)
    outbox.send(hand=handed)
    assert handed.titles == [("desk", TITLE)]
