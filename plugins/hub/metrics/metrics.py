"""Every metric that the hub exposes: its name, what it means, its labels. All are gauges: a withdrawal or a release can
make any count smaller. Times are seconds since 1970 (UTC): how long ago something was, the reader reckons."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """What a metric says, and the names of its labels."""

    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """One value of a metric, with the values of its labels in their order."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


METRICS: Mapping[str, Metric] = {
    "hub_up": Metric("1 where the warehouse answered; 0 where it did not, and what its ledger knows is missing here."),
    "hub_deliveries": Metric("Files received, by what has become of them.", ("feed", "state")),
    "hub_rows_read": Metric("Rows in the files of a feed.", ("feed",)),
    "hub_rows": Metric("The same rows: accepted, quarantined, or there already.", ("feed", "outcome")),
    "hub_quarantine_open_rows": Metric("Rows in quarantine that nobody has decided about.", ("feed",)),
    "hub_quarantine_oldest_open_timestamp_seconds": Metric("Since when the first of these waits.", ("feed",)),
    "hub_feed_last_delivery_timestamp_seconds": Metric("When a feed last delivered.", ("feed",)),
    "hub_feed_due_timestamp_seconds": Metric("When its next delivery is due by its contract.", ("feed",)),
    "hub_feed_late_timestamp_seconds": Metric("When that is late: its time of grace is over.", ("feed",)),
    "hub_delivery_oldest_waiting_timestamp_seconds": Metric(
        "Since when the first delivery waits for its load (received) or for a person (held).", ("state",)
    ),
    "hub_delivery_last_loaded_timestamp_seconds": Metric("The latest load; 0 before the first."),
    "hub_alerts_open": Metric("Open alerts.", ("kind",)),
    "hub_alert_oldest_open_timestamp_seconds": Metric("Since when the first of these is open.", ("kind",)),
    "hub_approvals_waiting": Metric("Runs that wait for a person's answer.", ("dag",)),
    "hub_approval_oldest_waiting_timestamp_seconds": Metric("Since when the first of these waits.", ("dag",)),
    "hub_build_last_end_timestamp_seconds": Metric("When the last build of everything ended."),
    "hub_build_last_duration_seconds": Metric("How long it took, from its first step to its last."),
    "hub_build_last_success": Metric("1 where it succeeded, 0 where it failed."),
    "hub_build_data_as_of_timestamp_seconds": Metric("The latest load in what was last built well; 0 before that."),
    "hub_publish_last_end_timestamp_seconds": Metric("When the last publish switched the views."),
    "hub_publish_last_duration_seconds": Metric("How long it took, with the wait for builds and readers."),
    "hub_publish_data_as_of_timestamp_seconds": Metric("The latest load in what it published; 0 before the first."),
    "hub_replica_up": Metric(
        "1 if the server at HUB_READ_URL answered and is a replica, 0 if not; absent if HUB_READ_URL is not set."
    ),
    "hub_replica_behind_seconds": Metric("How far it is behind the warehouse, at most."),
    "hub_notifications_waiting": Metric(
        "Messages that a channel has not taken yet (waiting), or that no channel takes (no_channel).", ("state",)
    ),
    "hub_notification_oldest_waiting_timestamp_seconds": Metric("Since when the first of these waits.", ("state",)),
    "hub_backup_base_backups": Metric("Base backups that are kept; absent if the database is at HUB_WAREHOUSE_URL."),
    "hub_backup_last_base_timestamp_seconds": Metric("When the newest of them was complete."),
    "hub_backup_oldest_base_timestamp_seconds": Metric("When the oldest of them was complete."),
    "hub_backup_kept_timestamp_seconds": Metric("Until when everything is kept; later changes would be lost."),
    "hub_drill_last_timestamp_seconds": Metric("When a backup was last restored to prove it."),
    "hub_drill_last_success": Metric("1 where the hub came back whole, 0 where not."),
    "hub_audit_log_verified_timestamp_seconds": Metric("When the audit log was last found whole; 0 before that."),
    "hub_disk_free_bytes": Metric("Space that is free where the home and the backups are.", ("disk",)),
    "hub_disk_size_bytes": Metric("Space in all there.", ("disk",)),
}
