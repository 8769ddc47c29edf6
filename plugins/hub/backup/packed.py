"""Files of a backup: compressed, then encrypted in chunks under the backup key."""

import io
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from hub.backup.places import written_whole
from hub.settings import Settings
from hub.vault.encrypted_file import EncryptedReader, EncryptedWriter
from hub.vault.hub_keys import Purpose, read_ring

BLOCK_BYTES = 1024 * 1024
LEVEL = 1
"""Of compression: what a backup waits for is the processor."""


def pack(settings: Settings, path: Path, blocks: Iterable[bytes]) -> None:
    """Write blocks to ``path``, compressed and encrypted, whole or not at all."""
    ring = read_ring(settings, Purpose.BACKUP)
    squeeze = zlib.compressobj(LEVEL)
    with written_whole(path) as unfinished, unfinished.open("wb") as target:
        encrypted = EncryptedWriter(target, ring)
        for block in blocks:
            encrypted.write(squeeze.compress(block))
        encrypted.write(squeeze.flush())
        encrypted.finish()


def blocks_of(source: IO[bytes]) -> Iterator[bytes]:
    """What a file or pipe gives, by the block."""
    while block := source.read(BLOCK_BYTES):
        yield block


def unpack(settings: Settings, path: Path) -> Iterator[bytes]:
    """The unpacked bytes, by the block. Raises :class:`~hub.vault.encrypted_file.FileDamaged`."""
    expand = zlib.decompressobj()
    with io.BufferedReader(EncryptedReader.at(path, read_ring(settings, Purpose.BACKUP)), BLOCK_BYTES) as source:
        for block in blocks_of(cast("IO[bytes]", source)):
            data = expand.decompress(block, BLOCK_BYTES)
            while data:
                yield data
                data = expand.decompress(expand.unconsumed_tail, BLOCK_BYTES)
        yield expand.flush()


class Unpacked(io.RawIOBase):
    """The unpacked bytes, as a file that is read from its beginning to its end."""

    def __init__(self, settings: Settings, path: Path) -> None:
        self._blocks = unpack(settings, path)
        self._waiting = memoryview(b"")

    def readable(self) -> bool:
        """Always: it is there to be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names the protocol privately
        """Fill ``buffer`` as far as the block at hand goes; 0 at the end."""
        while not self._waiting:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._waiting = memoryview(block)
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count
