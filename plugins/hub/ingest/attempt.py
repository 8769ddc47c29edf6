"""One attempt at a delivery: its rows are read, validated, quarantined and loaded, inside the caller's transaction.

Reading the next chunk and loading the last one go on while a chunk is validated, with one chunk under way in each, so
memory does not grow with the file.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import BinaryIO

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
from hub.ingest.chunks import gather, read_ahead
from hub.ingest.event_days import event_days
from hub.ingest.load import DeliveryLoad
from hub.ingest.on_spark import validated_on_spark
from hub.ingest.prepared_rows import Prepared
from hub.ingest.readers import read_chunks
from hub.ingest.reads import MOST_DEAD_WORKERS
from hub.ingest.rejected import RejectedSoFar
from hub.ingest.snapshots import SnapshotChange, compare_issue
from hub.ingest.validation import delivery_problems, rejection_problems, validate_chunk
from hub.ingest.whole import find_disagreeing, lost_records, reject, without_disagreeing
from hub.monitoring.profile import DeliveryProfile, keep_profile, profile_of
from hub.settings import Settings


@dataclass(frozen=True)
class End:
    """What an attempt came to, the control total that the file has, the reasons of its first rejected rows, how many
    rows were rejected by which rule, and for each rule how many rows were checked and how many failed."""

    result: DeliveryResult
    stated: ControlTotal | None
    first_reasons: Sequence[Rejection]
    rejected_by_rule: Mapping[str, int]
    rule_counts: Mapping[str, tuple[int, int]]


@dataclass
class Attempt:
    """One attempt at a delivery. ``open_bytes`` opens the file as it was delivered, seekable. One that is only tried
    ``keeps_files`` of the archive in no store."""

    settings: Settings
    connection: sa.Connection
    contract: Contract
    receipt: Receipt
    open_bytes: Callable[[], BinaryIO]
    released_by: str | None = None
    rejected: RejectedSoFar = field(init=False)
    is_on_spark: bool = field(default=False, init=False)
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
    in_order: bool = False
    keeps_files: bool = True

    def __post_init__(self) -> None:
        self.rejected = RejectedSoFar(self.contract)

    def give_up(self, started: float) -> End:
        """Its end without a further look at the file."""
        reason = f"the hub could not read it: {MOST_DEAD_WORKERS} workers died while they read it"
        return End(self._result(DeliveryStatus.REFUSED, reason, time.monotonic() - started), None, (), {}, {})

    def run(self, started: float) -> End:
        """Load it; a refused or held delivery is undone to where it began, and only its reason stays. One whose rows
        disagree about a record is loaded again without those rows."""
        savepoint = self.connection.begin_nested()
        try:
            disagreeing = self._load_all()
            if disagreeing:
                savepoint.rollback()
                return self._again(disagreeing, in_order=self.in_order).run(started)
            savepoint.commit()
            status, reason = DeliveryStatus.LOADED, self.note
        except (DeliveryRefused, DeliveryHeld) as end:
            savepoint.rollback()
            if self.is_on_spark:
                # Which wrong rows come first hangs on how a file is cut: its sender is told one thing.
                return self._again(self.disagreeing, in_order=True).run(started)
            status = DeliveryStatus.HELD if isinstance(end, DeliveryHeld) else DeliveryStatus.REFUSED
            reason = str(end)
        result = self._result(status, reason, time.monotonic() - started)
        stated = next(iter(self.stated), None)
        return End(result, stated, self.rejected.first, self.rejected.by_rule, self._rule_counts())

    def _again(self, disagreeing: dict[int, AgreementRule], *, in_order: bool) -> "Attempt":
        """The attempt from its beginning, without these rows."""
        again = Attempt(self.settings, self.connection, self.contract, self.receipt, self.open_bytes, self.released_by)
        again.disagreeing, again.in_order, again.keeps_files = disagreeing, in_order, self.keeps_files
        return again

    def _load_all(self) -> dict[int, AgreementRule]:
        """Load every row that is right. Gives the rows that disagree about a record, if any: nothing of the load may
        then stay."""
        of = self.connection, self.contract, self.settings, self.receipt.delivery_id
        load = DeliveryLoad(*of, keeps_files=self.keeps_files)
        profile = profile_of(self.connection, self.contract, self.receipt.delivery_id)
        with ExitStack() as stack:
            preparer, loader = (stack.enter_context(ThreadPoolExecutor(max_workers=1)) for _ in range(2))
            under_way: Future[None] | None = None
            for chunk, verdict in self._validated_chunks(stack):
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
        load.finish()
        return {}

    def _validated_chunks(self, stack: ExitStack) -> Iterator[tuple[Chunk, Verdict]]:
        side_by_side = None if self.in_order else validated_on_spark(stack, self.settings, self.contract, self.receipt)
        self.is_on_spark = side_by_side is not None
        for chunk, verdict in side_by_side or self._validated_in_order(stack):
            yield chunk, without_disagreeing(verdict, chunk, self.disagreeing)

    def _validated_in_order(self, stack: ExitStack) -> Iterator[tuple[Chunk, Verdict]]:
        landed = stack.enter_context(self.open_bytes())
        chunks = read_chunks(self.settings, self.contract, landed, self.stated)
        reader = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        for chunk in read_ahead(gather(chunks), reader):
            yield chunk, validate_chunk(self.contract, chunk, self.receipt.received_at)

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
        # Of a snapshot all rows are profiled, also those loaded before; otherwise the new ones.
        is_whole = self.contract.is_snapshot
        profile.note(ready.chunk, np.concatenate([loaded.positions, loaded.restated]) if is_whole else loaded.positions)
        self.rejected.count_or_refuse(loaded.repeated, self.rows_read)
        rejections = [*verdict.rejections, *loaded.repeated]
        self._note_events(chunk, rejections)
        keys = load.key_hashes(ready, rejections)
        self.rejected.keep(self.connection, load.encryptor, chunk, rejections, verdict.other_rules, keys)
        self.tallies += verdict.tallies
        self.rows_accepted += loaded.count_accepted
        self.rows_duplicate += loaded.count_duplicate
        self.rows_quarantined += len(rejections)

    def _note_events(self, chunk: Chunk, rejections: Sequence[Rejection]) -> None:
        """First and last event of the rows that are right: a quarantined date says nothing about the delivery."""
        name = self.contract.event_column
        if name is None:
            return
        text = chunk.rows.column(name)
        if rejections:
            rejected = pa.array([one.row_number for one in rejections], pa.int64())
            text = text.filter(pc.invert(pc.is_in(chunk.row_numbers, value_set=rejected)))
        if (days := event_days(self.contract.column(name), text)) is not None:
            self.first_event_on = min(filter(None, (self.first_event_on, days[0])))
            self.last_event_on = max(filter(None, (self.last_event_on, days[1])))

    def _rule_counts(self) -> dict[str, tuple[int, int]]:
        counts: dict[str, tuple[int, int]] = {}
        for one in self.tallies:
            looked_at, failed = counts.get(one.rule, (0, 0))
            counts[one.rule] = (looked_at + one.looked_at, failed + one.failed)
        # Rules broken in reading or loading, and rows that disagree, are in no tally: they count over all rows read.
        return {**{rule: (self.rows_read, count) for rule, count in self.rejected.by_rule.items()}, **counts}

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
