"""How messages go by their channels: what is refused, what waits, and that nothing goes twice."""

import pytest
import sqlalchemy as sa

from hub.notifications import outbox as outbox_store
from hub.notifications.channels import Channel, ChannelsRefused, read_channels
from hub.notifications.outbox import Message
from hub.notifications.sending import is_round_due, note_all
from hub.notifications.taken import NotTaken
from notifications.conftest import Handed, Outbox
from notifications.servers import Webhook


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
        ("mail: {from_severity: 2026-02-30}", "not YAML"),
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
    assert outbox.told() == {"A delivery is held": ["waiting"]}


def test_what_is_over_before_a_broken_file_of_channels_is_mended_is_told_and_says_so(
    outbox: Outbox, web: Webhook
) -> None:
    file = outbox.settings.notifications
    channels = file.read_text()
    file.write_text("web: [")
    keys = [outbox.alert("held"), outbox.alert("approval")]
    with pytest.raises(ChannelsRefused):
        outbox.send()
    for key in keys:
        outbox.over(key)
    outbox.later(days=8)
    with pytest.raises(ChannelsRefused):
        outbox.send()
    assert outbox.told() == {"A delivery is held": ["waiting"], "A decision waits for a second person": ["dropped"]}
    file.write_text(channels)
    assert is_round_due(outbox.settings)
    assert outbox.send().taken == {"web": 1}
    assert web.requests[0]["title"] == "[warning] A delivery is held"
    assert "Over since:" in web.requests[0]["message"]
    assert not is_round_due(outbox.settings)
    assert outbox.send().taken == {}


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


def test_a_channel_whose_library_fails_keeps_no_other_from_its_messages(outbox: Outbox) -> None:
    for name in ("broken", "web"):
        outbox.channel(name, "json://127.0.0.1")
    outbox.alert("held")

    def hand(channel: Channel, _: Message) -> str:
        if channel.name == "broken":
            raise ZeroDivisionError("a secret of its address")
        return "taken"

    sent = outbox.send(hand=hand)
    assert sent.taken == {"web": 1}
    assert sent.problems == {"broken": "ZeroDivisionError, which may be the hub's own fault"}


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


def test_a_message_dropped_while_its_channel_refuses_it_keeps_no_other_channel_waiting(outbox: Outbox) -> None:
    for name in ("first", "second"):
        outbox.channel(name, "json://127.0.0.1", from_severity="notice")
    over = outbox.alert("urgent_dispatch")
    outbox.alert("refused")
    taken = []

    def hand(channel: Channel, message: Message) -> str:
        if channel.name == "first" and "urgent" in message.title:
            outbox.over(over)
            note_all(outbox.settings, read_channels(outbox.settings).values(), outbox.now)
            raise NotTaken("503")
        taken.append((channel.name, message.title))
        return "taken"

    outbox.send(hand=hand)
    assert [name for name, _ in taken] == ["second"]


def test_a_clock_that_was_ahead_keeps_no_message_waiting_once_it_is_right(outbox: Outbox) -> None:
    def takes_nothing(*_: object) -> str:
        raise NotTaken("busy")

    outbox.channel("web", "json://127.0.0.1")
    outbox.later(days=400)
    outbox.alert("refused_recipient")
    outbox.send(hand=takes_nothing)
    outbox.later(days=-399)
    handed = Handed()
    outbox.send(hand=handed)
    assert handed.titles == [("web", "A recipient's contract cannot be used")]
