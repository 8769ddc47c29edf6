"""Telling reporters, what a person is asked about messages that wait for one, and carrying out the answer.

Plain functions, imported inside tasks only. Messages are shown word by word: they name nobody.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hub.ingest.prepare import open_prepared
from hub.orchestration import approvals
from hub.reporters import outbox
from hub.reporters.outbox import NotWaiting, Update
from hub.reporters.sending import prepare_updates, send_due
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

DAG_ID = "tell_reporters"
NO_REASON = "no reason was given"
SHOWN = 20
"""So many a person reads before deciding; the others wait for the next run, or for `hub updates approve`."""


class NothingToDecide(ValueError):
    """No message waits for a person who was not asked yet."""


def prepare_and_send(settings: Settings) -> dict[str, Any]:
    """Write down what reporters are due by the newest publish, and send what may go; return counts."""
    open_prepared(settings, Role.DISPATCHER)
    prepared = prepare_updates(settings)
    return {"new": prepared.new, "over": prepared.over, **send(settings)}


def send(settings: Settings) -> dict[str, Any]:
    """Send what is due; return counts, and why others were not sent."""
    done = send_due(settings)
    return {"sent": done.sent, "dropped": dict(done.dropped), "put_off": dict(done.put_off)}


def describe(settings: Settings, *, asks_again: bool, run_id: str | None = None) -> tuple[dict[str, Any], str]:
    """Messages that wait for a person, :data:`SHOWN` at most, as arguments of :func:`carry_out` and as Markdown:
    those that no other run than ``run_id`` asks or has asked about, or where it ``asks_again`` those that were asked
    about least often. Raises :class:`NothingToDecide`."""
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        others = approvals.asked_about(connection, DAG_ID, but_for=run_id)
    asked = Counter(one for about in others for one in about["update_ids"])
    with open_warehouse(settings, Role.DISPATCHER).connect() as connection:
        waiting = outbox.in_state(connection, "waiting")
    unasked = [one for one in waiting if asks_again or str(one.update_id) not in asked]
    wanted = sorted(unasked, key=lambda one: asked[str(one.update_id)])[:SHOWN]
    if not wanted:
        raise NothingToDecide("no message waits for a person")
    text = "\n\n".join(paragraph for one in wanted for paragraph in _shown(one))
    return {"update_ids": [str(one.update_id) for one in wanted]}, text


def _shown(one: Update) -> Iterator[str]:
    yield f"**{one.kind.replace('_', ' ')}**, message {one.update_id}: {one.subject}"
    yield "\n".join(f"> {line}" for line in one.words.strip().splitlines())


def carry_out(
    settings: Settings, update_ids: Sequence[str], *, is_approved: bool, because: str | None, decided_by: str
) -> dict[str, Any]:
    """Approve these messages and send them, or drop them. One that was decided meanwhile stays so."""
    count = 0
    with open_warehouse(settings, Role.DISPATCHER).begin() as connection:
        for one in map(uuid.UUID, update_ids):
            with suppress(NotWaiting):
                why = None if is_approved else because or NO_REASON
                outbox.decide(connection, one, datetime.now(UTC), by=decided_by, because=why)
                count += 1
    return {"approved" if is_approved else "dropped_by_person": count, **send(settings)}
