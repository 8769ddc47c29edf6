"""Each state of the ledger against what the recipients know: who has it, who said what, and that the proof says so."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator

from proofs.dispatch_world.ledger import ANSWERED, ENDS, Dispatch, Ledger, Move
from proofs.dispatch_world.oracles import Has
from proofs.dispatch_world.recipients import (
    GONE,
    PGP_MAIL,
    PULL,
    PULL_PROVIDER,
    SMIME_MAIL,
)
from proofs.dispatch_world.record import PACKAGE, Said
from proofs.dispatch_world.shelf import Shelf
from proofs.dispatch_world.world import World

STATE_BY = {
    "content_removed": "closed",
    "no_violation": "closed",
    "more_information_needed": "returned",
    "outcome": "closed",
}
"""What a dispatch is by an answer; by any other kind it is what the kind says."""
FURTHEST = (("closed",), ("returned", "transferred"), ("accepted",), ("acknowledged",))
PULLED = (PULL, PULL_PROVIDER)


def state_by(kind: str) -> str:
    return STATE_BY.get(kind, kind)


def unproven(world: World, has: Has) -> list[str]:
    ledger = Ledger.read(world.hub.engine)
    return [
        *receipts_that_nobody_gave(world, ledger, has),
        *receipts_that_were_not_heard(ledger, has),
        *answers_that_nobody_gave(world, ledger),
        *answers_that_were_not_followed(world, ledger),
    ]


def receipts_that_nobody_gave(world: World, ledger: Ledger, has: Has) -> Iterator[str]:
    """Sent, delivered and opened are only what the recipient has, and the proof has the hash of what it has."""
    for one in ledger.dispatches.values():
        for move in one.moves:
            if move.to in ("sent", "delivered", "opened"):
                yield from _unproven(world, one, move, has)


def _unproven(world: World, one: Dispatch, move: Move, has: Has) -> Iterator[str]:
    recipient, where = one.recipient, f"{one.dispatch_id} to {one.recipient} is {move.to} by {move.actor}: {move.proof}"
    arrival = has.get((recipient, one.dispatch_id, PACKAGE))
    if recipient == GONE:
        yield f"{where}; nobody is there"
    elif recipient in PULLED:
        # It was given, the answer was lost, and before it was asked for again a newer one took its place.
        is_over = bool(set(ENDS) & set(one.way)) and world.recipients.pullers[recipient].may_have_been_given(
            one.dispatch_id
        )
        if (
            move.to != "sent"
            and not (arrival is None and is_over)
            and (arrival is None or arrival.sha256 not in move.proof or move.actor != recipient)
        ):
            yield f"{where}; the recipient has {arrival and arrival.sha256}"
        if move.to == "delivered" and "opened" not in one.way:
            yield f"{where}, and was not opened"
    elif recipient in world.recipients.shelves:
        yield from _unproven_on_a_shelf(world.recipients.shelves[recipient], one, move, where, is_there=bool(arrival))
    elif arrival is None:
        yield f"{where}; the recipient has not got it"
    elif recipient in (PGP_MAIL, SMIME_MAIL) and move.to != "sent":
        yield f"{where}; no mail says that it was delivered"
    elif move.to == "opened":
        yield f"{where}; it cannot be known"


def _unproven_on_a_shelf(shelf: Shelf, one: Dispatch, move: Move, where: str, *, is_there: bool) -> Iterator[str]:
    """What lies there may have been taken back before the recipient has looked at it."""
    if not (is_there or set(ENDS) & set(one.way)):
        yield f"{where}; the recipient has not got it"
    if move.to == "sent" and one.sha256 not in move.proof:
        yield f"{where}; the hash of what was sent is {one.sha256}"
    if move.to == "delivered":
        words = shelf.receipts.get(one.dispatch_id)
        if words is None and one.dispatch_id not in shelf.taken_away:
            yield f"{where}; the recipient has not taken it"
        if words is not None and hashlib.sha256(words.encode()).hexdigest() not in move.proof:
            yield f"{where}; the recipient's receipt is: {words}"
    if move.to == "opened":
        yield f"{where}; it cannot be known"


def receipts_that_were_not_heard(ledger: Ledger, has: Has) -> Iterator[str]:
    """What a recipient has the ledger knows to be sent; what it has taken or confirmed, to be delivered."""
    for recipient, dispatch_id, document in has:
        one = ledger.dispatches[dispatch_id]
        if document != PACKAGE or set(ENDS) & set(one.way):
            continue
        if not {"sent", *ANSWERED} & set(one.way):
            yield f"{recipient} has {dispatch_id}, which is {one.way}"
        is_known_at_once = recipient not in (PGP_MAIL, SMIME_MAIL)
        if is_known_at_once and not {"delivered", *ANSWERED} & set(one.way):
            yield f"{recipient} has {dispatch_id}, which is {one.way} and not delivered"
        send = one.sends[PACKAGE]
        if send.state == "waiting" or (send.state == "taken" and not send.receipt):
            yield f"{recipient} has {dispatch_id}, and {send}"


def answers_that_nobody_gave(world: World, ledger: Ledger) -> Iterator[str]:
    """Each move by an answer names one that its recipient has given, and no answer has moved two dispatches."""
    by_place: dict[str, list[Said]] = defaultdict(list)
    for said in world.record.said:
        for place in said.references | said.delivery_ids:
            by_place[place].append(said)
    used: dict[str, set[str]] = defaultdict(set)
    for one in ledger.dispatches.values():
        for move in one.moves:
            if move.to in ANSWERED:
                used[move.proof].add(one.dispatch_id)
                if not any(
                    said.recipient == one.recipient == move.actor and state_by(said.kind) == move.to
                    for place in _words(move.proof)
                    for said in by_place.get(place, [])
                ):
                    yield f"{one.dispatch_id} is {move.to} by {move.actor}: {move.proof}, and nobody has said so"
    yield from (f"one answer has moved {ids}: {proof}" for proof, ids in used.items() if len(ids) > 1)


def _words(proof: str) -> set[str]:
    return set(re.split(r"[\s,()]+", proof))


def answers_that_were_not_followed(world: World, ledger: Ledger) -> Iterator[str]:
    """A dispatch that still holds is as far as the furthest answer about it that was loaded. An answer about an earlier
    version is about the one in its place, if that was prepared before the answer was loaded."""
    heard: dict[str, set[str]] = defaultdict(set)
    for said in world.record.said:
        if said.loaded_in is not None:
            current = said.dispatch_id
            while (after := ledger.replaced_by.get(current)) is not None and world.prepared_in[after] <= said.loaded_in:
                current = after
            heard[current].add(state_by(said.kind))
    for one in ledger.dispatches.values():
        case = world.cases.cases[world.cases.allocation_of[one.dispatch_id]]
        if one.state in ENDS or case.was_moved or case.was_away:
            continue
        answered = [state for state in one.way if state in ANSWERED]
        if (answered[-1] if answered else None) not in _furthest(heard[one.dispatch_id]):
            yield f"{one.dispatch_id} to {one.recipient} is {one.way}, and heard was {heard[one.dispatch_id]}"
    unheard = [one for one in world.record.said if one.loaded_in is None and one.way != "too late"]
    yield from (f"{one.recipient} has said {one.kind} of {one.dispatch_id}: never loaded" for one in unheard)


def _furthest(states: set[str]) -> set[str | None]:
    """Where answers lead in whatever order they come; of two that both give the case away the first one counts."""
    for some in FURTHEST:
        if found := set(some) & states:
            return set(found)
    return {None}
