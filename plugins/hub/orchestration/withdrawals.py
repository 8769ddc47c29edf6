"""What a person is asked about a delivery that is to be withdrawn, and carrying out the answer.

Plain functions, imported inside tasks only. Nothing here shows a value of a row.
"""

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from hub.contracts.model import read_catalogue
from hub.ingest import ledger, withdrawal
from hub.orchestration.answers import NothingToDecide
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role


def describe(settings: Settings, delivery_id: str, because: str) -> tuple[dict[str, Any], str]:
    """What would be withdrawn and why: as the arguments of :func:`carry_out`, and as Markdown. Raises
    :class:`NothingToDecide` where it is not in the warehouse, or was not loaded."""
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        try:
            row = ledger.get(connection, uuid.UUID(delivery_id))
        except LookupError as error:
            raise NothingToDecide(str(error)) from error
    if row.status not in withdrawal.MAY_BE_WITHDRAWN:
        raise NothingToDecide(f"delivery {delivery_id} is {row.status}; only what was loaded can be withdrawn")
    received = f"received {row.received_at:%Y-%m-%d %H:%M} UTC, {row.rows_accepted:,} records"
    text = f"**Delivery** {delivery_id} of {row.feed} ({row.status}, {received}) is to be withdrawn, because: {because}"
    loaded_at = row.loaded_at.isoformat() if row.loaded_at else None
    return {"delivery_id": delivery_id, "because": because, "loaded_at": loaded_at}, text


def carry_out(
    settings: Settings, delivery_id: str, *, because: str, loaded_at: str | None, decided_by: str
) -> dict[str, Any]:
    """Withdraw it; one that was withdrawn before stays so. Raises :class:`NothingToDecide`, also where it has been
    loaded again since ``loaded_at``: then it is not what was approved."""
    approved = withdrawal.ApprovedLoad(datetime.fromisoformat(loaded_at) if loaded_at else None)
    try:
        withdrawn = withdrawal.withdraw_delivery(
            settings,
            read_catalogue(settings.expectations),
            uuid.UUID(delivery_id),
            because=because,
            decided_by=decided_by,
            approved=approved,
        )
    except (withdrawal.WithdrawalRefused, LookupError) as refusal:
        raise NothingToDecide(str(refusal)) from refusal
    return {**asdict(withdrawn), "delivery_id": str(withdrawn.delivery_id)}
