"""What people who reported are told, against a second computation of who is due what and where it may go.

``models.updates_oracle`` reads the delivered files and published tables alone; nothing here asks the code that sends.
"""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from hub.reporters import outbox
from hub.reporters.sending import prepare_updates, send_due
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_mail import (
    HELP,
    SENDER,
    SINCE,
    Postbox,
    Told,
    expected,
    forget,
    messages,
    of,
    only,
    resume,
    states,
    stop,
    text_of,
    write_rules,
)
from models.updates_oracle import due, noted, read_delivered, read_published, same, without_outcome
from models.updates_world import UpdatesHub

MIDDLE = date(2026, 3, 1)
PEOPLE = ("lives with", "capitals", "as victim", "same person", "first of two", "second of two", "comes again")
DOMAINS = ("as a domain is looked up", "as a domain is read", "not ASCII")
"""Whose addresses have letters outside ASCII: of these, tests of their own."""


def test_the_reports_are_of_every_kind(hub: UpdatesHub) -> None:
    """Otherwise the tests below prove less than they say."""
    published, delivered = read_published(hub.settings), read_delivered(hub.files)
    kinds = Counter((one.target_kind, one.outcome_code) for one in published.values() if one.ref in delivered)
    targets = ("force", "hub_desk", "community_hub", "no_further_action", "other_country")
    assert all(kinds[(target, None)] >= 5 for target in targets), kinds
    assert kinds[("force", "1")] >= 10, kinds
    refs = hub.named
    assert set(refs.values()) <= published.keys()
    assert published[refs["first of two"]].incident_id == published[refs["second of two"]].incident_id
    assert published[refs["is a sample"]].is_simulated
    assert len({published[refs[name]].incident_id for name in ("lives with", "capitals", "as victim")}) == 3


@pytest.mark.parametrize(
    ("since", "takes_simulated"), [(SINCE, False), pytest.param(MIDDLE, True, marks=pytest.mark.long)]
)
def test_each_report_is_told_what_it_is_due_where_it_agrees_and_at_the_right_address(
    hub: UpdatesHub, postbox: Postbox, since: date, takes_simulated: bool
) -> None:
    write_rules(hub.settings, postbox.address, since=since, takes_simulated=takes_simulated)
    published, delivered = read_published(hub.settings), read_delivered(hub.files)
    owed = without_outcome(due(published.values(), since, takes_simulated=takes_simulated))
    prepared = prepare_updates(hub.settings)
    assert noted(hub.settings) == owed
    assert prepared.new == owed.total()
    forget(hub, *DOMAINS)
    done = send_due(hub.settings)
    wanted = expected(published, delivered, since, takes_simulated=takes_simulated)
    for told in of(wanted, *(hub.named[name] for name in DOMAINS)):
        del wanted[told]
    assert postbox.told(hub.settings) == wanted
    assert done.sent == wanted.total() == states(hub.settings)["sent"]
    assert states(hub.settings) == {"sent": done.sent, "dropped": done.dropped.total()}
    assert postbox.receivers == {told.address for told in wanted}, "nobody else is named to the server"
    check_words(hub, postbox)
    known = sum(one.ref in {hub.named[name] for name in DOMAINS} for one in owed.elements())
    again = prepare_updates(hub.settings)
    assert (again.new, again.over) == (known, 0), "but for those that were taken out above, nothing is new"
    forget(hub, *DOMAINS)
    assert send_due(hub.settings, at_once=True).sent == 0


def test_the_ledger_says_to_whose_address_and_when(ready: UpdatesHub, postbox: Postbox) -> None:
    began = datetime.now(UTC)
    only(ready, *PEOPLE)
    send_due(ready.settings)
    delivered, told = read_delivered(ready.files), postbox.told(ready.settings)
    query = """
        select report_ref, kind, sent_as, sent_at, decided_by from ledger.reporter_updates
        inner join publish.incident_evidence_v1 using (report_id) where state = 'sent'
    """
    for ref, kind, sent_as, sent_at, decided_by in fetch(open_warehouse(ready.settings, Role.OWNER), query):
        assert told[Told(same(getattr(delivered[ref], sent_as)), ref, kind)] == 1
        assert began <= sent_at <= datetime.now(UTC)
        assert decided_by == "rule"


def check_words(hub: UpdatesHub, postbox: Postbox) -> None:
    """A mail says nothing of anybody, nor of what was reported."""
    delivered, published = read_delivered(hub.files), read_published(hub.settings)
    personal = {word.lower() for said in delivered.values() for word in said.personal if len(word) > 4}
    secrets = {word for said in delivered.values() for word in said.secret.lower().split() if len(word) > 8}
    secrets |= {"race", "religio", "sexual", "disab", "transgender", "facebook", "instagram"}
    for each in postbox.mails:
        subject, text = str(each["Subject"]).lower(), f"{each['Subject']}\n{text_of(each)}".lower()
        assert not {word for word in ("hate", "crime", "police", "victim", "incident") if word in subject}
        assert not {word for word in personal | secrets if word in text}
        assert not [name for name in ("Cc", "Bcc", "Reply-To") if name in each]
        assert each["From"] == SENDER
        assert HELP in text_of(each)
    for (_, words), (ref, kind) in messages(hub.settings).items():
        if kind == "passed_on" and published[ref].target_kind == "force":
            assert str(published[ref].target_name) in words


def test_what_no_rule_approves_waits_for_a_person_and_goes_only_as_decided(hub: UpdatesHub, postbox: Postbox) -> None:
    write_rules(hub.settings, postbox.address, by_rule=["received"])
    prepare_updates(hub.settings)
    only(hub, *PEOPLE, "loses address")
    with open_warehouse(hub.settings, Role.DISPATCHER).begin() as connection:
        waiting = outbox.in_state(connection, "waiting")
        assert {one.kind for one in waiting} == {"passed_on", "outcome"}
        decided: dict[str, set[object]] = {"approved": set(), "dropped": set()}
        for number, one in enumerate(waiting[: 2 * len(waiting) // 3]):
            because = None if number % 2 else "told by telephone"
            outbox.decide(connection, one.update_id, datetime.now(UTC), by="a.person", because=because)
            decided["dropped" if because else "approved"].add(one.update_id)
    send_due(hub.settings)
    query = "select update_id, state from ledger.reporter_updates where decided_by = 'a.person' or state = 'waiting'"
    rows = dict(fetch(open_warehouse(hub.settings, Role.OWNER), query))
    assert {key for key, state in rows.items() if state == "sent"} <= decided["approved"]
    assert {rows[one] for one in decided["dropped"]} == {"dropped"}
    kinds = Counter(told.kind for told in postbox.told(hub.settings))
    assert 0 < kinds["outcome"] + kinds["passed_on"] + kinds["not_for_police"] <= len(decided["approved"])
    assert send_due(hub.settings, at_once=True).sent == 0


@pytest.mark.parametrize("marked", [("lives with", "first of two"), ("as victim", "second of two"), ("capitals",)])
def test_nobody_is_told_who_is_marked_by_report_incident_or_address(
    ready: UpdatesHub, postbox: Postbox, marked: tuple[str, ...]
) -> None:
    only(ready, *PEOPLE)
    published, delivered = read_published(ready.settings), read_delivered(ready.files)
    for name in marked:
        stop(ready, name)
        stop(ready, name)
    refs = {ready.named[name] for name in marked}
    incidents = {published[ref].incident_id for ref in refs}
    addresses = set.union(*(delivered[ref].addresses for ref in refs))
    send_due(ready.settings)
    wanted = of(expected(published, delivered), *(ready.named[name] for name in PEOPLE))
    safe = {
        told for told in wanted if told.address not in addresses and published[told.ref].incident_id not in incidents
    }
    assert 3 < len(safe) < len(wanted) - 3
    assert set(postbox.told(ready.settings)) == safe
    assert not postbox.receivers & addresses


def test_a_mark_that_is_lifted_before_a_message_leaves_holds_nothing_back(ready: UpdatesHub, postbox: Postbox) -> None:
    only(ready, "lives with", "capitals")
    stop(ready, "lives with")
    resume(ready, "lives with")
    send_due(ready.settings)
    wanted = expected(read_published(ready.settings), read_delivered(ready.files))
    assert set(postbox.told(ready.settings)) == of(wanted, ready.named["lives with"], ready.named["capitals"])


def test_a_day_is_the_readers_own(ready: UpdatesHub, postbox: Postbox) -> None:
    """Half past midnight in London is still the day before in UTC."""
    only(ready, "after midnight")
    send_due(ready.settings)
    [each] = postbox.mails
    assert "15 May 2026" in text_of(each)


def test_a_day_begins_in_london_also_where_the_rules_name_one(hub: UpdatesHub, postbox: Postbox) -> None:
    """The message says 15 May: who tells from 15 May on tells of it."""
    for day, is_told in ((16, False), (15, True)):
        write_rules(hub.settings, postbox.address, since=date(2026, 5, day))
        prepare_updates(hub.settings)
        assert (hub.named["after midnight"] in {one.ref for one in noted(hub.settings)}) is is_told


@pytest.mark.parametrize("name", DOMAINS[:2])
def test_an_address_whose_domain_has_other_letters_is_reached(ready: UpdatesHub, postbox: Postbox, name: str) -> None:
    only(ready, name)
    send_due(ready.settings)
    assert len(postbox.mails) == 3


def test_an_address_that_a_mail_cannot_go_to_is_said_to_be_one_and_not_tried_again_and_again(
    ready: UpdatesHub, postbox: Postbox
) -> None:
    only(ready, "not ASCII")
    done = send_due(ready.settings)
    assert done.sent + done.dropped.total() == 3
    assert done.sent == len(postbox.mails)


def test_without_its_file_nothing_is_told_not_even_what_was_approved(ready: UpdatesHub, postbox: Postbox) -> None:
    ready.settings.updates.unlink()
    assert prepare_updates(ready.settings).new == 0
    assert send_due(ready.settings, at_once=True).sent == 0
    assert postbox.receivers == set()
