"""The rules of the watch over drop folders."""

import os
from datetime import UTC, datetime, timedelta

from hub.settings import Settings
from orchestration.watched import FEED, Deliver, Watch, drop_file, kinds
from permissions import permissions_hold


def test_files_in_a_folder_of_no_feed_are_an_alert_and_the_folders_name_is_made_safe(
    settings: Settings, watch: Watch, deliver: Deliver
) -> None:
    deliver(0)
    drop_file(settings, "no\nsuch feed")
    (alert,) = watch()
    assert alert.cause.kind == "unknown_folder"
    assert alert.cause.key == "unknown_folder:no\\nsuch feed"
    (settings.drop / "no\nsuch feed" / "file").unlink()
    assert watch() == []


def test_a_contact_in_the_name_of_a_folder_is_in_no_alert(settings: Settings, watch: Watch, deliver: Deliver) -> None:
    deliver(0)
    for name in ("jane.doe@example.org", "tel_07700900123"):
        drop_file(settings, name)
    alerts = watch()
    assert kinds(alerts) == ["unknown_folder", "unknown_folder"]
    assert "jane" not in str(alerts)
    assert "900123" not in str(alerts)


def test_a_hidden_file_in_a_drop_folder_is_an_alert(settings: Settings, watch: Watch, deliver: Deliver) -> None:
    now = datetime.now(UTC)
    deliver(received_at=now)
    drop_file(settings, FEED, ".reports.csv")
    assert watch(now) == []
    (alert,) = watch(now + timedelta(minutes=20))
    assert alert.cause.detail.endswith(f": {FEED}/.reports.csv")


def test_a_file_that_no_run_takes_is_an_alert(settings: Settings, watch: Watch, deliver: Deliver) -> None:
    deliver(0)
    now = datetime.now(UTC)
    deliver(received_at=now)
    drop_file(settings, FEED)
    assert watch(now) == []
    assert kinds(watch(now + timedelta(minutes=20))) == ["unattended"]


def test_what_can_never_be_taken_from_a_drop_folder_is_an_alert_too(
    settings: Settings, watch: Watch, deliver: Deliver
) -> None:
    now = datetime.now(UTC)
    deliver(received_at=now)
    drop_file(settings, FEED, "transfer.part")
    (alert,) = watch(now + timedelta(minutes=20))
    assert alert.cause.kind == "unattended"
    assert alert.cause.detail.endswith(f": {FEED}/transfer.part")


def test_files_in_a_folder_within_a_drop_folder_are_named_at_once(
    settings: Settings, watch: Watch, deliver: Deliver
) -> None:
    now = datetime.now(UTC)
    deliver(received_at=now)
    (settings.drop / FEED / "october.jsonl").mkdir(parents=True)
    (alert,) = watch(now)
    assert alert.cause.kind == "subfolder"
    assert alert.cause.detail.endswith(
        f"1 folder(s) with 0 file(s) lie in the drop folder; only files beside them are taken: {FEED}/october.jsonl"
    )
    for number in range(7):
        drop_file(settings, f"{FEED}/october.jsonl/week\n1", f"{number}.jsonl")
    (alert,) = watch(now + timedelta(minutes=20))
    assert alert.cause.detail.startswith("1 folder(s) with 7 file(s)")
    assert f"{FEED}/october.jsonl/week\\n1/" in alert.cause.detail
    assert alert.cause.detail.endswith(" and 2 more")


def test_a_file_that_may_not_be_read_is_named(settings: Settings, watch: Watch, deliver: Deliver) -> None:
    now = datetime.now(UTC)
    deliver(received_at=now)
    drop_file(settings, FEED, "closed.jsonl")
    (settings.drop / FEED / "closed.jsonl").chmod(0)
    with permissions_hold():
        (alert,) = watch(now)
    assert alert.cause.kind == "unreadable"
    assert alert.cause.detail == f"the hub may not read 1 file(s) in the drop folder: {FEED}/closed.jsonl"
    (settings.drop / FEED / "closed.jsonl").chmod(0o600)
    with permissions_hold():
        assert watch(now) == []


def test_a_file_that_is_too_large_is_named(settings: Settings, watch: Watch, deliver: Deliver) -> None:
    now = datetime.now(UTC)
    deliver(received_at=now)
    drop_file(settings, FEED, "large.jsonl")
    os.truncate(settings.drop / FEED / "large.jsonl", settings.max_file_bytes + 1)
    (alert,) = watch(now)
    assert alert.cause.kind == "too_large"
    assert alert.cause.detail == (
        f"1 file(s) in the drop folder are larger than {settings.max_file_bytes} bytes: {FEED}/large.jsonl"
    )
