"""What has to be true in the end, worked out from the recipients' records and the tables of the ledger. Each function
gives what is wrong, in words."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

from proofs.dispatch_world.cases import THERE, Case
from proofs.dispatch_world.ledger import ANSWERED, MAY_FOLLOW, OVER, WITHOUT_AN_ANSWER, Dispatch, Ledger
from proofs.dispatch_world.recipients import GONE, OWNER_OF_THE_GONE, PGP_MAIL, SHARE, SMIME_MAIL, WEB, WEB_PROVIDER
from proofs.dispatch_world.record import PACKAGE, WITHDRAWAL, Arrival
from proofs.dispatch_world.world import World

MAY_COME_AGAIN = (WEB, WEB_PROVIDER, PGP_MAIL, SMIME_MAIL)
"""Whose answer can be lost. Into a folder each document comes once, and who fetches asks by itself."""


def everything_wrong(world: World) -> list[str]:
    ledger = Ledger.read(world.hub.engine)
    has = {(one.recipient, one.dispatch_id, one.document): one for one in reversed(world.record.arrivals)}
    return [
        *world.record.wrong,
        *moves_that_may_not_be(ledger),
        *lost(world, ledger, has),
        *another_text(world, ledger),
        *the_gone(ledger, has),
        *acted_on_twice(world, ledger),
        *come_again(world),
        *not_told_of_a_withdrawal(world, ledger, has),
    ]


type Has = dict[tuple[str, str, str], Arrival]


def moves_that_may_not_be(ledger: Ledger) -> Iterator[str]:
    """Moves are numbered without a gap, each begins where the last one ended, and docs/dispatch.md has it."""
    for one in ledger.dispatches.values():
        if [move.number for move in one.moves] != list(range(1, len(one.moves) + 1)):
            yield f"{one.dispatch_id}: moves have the numbers {[move.number for move in one.moves]}"
        before: str | None = None
        for move in one.moves:
            if move.before != before or move.to not in MAY_FOLLOW[before]:
                yield f"{one.dispatch_id}: a move from {move.before} to {move.to} after {before}"
            if not (move.proof and move.actor):
                yield f"{one.dispatch_id}: {move.to} without a proof"
            before = move.to
        if one.needs_approval and {"sent", "failed"} & set(one.way) and "approved" not in one.way:
            yield f"{one.dispatch_id}: sent without an approval"
        if one.needs_approval != (one.recipient == SHARE and one.said["decision"]["route"] == "transfer"):
            yield f"{one.dispatch_id}: asks for an approval: {one.needs_approval}"
        if (ledger.replaced_by.get(one.dispatch_id) is None) and one.state == "superseded":
            yield f"{one.dispatch_id}: superseded by nothing"


def lost(world: World, ledger: Ledger, has: Has) -> Iterator[str]:
    """What is published is with its recipient, in its newest version; what is not any more has ended."""
    versions = ledger.of_allocation()
    for case in world.cases.cases.values():
        found = versions.get(str(case.allocation_id), [])
        if not found and case.wanted == THERE:
            yield f"{case.allocation_id} has no dispatch"
        if found and case.target != GONE:
            yield from _lost(case, max(found, key=lambda one: one.number), has)


def _lost(case: Case, newest: Dispatch, has: Has) -> Iterator[str]:
    where = f"{newest.dispatch_id} to {newest.recipient} is {newest.way}, and its allocation is {case.wanted}"
    is_there = newest.state in (*WITHOUT_AN_ANSWER, *ANSWERED)
    if case.wanted == THERE and not is_there:
        yield where
    if case.wanted != THERE and newest.state not in ("withdrawn", *OVER):
        yield where
    if case.wanted == THERE and newest.recipient != case.target and newest.state not in OVER:
        yield f"{where} for {case.target}"
    if is_there and (newest.recipient, newest.dispatch_id, PACKAGE) not in has:
        yield f"{where}; the recipient has not got it"


def another_text(world: World, ledger: Ledger) -> Iterator[str]:
    """Each recipient has what is its own, as the ledger has it."""
    for arrival in world.record.arrivals:
        known = ledger.dispatches.get(arrival.dispatch_id)
        if known is None or known.recipient != arrival.recipient:
            yield f"{arrival.recipient} has {arrival.dispatch_id}, which is not for it"
        elif arrival.document == PACKAGE and arrival.text != known.package:
            yield f"{arrival.recipient} has another text of {arrival.dispatch_id} than the ledger"


def the_gone(ledger: Ledger, has: Has) -> Iterator[str]:
    """Who is gone for good has nothing, each dispatch says why, and the owner of that recipient was told."""
    theirs = [one for one in ledger.dispatches.values() if one.recipient == GONE]
    for one in theirs:
        send = one.sends[PACKAGE]
        if one.state != "failed" or send.state != "given_up" or not send.problem:
            yield f"{one.dispatch_id} to the recipient that is gone is {one.way} and {send}"
    if theirs and ("undelivered", OWNER_OF_THE_GONE) not in ledger.alerts:
        yield "nobody was told of the recipient that is gone"
    if [key for key in has if key[0] == GONE]:
        yield "the recipient that is gone has something"


def acted_on_twice(world: World, ledger: Ledger) -> Iterator[str]:
    """Of one allocation a recipient acts on several packages only where each says that it takes the last one's place,
    or where the last one was taken back. Nothing old comes after something newer."""
    acted: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    withdrawn = {one.dispatch_id for one in ledger.dispatches.values() if one.state == "withdrawn"}
    for one in world.record.arrivals:
        if one.document == PACKAGE:
            acted[one.recipient, one.package["dispatch"]["allocation_id"]].append(one)
    for (recipient, _), arrivals in acted.items():
        first = list({one.dispatch_id: one for one in reversed(arrivals)}.values())[::-1]
        for before, after in itertools.pairwise(first):
            if ledger.dispatches[before.dispatch_id].number > ledger.dispatches[after.dispatch_id].number:
                yield f"{recipient} got {before.dispatch_id} before the older {after.dispatch_id}"
            if not _takes_the_place(ledger, after, before) and before.dispatch_id not in withdrawn:
                yield f"{recipient} acts on {before.dispatch_id} and {after.dispatch_id} of one allocation"
        newest = -1
        for one in arrivals:
            number = ledger.dispatches[one.dispatch_id].number
            if number < newest:
                yield f"{recipient} got {one.dispatch_id} again after a newer version"
            newest = max(newest, number)


def _takes_the_place(ledger: Ledger, after: Arrival, before: Arrival) -> bool:
    """Whether a package names the one before, or a version between them that its recipient was never given."""
    named = after.package["dispatch"]["supersedes"]
    while named is not None and named != before.dispatch_id:
        named = ledger.dispatches[named].supersedes
    return bool(named == before.dispatch_id)


def come_again(world: World) -> Iterator[str]:
    """A document comes again only where its sender could not hear that it had come."""
    times: dict[tuple[str, str, str], list[Arrival]] = defaultdict(list)
    for one in world.record.arrivals:
        times[one.key].append(one)
    repeated: Counter[tuple[str, int]] = Counter()
    for (recipient, dispatch_id, document), arrivals in times.items():
        if len({one.text for one in arrivals}) > 1:
            yield f"{recipient} has {document} of {dispatch_id} with two texts"
        if recipient not in MAY_COME_AGAIN and len(arrivals) > 1:
            yield f"{recipient} was given {document} of {dispatch_id} {len(arrivals)} times"
        for one in arrivals[:-1]:
            repeated[recipient, one.turn] += 1
    for (recipient, turn), count in repeated.items():
        if recipient in MAY_COME_AGAIN and count > world.record.unheard(recipient, turn) + world.killed_in[turn]:
            yield f"{count} documents of turn {turn} came to {recipient} again, with nothing that was not heard"


def not_told_of_a_withdrawal(world: World, ledger: Ledger, has: Has) -> Iterator[str]:
    """Who has a package that no longer holds was told so: by its withdrawal, or by a package that took its place."""
    for recipient, dispatch_id, document in has:
        one = ledger.dispatches[dispatch_id]
        if document == WITHDRAWAL:
            if one.state != "withdrawn" and not _is_taken_back(ledger, one):
                yield f"{recipient} was told that {dispatch_id} is withdrawn, which is {one.way}"
            continue
        if one.state in OVER:
            continue
        last = one
        while last.state == "superseded" and last.dispatch_id in ledger.replaced_by:
            last = ledger.dispatches[ledger.replaced_by[last.dispatch_id]]
        if last.state == "withdrawn" and not _was_told(ledger, one, last, has):
            yield f"{recipient} has {dispatch_id}, which came to be {last.way}, and was told nothing"
    for case in world.cases.cases.values():
        yield from _still_working(ledger, case, has)


def _is_taken_back(ledger: Ledger, one: Dispatch) -> bool:
    """Whether what took its place was withdrawn."""
    while one.state == "superseded":
        one = ledger.dispatches[ledger.replaced_by[one.dispatch_id]]
    return one.state == "withdrawn"


def _was_told(ledger: Ledger, one: Dispatch, last: Dispatch, has: Has) -> bool:
    """A withdrawal of any version from the one that the recipient has to the last."""
    while True:
        if (one.recipient, one.dispatch_id, WITHDRAWAL) in has:
            return True
        if one is last:
            return False
        one = ledger.dispatches[ledger.replaced_by[one.dispatch_id]]


def _still_working(ledger: Ledger, case: Case, has: Has) -> Iterator[str]:
    """Nobody works on what is not theirs: of an allocation that is gone, was taken back or is with somebody else."""
    versions = ledger.of_allocation().get(str(case.allocation_id), []) if case.was_moved else []
    for recipient in {one.recipient for one in versions} - {case.target if case.wanted == THERE else ""}:
        theirs = [one for one in versions if (recipient, one.dispatch_id, PACKAGE) in has]
        if theirs and not any(one.state in OVER or (recipient, one.dispatch_id, WITHDRAWAL) in has for one in theirs):
            yield f"{recipient} still works on {theirs[-1].dispatch_id}, {theirs[-1].way}; it is {case.wanted}"
