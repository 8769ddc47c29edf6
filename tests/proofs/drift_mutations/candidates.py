"""Every change of cells that could be made to simulated feeds, by kind, with the senders and codes there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from proofs.drift_mutations import targets
from proofs.drift_mutations.cells import (
    Change,
    clock_shifted,
    cut_to,
    days_shifted,
    edited,
    emptied,
    emptied_of,
    first_of_month,
    first_part_only,
    host_only,
    inverted,
    offset_shifted,
    recoded,
    scaled,
    set_to,
    shuffled,
)
from proofs.drift_mutations.simulation import SimulatedFeed
from proofs.drift_mutations.volumes import FeedChange, in_deliveries

GRADUAL_DAYS = 10


@dataclass(frozen=True)
class Candidate:
    """A change that could begin on any day."""

    kind: str
    feed: str
    senders: tuple[str, ...]
    columns: tuple[str, ...]
    """Columns under one of which it is rightly named, the changed one first; none where only the number is."""
    codes: tuple[str, ...]
    """Codes under one of which it is rightly named; none where the column's codes are not what changed."""
    change: FeedChange
    days: int = 1
    """Over how many days it comes about."""
    moves_records: bool = False
    """Whether records are missing, added, late or under another name, so that other columns change with them."""


type Feeds = Mapping[str, SimulatedFeed]


def cell_candidates(feeds: Feeds) -> Iterator[Candidate]:
    """All changes of cells, kind by kind."""
    for make in (
        _flags,
        _codes,
        _lost_codes,
        _new_codes,
        _risen_codes,
        _defaults,
        _times,
        _nulls,
        _numbers,
        _texts,
        _strands,
        _pairs,
    ):
        for candidate in make(feeds):
            yield candidate
            if candidate.kind in GRADUAL and not feeds[candidate.feed].is_monthly:
                yield replace(candidate, kind=GRADUAL[candidate.kind], days=GRADUAL_DAYS)


YES, NO = ("yes", "Yes", "True"), ("no", "No", "False")
GRADUAL = {
    "flag inverted": "flag inverted over ten days",
    "code from 1.5 to 15 %": "code from 1.5 to 15 % over ten days",
    "nulls + 18 points": "nulls + 18 points over ten days",
}


def _flags(feeds: Feeds) -> Iterator[Candidate]:
    """Flags near two in five look much the same when they are inverted, so they are a kind of their own."""
    for feed, column in targets.FLAGS:
        for senders in feeds[feed].groups:
            shares = feeds[feed].shares(senders, column)
            rarer = min(sum(shares.get(code, 0) for code in codes) for codes in (YES, NO))
            kind = "flag near two in five inverted" if 0.3 <= rarer <= 0.45 else "flag inverted"
            yield _candidate(kind, feed, senders, (column,), (), edited(inverted(column)))


def _codes(feeds: Feeds) -> Iterator[Candidate]:
    """Two codes exchanged, and one that is written as another."""
    for (feed, column), groups in targets.CODES.items():
        for one, other in (pair for codes in groups for pair in permutations(codes, 2)):
            for senders in feeds[feed].groups:
                shares = feeds[feed].shares(senders, column)
                a, b = shares.get(one, 0), shares.get(other, 0)
                if a >= 0.04 and a > 1.6 * b > 0.03:
                    edit = recoded(column, {one: other, other: one})
                    yield _candidate("codes exchanged", feed, senders, (column,), (one, other), edited(edit))
                if a >= 0.04 and b >= 0.02:
                    edit = recoded(column, {one: other})
                    yield _candidate("code replaced by another", feed, senders, (column,), (one, other), edited(edit))


def _lost_codes(feeds: Feeds) -> Iterator[Candidate]:
    for feed in ("true_vision_reports", "community_reports"):
        for senders in feeds[feed].groups:
            for code in targets.PLATFORMS:
                if feeds[feed].shares(senders, "platform").get(code, 0) >= 0.08:
                    edit = emptied_of("platform", code)
                    yield _candidate("code no longer given", feed, senders, ("platform",), (code,), edited(edit))


def _new_codes(feeds: Feeds) -> Iterator[Candidate]:
    """A code that never came takes the place of a part of the others, or of one of them."""
    for (feed, column), groups in targets.CODES.items():
        for senders in feeds[feed].groups:
            shares = feeds[feed].shares(senders, column)
            for codes in groups:
                new = [code for code in codes if code not in shares]
                known = [code for code in codes if shares.get(code, 0) >= 0.06]
                if new and known:
                    edit = recoded(column, dict.fromkeys(known, new[0]))
                    yield _candidate("code appears", feed, senders, (column,), (new[0],), edited(edit, 0.3))


def _risen_codes(feeds: Feeds) -> Iterator[Candidate]:
    for (feed, column), groups in targets.CODES.items():
        for senders in feeds[feed].groups:
            shares = feeds[feed].shares(senders, column)
            for codes in groups:
                others = sum(shares.get(code, 0) for code in codes)
                for code in codes:
                    share = shares.get(code, 0)
                    if 0.008 <= share <= 0.03 and others - share > 0.3:
                        part = (0.15 - share) / (others - share)
                        edit = recoded(column, dict.fromkeys(codes, code))
                        yield _candidate("code from 1.5 to 15 %", feed, senders, (column,), (code,), edited(edit, part))


def _defaults(feeds: Feeds) -> Iterator[Candidate]:
    """Seven in ten get one code, often the first of a form's list."""
    for (feed, column), groups in targets.CODES.items():
        for senders in feeds[feed].groups:
            shares = feeds[feed].shares(senders, column)
            for codes in groups:
                for code in codes:
                    if 0.02 <= shares.get(code, 0) <= 0.35:
                        edit = recoded(column, dict.fromkeys(codes, code))
                        shown = (code, *(other for other in codes if other != code))
                        yield _candidate("default takes over", feed, senders, (column,), shown, edited(edit, 0.7))


def _times(feeds: Feeds) -> Iterator[Candidate]:
    for (feed, column), ways in targets.CLOCKS:
        for way in ways:
            one, several = clock_shifted(column, way), clock_shifted(column, 5 * way)
            yield from _of_senders(feeds, "clock one hour off", feed, (column,), (), edited(one))
            yield from _of_senders(feeds, "clock several hours off", feed, (column,), (), edited(several))
            yield from _of_senders(
                feeds, "offset changed", feed, (column,), (), edited(offset_shifted(column, -2 * way))
            )
    for feed, column in targets.EARLIER_DATES:
        yield from _of_senders(feeds, "dates a day earlier", feed, (column,), (), edited(days_shifted([column], -1)))
        if (feed, column) != ("provider_statements", "application_date"):
            yield from _of_senders(
                feeds, "dates all the first of the month", feed, (column,), (), edited(first_of_month(column))
            )
    for feed, columns in targets.OLDER_RECORDS:
        yield from _of_senders(feeds, "records a week older", feed, columns, (), edited(days_shifted(columns, -7)))


def _nulls(feeds: Feeds) -> Iterator[Candidate]:
    for feed, columns in (*targets.MAY_BE_EMPTY, *targets.OFTEN_EMPTY):
        for senders in feeds[feed].groups:
            given = 1 - feeds[feed].shares(senders, columns[0]).get(None, 0)
            if given > 0.25:
                change = edited(emptied(*columns), 0.18 / given)
                yield _candidate("nulls + 18 points", feed, senders, columns, (), change)
            if given > 0.08 and (feed, columns) in targets.MAY_BE_EMPTY:
                yield _candidate("nulls to all", feed, senders, columns, (), edited(emptied(*columns)))


def _numbers(feeds: Feeds) -> Iterator[Candidate]:
    for feed, columns, largest in targets.NUMBERS:
        is_money = largest is None
        units = scaled(columns, 100, 0) if is_money else scaled(columns, 1 / 8, 2)
        rounded = scaled(columns, 1 / 1000, 0) if is_money else scaled(columns, 1, 0)
        for kind, edit in (
            ("numbers doubled", scaled(columns, 2, 2, largest)),
            ("numbers in other units", units),
            ("numbers rounded", rounded),
        ):
            yield from _of_senders(feeds, kind, feed, columns, (), edited(edit))
    for feed, columns in targets.PLACES_OF_POINTS:
        yield from _of_senders(feeds, "numbers rounded", feed, columns, (), edited(scaled(columns, 1, 2)))


def _texts(feeds: Feeds) -> Iterator[Candidate]:
    for feed, column, length in targets.LONG_TEXTS:
        edit = cut_to(column, length) if length else host_only(column)
        yield from _of_senders(feeds, "texts cut", feed, (column,), (), edited(edit))


def _strands(feeds: Feeds) -> Iterator[Candidate]:
    for feed in ("true_vision_reports", "community_reports", "volunteer_reports", "police_hate_crimes"):
        first = edited(first_part_only("strands"))
        yield from _of_senders(feeds, "strands collapsed to the first", feed, ("strands",), (), first)
        only = edited(set_to("strands", "race"))
        yield from _of_senders(feeds, "strands collapsed to one", feed, ("strands",), targets.STRANDS, only)


def _pairs(feeds: Feeds) -> Iterator[Candidate]:
    for feed, columns, partner in targets.PAIRS:
        yield from _of_senders(feeds, "correlation broken", feed, (*columns, partner), (), shuffled(columns))


def _of_senders(
    feeds: Feeds, kind: str, feed: str, columns: Sequence[str], codes: Sequence[str], change: Change
) -> Iterator[Candidate]:
    for senders in feeds[feed].groups:
        yield _candidate(kind, feed, senders, tuple(columns), tuple(codes), change)


def _candidate(
    kind: str, feed: str, senders: tuple[str, ...], columns: tuple[str, ...], codes: tuple[str, ...], change: Change
) -> Candidate:
    return Candidate(kind, feed, senders, columns, codes, in_deliveries(senders, change))
