"""A made-up recipient: it takes what is sent to it and answers one step further each time it plays, so that one sees
how dispatches come to their end, and what the hub does with a recipient that answers twice or badly."""

import json
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

STEPS = {
    "force_responses": ("acknowledged", "accepted", "outcome"),
    "provider_responses": ("acknowledged", "content_removed"),
}
INFORMS = ("acknowledged", "information_provided")
"""What a provider says where it is asked who wrote something."""
SENT_BACK = ("acknowledged", "returned")
SENT_BACK_EVERY = 4
"""Of so many dispatches to a force one is sent back, by the number in its id."""
MORE = {"returned": {"reason": "made up: the victim lives elsewhere"}, "outcome": {"outcome_code": "18"}}
UNKNOWN_KIND = "noted"

type Said = Mapping[str, str]


class Habit(StrEnum):
    """What a recipient does besides answering rightly: it says again what it said last, or begins with an answer that
    the contract does not know. Its webhook says nothing, or fails, when a document comes for the first time."""

    TWICE = "twice"
    BADLY = "badly"
    SLOWLY = "slowly"
    FAILING = "failing"


OF_A_WEBHOOK = frozenset({Habit.SLOWLY, Habit.FAILING})


@dataclass(frozen=True)
class Package:
    """What the hub has sent, and what an answer to it is to hold. ``feed`` is None where no answers are taken, as by a
    withdrawal. Only what rests on simulated samples is answered: nobody makes up what became of a real case."""

    dispatch_id: uuid.UUID
    feed: str | None
    fields: Said
    is_simulated: bool
    duty: str | None = None

    @classmethod
    def read(cls, text: str) -> "Package":
        """From the document of a package, or of a later message about one."""
        said: Mapping[str, Any] = json.loads(text)
        if said["document"] != "package":
            return cls(uuid.UUID(said["dispatch_id"]), None, {}, is_simulated=False)
        dispatch, answer = said["dispatch"], said["answer"]
        fields = {name: value for name, value in answer["fields"].items() if value is not None}
        duty = said["decision"]["duty"]
        return cls(uuid.UUID(dispatch["dispatch_id"]), answer["feed"], fields, dispatch["is_simulated"], duty)

    @property
    def steps(self) -> tuple[str, ...]:
        """The kinds of answer that it gets, one after the other."""
        if self.feed is None or not self.is_simulated:
            return ()
        if self.feed == "force_responses" and self.dispatch_id.int % SENT_BACK_EVERY == 0:
            return SENT_BACK
        return INFORMS if self.duty == "information" else STEPS[self.feed]


class Mailbox(Protocol):
    """The recipient's end of a transport."""

    def packages(self) -> Iterator[Package]:
        """All that was sent, also what was answered already."""

    def answer(self, package: Package, said: Said) -> None:
        """Send an answer."""

    def post(self) -> None:
        """Let the hub have what was answered, where answers go together."""


def play(
    mailbox: Mailbox,
    memory: Path,
    now: datetime,
    habits: frozenset[Habit],
    of_samples: Collection[uuid.UUID] | None = None,
) -> Counter[str]:
    """Answer each package by the next of its steps; returns how many answers there were of each kind. ``memory`` is a
    file that keeps what was said of each dispatch, and ``of_samples`` are those that rest on samples alone; None where
    nobody knows more of it than the packages say."""
    told: dict[str, list[Said]] = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
    count: Counter[str] = Counter()
    for package in mailbox.packages():
        if of_samples is not None and package.dispatch_id not in of_samples:
            continue
        before = told.setdefault(str(package.dispatch_id), [])
        if len(before) >= len(package.steps):
            continue
        kind = package.steps[len(before)]
        said = {"kind": kind, "happened_at": now.isoformat(timespec="seconds"), **MORE.get(kind, {})}
        if Habit.BADLY in habits and not count:
            mailbox.answer(package, {**said, "kind": UNKNOWN_KIND})
        if Habit.TWICE in habits and before:
            mailbox.answer(package, before[-1])
        mailbox.answer(package, said)
        before.append(said)
        count[kind] += 1
    mailbox.post()
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(told), encoding="utf-8")
    return count
