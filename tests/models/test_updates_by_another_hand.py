"""What people who reported are told, against a second computation of who is due what and where it may go.

``models.updates_oracle`` reads the delivered files and published tables alone; nothing here asks the code that sends.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.withdrawal import withdraw_delivery
from hub.privacy.erasure import erase_person
from hub.publish import publish
from hub.reporters import outbox
from hub.reporters.sending import prepare_updates, send_due
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_mail import EVERY, SINCE, Postbox, Told, expected, of, only, resume, say, states, stop, text_of
from models.updates_oracle import TV, due, noted, read_delivered, read_published, same, without_outcome
from models.updates_world import ToldHub, correct

MIDDLE = date(2026, 5, 15)


def publish_with(hub: ToldHub, statement: str, **values: object) -> None:
    """As if a build had come to this."""
    with open_warehouse(hub.settings, Role.OWNER).begin() as connection:
        assert connection.execute(sa.text(statement), values).rowcount > 0
    build_warehouse(hub.settings, select="dim_dispatch")
    assert publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER)).is_new


def test_the_reports_are_of_every_kind(hub: ToldHub) -> None:
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


@pytest.mark.parametrize(("since", "takes_simulated"), [(SINCE, False), (MIDDLE, True)])
def test_each_report_is_told_what_it_is_due_where_it_agrees_and_at_the_right_address(
    hub: ToldHub, postbox: Postbox, since: date, takes_simulated: bool
) -> None:
    say(hub.settings, postbox.address, since=since, **({"takes_simulated": True} if takes_simulated else {}))
    published, delivered = read_published(hub.settings), read_delivered(hub.files)
    owed = without_outcome(due(published.values(), since, takes_simulated=takes_simulated))
    prepared = prepare_updates(hub.settings)
    assert noted(hub.settings) == owed
    assert prepared.new == owed.total()
    done = send_due(hub.settings)
    wanted = expected(published, delivered, since, takes_simulated=takes_simulated)
    assert postbox.told(hub.settings) == wanted
    assert done.sent == wanted.total() == states(hub.settings)["sent"]
    assert done.sent + done.dropped.total() == owed.total()
    assert postbox.receivers == {told.address for told in wanted}, "nobody else is named to the server"
    again = prepare_updates(hub.settings)
    assert (again.new, again.over, send_due(hub.settings, at_once=True).sent) == (0, 0, 0)


def test_the_ledger_says_to_whose_address_and_when(ready: ToldHub, postbox: Postbox) -> None:
    began = datetime.now(UTC)
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


def test_a_mail_says_nothing_of_anybody_nor_of_what_was_reported(ready: ToldHub, postbox: Postbox) -> None:
    send_due(ready.settings)
    delivered, published = read_delivered(ready.files), read_published(ready.settings)
    personal = {word.lower() for said in delivered.values() for word in said.personal if len(word) > 4}
    secrets = {word for said in delivered.values() for word in said.secret.lower().split() if len(word) > 8}
    strands = {"race", "religio", "sexual", "disab", "transgender", "facebook", "instagram"}
    for each, told in zip(postbox.mails, postbox.told(ready.settings).elements(), strict=False):
        assert isinstance(told, Told)
        subject, text = str(each["Subject"]).lower(), f"{each['Subject']}\n{text_of(each)}".lower()
        assert not {word for word in ("hate", "crime", "police", "victim", "incident") if word in subject}
        assert not {word for word in personal | secrets | strands if word in text}
        assert not [name for name in ("Cc", "Bcc", "Reply-To") if name in each]
        assert each["From"] == "updates@hub.example"
        assert "Somebody helps at any hour: 000 111" in text_of(each)
    notes = fetch(
        open_warehouse(ready.settings, Role.OWNER),
        "select report_ref, kind, words from ledger.reporter_updates inner join publish.incident_evidence_v1"
        " using (report_id)",
    )
    for ref, kind, words in notes:
        if kind == "passed_on":
            assert published[ref].target_name in words or published[ref].target_kind == "other_country"


def test_what_no_rule_approves_waits_for_a_person_and_goes_only_as_decided(hub: ToldHub, postbox: Postbox) -> None:
    say(hub.settings, postbox.address, by_rule=["received"])
    prepare_updates(hub.settings)
    with open_warehouse(hub.settings, Role.DISPATCHER).begin() as connection:
        waiting = outbox.in_state(connection, "waiting")
        assert {one.kind for one in waiting} == set(EVERY) - {"received"}
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


@pytest.mark.parametrize(
    "marked", [("lives with", "first of two"), ("as victim", "second of two"), ("as a domain is looked up", "capitals")]
)
def test_nobody_is_told_who_is_marked_by_report_incident_or_address(
    ready: ToldHub, postbox: Postbox, marked: tuple[str, ...]
) -> None:
    published, delivered = read_published(ready.settings), read_delivered(ready.files)
    for name in marked:
        stop(ready, name)
        stop(ready, name)
    refs = {ready.named[name] for name in marked}
    incidents = {published[ref].incident_id for ref in refs}
    addresses = set.union(*(delivered[ref].addresses for ref in refs))
    send_due(ready.settings)
    wanted = expected(published, delivered)
    safe = {
        told for told in wanted if told.address not in addresses and published[told.ref].incident_id not in incidents
    }
    assert len(safe) < len(wanted) - 3
    assert set(postbox.told(ready.settings)) == safe
    assert not postbox.receivers & addresses


def test_a_mark_that_is_lifted_before_a_message_leaves_holds_nothing_back(ready: ToldHub, postbox: Postbox) -> None:
    only(ready, "lives with", "capitals")
    stop(ready, "lives with")
    resume(ready, "lives with")
    send_due(ready.settings)
    wanted = expected(read_published(ready.settings), read_delivered(ready.files))
    assert set(postbox.told(ready.settings)) == of(wanted, ready.named["lives with"], ready.named["capitals"])


WITHDRAWN = "withdraws consent"
CHANGES = {
    WITHDRAWN: {"consent_contact": "no"},
    "comes again": {},
    "loses address": {"reporter_email": ""},
    "changes address": {"reporter_email": "changes@after.example.org"},
    "agrees later": {"consent_contact": "yes"},
}


def withdraw(hub: ToldHub, catalogue: Catalogue) -> ToldHub:
    """Take back the delivery of the report that "is withdrawn"."""
    query = "select delivery_id from publish.incident_evidence_v1 where report_ref = '{}'"
    [delivery_id] = fetch(open_warehouse(hub.settings, Role.OWNER), query.format(hub.named["is withdrawn"]))
    withdraw_delivery(hub.settings, catalogue, delivery_id, because="sent by mistake", decided_by="a.person")
    [mistake] = [(feed, path) for feed, path in hub.files if feed == TV and "2026-10-25" in path.name]
    return replace(hub, files=tuple(one for one in hub.files if one != mistake))


def test_what_was_corrected_or_withdrawn_waits_for_the_publish_however_often_it_is_tried(
    ready: ToldHub, postbox: Postbox, catalogue: Catalogue
) -> None:
    published, before = read_published(ready.settings), read_delivered(ready.files)
    hub = withdraw(correct(ready, catalogue, "2026-10-26", CHANGES), catalogue)
    changed = {hub.named[name] for name in (*CHANGES, "is withdrawn")}
    only(hub, *CHANGES, "is withdrawn", "capitals")
    for hours in range(0, 40, 2):
        send_due(hub.settings, clock=lambda hours=hours: datetime.now(UTC) + timedelta(hours=hours))
    wanted = of(expected(published, before), hub.named["capitals"])
    assert not of(postbox.told(hub.settings), *changed)
    assert set(postbox.told(hub.settings)) == wanted
    assert postbox.told(hub.settings).total() == len(wanted)
    waiting = noted(hub.settings, "waiting", "approved")
    for name in ("comes again", "changes address", "agrees later"):
        assert {one.kind for one in waiting if one.ref == hub.named[name]} == {"received", "passed_on", "outcome"}, name


def test_after_the_next_publish_each_is_told_by_what_it_says_now(
    ready: ToldHub, postbox: Postbox, catalogue: Catalogue
) -> None:
    before = read_published(ready.settings)
    hub = withdraw(correct(ready, catalogue, "2026-10-26", CHANGES), catalogue)
    send_due(hub.settings)
    first = postbox.told(hub.settings)
    build_warehouse(hub.settings)
    publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER))
    prepare_updates(hub.settings)
    send_due(hub.settings, at_once=True)
    published, delivered = read_published(hub.settings), read_delivered(hub.files)
    assert hub.named["is withdrawn"] not in published
    told = postbox.told(hub.settings)
    assert told == expected(published, delivered)
    assert max(told.values()) == 1
    assert before.keys() - published.keys() == {hub.named["is withdrawn"]}
    assert of(told, hub.named["agrees later"])
    assert not of(told, hub.named[WITHDRAWN], hub.named["is withdrawn"], hub.named["loses address"])
    assert not of(first, *(hub.named[name] for name in CHANGES))


@pytest.mark.parametrize("name", ["old address", "new address"])
def test_a_marked_report_that_was_corrected_holds_back_both_its_addresses(
    ready: ToldHub, postbox: Postbox, catalogue: Catalogue, name: str
) -> None:
    """Of the address that the publish rests on, and of the one that came since, nobody knows who reads it."""
    only(ready, name, "changes address")
    stop(ready, "changes address")
    correct(ready, catalogue, "2026-10-26", {"changes address": CHANGES["changes address"]})
    send_due(ready.settings)
    assert not of(postbox.told(ready.settings), ready.named[name], ready.named["changes address"])


def test_a_mark_holds_however_the_domain_of_an_address_is_written(ready: ToldHub, postbox: Postbox) -> None:
    only(ready, "as a domain is looked up", "as a domain is read")
    stop(ready, "as a domain is looked up")
    send_due(ready.settings)
    assert not of(
        postbox.told(ready.settings), ready.named["as a domain is looked up"], ready.named["as a domain is read"]
    )


def test_who_was_erased_after_the_approval_is_not_written_to(
    ready: ToldHub, postbox: Postbox, catalogue: Catalogue
) -> None:
    only(ready, "is erased", "comes again")
    owner, ref = open_warehouse(ready.settings, Role.OWNER), ready.named["is erased"]
    [token] = fetch(owner, f"select reporter_email_token from raw.{TV} where report_ref = '{ref}'")
    erase_person(ready.settings, owner, catalogue, str(token), because="asked for", decided_by="a.person")
    send_due(ready.settings)
    gone = read_delivered(ready.files)[ref].addresses
    assert not postbox.receivers & gone
    wanted = expected(read_published(ready.settings), read_delivered(ready.files))
    assert set(postbox.told(ready.settings)) == of(wanted, ready.named["comes again"])


def test_an_outcome_that_changed_is_told_anew_and_the_old_one_no_longer(ready: ToldHub, postbox: Postbox) -> None:
    refs = ("comes again", "is erased")
    only(ready, *refs)
    first, second = (read_published(ready.settings)[ready.named[name]] for name in refs)
    with open_warehouse(ready.settings, Role.OWNER).begin() as connection:
        connection.execute(
            sa.text("update ledger.reporter_updates set next_at = now() + interval '1 day' where report_id = :one"),
            {"one": second.report_id},
        )
    send_due(ready.settings)
    assert "outcome" in {one.kind for one in of(postbox.told(ready.settings), first.ref)}
    assert not of(postbox.told(ready.settings), second.ref)
    before = len(postbox.mails)
    statement = "update marts.fct_allocations set outcome_code = '18' where allocation_id in (:one, :two)"
    publish_with(ready, statement, one=first.allocation_id, two=second.allocation_id)
    prepare_updates(ready.settings)
    only(ready, *refs)
    send_due(ready.settings, at_once=True)
    later = [(each["Subject"], text_of(each)) for each in postbox.mails[before:]]
    outcomes = [text for subject, text in later if first.ref in subject or second.ref in subject]
    assert len([one for one in later if first.ref in one[0]]) == 1, "the outcome alone is new"
    kinds = [one.kind for one in postbox.told(ready.settings).elements() if one.ref == second.ref]
    assert sorted(kinds) == ["outcome", "passed_on", "received"], "the outcome that no longer holds is not told"
    assert not any("charge" in text.lower() or "court" in text.lower() for text in outcomes)


def test_with_whom_it_is_is_told_as_it_is_when_the_message_leaves(ready: ToldHub, postbox: Postbox) -> None:
    """Approved or waiting: what no longer holds is not said, and what holds again is."""
    only(ready, "comes again")
    one = read_published(ready.settings)[ready.named["comes again"]]
    statement = "update marts.fct_allocations set target_kind = :kind, target_code = :code where allocation_id = :one"
    publish_with(ready, statement, kind="hub_desk", code="hub_desk", one=one.allocation_id)
    assert prepare_updates(ready.settings).over >= 1
    only(ready, "comes again")
    send_due(ready.settings)
    assert {told.kind for told in of(postbox.told(ready.settings), one.ref)} == {"received", "outcome"}
    publish_with(ready, statement, kind="force", code="E23000001", one=one.allocation_id)
    prepare_updates(ready.settings)
    only(ready, "comes again")
    send_due(ready.settings, at_once=True)
    assert {told.kind for told in of(postbox.told(ready.settings), one.ref)} == {"received", "passed_on", "outcome"}


def test_without_its_file_nothing_is_told_not_even_what_was_approved(ready: ToldHub, postbox: Postbox) -> None:
    ready.settings.updates.unlink()
    assert prepare_updates(ready.settings).new == 0
    assert send_due(ready.settings, at_once=True).sent == 0
    assert postbox.receivers == set()
