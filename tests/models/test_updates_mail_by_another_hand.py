"""Whatever goes wrong between the hub and the mail server, each message arrives, and its reader can tell a repeat."""

import logging
import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import pytest
import sqlalchemy as sa

from conftest import free_port
from hub.reporters.sending import prepare_updates, send_due
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.updates_mail import Postbox, expected, of, only, states, write_rules
from models.updates_oracle import read_delivered, read_published
from models.updates_world import UpdatesHub

APART = multiprocessing.get_context("forkserver")
NOT_TAKEN = ("421", "451", "550", "rcpt 450", "rcpt 550", "rcpt 421", "silent", "dropped")
TAKEN_WITHOUT_A_WORD = ("taken silent", "taken dropped")
SUBJECTS = ("lives with", "capitals", "first of two", "second of two", "comes again", "is erased")
DAY = timedelta(days=1)


def send_apart(settings: Settings) -> None:
    """A round in a process of its own."""
    send_due(settings, at_once=True)


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def ids(mail: Postbox) -> Counter[str]:
    return Counter(str(each["Message-ID"]) for each in mail.mails)


def wanted(hub: UpdatesHub, *names: str) -> set[object]:
    told = expected(read_published(hub.settings), read_delivered(hub.files))
    return set(of(told, *(hub.named[name] for name in names)))


def row(hub: UpdatesHub) -> sa.Row[object]:
    """The one message that there is."""
    with open_warehouse(hub.settings, Role.OWNER).connect() as connection:
        return connection.execute(sa.text("select * from ledger.reporter_updates")).one()


@pytest.fixture
def one(ready: UpdatesHub) -> UpdatesHub:
    """A hub with one message to send."""
    only(ready, "after midnight")
    assert row(ready)
    return ready


def test_each_fault_of_the_server_loses_no_message_and_doubles_none_that_it_did_not_take(
    ready: UpdatesHub, postbox: Postbox
) -> None:
    only(ready, *SUBJECTS)
    postbox.faults.extend((*NOT_TAKEN, *TAKEN_WITHOUT_A_WORD))
    put_off = send_due(ready.settings).put_off
    while postbox.faults:  # a round leaves a server alone that takes nothing
        put_off += send_due(ready.settings, at_once=True).put_off
    assert put_off.total() == len(NOT_TAKEN) + len(TAKEN_WITHOUT_A_WORD)
    while send_due(ready.settings, at_once=True).put_off:
        pass
    assert set(postbox.told(ready.settings)) == wanted(ready, *SUBJECTS)
    counted = ids(postbox)
    assert len(counted) == len(wanted(ready, *SUBJECTS)), "a repeat has the id of the first"
    assert counted.total() - len(counted) == len(TAKEN_WITHOUT_A_WORD)


def test_nobody_listens(one: UpdatesHub, postbox: Postbox) -> None:
    write_rules(one.settings, f"smtp+plain://127.0.0.1:{free_port()}")
    assert send_due(one.settings).sent == 0
    write_rules(one.settings, postbox.address)
    assert send_due(one.settings, at_once=True).sent == len(postbox.mails) == 1


def test_a_process_that_dies_between_handing_over_and_writing_down_repeats_under_one_id(
    one: UpdatesHub, postbox: Postbox
) -> None:
    postbox.faults.append("killed")
    child = APART.Process(target=send_apart, args=(one.settings,))
    child.start()
    postbox.sender_pid = child.pid
    child.join()
    assert child.exitcode != 0
    assert len(postbox.mails) == 1
    assert states(one.settings)["sent"] == 0
    send_due(one.settings, at_once=True)
    assert len(postbox.mails) == 2
    assert len(ids(postbox)) == 1
    assert states(one.settings) == {"sent": 1}
    assert row(one).attempts == 2


def test_a_message_waits_longer_each_time_and_is_given_up_after_fourteen_attempts(
    one: UpdatesHub, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    postbox.faults.extend(["451"] * 30)
    moment = datetime.now(UTC) + timedelta(days=1)
    for attempt in range(1, 15):
        send_due(one.settings, clock=at(moment))
        assert postbox.met["451"] == attempt
        if attempt < 14:
            wait = timedelta(seconds=min(30 * 2 ** (attempt - 1), 3600))
            send_due(one.settings, clock=at(moment + wait - timedelta(seconds=2)))
            assert postbox.met["451"] == attempt, "it is not its turn yet"
            moment += wait + timedelta(seconds=1)
    assert row(one).state == "given_up"
    assert "451" in row(one).problem
    assert "@" not in row(one).problem
    send_due(one.settings, clock=at(moment + 30 * DAY), at_once=True)
    assert postbox.met["451"] == 14
    prepare_updates(one.settings)
    assert row_of_kind_is_known_once(one)
    address = str(read_delivered(one.files)[one.named["after midnight"]].reporter)
    assert not [record for record in caplog.records if record.name != "mail.log" and address in record.getMessage()]


def row_of_kind_is_known_once(hub: UpdatesHub) -> bool:
    query = "select count(*) from ledger.reporter_updates group by report_id, kind, allocation_id, words"
    return set(fetch(open_warehouse(hub.settings, Role.OWNER), query)) == {1}


def test_two_senders_and_two_preparers_at_once_tell_each_once(hub: UpdatesHub, postbox: Postbox) -> None:
    write_rules(hub.settings, postbox.address)
    together(lambda: prepare_updates(hub.settings))
    only(hub, *SUBJECTS)
    together(lambda: send_due(hub.settings))
    send_due(hub.settings)
    assert set(postbox.told(hub.settings)) == wanted(hub, *SUBJECTS)
    assert set(ids(postbox).values()) == {1}


def together(work: object) -> None:
    assert callable(work)
    problems = list[BaseException]()

    def run() -> None:
        try:
            work()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


@pytest.mark.parametrize(
    "broken", ["\r\nBcc: eve@evil.example\r\n\r\nsurprise", "\nX-Eve: yes", "\rX-Eve: yes", "\u2028Bcc: e@e.example"]
)
def test_a_line_break_in_a_subject_adds_no_header_and_holds_no_other_message_up(
    ready: UpdatesHub, postbox: Postbox, broken: str
) -> None:
    only(ready, "after midnight", "capitals")
    with open_warehouse(ready.settings, Role.OWNER).begin() as connection:
        change = "update ledger.reporter_updates set subject = subject || :broken where report_id = :report"
        report = read_published(ready.settings)[ready.named["after midnight"]].report_id
        connection.execute(sa.text(change), {"broken": broken, "report": report})
    send_due(ready.settings)
    assert wanted(ready, "capitals") <= of_known(ready, postbox)
    usual = {"Subject", "From", "To", "Message-ID", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    for each in postbox.mails:
        assert not {name for name in each if name.lower() in ("bcc", "cc", "x-eve")}, each.keys()
        assert usual - {"MIME-Version"} <= set(each.keys())
        assert "surprise" not in each.get_content()
        assert "\n" not in each["Subject"]
    assert "eve@evil.example" not in postbox.receivers


def of_known(hub: UpdatesHub, mail: Postbox) -> set[object]:
    """What was told, of the messages whose subject is as it was."""
    known = Postbox(0)
    pairs = [
        pair for pair in zip(mail.mails, mail.envelopes, strict=True) if hub.named["capitals"] in pair[0]["Subject"]
    ]
    known.mails, known.envelopes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return set(known.told(hub.settings))


def test_each_mail_goes_to_one_address_from_the_mailbox_that_people_answer_to(
    ready: UpdatesHub, postbox: Postbox
) -> None:
    only(ready, *SUBJECTS)
    send_due(ready.settings)
    for each, (sender, receivers) in zip(postbox.mails, postbox.envelopes, strict=True):
        assert parseaddr(each["From"])[1] == sender == "updates@hub.example"
        assert receivers == (each["To"],)


def test_a_refusal_of_one_holds_no_other_up(ready: UpdatesHub, postbox: Postbox) -> None:
    only(ready, *SUBJECTS)
    postbox.faults.append("rcpt 550")
    send_due(ready.settings)
    assert len(postbox.mails) == len(wanted(ready, *SUBJECTS)) - 1
