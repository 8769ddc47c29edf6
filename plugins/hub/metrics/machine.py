"""What the machine itself says, also while the warehouse is away: backups, drills, the audit log, disks."""

import shutil
from collections.abc import Iterator

from hub.backup.base import bases
from hub.backup.places import BackupProblem, Places, places_of_own_server
from hub.metrics.metrics import Reading
from hub.recovery.drill_record import last_drill
from hub.settings import Settings
from hub.vault.audit_head import verified_at


def machine_readings(settings: Settings) -> Iterator[Reading]:
    """All readings that need no warehouse. Of another server's backups the hub knows nothing."""
    if not settings.warehouse_url:
        yield from _backup(settings)
    verified = verified_at(settings)
    yield Reading("hub_audit_log_verified_timestamp_seconds", verified.timestamp() if verified else 0.0)
    folders = {"home": settings.home, "backup": settings.backup}
    for disk, folder in folders.items():
        if folder is not None and folder.is_dir():
            usage = shutil.disk_usage(folder)
            yield Reading("hub_disk_free_bytes", usage.free, (disk,))
            yield Reading("hub_disk_size_bytes", usage.total, (disk,))


def _backup(settings: Settings) -> Iterator[Reading]:
    try:
        places = places_of_own_server(settings)
    except BackupProblem:  # none is made, or not where it should be
        yield Reading("hub_backup_base_backups", 0)
        return
    yield from _bases(places)
    if places.kept.exists():
        yield Reading("hub_backup_kept_timestamp_seconds", places.kept.stat().st_mtime)
    drill = last_drill(places)
    if drill is not None:
        yield Reading("hub_drill_last_timestamp_seconds", drill.at.timestamp())
        yield Reading("hub_drill_last_success", float(not drill.problems))


def _bases(places: Places) -> Iterator[Reading]:
    every = bases(places)
    yield Reading("hub_backup_base_backups", len(every))
    if every:
        yield Reading("hub_backup_last_base_timestamp_seconds", every[-1].taken_at.timestamp())
        yield Reading("hub_backup_oldest_base_timestamp_seconds", every[0].taken_at.timestamp())
