"""Files under names such as ``feed/day/hash``, in a folder or in an object store. A file is there whole or not at all;
what it holds changes no more but for its beginning, which has its wrapped keys."""

from hub.settings import MEBIBYTE, Settings
from hub.store.folder import FolderStore
from hub.store.model import Store, StoredFile, StoreProblem, StoreUnavailable

__all__ = ["Store", "StoreProblem", "StoreUnavailable", "StoredFile", "landing_files"]

LANDING = "landing"
FOLDER, S3 = "file://", "s3:"
LARGEST_AT_S3 = 5_000 * MEBIBYTE
"""Of a file as it was delivered: encrypted it is a little larger, and one request takes 5 GiB."""


def landing_files(settings: Settings) -> Store:
    """Where landed files lie. Raises :class:`StoreProblem` where the settings name a store that cannot be used."""
    if settings.store_url is None:
        return FolderStore(settings.landing)
    if settings.store_url.startswith(FOLDER):
        return FolderStore.at_address(settings.store_url, LANDING)
    # Here, since only who has such a store needs its library.
    from hub.store.bucket import open_bucket  # noqa: PLC0415

    if settings.store_url.startswith(S3) and settings.max_file_bytes > LARGEST_AT_S3:
        raise StoreProblem(f"HUB_MAX_FILE_MB is more than S3 takes at once: at most {LARGEST_AT_S3 // MEBIBYTE}")
    workplace = FolderStore(settings.landing).workplace
    return open_bucket(f"{settings.store_url}/{LANDING}", settings.store_options_file, workplace)
