"""Files under names such as ``feed/day/hash``, in a folder or in an object store. Each is there whole or not at all."""

from collections.abc import Collection
from pathlib import Path

from hub.settings import MEBIBYTE, Settings
from hub.store.folder import FolderStore
from hub.store.model import PARTS_IN_ARCHIVE, THREE, Store, StoredFile, StoreProblem, StoreUnavailable

__all__ = ["Store", "StoreProblem", "StoreUnavailable", "StoredFile", "archive_files", "landing_files", "outbox_files"]

LANDING, OUTBOX, ARCHIVE = "landing", "outbox", "archive"
IN_OUTBOX = (2, 3)
"""Parts of a name there: an error file lies in the folder of its feed, a letter in one of its own."""
FOLDER, S3 = "file://", "s3:"
LARGEST_AT_S3 = 5_000 * MEBIBYTE
"""Of a file as it was delivered: encrypted it is a little larger, and one request takes 5 GiB."""


def landing_files(settings: Settings) -> Store:
    """Where landed files lie, encrypted. What one holds changes no more but for its beginning, which has its wrapped
    keys. Raises :class:`StoreProblem` where the settings name a store that cannot be used."""
    return _store(settings, LANDING, settings.landing, THREE)


def outbox_files(settings: Settings) -> Store:
    """Where files for senders lie, which hold no value of a row. Raises as :func:`landing_files`."""
    return _store(settings, OUTBOX, settings.outbox, IN_OUTBOX)


def archive_files(settings: Settings) -> Store:
    """Where rows lie that are not followed, as encrypted Parquet. Raises as :func:`landing_files`."""
    return _store(settings, ARCHIVE, settings.home / ARCHIVE, PARTS_IN_ARCHIVE)


def _store(settings: Settings, name: str, own: Path, parts: Collection[int]) -> Store:
    if settings.store_url is None:
        return FolderStore(own, parts)
    if settings.store_url.startswith(FOLDER):
        return FolderStore.at_address(settings.store_url, name, parts)
    # Here, since only who has such a store needs its library.
    from hub.store.bucket import open_bucket  # noqa: PLC0415

    if settings.store_url.startswith(S3) and settings.max_file_bytes > LARGEST_AT_S3:
        raise StoreProblem(f"HUB_MAX_FILE_MB is more than S3 takes at once: at most {LARGEST_AT_S3 // MEBIBYTE}")
    workplace = FolderStore(own).workplace
    return open_bucket(f"{settings.store_url}/{name}", settings.store_options_file, workplace, parts)
