"""Recipients that do not exist: the hub answers for them, so that a hub for trying shows dispatches come to their end.

Plain functions, imported inside tasks and commands only.
"""

import functools
import hashlib
import uuid
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path

from hub.dispatch.recipients import read_recipients
from hub.dispatch.rounds import open_files
from hub.dispatch.samples import dispatches_of_samples
from hub.dispatch.transports import TransientFault
from hub.ingest.samples import note_simulated
from hub.settings import Settings
from hub.simulate.mailboxes import PickUpMailbox
from hub.simulate.receiver import play
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

SIMULATED_RECEIVERS = "simulated_receivers"


WHAT_MAY_LIE_THERE = (OSError, ValueError, LookupError, TypeError, AttributeError, TransientFault)
"""What a folder without rights, a file that is no package or a broken memory raises: the others answer all the same."""


class NotAnswered(Exception):
    """Recipients that do not exist could not answer; the message says which, and why."""


def answer_for_simulated(settings: Settings, now: datetime) -> Counter[str]:
    """Let each recipient whose contract says ``simulated`` answer what lies with it one step further; returns how many
    answers there were of each kind. They are collected by the next round. Raises :class:`NotAnswered` once the others
    have answered."""
    count: Counter[str] = Counter()
    problems = dict[str, str]()
    for code, recipient in read_recipients(settings.recipients).contracts.items():
        if recipient.is_simulated:
            try:
                with closing(open_files(settings, recipient)) as files:
                    mailbox = PickUpMailbox(files, code, now.date(), note=functools.partial(note_sample, settings))
                    count += play(mailbox, memory_of(settings, code), now, frozenset(), samples_for(settings, code))
            except WHAT_MAY_LIE_THERE as fault:
                problems[code] = f"{type(fault).__name__}: {fault}"
    if problems:
        raise NotAnswered("; ".join(f"{code}: {problem}" for code, problem in problems.items()))
    return count


def samples_for(settings: Settings, code: str) -> set[uuid.UUID]:
    """The dispatches to a recipient that rest on samples alone."""
    with open_warehouse(settings, Role.DISPATCHER).connect() as connection:
        return dispatches_of_samples(connection, code)


def memory_of(settings: Settings, code: str) -> Path:
    """The file that keeps what a made-up recipient has said."""
    return settings.home / SIMULATED_RECEIVERS / f"{code}.json"


def note_sample(settings: Settings, content: bytes) -> None:
    """Write down that a file with this content is simulated, before it is delivered."""
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        note_simulated(connection, [hashlib.sha256(content).hexdigest()])
