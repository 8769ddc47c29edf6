"""Decrypts what the hub keeps, by hand: landed files as decision 0073 describes them, subjects of the vault as 0070."""

import struct
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.settings import Settings

MAGIC = b"HUBSEAL1"
NONCE, TAG, KEY = 12, 16, 32
SLOT = struct.Struct(f">H{NONCE + KEY + TAG}s")
HEADER = len(MAGIC) + 2 * SLOT.size
CHUNK = 1024 * 1024 + TAG


class Unreadable(Exception):
    """What no key of the hub decrypts."""


@dataclass(frozen=True)
class Wrapped:
    """A data key that the master key of a version has wrapped."""

    version: int
    key: bytes


@dataclass(frozen=True)
class SubjectPlace:
    """Where a subject of a record is: what its blob and its data key are bound to."""

    feed: str
    subject: str
    delivery_id: uuid.UUID
    row_number: int

    @property
    def bound_to(self) -> bytes:
        """The place in bytes, as it is authenticated."""
        head = b"\0".join([self.feed.encode(), self.subject.encode(), b""])
        return head + self.delivery_id.bytes + self.row_number.to_bytes(8, "big")


def master_keys(settings: Settings) -> dict[int, bytes]:
    """The master keys by version: a line has a version and 64 hexadecimal digits."""
    path = settings.master_key_file or settings.home / "secrets" / "master.keys"
    lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return {int(version): bytes.fromhex(digits) for version, digits in lines}


def values_of(master: Mapping[int, bytes], place: SubjectPlace, wrapped: Wrapped, blob: bytes) -> dict[str, str]:
    """What a subject of the vault says, by column. Raises :class:`Unreadable`."""
    key = _decrypted(master.get(wrapped.version, bytes(KEY)), wrapped.key, place.bound_to)
    _, *parts = _decrypted(key, blob, place.bound_to).decode().split("\0")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def landed_bytes(master: Mapping[int, bytes], path: Path) -> bytes:
    """The bytes that a sender delivered. Raises :class:`Unreadable`."""
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise Unreadable(f"{path.name} does not begin as a landed file")
    cipher = AESGCM(_file_key(master, data[:HEADER]))
    try:
        return b"".join(cipher.decrypt(nonce, chunk, MAGIC) for nonce, chunk in _chunks(data[HEADER:]))
    except InvalidTag:
        raise Unreadable(f"a part of {path.name} cannot be decrypted") from None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    starts = range(0, max(len(data), 1), CHUNK)
    for number, start in enumerate(starts):
        is_last = number == len(starts) - 1
        yield number.to_bytes(NONCE - 1, "big") + (b"\1" if is_last else b"\0"), data[start : start + CHUNK]


def _file_key(master: Mapping[int, bytes], header: bytes) -> bytes:
    """The key that the newest of the master keys unwraps, from one of the two slots."""
    slots = sorted((SLOT.unpack_from(header, len(MAGIC) + at * SLOT.size) for at in (0, 1)), reverse=True)
    for version, wrapped in slots:
        if version in master:
            return _decrypted(master[version], wrapped, MAGIC)
    raise Unreadable("no master key of the hub is in the header of a landed file")


def _decrypted(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], bound_to)
    except InvalidTag:
        raise Unreadable("what is encrypted was changed or moved, or another key encrypted it") from None
