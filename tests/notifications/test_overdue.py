"""Desks are told of allocations that they have not taken up in time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from notifications.conftest import NOW, Handed, Outbox

Publish = Callable[..., None]


@pytest.fixture
def publish(outbox: Outbox) -> Publish:
    """Publishes allocations that are overdue: desk, days since they were due, threat to life, kind."""
    publisher = open_warehouse(outbox.settings, Role.PUBLISHER)
    with publisher.begin() as connection:
        connection.execute(
            sa.text("""
                create table publish.overdue_allocations_v1 (
                    target_kind text, target_code text, due_at timestamptz, data_as_of timestamptz,
                    is_threat_to_life boolean, overdue_kind text
                )
            """)
        )
        connection.execute(sa.text("grant select on publish.overdue_allocations_v1 to hub_analyst"))

    def write(*rows: tuple[str, float, bool, str]) -> None:
        with publisher.begin() as connection:
            connection.execute(sa.text("truncate publish.overdue_allocations_v1"))
            for desk, days, is_threat, kind in rows:
                kind_of_desk, code = desk.split()
                values = {"kind": kind_of_desk, "code": code, "due": NOW - timedelta(days=days), "now": outbox.now}
                connection.execute(
                    sa.text("""
                        insert into publish.overdue_allocations_v1
                        values (:kind, :code, :due, :now, :is_threat, :overdue_kind)
                    """),
                    values | {"is_threat": is_threat, "overdue_kind": kind},
                )

    return write


def test_a_desk_is_told_once_of_what_was_due_on_a_day_and_at_once_of_a_threat_to_life(
    outbox: Outbox, publish: Publish
) -> None:
    outbox.channel("force", "json://127.0.0.1", owners=["force E23000001"])
    handed = Handed()
    waiting = [("force E23000001", 0.1, False, "not_acknowledged"), ("force E23000001", 0.2, False, "never_acted_on")]
    publish(*waiting, ("force E23000001", 9.0, False, "not_acknowledged"), ("provider x", 0.1, False, "never_acted_on"))
    for _ in range(2):
        outbox.send(hand=handed)
    assert handed.titles == [("force", "Allocations are overdue")]
    lines = handed.messages[0][1].lines
    assert "Owner: force E23000001" in lines
    assert "What: 2 due on 2026-03-10, 1 of them not acknowledged" in lines
    publish(*waiting, ("force E23000001", 0.1, True, "not_acknowledged"))
    outbox.send(hand=handed)
    assert handed.titles[1] == ("force", "An allocation with a threat to life is overdue")


def test_what_is_overdue_for_long_waits_for_its_channel_for_as_long(outbox: Outbox, publish: Publish) -> None:
    outbox.channel("force", "nonsense")
    due = [("force E23000001", 1.9, False, "not_acknowledged")]
    publish(*due)
    assert outbox.send().problems.keys() == {"force"}
    outbox.later(days=30)
    publish(*due, ("force E23000001", 90.0, False, "not_acknowledged"))
    handed = Handed()
    outbox.send(hand=handed)
    assert [message.over_at for _, message in handed.messages] == [None]
