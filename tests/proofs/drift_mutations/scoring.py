"""What a detector's alarms are worth: named when, with what, for how long, and what was named without cause."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from proofs.drift_mutations.cells import parts_of
from proofs.drift_mutations.choice import Mutation
from proofs.drift_mutations.simulation import SimulatedFeed

WITHIN = timedelta(days=3)


@dataclass(frozen=True)
class Alarm:
    """A drift that was named."""

    feed: str
    sender: str | None
    """As the contract's ``senderColumn``, the file's name or the contract says it; None for all senders together."""
    columns: tuple[str, ...]
    """By the contract's names: two for a pair that no longer hangs together, none for the number of records."""
    code: str | None
    """In full; None where the alarm is about no single code."""
    named_on: date
    """Day of the delivery (the period in its file's name) after which it was named first."""
    closed_on: date | None
    """Day of the delivery after which it closed by itself; None while it is open."""


type Detector = Callable[[Path, Path], Sequence[Alarm]]
"""A feed's contract (its ``contract.yaml``), and a folder with all files that the feed delivered, named as the contract
says → every alarm that a hub would have raised which ingests them day by day, in the order of the periods in their
names. It is given nothing else: neither what is true of the files, nor other feeds, nor that anything changed."""


@dataclass(frozen=True)
class Result:
    """What became of one mutation."""

    mutation: Mutation
    named_after: timedelta | None
    """From the first day of the change (of a gradual one: its last) to the day it was named; None for never."""
    stayed_named: bool
    """Whether a right alarm was open on each delivery day from then on."""
    false_alarms: tuple[Alarm, ...]

    @property
    def on_the_day(self) -> bool:
        """Named on the day, or before a gradual change was complete."""
        return self.named_after is not None and self.named_after <= timedelta()

    @property
    def within_three_days(self) -> bool:
        """Named at most three days later."""
        return self.named_after is not None and self.named_after <= WITHIN


@dataclass(frozen=True)
class Score:
    """What became of a family of mutations."""

    results: tuple[Result, ...]

    @property
    def on_the_day(self) -> float:
        """Share of the mutations that were named on the day."""
        return self._share([result.on_the_day for result in self.results])

    @property
    def within_three_days(self) -> float:
        """Share of the mutations that were named at most three days later."""
        return self._share([result.within_three_days for result in self.results])

    @property
    def ever(self) -> float:
        """Share of the mutations that were named at some time."""
        return self._share([result.named_after is not None for result in self.results])

    @property
    def stayed_named(self) -> float:
        """Share of the named ones that stayed named until the end."""
        return self._share([result.stayed_named for result in self.results if result.named_after is not None])

    def missed(self) -> str:
        """What was named late, never, or not for long, a line each."""
        return "\n".join(
            f"{_when(one)}: {one.mutation.name}" for one in self.results if not one.on_the_day or not one.stayed_named
        )

    @staticmethod
    def _share(answers: Sequence[bool]) -> float:
        return sum(answers) / len(answers) if answers else 0.0


def _when(result: Result) -> str:
    if result.named_after is None:
        return "never"
    return f"{result.named_after.days} days later{'' if result.stayed_named else ', did not stay'}"


def result_of(mutation: Mutation, feed: SimulatedFeed, clean: Sequence[Alarm], alarms: Sequence[Alarm]) -> Result:
    """``clean`` are the alarms on the same files without the mutation: what they name, too, is no news."""
    known = {_identity(alarm) for alarm in clean}
    news = [alarm for alarm in alarms if _identity(alarm) not in known]
    right = [alarm for alarm in news if is_right(mutation, feed, alarm)]
    named_on = min((alarm.named_on for alarm in right), default=None)
    return Result(
        mutation=mutation,
        named_after=None if named_on is None else _delay(mutation, feed, named_on),
        stayed_named=named_on is not None and _stays(feed, right, named_on),
        false_alarms=tuple(one for one in news if one not in right and not _follows(mutation, feed, one)),
    )


def is_right(mutation: Mutation, feed: SimulatedFeed, alarm: Alarm) -> bool:
    """Whether feed, sender, column and code are those that changed, and not before they did.

    An alarm without a code is right for any code. Where records are missing or added, their number is a right answer,
    and so is the share of their sender among all.
    """
    what = mutation.what
    if alarm.feed != what.feed or _day_of(feed, alarm.named_on) < mutation.turn.first:
        return False
    if what.moves_records and not what.columns and alarm.columns == (feed.form.sender_column,):
        return alarm.code in what.senders
    is_column = bool(set(alarm.columns) & set(what.columns))
    is_number = not alarm.columns and (what.moves_records or not what.columns)
    is_code = alarm.code is None or not what.codes or bool(set(what.codes) & set(parts_of(alarm.code)))
    return _is_sender(mutation, feed, alarm.sender) and (is_number or (is_column and is_code))


def false_alarms_in_clean_days(feed: SimulatedFeed, alarms: Sequence[Alarm], days: int) -> list[Alarm]:
    """Alarms that were raised on the last ``days`` days of files in which nothing changed."""
    since = feed.days[-1] - timedelta(days=days)
    return [alarm for alarm in alarms if _day_of(feed, alarm.named_on) > since]


def _is_sender(mutation: Mutation, feed: SimulatedFeed, sender: str | None) -> bool:
    """All senders together are the right answer only where all changed."""
    if sender is None:
        return set(feed.senders) <= set(mutation.what.senders)
    return sender in mutation.what.senders


def _follows(mutation: Mutation, feed: SimulatedFeed, alarm: Alarm) -> bool:
    """Whether the alarm is a consequence of the mutation, if not a right answer."""
    what = mutation.what
    if _day_of(feed, alarm.named_on) < mutation.turn.first:
        return False
    if alarm.sender is not None and alarm.sender not in what.senders:
        return False
    times = {name for name, kind in feed.form.types.items() if kind in ("date", "timestamp")}
    touched = set(what.columns) | (times if times & set(what.columns) else set())
    return what.moves_records or bool(touched & set(alarm.columns))


def _delay(mutation: Mutation, feed: SimulatedFeed, named_on: date) -> timedelta:
    return _day_of(feed, named_on) - mutation.turn.full


def _day_of(feed: SimulatedFeed, day: date) -> date:
    """Any day of a month stands for its first where files come by month."""
    return day.replace(day=1) if feed.is_monthly else day


def _stays(feed: SimulatedFeed, alarms: Sequence[Alarm], named_on: date) -> bool:
    """Whether an alarm is open after each delivery day from then on."""
    return all(
        any(
            _day_of(feed, alarm.named_on) <= day and (alarm.closed_on is None or day < _day_of(feed, alarm.closed_on))
            for alarm in alarms
        )
        for day in feed.days
        if day >= _day_of(feed, named_on)
    )


def _identity(alarm: Alarm) -> tuple[object, ...]:
    return alarm.feed, alarm.sender, alarm.columns, alarm.code, alarm.named_on
