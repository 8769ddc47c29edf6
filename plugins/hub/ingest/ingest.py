"""One delivery from landing to raw: read, validate, quarantine and load, in one transaction.

Killed at any moment, it leaves nothing; run again, it gives the same tables. Reading the next chunk and loading the
last one go on while a chunk is validated, with one chunk under way in each, so memory does not grow with the file.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from hub.contracts.file_names import withheld_name
from hub.contracts.model import Contract
from hub.contracts.periods import unread_period
from hub.contracts.rules import AgreementRule
from hub.deliveries import (
    Chunk,
    ControlTotal,
    DeliveryHeld,
    DeliveryRefused,
    DeliveryResult,
    DeliveryStatus,
    Receipt,
    Rejection,
    RuleTally,
    Verdict,
)
from hub.ingest import ledger
from hub.ingest.chunks import gather, read_ahead
from hub.ingest.event_days import event_days
from hub.ingest.landing_store import open_landed
from hub.ingest.load import DeliveryLoad, Prepared
from hub.ingest.quarantine import write_error_file, write_first_reasons
from hub.ingest.readers import read_chunks
from hub.ingest.reads import MOST_DEAD_WORKERS, is_unreadable, marked_read
from hub.ingest.rejected import RejectedSoFar
from hub.ingest.snapshots import SnapshotChange, compare_issue, settle_issues
from hub.ingest.validation import delivery_problems, load_great_expectations, rejection_problems, validate_chunk
from hub.ingest.whole import find_disagreeing, lost_records, reject, without_disagreeing
from hub.monitoring.profile import DeliveryProfile, keep_profile, profile_of
from hub.monitoring.watch import watch_feed
from hub.settings import Settings
from hub.warehouse.engine import begin


def awaiting(engine: sa.Engine, feed: str) -> list[uuid.UUID]:
    """Deliveries of a feed that are received and not yet read."""
    with begin(engine) as connection:
        return ledger.awaiting(connection, feed)


def ingest_delivery(
    settings: Settings,
    engine: sa.Engine,
    contract: Contract,
    delivery_id: uuid.UUID,
    *,
    released_by: str | None = None,
) -> DeliveryResult:
    """Take a received delivery into the warehouse, or find that it is refused or held.

    A delivery that has an end already gives its result again. ``released_by`` loads a held one: this person has looked
    at it and found it right, and the ledger keeps the name. Raises what our own mistakes raise (RuleFailed, database
    errors); nothing is then written.
    """
    # Here, while no other thread runs: an import that another thread meets half done breaks both.
    load_great_expectations()
    started = time.monotonic()
    takes = {DeliveryStatus.RECEIVED, *({DeliveryStatus.HELD} if released_by else set())}
    with marked_read(engine, delivery_id, takes), begin(engine) as connection:
        row = ledger.lock(connection, delivery_id)
        if DeliveryStatus(row.status) not in takes:
            return result_of(row, time.monotonic() - started)
        receipt = ledger.receipt(connection, settings.landing, delivery_id)
        run = _Run(settings, connection, contract, receipt, released_by)
        died = row.unfinished_reads if is_unreadable(row) else 0
        end = run.unreadable(started) if died else run.to_its_end(started)
        result = end.result
        ledger.close(connection, result, end.stated, contract.version, died)
        settle_issues(connection, contract.feed)
        if result.status is DeliveryStatus.LOADED:
            write_error_file(settings, connection, receipt)
        else:
            write_first_reasons(settings, receipt, end.first_reasons)
        watch_feed(connection, contract, datetime.now(UTC))
        # An older issue of a whole table that comes late is superseded at once.
        return replace(result, status=DeliveryStatus(ledger.get(connection, delivery_id).status))


@dataclass(frozen=True)
class _End:
    """What an attempt came to, the control total that the file has, and why its first rejected rows are."""

    result: DeliveryResult
    stated: ControlTotal | None
    first_reasons: Sequence[Rejection]


@dataclass
class _Run:
    """One attempt at a delivery, inside the caller's transaction."""

    settings: Settings
    connection: sa.Connection
    contract: Contract
    receipt: Receipt
    released_by: str | None
    rejected: RejectedSoFar = field(init=False)
    tallies: list[RuleTally] = field(default_factory=list)
    stated: list[ControlTotal] = field(default_factory=list)
    rows_read: int = 0
    rows_accepted: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    first_event_on: date | None = None
    last_event_on: date | None = None
    note: str | None = None
    change: SnapshotChange | None = None
    disagreeing: dict[int, AgreementRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rejected = RejectedSoFar(self.contract)

    def unreadable(self, started: float) -> _End:
        """Its end without a further look at the file."""
        reason = f"the hub could not read it: {MOST_DEAD_WORKERS} workers died while they read it"
        return _End(self._result(DeliveryStatus.REFUSED, reason, time.monotonic() - started), None, ())

    def to_its_end(self, started: float) -> _End:
        """Load it; a refused or held delivery is undone to where it began, and only its reason stays. One whose rows
        disagree about a record is loaded again without those rows."""
        savepoint = self.connection.begin_nested()
        try:
            disagreeing = self._load_all()
            if disagreeing:
                savepoint.rollback()
                again = _Run(self.settings, self.connection, self.contract, self.receipt, self.released_by)
                again.disagreeing = disagreeing
                return again.to_its_end(started)
            savepoint.commit()
            status, reason = DeliveryStatus.LOADED, self.note
        except (DeliveryRefused, DeliveryHeld) as end:
            savepoint.rollback()
            status = DeliveryStatus.HELD if isinstance(end, DeliveryHeld) else DeliveryStatus.REFUSED
            reason = str(end)
        result = self._result(status, reason, time.monotonic() - started)
        return _End(result, next(iter(self.stated), None), self.rejected.first)

    def _load_all(self) -> dict[int, AgreementRule]:
        """Load every row that is right. Gives the rows that disagree about a record, if any: nothing of the load may
        then stay."""
        load = DeliveryLoad(self.connection, self.contract, self.settings, self.receipt.delivery_id)
        profile = profile_of(self.connection, self.contract, self.receipt.delivery_id)
        with ExitStack() as stack:
            preparer, loader = (stack.enter_context(ThreadPoolExecutor(max_workers=1)) for _ in range(2))
            under_way: Future[None] | None = None
            for chunk, verdict in self._validated_chunks(stack):
                self._note_events(chunk, verdict)
                prepared = preparer.submit(load.prepare, chunk, [one.row_number for one in verdict.rejections])
                if under_way is not None:
                    under_way.result()
                under_way = loader.submit(self._load_chunk, load, profile, chunk, verdict, prepared)
            if under_way is not None:
                under_way.result()
        load.index()
        if not self.disagreeing:
            found = find_disagreeing(self.connection, self.contract, self.receipt.delivery_id)
            if found:
                self.rejected.count_or_refuse(
                    [reject(rule, number, None) for number, rule in found.items()], self.rows_read
                )
                return found
        self.rejected.write(self.connection, load.encryptor)
        keep_profile(self.connection, profile, self.receipt.delivery_id)
        if self.contract.is_snapshot:
            self.change = compare_issue(self.connection, self.contract, self.receipt.delivery_id)
        reasons = [
            *delivery_problems(self.contract, self.tallies, self.rows_read),
            *rejection_problems(self.contract, self.rows_read, self.rejected.by_rule),
            *lost_records(self.contract, self.change),
        ]
        if reasons and self.released_by is None:
            raise DeliveryHeld("; ".join(reasons))
        if reasons:
            self.note = f"{'; '.join(reasons)}; released by {self.released_by}"
        return {}

    def _validated_chunks(self, stack: ExitStack) -> Iterator[tuple[Chunk, Verdict]]:
        landed = stack.enter_context(open_landed(self.settings, self.receipt.path))
        chunks = read_chunks(self.settings, self.contract, landed, self.stated)
        reader = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        for chunk in read_ahead(gather(chunks), reader):
            verdict = validate_chunk(self.contract, chunk, self.receipt.received_at)
            yield chunk, without_disagreeing(verdict, chunk, self.disagreeing)

    def _load_chunk(
        self,
        load: DeliveryLoad,
        profile: DeliveryProfile,
        chunk: Chunk,
        verdict: Verdict,
        prepared: Future[Prepared],
    ) -> None:
        self.rows_read += chunk.count_rows
        self.rejected.count_or_refuse(verdict.rejections, self.rows_read)
        ready = prepared.result()
        loaded = load.load(ready)
        # A whole table looks the same however much of it was there before.
        is_whole = self.contract.is_snapshot
        profile.note(ready.chunk, np.concatenate([loaded.places, loaded.restated]) if is_whole else loaded.places)
        self.rejected.count_or_refuse(loaded.repeated, self.rows_read)
        rejections = [*verdict.rejections, *loaded.repeated]
        self.rejected.keep(self.connection, load.encryptor, chunk, rejections, verdict.other_rules)
        self.tallies += verdict.tallies
        self.rows_accepted += loaded.count_accepted
        self.rows_duplicate += loaded.count_duplicate
        self.rows_quarantined += len(rejections)

    def _note_events(self, chunk: Chunk, verdict: Verdict) -> None:
        """First and last event of the rows that are right: a quarantined date says nothing about the delivery."""
        name = self.contract.event_column
        if name is None:
            return
        text = chunk.rows.column(name)
        if verdict.rejections:
            rejected = pa.array([one.row_number for one in verdict.rejections], pa.int64())
            text = text.filter(pc.invert(pc.is_in(chunk.row_numbers, value_set=rejected)))
        if (days := event_days(self.contract.column(name), text)) is not None:
            self.first_event_on = min(filter(None, (self.first_event_on, days[0])))
            self.last_event_on = max(filter(None, (self.last_event_on, days[1])))

    def _unread_period(self) -> str | None:
        return unread_period(self.contract.file_name_pattern, self.receipt.file_name)

    def _result(self, status: DeliveryStatus, reason: str | None, seconds: float) -> DeliveryResult:
        is_loaded = status is DeliveryStatus.LOADED
        return DeliveryResult(
            delivery_id=self.receipt.delivery_id,
            feed=self.receipt.feed,
            file_name=self.receipt.file_name,
            status=status,
            rows_read=self.rows_read if is_loaded else 0,
            rows_accepted=self.rows_accepted if is_loaded else 0,
            rows_quarantined=self.rows_quarantined if is_loaded else 0,
            rows_duplicate=self.rows_duplicate if is_loaded else 0,
            seconds=round(seconds, 3),
            reason="; ".join(filter(None, (withheld_name(self.receipt.file_name), self._unread_period(), reason)))
            or None,
            first_event_on=self.first_event_on if is_loaded else None,
            last_event_on=self.last_event_on if is_loaded else None,
            **(asdict(self.change) if is_loaded and self.change else {}),
        )


def result_of(row: sa.Row[Any], seconds: float) -> DeliveryResult:
    """What the ledger says became of a delivery."""
    return DeliveryResult(
        delivery_id=row.delivery_id,
        feed=row.feed,
        file_name=row.file_name,
        status=DeliveryStatus(row.status),
        rows_read=row.rows_read,
        rows_accepted=row.rows_accepted,
        rows_quarantined=row.rows_quarantined,
        rows_duplicate=row.rows_duplicate,
        seconds=round(seconds, 3),
        reason=row.reason,
        first_event_on=row.first_event_on,
        last_event_on=row.last_event_on,
        records_new=row.records_new,
        records_changed=row.records_changed,
        records_withdrawn=row.records_withdrawn,
        records_unchanged=row.records_unchanged,
        is_new=False,
    )
