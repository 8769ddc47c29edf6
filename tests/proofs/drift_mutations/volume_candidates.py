"""Every change of whole records that could be made to simulated feeds, by kind."""

from collections.abc import Iterator
from itertools import combinations, permutations

from proofs.drift_mutations import targets
from proofs.drift_mutations.candidates import Candidate, Feeds
from proofs.drift_mutations.volumes import (
    copied,
    delivered_later,
    every_nth_left_out,
    imitated,
    in_deliveries,
    left_out,
    swapped,
)

VANISHING_CODES = (
    ("true_vision_reports", "platform"),
    ("community_reports", "platform"),
    ("volunteer_reports", "platform"),
    ("hub_activity", "activity"),
    ("force_responses", "kind"),
    ("provider_responses", "kind"),
    ("provider_responses", "referral_route"),
    ("victim_support_events", "kind"),
    ("provider_statements", "category"),
    ("provider_statements", "source_type"),
)


def volume_candidates(feeds: Feeds) -> Iterator[Candidate]:
    """All changes of records, kind by kind."""
    for make in (_more_and_fewer, _codes_left_out, _late, _among_senders):
        yield from make(feeds)


def _more_and_fewer(feeds: Feeds) -> Iterator[Candidate]:
    for feed in targets.RECORDS_OF:
        simulated = feeds[feed]
        unique = simulated.form.unique
        for senders in simulated.groups:
            changes = [
                ("rows tripled", copied(3, unique)),
                ("rows doubled", copied(2, unique)),
                ("rows halved", every_nth_left_out(2)),
                ("every third row left out", every_nth_left_out(3)),
            ]
            if len(senders) == 1 < len(simulated.senders):
                changes.append(("sender stops", left_out()))
            for kind, change in changes:
                yield Candidate(kind, feed, senders, (), (), in_deliveries(senders, change), moves_records=True)


def _codes_left_out(feeds: Feeds) -> Iterator[Candidate]:
    for feed, column in VANISHING_CODES:
        for senders in feeds[feed].groups:
            for code, share in feeds[feed].shares(senders, column).items():
                if code is not None and 0.1 <= share <= 0.4:
                    change = in_deliveries(senders, left_out(column, code))
                    yield Candidate(
                        "rows of a code vanish", feed, senders, (column,), (code,), change, moves_records=True
                    )


def _late(feeds: Feeds) -> Iterator[Candidate]:
    """One of several senders is late. Where the only one is, no file comes, which is no question of its meaning."""
    for feed, columns in targets.OLDER_RECORDS:
        for senders in feeds[feed].groups:
            if len(senders) == 1 < len(feeds[feed].senders) and feeds[feed].form.sender_column is not None:
                change = delivered_later(senders, 7)
                yield Candidate("delivered a week late", feed, senders, columns, (), change, moves_records=True)


def _among_senders(feeds: Feeds) -> Iterator[Candidate]:
    for feed, columns in targets.BEHAVIOUR:
        single = [senders[0] for senders in feeds[feed].groups if len(senders) == 1]
        for sender, model in permutations(single, 2):
            change = imitated(sender, model, columns)
            yield Candidate("one sender as another", feed, (sender,), columns, (), change)
    for feed in sorted({feed for feed, _ in targets.BEHAVIOUR}):
        columns = tuple(column for name, several in targets.BEHAVIOUR if name == feed for column in several)
        single = [senders[0] for senders in feeds[feed].groups if len(senders) == 1]
        named_by = feeds[feed].form.sender_column
        for one, other in combinations(single, 2):
            if named_by is not None:
                change = swapped(named_by, one, other)
                yield Candidate(
                    "records of two senders swapped", feed, (one, other), columns, (), change, moves_records=True
                )
