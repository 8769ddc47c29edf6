"""A file encrypted in chunks, each authenticated: it is written and read in constant memory, and read from any place.

The file has a data key of its own. Its header has two places for that key, wrapped by the master key: a newer master
key wraps it in the place that is not in use, so that one of both always unwraps, whenever the writer is killed.
Chunks are numbered, and the last one is marked (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár,
2015): a file that was cut, extended or put together again cannot be decrypted.
"""

import io
import os
import struct
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.store.sized_reader import SizedReader
from hub.vault.hub_keys import KEY_BYTES, KeyRing

MAGIC = b"HUBSEAL1"  # in every landed file, and part of what is authenticated: it never changes
NONCE_BYTES, TAG_BYTES = 12, 16
PLACE = struct.Struct(f">H{NONCE_BYTES + KEY_BYTES + TAG_BYTES}s")
HEADER_BYTES = len(MAGIC) + 2 * PLACE.size
CHUNK_BYTES = 1024 * 1024
EMPTY_PLACE = bytes(PLACE.size)


class FileDamaged(Exception):  # of no kind that a reader would take for damage that the sender did
    """An encrypted file cannot be decrypted: it was changed or cut, or another master key encrypted it."""


class EncryptedWriter:
    """Encrypts what is written to it into ``target``; :meth:`finish` ends the file."""

    def __init__(self, target: BinaryIO, master: KeyRing) -> None:
        key = os.urandom(KEY_BYTES)
        self._target, self._cipher = target, AESGCM(key)
        self._waiting = b""
        self._encrypted = memoryview(bytearray(CHUNK_BYTES + TAG_BYTES))
        self._count = 0
        target.write(MAGIC + _wrapped(key, master) + EMPTY_PLACE)

    def write(self, data: bytes) -> None:
        """Take more bytes; whole chunks go out, and one is always kept back: it may be the last. Bytes that come by the
        chunk are not copied."""
        if not data:
            return
        if len(self._waiting) == CHUNK_BYTES:
            self._put(self._waiting, is_last=False)
        elif self._waiting:
            data = self._waiting + data
        start = 0
        while len(data) - start > CHUNK_BYTES:
            self._put(memoryview(data)[start : start + CHUNK_BYTES], is_last=False)
            start += CHUNK_BYTES
        self._waiting = data[start:]

    def finish(self) -> None:
        """Write the last chunk."""
        self._put(self._waiting, is_last=True)

    def _put(self, chunk: bytes | memoryview, *, is_last: bool) -> None:
        encrypted = self._encrypted[: len(chunk) + TAG_BYTES]
        self._cipher.encrypt_into(_nonce(self._count, is_last=is_last), chunk, MAGIC, encrypted)
        self._target.write(encrypted)
        self._count += 1


class EncryptedReader(SizedReader):
    """Reads an encrypted file, which it closes, as the bytes that were written, from any place. ``size`` is their
    number. Raises :class:`FileDamaged`."""

    def __init__(self, source: io.RawIOBase, master: KeyRing) -> None:
        self._files = ExitStack()  # before anything can fail: Python closes also what could not be opened
        self._source = self._files.enter_context(source)
        try:
            self._cipher = AESGCM(_unwrapped(_header(self._source), master)[0])
        except BaseException:
            self._files.close()
            raise
        encrypted = self._source.seek(0, io.SEEK_END) - HEADER_BYTES
        self._count = max(-(-encrypted // (CHUNK_BYTES + TAG_BYTES)), 1)
        super().__init__(encrypted - TAG_BYTES * self._count)
        self._encrypted = memoryview(bytearray(CHUNK_BYTES + TAG_BYTES))
        self._plain = memoryview(bytearray(CHUNK_BYTES))
        self._chunk_number, self._chunk = -1, self._plain[:0]
        # The end first: it says that nothing was cut off or added, also where nobody reads so far.
        self._at(self._count - 1)

    @classmethod
    def at(cls, path: Path, master: KeyRing) -> "EncryptedReader":
        """Reads the file at a path."""
        return cls(path.open("rb", buffering=0), master)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names the protocol privately
        """Fill ``buffer`` as far as the chunk at hand gives bytes; 0 at the end."""
        number, within = divmod(self._place, CHUNK_BYTES)
        if self._place >= self.size:
            return 0
        data = self._at(number)[within : within + len(buffer)]
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file below, too."""
        self._files.close()
        super().close()

    def _at(self, number: int) -> memoryview:
        if number != self._chunk_number:
            self._chunk_number = -1  # until it is decrypted: what lies there meanwhile is nothing that can be trusted
            self._source.seek(HEADER_BYTES + number * (CHUNK_BYTES + TAG_BYTES))
            encrypted = self._encrypted[: self._read_whole(self._encrypted)]
            nonce = _nonce(number, is_last=number == self._count - 1)
            try:
                self._chunk = self._plain[: max(len(encrypted) - TAG_BYTES, 0)]
                self._cipher.decrypt_into(nonce, encrypted, MAGIC, self._chunk)
            except (InvalidTag, ValueError):
                raise FileDamaged("an encrypted file was changed or cut: a part of it cannot be decrypted") from None
            self._chunk_number = number
        return self._chunk

    def _read_whole(self, buffer: memoryview) -> int:
        """Fill ``buffer`` from the file as far as it goes; returns how many bytes came."""
        count = 0
        while got := self._source.readinto(buffer[count:]):
            count += got
        return count


def rewrap(file: io.FileIO, master: KeyRing) -> bool:
    """Wrap a file's key by the newest master key; returns whether there was anything to do. Killed at any moment, it
    leaves a file that can be decrypted, and run again, it ends the same."""
    header = _header(file)
    if _is_wrapped_by_newest(header, master):
        return False
    key, used, version = _unwrapped(header, master)
    other = 1 - used
    is_new = version == master.newest
    if not is_new:
        _put_place(file, other, _wrapped(key, master))
    # Only once the new place is on the disk is the old one emptied.
    _put_place(file, other if is_new else used, EMPTY_PLACE)
    return True


def is_wrapped_by_newest(file: io.RawIOBase, master: KeyRing) -> bool:
    """Whether the newest master key, and no other, unwraps a file's key. Raises :class:`FileDamaged`."""
    return _is_wrapped_by_newest(_header(file), master)


def _header(file: io.RawIOBase) -> bytes:
    file.seek(0)
    return file.read(HEADER_BYTES) or b""


def _is_wrapped_by_newest(header: bytes, master: KeyRing) -> bool:
    _, used, version = _unwrapped(header, master)
    return version == master.newest and _place(header, 1 - used) == EMPTY_PLACE


def _put_place(file: io.FileIO, number: int, text: bytes) -> None:
    file.seek(len(MAGIC) + number * PLACE.size)
    file.write(text)
    os.fsync(file.fileno())


def _place(header: bytes, number: int) -> bytes:
    return header[len(MAGIC) + number * PLACE.size :][: PLACE.size]


def _unwrapped(header: bytes, master: KeyRing) -> tuple[bytes, int, int]:
    """The file's key, its place and the version of the master key that unwrapped it: of two, the newer."""
    if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
        raise FileDamaged("an encrypted file does not begin as one")
    found = []
    for number in (0, 1):
        version, wrapped = PLACE.unpack(_place(header, number))
        try:
            nonce, encrypted = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
            found.append((master.ciphers[version].decrypt(nonce, encrypted, MAGIC), number, version))
        except (InvalidTag, KeyError):
            continue
    if not found:
        raise FileDamaged("no key of the hub decrypts an encrypted file")
    return max(found, key=lambda one: one[2])


def _wrapped(key: bytes, master: KeyRing) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return PLACE.pack(master.newest, nonce + master.cipher(master.newest).encrypt(nonce, key, MAGIC))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(NONCE_BYTES - 1, "big") + (b"\1" if is_last else b"\0")
