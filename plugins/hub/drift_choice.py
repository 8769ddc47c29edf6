"""Which of a day's findings are named: those that chance would not make, one a sender and column."""

from collections.abc import Sequence
from dataclasses import dataclass

import scipy

from hub.drift_history import ALL

FALSE_SHARE = 2e-5
"""Of the findings of one statistic, feed and day, so many may be chance (Benjamini and Hochberg)."""
MOST = 0.7
"""Of the feed's change, so much makes it one sender's."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as the past: ``before`` and ``now`` are shares, rows a day, medians or hours of shift."""

    sender: str
    column: str
    statistic: str
    bucket: str
    before: float
    now: float
    rows: int
    probability: float
    days: int = 1


def unlikely(tested: Sequence[Finding]) -> list[Finding]:
    """Those of one family that chance would not make. What is too small a change is in it, with a probability of 1."""
    adjusted = scipy.stats.false_discovery_control([one.probability for one in tested])
    return [one for limit, one in zip(adjusted, tested, strict=True) if limit < FALSE_SHARE]


def one_a_column(found: Sequence[Finding]) -> list[Finding]:
    """The least likely finding of each sender and column; the feed's in place of its senders' where several senders
    drift alike, and the sender's in place of the feed's where one does."""
    best: dict[tuple[str, str], Finding] = {}
    for one in sorted(found, key=lambda each: (each.days, each.probability)):
        best.setdefault((one.sender, one.column), one)
    columns = {column for _, column in best}
    kept = []
    for column in sorted(columns):
        of_feed = best.get((ALL, column))
        of_senders = [one for (sender, what), one in sorted(best.items()) if what == column and sender != ALL]
        kept += [of_feed] if of_feed and not _is_one_senders(of_feed, of_senders) else of_senders
    return kept


def _is_one_senders(of_feed: Finding, of_senders: Sequence[Finding]) -> bool:
    """Whether one sender's change makes most of the feed's."""
    if len(of_senders) != 1:
        return False
    whole, part = ((one.now - one.before) * (1 if one.column == ALL else one.rows) for one in (of_feed, of_senders[0]))
    return of_feed.days != of_senders[0].days or part / whole >= MOST
