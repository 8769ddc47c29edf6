"""What people who reported are told by a hub that was built and published."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import free_port
from hub.contracts.model import Catalogue
from hub.reporters import outbox
from hub.reporters.sending import prepare_updates, send_due
from hub.reporters.words import Kind
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, put_delivery
from notifications.servers import MailServer

REPORTER = "robin.sample@example.org"
RULES = """
since: 2016-01-01
sender: updates@hub.example
server: mail
by_rule: [{kinds}]
help: |
  Victim Support, free and at any hour
"""
ALL = ", ".join(Kind)


@pytest.fixture
def warehouse(published: Settings) -> Settings:
    return published


@pytest.fixture
def mail(warehouse: Settings) -> Iterator[MailServer]:
    """A published hub that tells everybody by rule, and the server that takes its mails."""
    with MailServer(free_port()) as server:
        (warehouse.secrets / "updates").mkdir()
        (warehouse.secrets / "updates" / "mail").write_text(server.address)
        warehouse.updates.write_text(RULES.format(kinds=ALL))
        yield server


def about_the_report(mail: MailServer) -> list[Any]:
    """The mails about the first of the reporter's reports."""
    return [one for one in mail.mails if one["To"] == REPORTER and one["Subject"] == "About your report TV-00000001"]


def in_hours(hours: int) -> Callable[[], datetime]:
    """A clock that is ahead."""
    return lambda: datetime.now(UTC) + timedelta(hours=hours)


def report_of(warehouse: Settings, reference: str) -> Any:
    query = f"select report_id from publish.incident_evidence_v1 where report_ref = '{reference}'"
    [report_id] = fetch(open_warehouse(warehouse, Role.OWNER), query)
    return report_id


def test_a_reporter_is_told_once_by_mail_what_became_of_the_report(warehouse: Settings, mail: MailServer) -> None:
    assert prepare_updates(warehouse).new > 0
    done = send_due(warehouse)
    assert done.sent == len(mail.mails) > 0
    assert not done.put_off
    texts = [one.get_content() for one in about_the_report(mail)]
    assert any("Thank you for your report of 3 October 2026. We have it." in text for text in texts)
    assert any("By what we know it is not a crime." in text for text in texts)
    assert any("It is with Metropolitan Police Service since" in one.get_content() for one in mail.mails)
    assert all("Victim Support, free and at any hour" in text for text in texts)
    assert all(
        word not in f"{one['Subject']}{one.get_content()}".lower() for one in mail.mails for word in ("robin", "hate")
    )
    prepared = prepare_updates(warehouse)
    assert (prepared.new, prepared.over) == (0, 0)
    assert send_due(warehouse, at_once=True).sent == 0


@pytest.mark.usefixtures("mail")
def test_nothing_is_written_to_whoever_did_not_agree(warehouse: Settings) -> None:
    prepare_updates(warehouse)
    send_due(warehouse)
    engine = open_warehouse(warehouse, Role.OWNER)
    refused = fetch(engine, "select report_id from staging.stg_true_vision_reports where not consent_contact")
    told = fetch(engine, "select report_id from ledger.reporter_updates where state = 'sent'")
    assert refused
    assert not set(refused) & set(told)


def test_without_a_rule_a_message_waits_for_a_person_and_one_that_is_dropped_never_goes(
    warehouse: Settings, mail: MailServer
) -> None:
    warehouse.updates.write_text(RULES.format(kinds=""))
    prepare_updates(warehouse)
    assert send_due(warehouse).sent == 0
    engine = open_warehouse(warehouse, Role.DISPATCHER)
    with engine.begin() as connection:
        ours = [one for one in outbox.in_state(connection, "waiting") if "TV-00000001" in one.subject]
        kept, *dropped = ours
        outbox.decide(connection, kept.update_id, datetime.now(UTC), by="a.person")
        for one in dropped:
            outbox.decide(connection, one.update_id, datetime.now(UTC), by="a.person", because=outbox.OVER)
        with pytest.raises(outbox.NotWaiting):
            outbox.decide(connection, kept.update_id, datetime.now(UTC), by="a.person")
    prepare_updates(warehouse)  # what a person dropped in the hub's own words does not come back
    assert send_due(warehouse).sent == 1
    assert [one.get_content().replace("\r\n", "\n") for one in mail.mails] == [kept.words]


def test_who_is_marked_is_told_nothing_nor_is_their_address(warehouse: Settings, mail: MailServer) -> None:
    prepare_updates(warehouse)
    with open_warehouse(warehouse, Role.DISPATCHER).begin() as connection:
        outbox.stop(connection, report_of(warehouse, "TV-00000001"), because="lives with the suspect", by="a.person")
    done = send_due(warehouse)
    assert done.dropped["somebody said that it is not safe to contact them"] > 0
    assert done.sent == len(mail.mails) > 0
    assert REPORTER not in {one["To"] for one in mail.mails}, "other reports give the same address"


def test_what_the_server_does_not_take_waits_and_what_changed_waits_for_its_publish(
    warehouse: Settings, mail: MailServer, catalogue: Catalogue
) -> None:
    prepare_updates(warehouse)
    mail.faults.extend(["451"] * 200)
    first = send_due(warehouse)
    assert first.sent == 0
    assert first.put_off == {"the mail server answered 451": 3}, "the others wait for the next round"
    mail.faults.clear()
    engine = open_warehouse(warehouse, Role.OWNER)
    [row] = fetch(engine, "select to_jsonb(r) from raw.true_vision_reports r where report_ref = 'TV-00000001'")
    changed = {key: value for key, value in row.items() if not key.startswith("_")} | {"consent_contact": "no"}
    put_delivery(engine, catalogue.contracts["true_vision_reports"], changed)
    soon = send_due(warehouse)
    later = send_due(warehouse, clock=lambda: datetime.now(UTC) + timedelta(minutes=5))
    assert soon.sent > 0
    assert later.sent + later.put_off.total() == 3 + soon.put_off.total(), "only what was put off had its turn again"
    assert (soon.put_off + later.put_off)[
        "the report has changed since the newest publish, or a row of it waits in quarantine"
    ] > 0
    assert about_the_report(mail) == []


def test_a_clock_that_was_ahead_keeps_no_message_waiting_once_it_is_right(
    warehouse: Settings, mail: MailServer
) -> None:
    prepare_updates(warehouse)
    mail.faults.extend(["451"] * 200)
    assert send_due(warehouse, clock=in_hours(1000)).put_off.total() == 3
    mail.faults.clear()
    send_due(warehouse)
    engine = open_warehouse(warehouse, Role.OWNER)
    assert fetch(engine, "select count(*) from ledger.reporter_updates where state = 'approved'") == [0]


def test_no_address_is_kept(warehouse: Settings, mail: MailServer) -> None:
    prepare_updates(warehouse)
    mail.faults.append("550")
    send_due(warehouse)
    with open_warehouse(warehouse, Role.OWNER).connect() as connection:
        kept = str(connection.execute(sa.text("select * from ledger.reporter_updates")).all())
        audit = fetch(connection.engine, "select purpose from audit.log where purpose = 'an update for who reported'")
    assert "@" not in kept.replace("updates@hub.example", "")
    assert audit


def test_somebody_is_told_of_messages_that_were_given_up_until_they_are_decided_anew(
    warehouse: Settings, mail: MailServer
) -> None:
    """One message alone: a round tries three, and of all of them it takes many more until one is given up."""
    prepare_updates(warehouse)
    engine = open_warehouse(warehouse, Role.OWNER)
    with engine.begin() as connection:
        first = "select min(update_id::text) from ledger.reporter_updates where state = 'approved'"
        connection.execute(sa.text(f"delete from ledger.reporter_updates where update_id::text <> ({first})"))
    hours = 0
    mail.faults.extend(["550"] * 10_000)
    while not (given_up := fetch(engine, "select update_id from ledger.reporter_updates where state = 'given_up'")):
        hours += 2
        send_due(warehouse, clock=in_hours(hours))
        assert hours < 60
    alerts = "select count(*) from ledger.alerts where kind = 'untold_reporters' and closed_at is null"
    assert fetch(engine, alerts) == [1]
    mail.faults.clear()
    with engine.begin() as connection:
        for one in given_up:
            outbox.decide(connection, one, datetime.now(UTC), by="a.person")
    send_due(warehouse, clock=in_hours(hours + 2))
    assert fetch(engine, alerts) == [0]
    assert fetch(engine, "select count(*) from ledger.reporter_updates where state in ('approved', 'given_up')") == [0]
