"""Which findings of a day become alarms: enough evidence, one a column, and the senders that changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from hub.drift.events import Events
from hub.drift.findings import Finding, Range, Scope
from hub.drift.history import ALL, ROWS, History, Key
from hub.drift.shares import ShareLook
from hub.drift.volumes import ClockLook, VolumeLook

ENOUGH = 5.0
"""Evidence from which a finding is an alarm, beyond what is asked of its series: the same days are about 150 times
likelier if it changed. Set by what simulated feeds without any change give."""
MOST = 0.7
"""Of the feed's change, so much makes it one sender's."""
HALF, FEW_ROWS = 0.5, 5.0
"""A sender changed as all did if by at least half as much; of so few rows it may have changed or not."""


class Judge:
    """How the days of one feed are judged. ``excluded`` are days that are no past for a sender and column."""

    def __init__(
        self, history: History, *, is_daily: bool, excluded: Mapping[tuple[str, str], Sequence[Range]]
    ) -> None:
        self.history = history
        self._is_daily = is_daily
        self._excluded = excluded

    def findings(self, day: date, *, is_complete: bool) -> list[Finding]:
        """The alarms of a day: at most one a sender and column. ``is_complete``: whoever sent nothing for this day will
        not; else only those who sent are judged by their rows."""
        scope = Scope(self.history, self.history.place(day), self._is_daily, self._excluded)
        parts = Events(self.history).parts(slice(scope.first, scope.place + 1))
        looks = (ShareLook(scope, parts), VolumeLook(scope, is_complete=is_complete), ClockLook(scope, parts))
        best: dict[Key, Finding] = {}
        for window in scope.windows:
            for one in (one for look in looks for one in look.findings(window)):
                key = (*one.key[:3], f"{one.bucket} {one.other}")
                if one.evidence >= ENOUGH and (key not in best or one.evidence > best[key].evidence):
                    best[key] = one
        columns = one_a_column(list(best.values()))
        return [alarm for found in columns.values() for alarm in self._of_senders(found, looks[0], looks[1])]

    def _of_senders(self, found: list[Finding], shares: ShareLook, volumes: VolumeLook) -> list[Finding]:
        """A column's alarms: the feed's where all senders changed, else those of the senders that did."""
        first = found[0]
        if len(self.history.senders) == 1:
            return [first]
        if first.statistic == "clock" or first.statistic.startswith("with"):
            return [one for one in found if one.sender != ALL] or [first]
        by_sender = (volumes if first.column == ROWS else shares).by_sender(first)
        named = changed_senders(first, by_sender)
        if named == [ALL]:
            return [_of_all(first, by_sender)]
        alarms = [by_sender[sender][0] for sender in named]
        return alarms + [one for one in found if one.sender not in (ALL, *named)]


def changed_senders(found: Finding, by_sender: Mapping[str, tuple[Finding, float]]) -> list[str]:
    """Who changed, given what each sender's series did and how many rows that makes."""
    if not by_sender:
        return [found.sender]
    change = found.now - found.before
    same_way = {sender: rows for sender, (_, rows) in by_sender.items() if rows * change > 0}
    whole = sum(same_way.values())
    if not same_way:
        return [found.sender]
    largest = max(same_way, key=lambda sender: abs(same_way[sender]))
    if found.sender not in (ALL, largest):
        largest = found.sender
    if abs(same_way.get(largest, 0.0)) >= MOST * abs(whole) and len(by_sender) > 1:
        others = [sender for sender in by_sender if sender != largest]
        if not all(_moved(by_sender[sender][0], found) for sender in others):
            return [largest]
    sure = [sender for sender, (one, _) in by_sender.items() if _tells(one, found)]
    moved = [sender for sender in sure if _moved(by_sender[sender][0], found)]
    if len(moved) == len(sure) and len(sure) > 1:
        return [ALL]
    return sorted(moved, key=lambda sender: -abs(by_sender[sender][1])) or [largest]


def _moved(one: Finding, found: Finding) -> bool:
    """Whether a sender's series did at least half of what was found."""
    if found.column == ROWS:
        return (one.now / one.before - 1) / (found.now / found.before - 1) >= HALF
    return (one.now - one.before) / (found.now - found.before) >= HALF


def _tells(one: Finding, found: Finding) -> bool:
    """Whether a sender has enough rows to tell whether it changed."""
    return one.before * one.days >= FEW_ROWS if found.column == ROWS else one.rows >= FEW_ROWS


def _of_all(found: Finding, by_sender: Mapping[str, tuple[Finding, float]]) -> Finding:
    """A finding said of all senders together."""
    if found.sender == ALL:
        return found
    parts = [one for one, _ in by_sender.values()]
    rows = sum(one.rows for one in parts)
    if found.column == ROWS:
        before, now = sum(one.before for one in parts), sum(one.now for one in parts)
    else:
        before, now = (sum(getattr(one, name) * one.rows for one in parts) / max(rows, 1) for name in ("before", "now"))
    return Finding(ALL, *found.key[1:], before, now, rows, found.evidence, found.days, found.other)


def one_a_column(found: Sequence[Finding]) -> dict[str, list[Finding]]:
    """The findings of each column with the most evidence, one a sender, most first. A pair that no longer hangs
    together is said of the column that is in most of the pairs, and not where that column's own share is found."""
    own = {one.column for one in found if not one.statistic.startswith("with")}
    pairs = [one for one in found if one.statistic.startswith("with") and not {one.column, flag_column(one)} & own]
    named = [one for one in found if not one.statistic.startswith("with")]
    while pairs:
        weight: dict[str, float] = defaultdict(float)
        for one in pairs:
            for column in (one.column, flag_column(one)):
                weight[column] += one.evidence
        heaviest = max(sorted(weight), key=lambda column: weight[column])
        of_column = [one for one in pairs if heaviest in (one.column, flag_column(one))]
        named += sorted(of_column, key=lambda one: (one.column != heaviest, -one.evidence))[:1]
        pairs = [one for one in pairs if one not in of_column]
    columns: dict[str, list[Finding]] = defaultdict(list)
    for one in sorted(named, key=lambda one: -one.evidence):
        if one.sender not in {other.sender for other in columns[one.column]}:
            columns[one.column].append(one)
    return dict(columns)


def flag_column(finding: Finding) -> str:
    """Of a pair, the column of the other flag."""
    return finding.statistic.partition(":")[2].partition("=")[0]
