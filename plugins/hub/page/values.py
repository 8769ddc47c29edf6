"""What the page shows: values as the queries find them. None of them holds a value of a row."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class FeedLine:
    """A feed, its last delivery (None: it never delivered) and how many came lately, by status."""

    feed: str
    title: str
    owner: str
    sender: str
    delivery_id: uuid.UUID | None
    status: str | None
    received_at: datetime | None
    recent: Mapping[str, int]
    count_alerts: int


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery in a list."""

    delivery_id: uuid.UUID
    feed: str
    file_name: str
    sender: str | None
    received_at: datetime
    status: str
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int
    has_open_rows: bool


@dataclass(frozen=True)
class Delivery(DeliveryLine):
    """All that the ledger says of a delivery. ``count_repeats``: later arrivals of the same bytes."""

    title: str | None
    owner: str | None
    reason: str | None
    bytes: int
    sha256: str
    sequence_number: int | None
    period_start: date | None
    period_end: date | None
    first_event_on: date | None
    last_event_on: date | None
    contract_version: str | None
    loaded_at: datetime | None
    duplicate_of: uuid.UUID | None
    count_repeats: int
    stated_rows: int | None
    is_total_unreadable: bool
    records_new: int | None
    records_changed: int | None
    records_withdrawn: int | None
    records_unchanged: int | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_because: str | None
    bytes_destroyed_at: datetime | None
    is_simulated: bool


@dataclass(frozen=True)
class RuleCount:
    """Rows of a delivery that broke a rule first, by decision."""

    rule: str
    because: str
    open: int
    corrected: int
    released: int
    rejected: int


@dataclass(frozen=True)
class QuarantinedRow:
    """A row in quarantine: where it is in the file, which rule it breaks, and the form of its values by column, for
    personal ones and free text the number of characters. ``masked_values`` is None where the row could not be split, or
    went in, or came before they were kept."""

    quarantine_id: uuid.UUID
    row_number: int
    line_number: int | None
    column_name: str | None
    rule: str
    because: str
    state: str
    decided_at: datetime | None
    decided_by: str | None
    masked_values: Mapping[str, str | int] | None


@dataclass(frozen=True)
class WaitingFile:
    """A delivery of which something waits for a decision: all of it where it is held, or rows in quarantine."""

    delivery_id: uuid.UUID
    feed: str
    file_name: str
    received_at: datetime
    status: str
    count_open: int
    rules: Sequence[str]


@dataclass(frozen=True)
class Told:
    """A message about a delivery and one channel's state of it; ``channel`` None where no channel takes it."""

    title: str
    severity: str
    owner: str
    noted_at: datetime
    channel: str | None
    state: str | None
    sent_at: datetime | None
    problem: str | None


@dataclass(frozen=True)
class Waiting:
    """A question that waits for its answer."""

    dag_id: str
    run_id: str
    asked_by: str | None
    asked_at: datetime


@dataclass(frozen=True)
class InPublish:
    """Whether what readers see rests on a delivery. ``left_behind_in``: the first publish that does, and that readers
    were switched back from. ``is_new``: the publish before did not, and ``count_new`` deliveries came in with this one,
    it among them. ``views`` → rows before and now, of the views that have changed in number."""

    publish_id: int
    published_at: datetime
    rests_on_it: bool
    left_behind_in: int | None
    is_new: bool
    count_new: int
    views: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class PublishLine:
    """A publish. ``is_kept``: readers can be switched to it."""

    publish_id: int
    build_id: int
    published_at: datetime
    data_as_of: datetime | None
    code_version: str
    row_counts: Mapping[str, int]
    checks: Sequence[Mapping[str, Any]]
    is_current: bool
    is_kept: bool

    @property
    def count_failed(self) -> int:
        return sum(not one["passed"] for one in self.checks)


@dataclass(frozen=True)
class Switch:
    """A time that readers were given another publish."""

    publish_id: int
    kind: str
    because: str | None
    switched_at: datetime


@dataclass(frozen=True)
class ForecastLine:
    """The last forecast of a panel."""

    panel: str
    cut_off: date
    made_at: datetime
    verdict: str | None
    is_withheld: bool
    withheld_because: str | None
    count_areas: int | None
    completeness: float | None
    model_version: str
