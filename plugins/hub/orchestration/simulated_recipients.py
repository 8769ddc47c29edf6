"""Recipients that do not exist: the hub answers for them, so that a hub for trying shows dispatches come to their end.

Plain functions, imported inside tasks and commands only.
"""

import functools
import hashlib
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path

from hub.dispatch.recipients import read_recipients
from hub.dispatch.rounds import open_files
from hub.ingest.samples import note_simulated
from hub.settings import Settings
from hub.simulate.mailboxes import PickUpMailbox
from hub.simulate.receiver import play
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

SIMULATED_RECEIVERS = "simulated_receivers"


def answer_for_simulated(settings: Settings, now: datetime) -> Counter[str]:
    """Let each recipient whose contract says ``simulated`` answer what lies with it one step further; returns how many
    answers there were of each kind. They are collected by the next round."""
    count: Counter[str] = Counter()
    for code, recipient in read_recipients(settings.recipients).contracts.items():
        if recipient.is_simulated:
            with closing(open_files(settings, recipient)) as files:
                mailbox = PickUpMailbox(files, code, now.date(), note=functools.partial(note_sample, settings))
                count += play(mailbox, memory_of(settings, code), now, frozenset())
    return count


def memory_of(settings: Settings, code: str) -> Path:
    """The file that keeps what a made-up recipient has said."""
    return settings.home / SIMULATED_RECEIVERS / f"{code}.json"


def note_sample(settings: Settings, content: bytes) -> None:
    """Write down that a file with this content is simulated, before it is delivered."""
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        note_simulated(connection, [hashlib.sha256(content).hexdigest()])
