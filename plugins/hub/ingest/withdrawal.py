"""A person takes a delivery out of the warehouse again, or takes a withdrawn one in once more.

What is left is what a hub would hold that had never had the delivery: records that another delivery also states stay,
under that delivery. The ledger keeps who withdrew it and why. Its bytes stay in the landing store, under the rules of
retention; tables that were published before keep what they showed.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from hub.contracts.model import Catalogue, Contract
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest import ledger, withdrawals
from hub.ingest.archive import queries as archive_queries
from hub.ingest.archive import withdrawal as archive
from hub.ingest.archive.upkeep import remove_unlisted
from hub.ingest.chunks import gather
from hub.ingest.error_files import write_error_file
from hub.ingest.ingest import ingest_delivery
from hub.ingest.landing_store import is_kept, open_landed
from hub.ingest.load import with_iso_dates
from hub.ingest.readers import read_chunks
from hub.ingest.snapshots import settle_issues
from hub.monitoring.profile import keep_profile, profile_of
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse import build_lock
from hub.warehouse.engine import begin, lock_feed, open_warehouse
from hub.warehouse.roles import Role

MAY_BE_WITHDRAWN = (DeliveryStatus.LOADED, DeliveryStatus.SUPERSEDED, DeliveryStatus.DUPLICATE)
NOT_IN_IT = {
    DeliveryStatus.RECEIVED: "waits for its load; withdraw it when it is loaded",
    DeliveryStatus.HELD: "is held: nothing of it was loaded; hub quarantine reject leaves it out for good",
    DeliveryStatus.REFUSED: "was refused: nothing of it was loaded",
}


class WithdrawalRefused(Exception):
    """A delivery that cannot be withdrawn or restored; the message says why in one line."""


@dataclass(frozen=True)
class ApprovedLoad:
    """The load of a delivery that somebody looked at before they approved its withdrawal: None where it is a repeat,
    of which nothing was loaded."""

    loaded_at: datetime | None


@dataclass(frozen=True)
class Withdrawal:
    """What was withdrawn: how many records went, and how many deliveries keep records that they state too. ``is_new``
    is false where the delivery had been withdrawn before; ``reason`` says who did and why."""

    delivery_id: uuid.UUID
    feed: str
    records_gone: int
    heirs: int
    is_new: bool
    reason: str


def withdraw_delivery(
    settings: Settings,
    catalogue: Catalogue,
    delivery_id: uuid.UUID,
    *,
    because: str,
    decided_by: str,
    approved: ApprovedLoad | None = None,
) -> Withdrawal:
    """Withdraw a loaded delivery, from the next build on; ``approved`` withdraws this load of it alone. A build that
    runs now ends first.

    Of bytes that came several times, the first receipt's withdrawal withdraws all; that of a later one takes back that
    they came again. Raises LookupError where there is no such delivery, :class:`WithdrawalRefused`.
    """
    because = because.strip()
    if not because:
        raise WithdrawalRefused("say why it is withdrawn")
    engine = open_warehouse(settings, Role.OWNER)
    done = _withdraw(settings, catalogue, engine, delivery_id, because, decided_by, approved)
    contract = catalogue.contracts.get(done.feed)
    if contract is not None and contract.followed is not None:
        remove_unlisted(settings, engine, done.feed, delivery_id)
    return done


def _withdraw(
    settings: Settings,
    catalogue: Catalogue,
    engine: sa.Engine,
    delivery_id: uuid.UUID,
    because: str,
    decided_by: str,
    approved: ApprovedLoad | None,
) -> Withdrawal:
    with begin(engine) as connection:
        feed = str(ledger.get(connection, delivery_id).feed)
        contract = catalogue.contracts.get(feed)
        if contract is None:
            raise WithdrawalRefused(f"the feed {feed} has no contract that holds")
        build_lock.lock_builds(connection)
        lock_feed(connection, feed)
        row = ledger.lock(connection, delivery_id)
        if row.status == DeliveryStatus.WITHDRAWN:
            return Withdrawal(delivery_id, feed, 0, 0, is_new=False, reason=str(row.reason))
        if row.status not in MAY_BE_WITHDRAWN:
            raise WithdrawalRefused(f"delivery {delivery_id} {NOT_IN_IT[DeliveryStatus(row.status)]}")
        if approved is not None and approved.loaded_at != row.loaded_at:
            raise WithdrawalRefused(f"delivery {delivery_id} was loaded again after this was asked; ask again")
        gone, heirs = 0, list[uuid.UUID]()
        if row.status != DeliveryStatus.DUPLICATE:
            of_raw = withdrawals.hand_over_records(connection, contract, delivery_id)
            heirs = sorted({*of_raw, *archive.hand_over(settings, connection, contract, delivery_id)})
            gone = withdrawals.remove_rows(connection, contract, delivery_id)
            gone += archive.remove_rows(connection, delivery_id)
            write_error_file(settings, connection, ledger.receipt(connection, delivery_id))
        withdrawals.note_withdrawn(connection, delivery_id, because=because, decided_by=decided_by)
        for heir in heirs:
            _profile_again(settings, connection, contract, heir)
        settle_issues(connection, feed)
        reason = str(ledger.get(connection, delivery_id).reason)
        details = {"delivery_id": str(delivery_id), "feed": feed, "records": gone}
        audit.append(settings, audit.Entry(decided_by, "delivery withdrawn", because, details))
    return Withdrawal(delivery_id, feed, gone, len(heirs), is_new=True, reason=reason)


def restore_delivery(
    settings: Settings, catalogue: Catalogue, delivery_id: uuid.UUID, *, because: str, decided_by: str
) -> DeliveryResult:
    """Take a withdrawn delivery in again, from its landed bytes, validated as ever. Raises LookupError where there is
    no such delivery, :class:`WithdrawalRefused`."""
    because = because.strip()
    if not because:
        raise WithdrawalRefused("say why it is restored")
    engine = open_warehouse(settings, Role.OWNER)
    with begin(engine) as connection:
        row = ledger.get(connection, delivery_id)
        contract = catalogue.contracts.get(row.feed)
        if contract is None:
            raise WithdrawalRefused(f"the feed {row.feed} has no contract that holds")
        build_lock.lock_builds(connection)
        row = ledger.lock(connection, delivery_id)
        if row.status != DeliveryStatus.WITHDRAWN or row.duplicate_of is not None:
            raise WithdrawalRefused(f"delivery {delivery_id} is {row.status}, not withdrawn; give its first receipt")
        if not is_kept(settings, row.landing_path):
            raise WithdrawalRefused(f"the bytes of delivery {delivery_id} are no longer kept")
        withdrawals.note_restored(connection, delivery_id)
        details = {"delivery_id": str(delivery_id), "feed": contract.feed}
        audit.append(settings, audit.Entry(decided_by, "delivery restored", because, details))
    return ingest_delivery(settings, open_warehouse(settings, Role.LOADER), contract, delivery_id)


def _profile_again(settings: Settings, connection: sa.Connection, contract: Contract, delivery_id: uuid.UUID) -> None:
    """What a delivery looks like now that more records are its own; as it was where its bytes are no longer kept."""
    receipt = ledger.receipt(connection, delivery_id)
    if contract.is_snapshot or not is_kept(settings, receipt.landed_name):
        return
    accepted = withdrawals.accepted_numbers(connection, contract, delivery_id)
    numbers = np.array([*accepted, *archive_queries.row_numbers(connection, delivery_id)], dtype=np.int64)
    profile = profile_of(connection, contract, delivery_id)
    with open_landed(settings, receipt.landed_name) as landed:
        for chunk in gather(read_chunks(settings, contract, landed, [])):
            in_iso = replace(chunk, rows=with_iso_dates(contract, chunk.rows))
            profile.note(in_iso, np.flatnonzero(np.isin(chunk.row_numbers.to_numpy(), numbers)))
    keep_profile(connection, profile, delivery_id)
