"""Who is named where a feed's share changed: the sender that did, and all only if all did."""

from hub.monitoring.drift.comparison import changed_senders, one_a_column
from hub.monitoring.drift.findings import Finding

ROWS = 100


def share(sender: str, before: float, now: float, rows: int = ROWS) -> tuple[Finding, float]:
    """What a sender's share did, and how many rows that makes."""
    return Finding(sender, "flag", "value", "yes", before, now, rows, 9.0, 1), (now - before) * rows


def changed(**now: float) -> list[str]:
    """Who is named where each sender's share was a third."""
    by_sender = {sender: share(sender, 0.33, one) for sender, one in now.items()}
    whole = sum(now.values()) / len(now)
    return changed_senders(Finding("*", "flag", "value", "yes", 0.33, whole, ROWS * len(now), 9.0, 1), by_sender)


def test_one_sender_that_changed_is_named_and_not_the_feed() -> None:
    assert changed(a=0.9, b=0.35, c=0.31) == ["a"]


def test_all_are_named_where_all_changed() -> None:
    assert changed(a=0.9, b=0.85, c=0.95) == ["*"]


def test_two_of_three_are_named_each() -> None:
    assert changed(a=0.9, b=0.85, c=0.33) == ["a", "b"]


def test_most_of_many_senders_are_the_feed() -> None:
    assert changed(a=0.9, b=0.85, c=0.95, d=0.9, e=0.33, f=0.33) == ["*"]


def test_the_only_sender_that_changed_is_named_where_no_other_used_the_code() -> None:
    by_sender = {"a": share("a", 0.0, 0.3), "b": share("b", 0.0, 0.0), "c": share("c", 0.0, 0.0)}
    assert changed_senders(Finding("*", "flag", "value", "new", 0.0, 0.1, 300, 9.0, 1), by_sender) == ["a"]
    assert changed_senders(Finding("*", "flag", "value", "new", 0.0, 0.1, 100, 9.0, 1), {"a": by_sender["a"]}) == ["a"]


def test_a_pair_that_no_longer_hangs_together_is_said_of_the_column_that_is_in_most_pairs() -> None:
    pairs = [
        Finding("a", "name", "with:flag=yes", "*", 0.9, 0.1, 50, 20.0, 1),
        Finding("a", "flag", "with:phone=*", "yes", 0.8, 0.2, 50, 15.0, 1),
        Finding("a", "phone", "with:name=*", "*", 0.8, 0.6, 50, 6.0, 1),
    ]
    found = one_a_column(pairs)
    assert [one.statistic for one in found["flag"]] == ["with:phone=*"]
