"""Owners are told once that letters to senders are written."""

import os
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.notifications import sending
from hub.notifications.taken import NotTaken
from hub.store import StoreProblem
from notifications.conftest import NOW, Handed, Outbox


def test_the_owner_of_a_feed_is_told_once_of_the_letters_of_a_month(outbox: Outbox) -> None:
    with outbox.engine.connect() as connection:
        row = connection.execute(sa.text("select feed, owner from ledger.feeds order by feed limit 1")).one()
    outbox.channel("owner", "json://127.0.0.1", owners=[row.owner], from_severity="notice")
    folder = outbox.settings.outbox / row.feed / "letters"
    folder.mkdir(parents=True)
    for name, days in (("2026-02_one", 0.1), ("2026-02_two", 0.1), ("2025-12_one", 60)):
        letter = folder / f"{name}.txt"
        letter.write_text("a letter")
        written = (NOW - timedelta(days=days)).timestamp()
        os.utime(letter, (written, written))
    handed = Handed()
    for _ in range(2):
        outbox.send(hand=handed)
    (message,) = (message for _, message in handed.messages)
    assert message.title == f"Letters to senders about the quality of what came are written: {row.feed}"
    assert f"What: 2 for 2026-02, in outbox/{row.feed}/letters" in message.lines


def takes_nothing(*_: object) -> str:
    raise NotTaken("busy")


def write_letter(outbox: Outbox) -> None:
    """A letter to the sender of a feed, of which its owner is told by a channel."""
    with outbox.engine.connect() as connection:
        row = connection.execute(sa.text("select feed, owner from ledger.feeds order by feed limit 1")).one()
    outbox.channel("owner", "json://127.0.0.1", owners=[row.owner], from_severity="notice")
    letter = outbox.settings.outbox / row.feed / "letters" / "2026-02_one.txt"
    letter.parent.mkdir(parents=True)
    letter.write_text("a letter")
    os.utime(letter, (NOW.timestamp(), NOW.timestamp()))


def test_a_store_that_is_away_ends_no_letter(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message about letters which wait in the outbox does not say that nothing is left to do."""
    write_letter(outbox)

    def is_away(*_: object) -> None:
        raise StoreProblem("away")

    outbox.send(hand=takes_nothing)
    outbox.later(hours=1)
    monkeypatch.setattr(sending, "written_letters", is_away)
    handed = Handed()
    outbox.send(hand=handed)
    assert [message.over_at for _, message in handed.messages] in ([], [None])


def test_letters_that_lie_there_longer_than_their_message_waits_are_not_said_to_be_over(outbox: Outbox) -> None:
    write_letter(outbox)

    outbox.send(hand=takes_nothing)
    outbox.later(days=8)
    handed = Handed()
    outbox.send(hand=handed)
    told = [message.over_at for _, message in handed.messages if message.title.startswith("Letters")]
    assert told == [None]
