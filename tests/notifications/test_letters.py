"""Owners are told once that letters to senders are written."""

import os
from datetime import timedelta

import sqlalchemy as sa

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
