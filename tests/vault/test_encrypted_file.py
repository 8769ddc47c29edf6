"""An encrypted file gives back what was written, from any place, and nothing when anybody has touched it."""

import gc
import io
import os
import random
import sys
from pathlib import Path

import pytest

from hub.vault import encrypted_file
from hub.vault.encrypted_file import (
    CHUNK_BYTES,
    HEADER_BYTES,
    TAG_BYTES,
    EncryptedReader,
    EncryptedWriter,
    FileDamaged,
    rewrap,
)
from hub.vault.hub_keys import KeyRing, Purpose

OLD = KeyRing(Purpose.MASTER, ((1, b"a" * 32),))
BOTH = KeyRing(Purpose.MASTER, ((1, b"a" * 32), (2, b"b" * 32)))
NEW = KeyRing(Purpose.MASTER, ((2, b"b" * 32),))
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES)
WRITTEN_AT_ONCE = (300_000, CHUNK_BYTES, 2 * CHUNK_BYTES + 1)


def encrypted(folder: Path, data: bytes, at_once: int = WRITTEN_AT_ONCE[0]) -> Path:
    path = folder / "encrypted"
    with path.open("wb") as target:
        writer = EncryptedWriter(target, OLD)
        writer.write(b"")
        for start in range(0, len(data), at_once):
            writer.write(data[start : start + at_once])
        writer.finish()
    return path


def read(path: Path, master: KeyRing = OLD) -> bytes:
    with io.BufferedReader(EncryptedReader.at(path, master)) as reader:
        return reader.read()


def rewrapped(path: Path, master: KeyRing) -> bool:
    with path.open("r+b", buffering=0) as file:
        return rewrap(file, master)


@pytest.mark.parametrize("at_once", WRITTEN_AT_ONCE)
@pytest.mark.parametrize("size", SIZES)
def test_what_was_written_is_read_whole_and_from_any_place(tmp_path: Path, size: int, at_once: int) -> None:
    data = os.urandom(size)
    path = encrypted(tmp_path, data, at_once)
    assert read(path) == data
    places = random.Random(size)
    with io.BufferedReader(EncryptedReader.at(path, OLD)) as reader:
        for _ in range(20):
            place, count = places.randrange(size + 2), places.randrange(3000)
            reader.seek(place)
            assert reader.read(count) == data[place : place + count]
        assert reader.seek(0, io.SEEK_END) == size


@pytest.mark.parametrize("size", SIZES)
def test_a_file_that_was_cut_extended_or_changed_cannot_be_decrypted(tmp_path: Path, size: int) -> None:
    path = encrypted(tmp_path, os.urandom(size))
    whole = path.read_bytes()
    chunk = CHUNK_BYTES + TAG_BYTES
    spoilt = [whole[:-1], whole[: HEADER_BYTES - 1], whole + b"x", whole[:-1] + bytes([whole[-1] ^ 1])]
    spoilt += [whole[: HEADER_BYTES + chunk], whole + whole[-chunk:]] if size > CHUNK_BYTES else []
    if size == 3 * CHUNK_BYTES:
        first, second, rest = (whole[HEADER_BYTES + chunk * start :][:chunk] for start in (0, 1, 2))
        spoilt.append(whole[:HEADER_BYTES] + second + first + rest)
    for data in spoilt:
        path.write_bytes(data)
        with pytest.raises(FileDamaged):
            read(path)


def test_a_file_that_is_not_there_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ignored: list[object] = []
    with monkeypatch.context() as patched:
        patched.setattr(sys, "unraisablehook", ignored.append)
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "absent")
        gc.collect()
    assert ignored == []


def test_a_newer_master_key_takes_over_and_the_older_opens_nothing_then(tmp_path: Path) -> None:
    path = encrypted(tmp_path, b"a kettle")
    assert rewrapped(path, BOTH)
    assert read(path, NEW) == b"a kettle"
    with pytest.raises(FileDamaged):
        read(path, OLD)
    assert not rewrapped(path, BOTH)


@pytest.mark.parametrize("writes", [0, 1])
def test_a_change_of_keys_that_is_killed_leaves_a_file_that_opens_and_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    path = encrypted(tmp_path, b"a kettle")
    put, left = encrypted_file._put_place, [writes]

    def put_until_killed(file: io.FileIO, number: int, text: bytes) -> None:
        if not left[0]:
            file.seek(len(encrypted_file.MAGIC) + number * encrypted_file.PLACE.size)
            file.write(text[: len(text) // 2])  # torn
            raise KeyboardInterrupt
        left[0] -= 1
        put(file, number, text)

    with monkeypatch.context() as patched:
        patched.setattr(encrypted_file, "_put_place", put_until_killed)
        with pytest.raises(KeyboardInterrupt):
            rewrapped(path, BOTH)
    assert read(path, BOTH) == b"a kettle"
    assert rewrapped(path, BOTH)
    assert read(path, NEW) == b"a kettle"
    assert not rewrapped(path, BOTH)
