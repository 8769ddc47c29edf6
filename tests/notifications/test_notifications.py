"""Who is told of what, when, and in which words."""

import ast
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.monitoring import watch
from hub.notifications import outbox as outbox_store
from hub.notifications.kinds import KINDS
from hub.notifications.sending import is_round_due
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import BUILDS, QUARANTINED_ROWS
from notifications.conftest import Handed, Outbox
from notifications.servers import MailServer, Webhook


def test_an_alert_is_one_message_by_every_channel_however_often_a_round_is_made(
    outbox: Outbox, mail: MailServer, web: Webhook
) -> None:
    outbox.alert("held", feed="community_reports", detail="fewer rows than ever")
    assert is_round_due(outbox.settings)
    sent = outbox.send()
    assert (sent.count_new, sent.taken, sent.problems) == (1, {"mail": 1, "web": 1}, {})
    for _ in range(2):
        outbox.later(hours=1)
        assert outbox.send().taken == {}
    assert not is_round_due(outbox.settings)
    (mailed,), (posted,) = mail.mails, web.requests
    assert mailed["Subject"] == posted["title"] == "[warning] A delivery is held: community_reports"
    assert (mailed["From"], mailed["To"]) == ("hub@hub.example", "desk@hub.example")
    text = mailed.get_content().replace("\r\n", "\n")
    assert text.strip() == posted["message"].strip()
    assert "What: fewer rows than ever\nNext: Look at the reason; then release or reject it" in text
    assert mail.came == web.came


def test_without_a_channel_nothing_fails_and_what_lasts_is_told_by_the_first_that_is_set_up(outbox: Outbox) -> None:
    outbox.alert("held")
    outbox.over(outbox.alert("refused"))
    assert (outbox.send().count_new, outbox.send().taken) == (1, {})
    assert not is_round_due(outbox.settings)
    with outbox.engine.connect() as connection:
        (entry,) = outbox_store.entries(connection)
    assert (entry.channel, entry.state) == (None, "no channel")
    handed = Handed()
    outbox.channel("web", "json://127.0.0.1")
    outbox.send(hand=handed)
    assert handed.titles == [("web", "A delivery is held")]


def test_owner_and_severity_decide_who_is_told(outbox: Outbox) -> None:
    outbox.channel("everything", "json://127.0.0.1", from_severity="notice")
    outbox.channel("urgent", "json://127.0.0.1", from_severity="urgent")
    outbox.channel("forces", "json://127.0.0.1", owners=["force *"], from_severity="notice")
    for kind, owner in (("unknown_folder", "hub"), ("silent", "hub"), ("overdue", "force E23000001")):
        outbox.alert(kind, owner=owner)
    handed = Handed()
    outbox.send(hand=handed)
    assert handed.titles == [
        ("everything", "A feed is silent"),
        ("everything", "Allocations are overdue"),
        ("everything", "Files lie in a folder of no feed"),
        ("forces", "Allocations are overdue"),
        ("urgent", "A feed is silent"),
    ]


def test_a_feed_that_gets_worse_is_told_again(outbox: Outbox, web: Webhook) -> None:
    for kind in ("due", "due", "late", "silent"):
        with outbox.engine.begin() as connection:
            cause = watch.Cause("arrival:x", kind, "hub", "last delivery: never")
            watch.open_alert(connection, cause, outbox.now)
        outbox.send()
    assert [one["title"].split("] ")[1] for one in web.requests] == [
        "A delivery is due",
        "A delivery is late",
        "A feed is silent",
    ]


def test_what_is_over_before_its_channel_took_it_is_told_once_and_says_so(outbox: Outbox, web: Webhook) -> None:
    web.faults.append("503")
    key = outbox.alert("refused")
    assert outbox.send().problems == {
        "web": "Failed to send JSON POST notification: Servers are overloaded., error=503."
    }
    outbox.over(key)
    outbox.later(minutes=1)
    assert outbox.send().taken == {"web": 1}
    assert "Over since: 2026-03-10 12:01 UTC; nothing is left to do" in web.requests[0]["message"]


def test_an_approval_is_asked_for_at_once_after_four_hours_and_then_daily_until_it_is_given(
    outbox: Outbox, web: Webhook
) -> None:
    key = outbox.alert("approval", detail="a run of erase_person waits for an answer")
    hours_told = list[int]()
    for hour in range(60):
        if outbox.send().taken:
            hours_told.append(hour)
        outbox.later(hours=1)
    assert hours_told == [0, 4, 28, 52]
    outbox.over(key)
    outbox.later(days=3)
    assert outbox.send().taken == {}
    assert len(web.came) == 4


def test_a_hub_that_was_away_for_days_sends_one_reminder_and_one_that_was_answered_meanwhile_none(
    outbox: Outbox, web: Webhook
) -> None:
    outbox.alert("approval")
    outbox.later(days=3)
    assert outbox.send().taken == {"web": 1}
    web.faults.append("500")
    key = outbox.alert("approval")
    assert outbox.send().problems.keys() == {"web"}
    outbox.over(key)
    outbox.later(hours=1)
    assert outbox.send().taken == {}
    assert outbox.told() == {"A decision waits for a second person": ["sent", "dropped"]}


def test_rows_in_quarantine_and_repeats_are_told_with_rules_and_counts(outbox: Outbox, web: Webhook) -> None:
    half_bad = outbox.deliver(status="loaded", rows_read=5, rows_accepted=2, rows_quarantined=3)
    quarantine(outbox, half_bad, "postcode.format", "postcode.format", "strand.known")
    repeat = outbox.deliver(status="duplicate", duplicate_of=half_bad, reason="typed by somebody: Ada Lovelace")
    outbox.deliver(status="loaded", rows_read=1, rows_accepted=1)
    outbox.deliver(status="duplicate", duplicate_of=half_bad, received_at=outbox.now - timedelta(days=8))
    outbox.send()
    bad, again = sorted(web.requests, key=lambda one: str(one["title"]), reverse=True)
    assert bad["title"] == "[warning] Rows are in quarantine: community_reports"
    assert f"Delivery: {half_bad}\nWhat: 3 of 5 rows\nRules: postcode.format (2), strand.known (1)" in bad["message"]
    assert again["title"] == "[notice] A file came again: community_reports"
    assert f"Delivery: {repeat}\nWhat: the same bytes came as delivery {half_bad}\n" in again["message"]


def test_rows_that_stay_in_quarantine_wait_for_their_channel_for_as_long(outbox: Outbox, web: Webhook) -> None:
    half_bad = outbox.deliver(status="loaded", rows_read=1, rows_quarantined=1)
    quarantine(outbox, half_bad, "postcode.format")
    web.faults.append("503")
    assert outbox.send().problems.keys() == {"web"}
    outbox.later(days=30)
    assert outbox.send().taken == {"web": 1}
    assert "Over since" not in web.requests[0]["message"]


def quarantine(outbox: Outbox, delivery_id: uuid.UUID, *rules: str) -> None:
    with open_warehouse(outbox.settings, Role.OWNER).begin() as connection:
        for number, rule in enumerate(rules):
            row = {"row_number": number, "rule": rule, "because": "so", "feed": "community_reports"}
            row |= {"quarantine_id": uuid.uuid4(), "delivery_id": delivery_id}
            connection.execute(sa.insert(QUARANTINED_ROWS).values(row))


def test_the_first_of_builds_that_fail_is_told_until_one_succeeds(outbox: Outbox, web: Webhook) -> None:
    transformer = open_warehouse(outbox.settings, Role.TRANSFORMER)
    for status in ("failed", "failed", "succeeded", "failed"):
        row = {"status": status, "code_sha256": "", "seeds_sha256": "", "finished_at": outbox.now}
        with transformer.begin() as connection:
            connection.execute(sa.insert(BUILDS).values(row | {"reason": f"a test of a build that {status}"}))
        outbox.later(minutes=1)
        outbox.send()
    assert [one["title"] for one in web.requests] == 2 * [
        "[urgent] A build has failed; the published views stay as they were"
    ]


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.tells_detail])
def test_names_of_files_folders_senders_and_logins_do_not_leave_the_hub(outbox: Outbox, kind: str) -> None:
    outbox.alert(kind, feed="Ada Lovelace", detail="Ada Lovelace.csv")
    handed = Handed()
    outbox.channel("web", "json://127.0.0.1", from_severity="notice")
    outbox.send(hand=handed)
    ((_, message),) = handed.messages
    assert "Ada" not in f"{message}"


def test_every_kind_of_alert_has_its_words() -> None:
    in_code = {"due", "late", "silent", "held", "refused", "not_loaded"}  # kinds that the code of the watch works out
    folders = (Path(watch.__file__).parent, Path(watch.__file__).parents[2] / "orchestration")
    for path in (path for folder in folders for path in folder.glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Cause":
                kind = call.args[1]
                in_code |= {str(kind.value)} if isinstance(kind, ast.Constant) else set()
    of_others = {"quarantined", "duplicate", "failed_build", "letters", "overdue", "overdue_threat", "threat_at_desk"}
    of_dispatches = {"undelivered", "refused_recipient", "recipient_certificate", "urgent_dispatch", "untold_reporters"}
    of_dispatches |= {"paused_recipient", "untold_link"}
    assert in_code | of_others | of_dispatches == KINDS.keys()
