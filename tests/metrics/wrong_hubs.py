"""A hub that is well, and for each alert rule what makes it wrong."""

import json
import os
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from hub.backup.places import as_name, backup_places, places_of_own_server
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.notifications.tables import NOTIFICATION_SENDS, NOTIFICATIONS
from hub.orchestration import approvals
from hub.settings import Settings
from hub.warehouse.tables import ALERTS, BUILDS, DELIVERIES, FEEDS, PUBLISH_SWITCHES, PUBLISHES, QUARANTINED_ROWS

NOW = datetime.now(UTC)
SEGMENT = "0" * 24
FEED = "true_vision_reports"

Wrong = Callable[[sa.Connection, Settings], None]


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def deliver(connection: sa.Connection, feed: str, state: str, at: datetime, **more: object) -> uuid.UUID:
    """A delivery in the ledger, and no file."""
    delivery_id = uuid.uuid4()
    values = {"file_name": "a_name.csv", "sha256": delivery_id.hex, "bytes": 1, "received_at": at, "status": state}
    loaded = {"loaded_at": at} if state == "loaded" else {}
    values |= {"delivery_id": delivery_id, "feed": feed} | loaded | more
    connection.execute(sa.insert(DELIVERIES).values(values))
    return delivery_id


def build(connection: sa.Connection, status: str, data_as_of: datetime) -> int:
    values = {"status": status, "code_sha256": "", "seeds_sha256": "", "data_as_of": data_as_of}
    times = {"started_at": ago(minutes=10), "finished_at": ago(minutes=9)}
    return connection.execute(sa.insert(BUILDS).values(values | times).returning(BUILDS.c.build_id)).scalar_one()


def publish(connection: sa.Connection, build_id: int, data_as_of: datetime) -> None:
    values = {"publish_id": build_id, "build_id": build_id, "fingerprint": "", "code_version": "", "delivery_ids": []}
    times = {"data_as_of": data_as_of, "published_at": ago(minutes=8)}
    connection.execute(sa.insert(PUBLISHES).values(values | times))
    switch = {"publish_id": build_id, "kind": "published", "switched_at": ago(minutes=7)}
    connection.execute(sa.insert(PUBLISH_SWITCHES).values(switch))


def open_alert(connection: sa.Connection, kind: str, at: datetime) -> None:
    values = {"cause": kind, "kind": kind, "owner": "hub", "detail": "", "opened_at": at}
    connection.execute(sa.insert(ALERTS).values(values))


def make_well(connection: sa.Connection, machine: Settings, catalogue: Catalogue) -> None:
    """Every feed delivered an hour ago; all of it is built and published, and kept in a backup that is proved."""
    connection.execute(sa.update(FEEDS).values(first_known_at=ago(days=1)))
    for feed in catalogue.contracts:
        deliver(connection, feed, "loaded", ago(hours=1), rows_read=10, rows_accepted=7, rows_duplicate=3)
    publish(connection, build(connection, "succeeded", ago(hours=1)), ago(hours=1))
    places = backup_places(machine)
    for folder in (places.base, places.drills, machine.home / "audit"):
        folder.mkdir(parents=True)
    base_backup(machine, ago(hours=1))
    drill(machine, ago(hours=1), [])
    touch(places.kept, NOW)
    touch(machine.home / "audit" / "verified", ago(minutes=30))


def base_backup(machine: Settings, at: datetime) -> None:
    """In place of those that were there."""
    places = places_of_own_server(machine)
    no_base_backup(machine)
    (places.base / f"{as_name(at)}_{SEGMENT}.tar").touch()


def no_base_backup(machine: Settings) -> None:
    for path in places_of_own_server(machine).base.iterdir():
        path.unlink()


def drill(machine: Settings, at: datetime, problems: list[str]) -> None:
    record = {"at": as_name(at), "problems": problems}
    (places_of_own_server(machine).drills / "last.json").write_text(json.dumps(record))


def touch(path: Path, at: datetime) -> None:
    path.touch()
    os.utime(path, (at.timestamp(), at.timestamp()))


def late(connection: sa.Connection, _: Settings) -> None:
    connection.execute(sa.update(DELIVERIES).where(DELIVERIES.c.feed == FEED).values(received_at=ago(days=300)))


def quarantined(connection: sa.Connection, _: Settings) -> None:
    one = deliver(connection, FEED, "loaded", ago(hours=2), rows_read=1, rows_quarantined=1)
    values = {"quarantine_id": uuid.uuid4(), "delivery_id": one, "feed": FEED, "row_number": 1, "rule": "a_rule"}
    connection.execute(sa.insert(QUARANTINED_ROWS).values(values | {"because": "", "first_seen_at": ago(days=8)}))


def unanswered(connection: sa.Connection, _: Settings) -> None:
    asked = approvals.Question(uuid.uuid4(), "erase_person", "a run", "a.person", {})
    approvals.keep_question(connection, asked)
    connection.execute(sa.text("update ledger.questions set asked_at = :at"), {"at": ago(hours=5)})


def untaken(connection: sa.Connection, _: Settings) -> None:
    one = uuid.uuid4()
    told = {"notification_id": one, "cause": "a cause", "kind": "late", "owner": "hub", "severity": "warning"}
    told |= {"title": "", "lines": [], "since_at": ago(hours=1), "noted_at": ago(hours=1)}
    connection.execute(sa.insert(NOTIFICATIONS).values(told))
    connection.execute(sa.insert(NOTIFICATION_SENDS).values(notification_id=one, channel="a", next_at=NOW))


def unproved(_: sa.Connection, machine: Settings) -> None:
    """No drill in all the time since the oldest backup."""
    base_backup(machine, ago(days=9))
    (places_of_own_server(machine).base / f"{as_name(ago(hours=1))}_{SEGMENT}.tar").touch()
    (places_of_own_server(machine).drills / "last.json").unlink()


WRONG: Mapping[str, Wrong] = {
    "HubFeedLate": late,
    "HubDeliveryNotLoaded": lambda it, _: void(deliver(it, FEED, "received", ago(minutes=20))),
    "HubDeliveryHeld": lambda it, _: void(deliver(it, FEED, DeliveryStatus.HELD, ago(hours=25))),
    "HubQuarantineWaits": quarantined,
    "HubSafeguardBroken": lambda it, _: open_alert(it, "role_password", ago(hours=1)),
    "HubAlertForgotten": lambda it, _: open_alert(it, "gap", ago(days=8)),
    "HubApprovalWaits": unanswered,
    "HubBuildFailed": lambda it, _: void(build(it, "failed", ago(hours=1))),
    "HubBuildBehind": lambda it, _: void(deliver(it, FEED, "loaded", ago(minutes=5))),
    "HubPublishBehind": lambda it, _: built_again(it),
    "HubNotificationsWait": untaken,
    "HubNoBaseBackup": lambda _, machine: no_base_backup(machine),
    "HubBaseBackupOld": lambda _, machine: base_backup(machine, ago(hours=27)),
    "HubBackupNotKept": lambda _, machine: touch(places_of_own_server(machine).kept, ago(minutes=2)),
    "HubDrillOld": unproved,
    "HubDrillFailed": lambda _, machine: drill(machine, ago(hours=1), ["ledger law: broken"]),
    "HubAuditLogNotVerified": lambda _, machine: touch(machine.home / "audit" / "verified", ago(hours=4)),
}


def built_again(connection: sa.Connection) -> None:
    deliver(connection, FEED, "loaded", ago(minutes=20))
    build(connection, "succeeded", ago(minutes=20))


def void(_: object) -> None:
    """What makes it wrong returns something that nobody needs."""
