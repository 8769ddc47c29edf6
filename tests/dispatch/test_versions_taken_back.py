"""A recipient that has an earlier version is told when the one that took its place is withdrawn before it came."""

from datetime import timedelta

import pytest

from dispatch.conftest import FORCE, Hub
from exchange.conftest import Exchange, exchange, hub
from hub.dispatch import deciding

__all__ = ["exchange", "hub"]
LIST = "/v1/dispatches"
WAYS = pytest.mark.parametrize("way", ["a person", "gone", "with somebody else"])


def take_back_the_newer_one(hub: Hub, way: str, *, lies_there: bool = False) -> None:
    """Publish another version of what was sent, and withdraw that before it goes, or before it is taken."""
    hub.report(hub.dispatches()[0].allocation_id)
    hub.prepare()
    if lies_there:
        hub.send()
    if way == "a person":
        deciding.withdraw(hub.engine, hub.dispatches()[-1].dispatch_id, because="no need", decided_by="a.person")
    elif way == "gone":
        hub.change("delete from publish.allocations_v1")
    else:
        hub.change("update publish.allocations_v1 set publish_id = 9, target_kind = 'provider', target_code = 'x'")
    hub.prepare()
    hub.send()
    hub.send()


@WAYS
def test_a_folder_says_that_the_version_that_was_taken_is_withdrawn(hub: Hub, way: str) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    [taken] = hub.files()
    taken.unlink()
    take_back_the_newer_one(hub, way)
    assert [path.name for path in hub.files()] == [f"{taken.stem}.withdrawal.json"]
    assert "superseded" not in hub.files()[0].read_text()
    assert hub.states()[:2] == ["superseded", "withdrawn"]


@WAYS
def test_a_folder_says_so_where_the_newer_version_lay_there_and_was_not_taken(hub: Hub, way: str) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    [taken] = hub.files()
    taken.unlink()
    take_back_the_newer_one(hub, way, lies_there=True)
    newer = hub.dispatches()[1].dispatch_id
    names = {path.name for path in hub.files()}
    assert names == {f"{taken.stem}.withdrawal.json", f"{newer}.withdrawal.json"}
    assert hub.states()[:2] == ["superseded", "withdrawn"]


@WAYS
def test_nothing_is_said_of_a_version_whose_successor_came(hub: Hub, way: str) -> None:
    hub.offer()
    hub.prepare()
    hub.send()
    hub.files()[0].unlink()
    hub.report(hub.dispatches()[0].allocation_id)
    hub.prepare()
    hub.send()
    [taken] = hub.files()
    taken.with_suffix(".received").touch()
    hub.send()
    assert hub.states()[:2] == ["superseded", "delivered"]
    take_back_the_newer_one(hub, way, lies_there=True)
    first = hub.dispatches()[0].dispatch_id
    assert f"{first}.withdrawal.json" not in {path.name for path in hub.files()}


@WAYS
def test_the_exchange_says_that_the_version_that_was_fetched_is_withdrawn(exchange: Exchange, way: str) -> None:
    dispatch_id, token = exchange.offered(), exchange.token().token
    exchange.get(token, f"{LIST}/{dispatch_id}")
    take_back_the_newer_one(exchange.hub, way)
    for params in ({}, {"state": "withdrawn"}):
        [listed] = exchange.get(token, LIST, params=params).json()["dispatches"]
        assert (listed["dispatch_id"], listed["state"]) == (str(dispatch_id), "withdrawn")
    assert exchange.get(token, LIST, params={"state": "superseded"}).json()["dispatches"] == []
    told = exchange.get(token, f"{LIST}/{dispatch_id}").json()
    assert (told["document"], told["dispatch_id"]) == ("withdrawal", str(dispatch_id))
    assert "superseded" not in told["because"]


def test_a_version_that_was_replaced_before_it_was_sent_is_told_to_nobody(hub: Hub) -> None:
    hub.offer()
    hub.prepare()
    take_back_the_newer_one(hub, "gone")
    assert hub.files() == []


def test_what_was_refused_while_the_clock_was_ahead_waits_no_longer_than_an_hour(hub: Hub) -> None:
    hub.recipient(FORCE, transport={"kind": "folder", "folder": "/nowhere/at/all"})
    hub.offer()
    hub.prepare()
    hub.ahead = timedelta(days=2)
    hub.send()
    hub.ahead = timedelta()
    assert list(hub.send().problems) == [FORCE]
    assert hub.send().problems == {}, "it waits again"
    hub.recipient(FORCE, transport={"kind": "folder", "folder": FORCE})
    hub.later(minutes=61)
    hub.send()
    assert hub.states() == ["sent"]
