"""Encrypted files in a store: how they are opened, how their keys are wrapped again, and how they are removed."""

import io
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO, cast

from hub.ingest.dropped_files import BLOCK_BYTES
from hub.settings import Settings
from hub.store import Store
from hub.vault.encrypted_file import EncryptedReader, is_wrapped_by_newest, rewrap
from hub.vault.hub_keys import KeyRing, Purpose, read_ring


def open_decrypted(settings: Settings, store: Store, name: str) -> BinaryIO:
    """What a file says, seekable. Raises FileNotFoundError, and :class:`~hub.vault.encrypted_file.FileDamaged`."""
    reader = EncryptedReader(store.open(name), read_ring(settings, Purpose.MASTER))
    return cast("BinaryIO", io.BufferedReader(reader, buffer_size=BLOCK_BYTES))


def rewrap_in(store: Store, ring: KeyRing, name: str) -> bool:
    """Wrap the key of a file by the newest master key; returns whether there was anything to do. Killed at any moment
    and run again, it ends the same. A file that is removed meanwhile stays removed."""
    with suppress(FileNotFoundError):
        with store.open(name) as source:
            if is_wrapped_by_newest(source, ring):
                return False
        with store.changing(name) as file:
            return rewrap(file, ring)
    return False


def remove_from(store: Store, names: Iterable[str]) -> None:
    """Remove files for good, where they are there."""
    for name in names:
        store.remove(name)
