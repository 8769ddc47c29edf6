"""The trigger that starts a round of notifications when somebody is to be notified."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

POLL_SECONDS = 3.0
ANNOUNCED_AGAIN_SECONDS = 15.0
"""After so long a round is announced again where there is still something to do: more has come meanwhile, or the round
has failed."""


class OutboxTrigger(BaseEventTrigger):
    """Looks into the ledger now and then, and fires when there is something new to tell or a message is due."""

    def __init__(self, every_seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's bases have no hints here
        self.every_seconds = every_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments from which the triggerer makes this trigger again."""
        return (f"{type(self).__module__}.{type(self).__qualname__}", {"every_seconds": self.every_seconds})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Never returns: a trigger that ends or raises would leave everybody untold."""
        # Here and not above: they bring the database with them, which no parse of a DAG file should pay for.
        from hub.notifications.sending import is_round_due  # noqa: PLC0415
        from hub.orchestration.failures import describe  # noqa: PLC0415
        from hub.settings import read_settings  # noqa: PLC0415

        settings, announced_at, was_well = read_settings(), float("-inf"), True
        while True:
            try:
                is_due = await asyncio.to_thread(is_round_due, settings)
            except Exception as error:  # the database is away, or notifications.yaml is being written
                if was_well:
                    self.log.warning("the outbox cannot be looked into (%s); trying again", describe(error))
                was_well, is_due = False, False
            else:
                was_well = True
            if not is_due:
                announced_at = float("-inf")
            elif time.monotonic() - announced_at > ANNOUNCED_AGAIN_SECONDS:
                announced_at = time.monotonic()
                yield TriggerEvent({})  # type: ignore[no-untyped-call]  # Airflow's bases have no hints here
            await asyncio.sleep(self.every_seconds)
