"""What changes between a publish and the moment at which a message leaves: corrections, withdrawals, marks, erasures,
outcomes. What no longer holds is not said, and what holds again is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.ingest.withdrawal import withdraw_delivery
from hub.privacy.erasure import erase_person
from hub.publish import publish
from hub.reporters.sending import prepare_updates, send_due
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_mail import Postbox, expected, of, only, stop, text_of
from models.updates_oracle import noted, read_delivered, read_published
from models.updates_world import COMMUNITY, TV, UpdatesHub, correct


def publish_with(hub: UpdatesHub, statement: str, **values: object) -> None:
    """As if a build had come to this."""
    with open_warehouse(hub.settings, Role.OWNER).begin() as connection:
        assert connection.execute(sa.text(statement), values).rowcount > 0
        connection.execute(sa.text("update ledger.publishes set fingerprint = md5(cast(random() as text))"))
    assert publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER)).is_new


WITHDRAWN = "withdraws consent"
CHANGES = {
    WITHDRAWN: {"consent_contact": "no"},
    "comes again": {},
    "loses address": {"reporter_email": ""},
    "changes address": {"reporter_email": "changes@after.example.org"},
    "agrees later": {"consent_contact": "yes"},
}


def later(hours: int) -> Callable[[], datetime]:
    return lambda: datetime.now(UTC) + timedelta(hours=hours)


def withdraw(hub: UpdatesHub, catalogue: Catalogue) -> UpdatesHub:
    """Take back the delivery of the report that "is withdrawn"."""
    query = "select delivery_id from publish.incident_evidence_v1 where report_ref = '{}'"
    [delivery_id] = fetch(open_warehouse(hub.settings, Role.OWNER), query.format(hub.named["is withdrawn"]))
    withdraw_delivery(hub.settings, catalogue, delivery_id, because="sent by mistake", decided_by="a.person")
    [mistake] = [(feed, path) for feed, path in hub.files if feed == TV and "2026-10-25" in path.name]
    return replace(hub, files=tuple(one for one in hub.files if one != mistake))


def test_what_was_corrected_or_withdrawn_waits_for_the_publish_however_often_it_is_tried(
    ready: UpdatesHub, postbox: Postbox, catalogue: Catalogue
) -> None:
    published, before = read_published(ready.settings), read_delivered(ready.files)
    hub = withdraw(correct(ready, catalogue, "2026-10-26", CHANGES), catalogue)
    changed = {hub.named[name] for name in (*CHANGES, "is withdrawn") if name != "comes again"}
    only(hub, *CHANGES, "is withdrawn", "capitals", kinds=["received"])
    for hours in range(0, 32, 6):
        send_due(hub.settings, clock=later(hours))
    unchanged = (hub.named["capitals"], hub.named["comes again"])
    wanted = {one for one in of(expected(published, before), *unchanged) if one.kind == "received"}
    assert not of(postbox.told(hub.settings), *changed)
    assert set(postbox.told(hub.settings)) == wanted
    assert postbox.told(hub.settings).total() == len(wanted)
    waiting = noted(hub.settings, "waiting", "approved")
    for name in ("changes address", "agrees later", "is withdrawn"):
        assert {one.kind for one in waiting if one.ref == hub.named[name]} == {"received"}, name


@pytest.mark.long
def test_after_the_next_publish_each_is_told_by_what_it_says_now(
    ready: UpdatesHub, postbox: Postbox, catalogue: Catalogue
) -> None:
    before = read_published(ready.settings)
    names = (*CHANGES, "is withdrawn", "capitals", "old address")
    only(ready, *names)
    hub = withdraw(correct(ready, catalogue, "2026-10-26", CHANGES), catalogue)
    send_due(hub.settings)
    first = postbox.told(hub.settings)
    build_warehouse(hub.settings)
    publish(hub.settings, open_warehouse(hub.settings, Role.PUBLISHER))
    prepare_updates(hub.settings)
    only(hub, *(set(names) - {"is withdrawn"}))
    send_due(hub.settings, at_once=True)
    published, delivered = read_published(hub.settings), read_delivered(hub.files)
    assert hub.named["is withdrawn"] not in published
    told = postbox.told(hub.settings)
    assert set(told) == of(expected(published, delivered), *(hub.named[name] for name in names))
    assert max(told.values()) == 1
    assert before.keys() - published.keys() == {hub.named["is withdrawn"]}
    assert of(told, hub.named["agrees later"])
    assert not of(told, hub.named[WITHDRAWN], hub.named["is withdrawn"], hub.named["loses address"])
    assert not of(first, *(hub.named[name] for name in CHANGES if name != "comes again"))


@pytest.mark.parametrize("name", ["old address", "new address"])
def test_a_marked_report_that_was_corrected_holds_back_both_its_addresses(
    ready: UpdatesHub, postbox: Postbox, catalogue: Catalogue, name: str
) -> None:
    """Of the address that the publish rests on, and of the one that came since, nobody knows who reads it."""
    only(ready, name, "changes address")
    stop(ready, "changes address")
    correct(ready, catalogue, "2026-10-26", {"changes address": CHANGES["changes address"]})
    send_due(ready.settings)
    assert not of(postbox.told(ready.settings), ready.named[name], ready.named["changes address"])


def test_a_mark_holds_however_the_domain_of_an_address_is_written(ready: UpdatesHub, postbox: Postbox) -> None:
    only(ready, "as a domain is looked up", "as a domain is read")
    stop(ready, "as a domain is looked up")
    send_due(ready.settings)
    assert not of(
        postbox.told(ready.settings), ready.named["as a domain is looked up"], ready.named["as a domain is read"]
    )


def test_who_was_erased_after_the_approval_is_not_written_to(
    ready: UpdatesHub, postbox: Postbox, catalogue: Catalogue
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


def test_an_outcome_that_changed_is_told_anew_and_the_old_one_no_longer(ready: UpdatesHub, postbox: Postbox) -> None:
    refs = ("comes again", "is erased")
    only(ready, *refs)
    first, second = (read_published(ready.settings)[ready.named[name]] for name in refs)
    with open_warehouse(ready.settings, Role.OWNER).begin() as connection:
        connection.execute(
            sa.text("update ledger.reporter_updates set next_at = now() + interval '50 minutes' where report_id = :r"),
            {"r": second.report_id},
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


AT_DESK = """
    update marts.fct_allocations set target_kind = 'hub_desk', target_code = 'hub_desk' where allocation_id = :one
"""
WITH_FORCE = """
    update marts.fct_allocations set target_kind = 'force', target_code = 'E23000001' where allocation_id = :one
"""


def test_what_was_approved_and_no_longer_holds_is_not_said(ready: UpdatesHub, postbox: Postbox) -> None:
    only(ready, "old address")
    one = read_published(ready.settings)[ready.named["old address"]]
    publish_with(ready, AT_DESK, one=one.allocation_id)
    assert prepare_updates(ready.settings).over >= 1
    only(ready, "old address")
    send_due(ready.settings)
    assert {told.kind for told in postbox.told(ready.settings)} == {"received"}


def test_what_holds_again_before_it_was_told_is_told(ready: UpdatesHub, postbox: Postbox) -> None:
    """As where a delivery is withdrawn and restored, or a force gives a case back and takes it again."""
    only(ready, "old address")
    one = read_published(ready.settings)[ready.named["old address"]]
    for statement in (AT_DESK, WITH_FORCE):
        publish_with(ready, statement, one=one.allocation_id)
        prepare_updates(ready.settings)
    only(ready, "old address")
    send_due(ready.settings)
    assert {told.kind for told in postbox.told(ready.settings)} == {"received", "passed_on"}


def test_what_was_for_a_reporter_who_was_erased_goes_to_nobody_else(
    ready: UpdatesHub, postbox: Postbox, catalogue: Catalogue
) -> None:
    """Thanks for a report are not for the victim, who may not know of it."""
    only(ready, "as victim")
    owner, ref = open_warehouse(ready.settings, Role.OWNER), ready.named["as victim"]
    [token] = fetch(owner, f"select reporter_email_token from raw.{COMMUNITY} where case_ref = '{ref}'")
    erase_person(ready.settings, owner, catalogue, str(token), because="asked for", decided_by="a.person")
    send_due(ready.settings)
    assert {told.kind for told in postbox.told(ready.settings)} == {"outcome"}


def test_what_leaves_while_it_is_found_to_be_over_is_kept_as_said(ready: UpdatesHub, postbox: Postbox) -> None:
    """A round of sending and one of preparing can run at the same time; what was said and when is kept."""
    only(ready, "old address", kinds=["passed_on"])
    one = read_published(ready.settings)[ready.named["old address"]]
    publish_with(ready, AT_DESK, one=one.allocation_id)
    postbox.meanwhile = lambda: prepare_updates(ready.settings)
    assert send_due(ready.settings).sent == len(postbox.mails) == 1
    query = f"select state from ledger.reporter_updates where report_id = '{one.report_id}' and kind = 'passed_on'"
    assert fetch(open_warehouse(ready.settings, Role.OWNER), query) == ["sent"]


def test_the_same_words_are_not_said_again_where_incidents_were_joined(ready: UpdatesHub, postbox: Postbox) -> None:
    """Linkage can give a report another incident, and with it another allocation, of the same force and day."""
    only(ready, "old address", "comes again")
    send_due(ready.settings)
    first = len(postbox.mails)
    published = read_published(ready.settings)
    for name in ("old address", "comes again"):
        joined = "update marts.fct_allocations set allocation_id = gen_random_uuid() where allocation_id = :one"
        publish_with(ready, joined, one=published[ready.named[name]].allocation_id)
    prepare_updates(ready.settings)
    only(ready, "old address", "comes again")
    send_due(ready.settings, at_once=True)
    said = [(each["To"], each["Subject"], text_of(each)) for each in postbox.mails]
    assert first == len(set(said)) == len(said)
