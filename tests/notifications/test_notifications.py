"""Who is told of what, when, and in which words."""

import ast
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.monitoring import watch
from hub.notifications import outbox as outbox_store
from hub.notifications.channels import Channel, ChannelsRefused, read_channels
from hub.notifications.kinds import KINDS
from hub.notifications.outbox import Message
from hub.notifications.sending import is_round_due
from hub.notifications.taken import NotTaken
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
    assert in_code | {"quarantined", "duplicate", "failed_build", "overdue", "overdue_threat"} == KINDS.keys()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("- mail", "must name channels"),
        ("mail: {colour: red}", "unknown key colour"),
        ("mail: {from_severity: loud}", "from_severity must be notice, warning, urgent"),
        ("mail: {owners: hub}", "owners must be a list"),
        ("mail: {secret: ../master.keys}", "name of a file under secrets/channels"),
        ("mail: {to: desk}", "to must be one e-mail address"),
        ("mail: {to: desk@hub.example}", "both sender and to"),
        ("mail: [", "not YAML"),
    ],
)
def test_a_file_of_channels_that_cannot_be_used_is_refused_by_name_and_nothing_is_lost(
    outbox: Outbox, said: str, why: str
) -> None:
    outbox.alert("held")
    outbox.settings.notifications.write_text(said)
    with pytest.raises(ChannelsRefused, match=why):
        read_channels(outbox.settings)
    with pytest.raises(ChannelsRefused):
        outbox.send()
    assert outbox.told() == {"A delivery is held": []}


def test_a_channel_without_an_address_or_with_none_that_is_one_keeps_its_messages(outbox: Outbox) -> None:
    outbox.channel("web", "nonsense")
    outbox.alert("held")
    assert outbox.send().problems == {"web": "the address is none that Apprise knows"}
    (outbox.settings.secrets / "channels" / "web").unlink()
    (problem,) = outbox.send(at_once=True).problems.values()
    assert problem.startswith("web: its address cannot be read")
    outbox.address("web", "smtp+plain://127.0.0.1:25")
    assert outbox.send(at_once=True).problems == {"web": "mail needs sender and to in notifications.yaml"}
    assert outbox.told() == {"A delivery is held": ["waiting"]}


def test_a_channel_that_takes_nothing_is_asked_again_after_growing_waits_and_holds_up_no_other(
    outbox: Outbox,
) -> None:
    for name in ("broken", "web"):
        outbox.channel(name, "json://127.0.0.1", from_severity="notice")
    for _ in range(20):
        outbox.alert("held")
    tried = list[float]()
    begun = outbox.now

    def hand(channel: Channel, _: Message) -> str:
        if channel.name == "broken":
            tried.append((outbox.now - begun).total_seconds())
            raise NotTaken("it is broken")
        return "taken"

    for _ in range(60):
        outbox.send(hand=hand)
        outbox.later(seconds=30)
    assert tried == [0, 30, 90, 210, 450, 930, 1530]
    with outbox.engine.connect() as connection:
        waiting = outbox_store.entries(connection)
    assert {(one.channel, one.state) for one in waiting} == {("broken", "waiting")}
    assert len(waiting) == 20


def test_a_message_that_a_channel_does_not_want_holds_up_the_others_once(outbox: Outbox) -> None:
    outbox.channel("web", "json://127.0.0.1", from_severity="notice")
    outbox.alert("silent")
    for _ in range(3):
        outbox.alert("held")
    taken = list[str]()

    def hand(_: Channel, message: Message) -> str:
        if message.title == "A feed is silent":
            raise NotTaken("no")
        taken.append(message.title)
        return "taken"

    outbox.send(hand=hand)
    outbox.later(seconds=31)
    outbox.send(hand=hand)
    assert len(taken) == 3


def test_of_two_rounds_at_once_one_sends(outbox: Outbox) -> None:
    outbox.channel("web", "json://127.0.0.1")
    outbox.alert("held")
    rounds = list[object]()

    def hand(_: Channel, __: Message) -> str:
        rounds.append(outbox.send(at_once=True, hand=lambda *_: pytest.fail("sent twice")).taken)
        return "taken"

    assert outbox.send(hand=hand).taken == {"web": 1}
    assert rounds == [{}]


def test_a_restart_of_the_database_after_a_channel_took_a_message_sends_it_no_second_time(
    outbox: Outbox, web: Webhook, administration: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.alert("held")
    real, ended = outbox_store.mark_sent, list[int]()

    def mark_sent(connection: sa.Connection, *arguments: object) -> None:
        if not ended:
            ended.append(connection.execute(sa.text("select pg_backend_pid()")).scalar_one())
            with administration.connect() as administrator:
                administrator.execute(sa.text("select pg_terminate_backend(:pid, 5000)"), {"pid": ended[0]})
        real(connection, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox_store, "mark_sent", mark_sent)
    assert outbox.send().taken == {"web": 1}
    assert outbox.send(at_once=True).taken == {}
    assert web.came.total() == len(ended) == 1
