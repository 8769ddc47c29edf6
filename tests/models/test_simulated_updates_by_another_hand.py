"""While ``updates.yaml`` says that all is simulated, nothing leaves, and nobody real is forgotten or told twice.

``models.updates_oracle`` says who is due what; nothing here asks the code that sends.
"""

import itertools
import socket
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from hub.local.sample_updates import tell_people_of_samples
from hub.reporters import outbox
from hub.reporters.rules import RulesRefused, read_rules
from hub.reporters.sending import prepare_updates, send_due
from hub.settings import Settings, read_settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_mail import EVERY, HELP, SENDER, SINCE, Postbox, expected, of, only, states, stop, write_rules
from models.updates_oracle import due, noted, read_delivered, read_published, without_outcome
from models.updates_world import UpdatesHub

SAMPLES = ("is a sample", "lives with", "as victim", "agrees later", "anonymous", "first of two", "old address")
"""One is delivered as a sample; the publish of a test says that the others are, too."""
PEOPLE = ("capitals", "same person", "second of two", "comes again", "new address", "changes address")
TEMPLATE = {"template": "5b0a2a8e-0000-4000-8000-000000000000", "key": "notify"}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every connection that this program tries to open fails, and is written down."""
    tried = list[object]()

    def refuse(*arguments: Any, **_: Any) -> None:
        tried.append(arguments[-1])
        raise OSError("nothing may leave")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    return tried


def say_simulated(settings: Settings, by_rule: Iterable[str] = EVERY, since: date = SINCE, **said: object) -> None:
    rules = {"since": since, "simulated": True, "by_rule": list(by_rule), "help": HELP}
    settings.updates.write_text(yaml.safe_dump(rules | said))


def make_samples(hub: UpdatesHub, *names: str) -> None:
    """Let the publish say of these reports that they are samples."""
    refs = [hub.named[name] for name in names]
    query = "select distinct table_schema from information_schema.tables where table_schema ~ '^publish_[0-9]+$'"
    with open_warehouse(hub.settings, Role.OWNER).begin() as connection:
        for schema in connection.scalars(sa.text(query)).all():
            statement = f"update {schema}.incident_evidence_v1 set is_simulated = true where report_ref = any(:refs)"
            connection.execute(sa.text(statement), {"refs": refs})
    assert all(read_published(hub.settings)[ref].is_simulated for ref in refs)


def told(settings: Settings) -> Counter[tuple[str, str]]:
    """Reference and kind of each message that is said to be sent."""
    query = """
        select report_ref, kind from ledger.reporter_updates
        inner join publish.incident_evidence_v1 using (report_id) where state = 'sent'
    """
    return Counter((ref, kind) for ref, kind in fetch(open_warehouse(settings, Role.OWNER), query))


def may_reach(hub: UpdatesHub, *, simulated: bool) -> Counter[tuple[str, str]]:
    """Reference and kind of each message that may be told to people in samples, or to all others."""
    published = read_published(hub.settings)
    wanted = expected(published, read_delivered(hub.files), takes_simulated=True)
    return Counter((one.ref, one.kind) for one in wanted if published[one.ref].is_simulated is simulated)


def in_hours(hours: float) -> Any:
    return lambda: datetime.now(UTC) + timedelta(hours=hours)


def test_only_people_in_samples_are_told_as_they_agreed_and_nothing_leaves(
    hub: UpdatesHub, offline: list[object]
) -> None:
    make_samples(hub, *SAMPLES)
    say_simulated(hub.settings)
    published = read_published(hub.settings)
    prepared = prepare_updates(hub.settings)
    owed = without_outcome(one for one in due(published.values(), SINCE, takes_simulated=True))
    samples = Counter({one: count for one, count in owed.items() if published[one.ref].is_simulated})
    assert noted(hub.settings) == samples
    assert prepared.new == samples.total() >= 2 * len(SAMPLES)
    done = send_due(hub.settings)
    wanted = may_reach(hub, simulated=True)
    assert told(hub.settings) == wanted
    assert 0 < wanted.total() == done.sent < samples.total(), "some did not agree"
    assert not [one for one in told(hub.settings) if one[0] in (hub.named["agrees later"], hub.named["anonymous"])]
    assert states(hub.settings) == {"sent": done.sent, "dropped": done.dropped.total()}
    again = prepare_updates(hub.settings)
    assert (again.new, again.over, send_due(hub.settings, at_once=True).sent) == (0, 0, 0)
    assert offline == []


def test_who_is_not_safe_to_contact_is_not_told_as_a_sample_either(hub: UpdatesHub, offline: list[object]) -> None:
    make_samples(hub, *SAMPLES)
    say_simulated(hub.settings)
    prepare_updates(hub.settings)
    for name in ("as victim", "first of two"):
        stop(hub, name)
    send_due(hub.settings)
    refs = {ref for ref, _ in told(hub.settings)}
    assert hub.named["is a sample"] in refs
    assert not refs & {hub.named[name] for name in ("as victim", "first of two", "lives with")}, (
        "one is at that address"
    )
    assert offline == []


def test_what_needs_a_person_waits_for_one_as_always(hub: UpdatesHub, offline: list[object]) -> None:
    say_simulated(hub.settings, by_rule=["received"])
    prepare_updates(hub.settings)
    send_due(hub.settings)
    assert {kind for _, kind in told(hub.settings)} == {"received"}
    approve(hub)
    send_due(hub.settings)
    assert told(hub.settings) == may_reach(hub, simulated=True)
    assert offline == []


def approve(hub: UpdatesHub) -> None:
    """As a person does, all that waits."""
    with open_warehouse(hub.settings, Role.DISPATCHER).begin() as connection:
        for one in outbox.in_state(connection, "waiting"):
            outbox.decide(connection, one.update_id, datetime.now(UTC), by="a.person")


def approved(hub: UpdatesHub, postbox: Postbox, by_rule: Iterable[str]) -> int:
    """Have messages to people who exist approved by rule, or else by a person, and none sent; how many."""
    write_rules(hub.settings, postbox.address, by_rule)
    prepare_updates(hub.settings)
    only(hub, *PEOPLE)
    approve(hub)
    count = states(hub.settings)["approved"]
    assert count == states(hub.settings).total() > len(PEOPLE)
    return count


def simulated_rounds(hub: UpdatesHub, *, prepares: bool) -> None:
    """More rounds, over some days, than a message has attempts."""
    say_simulated(hub.settings)
    for number in range(20):
        if prepares and number in (0, 9):
            prepare_updates(hub.settings)
        done = send_due(hub.settings, clock=in_hours(2 * number), at_once=number % 3 == 0)
        assert not done.dropped
    sent = f"select count(*) from ledger.reporter_updates where state = 'sent' and report_id not in ({_SAMPLES})"
    assert fetch(open_warehouse(hub.settings, Role.OWNER), sent) == [0]


@pytest.mark.parametrize("prepares", [False, True])
@pytest.mark.parametrize("by_rule", [EVERY, []])
def test_what_was_approved_for_somebody_real_is_put_off(
    hub: UpdatesHub, postbox: Postbox, by_rule: list[str], prepares: bool
) -> None:
    count = approved(hub, postbox, by_rule)
    simulated_rounds(hub, prepares=prepares)
    of_real = f"select state from ledger.reporter_updates where report_id not in ({_SAMPLES})"
    assert Counter(fetch(open_warehouse(hub.settings, Role.OWNER), of_real)) == {"approved": count}
    assert postbox.asked == []


@pytest.mark.parametrize("prepares", [False, True])
@pytest.mark.parametrize("by_rule", [EVERY, []])
def test_what_was_approved_for_somebody_real_goes_once_when_there_is_a_server_again(
    hub: UpdatesHub, postbox: Postbox, by_rule: list[str], prepares: bool
) -> None:
    approved(hub, postbox, by_rule)
    simulated_rounds(hub, prepares=prepares)
    wanted = of(expected(read_published(hub.settings), read_delivered(hub.files)), *(hub.named[one] for one in PEOPLE))
    write_rules(hub.settings, postbox.address, by_rule)
    for number in range(3):
        prepare_updates(hub.settings)
        only(hub, *PEOPLE)
        send_due(hub.settings, clock=in_hours(100 + number), at_once=number > 0)
        assert postbox.told(hub.settings) == Counter(wanted), "each exactly once"


_SAMPLES = "select report_id from publish.incident_evidence_v1 where is_simulated"


@pytest.mark.parametrize("meanwhile", ["prepared", "not prepared"])
def test_what_waited_for_a_person_is_there_when_there_is_a_server_again(
    hub: UpdatesHub, postbox: Postbox, meanwhile: str
) -> None:
    write_rules(hub.settings, postbox.address, by_rule=[])
    prepare_updates(hub.settings)
    before = noted(hub.settings, "waiting")
    say_simulated(hub.settings)
    if meanwhile == "prepared":
        prepare_updates(hub.settings)
    send_due(hub.settings, at_once=True)
    write_rules(hub.settings, postbox.address, by_rule=[])
    prepare_updates(hub.settings)
    assert noted(hub.settings, "waiting") == before
    assert postbox.asked == []


@pytest.mark.parametrize("is_prepared_again", [True, False])
def test_what_was_for_people_in_samples_goes_to_no_server(
    hub: UpdatesHub, postbox: Postbox, is_prepared_again: bool
) -> None:
    """The rules of a hub in earnest come before the samples' messages have gone to nobody."""
    make_samples(hub, *SAMPLES)
    say_simulated(hub.settings)
    prepare_updates(hub.settings)
    write_rules(hub.settings, postbox.address)
    if is_prepared_again:
        prepare_updates(hub.settings)
        only(hub, *SAMPLES)
    send_due(hub.settings, at_once=True)
    assert postbox.receivers == set()


def test_people_in_samples_who_were_told_by_nobody_are_not_told_again_by_a_server(
    hub: UpdatesHub, postbox: Postbox
) -> None:
    say_simulated(hub.settings)
    prepare_updates(hub.settings)
    assert send_due(hub.settings).sent > 0
    sent = told(hub.settings)
    write_rules(hub.settings, postbox.address, takes_simulated=True)
    prepare_updates(hub.settings)
    only(hub, "is a sample")
    send_due(hub.settings, at_once=True)
    assert told(hub.settings) == sent
    assert postbox.receivers == set()


def test_the_file_that_comes_with_samples_tells_their_people_and_nobody_else(
    hub: UpdatesHub, offline: list[object]
) -> None:
    tell_people_of_samples(hub.settings, SINCE)
    prepare_updates(hub.settings)
    send_due(hub.settings)
    assert {ref for ref, _ in told(hub.settings)} == {hub.named["is a sample"]}
    assert set(noted(hub.settings)) == {one for one in noted(hub.settings) if one.ref == hub.named["is a sample"]}
    assert offline == []


CARRIERS: dict[str, object] = {"sender": SENDER, "server": "mail", "notify": TEMPLATE}


def rules(tmp_path: Any, **said: object) -> Settings:
    settings = read_settings({"HUB_HOME": str(tmp_path)})
    (settings.secrets / "updates").mkdir(parents=True)
    for name in ("mail", "notify"):
        (settings.secrets / "updates" / name).write_text("x")
    settings.updates.write_text(yaml.safe_dump({"since": SINCE, "help": HELP} | said))
    return settings


@pytest.mark.parametrize("names", [one for count in (1, 2, 3) for one in itertools.combinations(CARRIERS, count)])
def test_nobody_and_somebody_to_carry_messages_is_refused_by_name(tmp_path: Any, names: tuple[str, ...]) -> None:
    settings = rules(tmp_path, simulated=True, **{name: CARRIERS[name] for name in names})
    with pytest.raises(RulesRefused, match="simulated") as refused:
        read_rules(settings)
    assert any(name in str(refused.value) for name in names)
    for act in (prepare_updates, send_due):
        with pytest.raises(RulesRefused):
            act(settings)


@pytest.mark.parametrize("said", ["yes", "true", 1, 0, None, [], {"a": 1}])
@pytest.mark.parametrize("carrier", [{}, {"sender": SENDER, "server": "mail"}])
def test_whether_all_is_simulated_is_yes_or_no(tmp_path: Any, said: object, carrier: dict[str, object]) -> None:
    with pytest.raises(RulesRefused, match="simulated"):
        read_rules(rules(tmp_path, simulated=said, **carrier))


def test_rules_that_say_that_nothing_is_simulated_need_a_server(tmp_path: Any) -> None:
    with pytest.raises(RulesRefused, match=r"sender|server"):
        read_rules(rules(tmp_path / "none", simulated=False))
    known = read_rules(rules(tmp_path / "mail", simulated=False, sender=SENDER, server="mail"))
    assert known is not None
    assert not known.is_simulated
