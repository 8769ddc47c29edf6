"""The hub's keys, by purpose and version.

A key file has one line a version: its number and the key in hexadecimal digits. Token and record keys form a chain:
what version 1 makes of a value, version 2 makes something else of, and so on. So a key can be exchanged without a look
at any value (docs/decisions/0072), and a version stays for as long as the hub does.
"""

import functools
import secrets
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.settings import Settings, callers_environment
from hub.store.folder import sync

KEY_BYTES = 32
COMMAND_SECONDS = 30


class Purpose(StrEnum):
    """What a key is for: tokens of values that identify someone, tokens of what they wrote, hashes of records, the
    wrapping of data keys, the chain of the audit log, backups."""

    PERSON = "person"
    TEXT = "text"
    RECORD = "record"
    MASTER = "master"
    AUDIT = "audit"
    BACKUP = "backup"


class KeyProblem(RuntimeError):
    """A key cannot be read or is missing; the message names where it was looked for and holds no part of it."""


@dataclass(frozen=True)
class KeyRing:
    """The keys of one purpose by version, in rising order of version."""

    purpose: Purpose
    versions: tuple[tuple[int, bytes], ...]

    @property
    def newest(self) -> int:
        return self.versions[-1][0]

    @property
    def secret(self) -> bytes:
        """The newest key."""
        return self.versions[-1][1]

    @property
    def chain(self) -> tuple[bytes, ...]:
        """All keys, the oldest first."""
        return tuple(key for _, key in self.versions)

    def up_to(self, version: int) -> "KeyRing":
        """The ring as it was when ``version`` was the newest."""
        return replace(self, versions=tuple(one for one in self.versions if one[0] <= version))

    def after(self, version: int) -> tuple[bytes, ...]:
        """The keys that came after ``version``, the oldest first."""
        return tuple(key for number, key in self.versions if number > version)

    @functools.cached_property
    def ciphers(self) -> Mapping[int, AESGCM]:
        """A cipher for each version; making one costs more than using it."""
        return {version: AESGCM(key) for version, key in self.versions}

    def cipher(self, version: int) -> AESGCM:
        """The cipher of a version. Raises :class:`KeyProblem` where that key is not there."""
        if version not in self.ciphers:
            raise KeyProblem(f"version {version} of the {self.purpose} key is not there")
        return self.ciphers[version]


@dataclass(frozen=True)
class RowKeys:
    """The keys that rows of a feed are loaded with."""

    person: KeyRing
    text: KeyRing
    record: KeyRing
    master: KeyRing


@dataclass(frozen=True)
class Keys(RowKeys):
    """The hub's keys for all purposes."""

    audit: KeyRing
    backup: KeyRing


def read_keys(settings: Settings) -> Keys:
    """The hub's keys, made at first use and kept under ``$HUB_HOME/secrets``, readable by the owner alone. The master
    key comes from ``HUB_MASTER_KEY_FILE`` or ``HUB_MASTER_KEY_COMMAND`` where one is set. Raises :class:`KeyProblem`.
    """
    return Keys(**{purpose.value: read_ring(settings, purpose) for purpose in Purpose})


def read_ring(settings: Settings, purpose: Purpose) -> KeyRing:
    """The keys of one purpose, made at first use unless they are kept elsewhere. Raises :class:`KeyProblem`."""
    if purpose is Purpose.MASTER and settings.master_key_command:
        return _parse(purpose, _output_of(settings.master_key_command), "what HUB_MASTER_KEY_COMMAND prints")
    if purpose is Purpose.MASTER and settings.master_key_file:
        return _parse(purpose, _read(settings.master_key_file), str(settings.master_key_file))
    path = key_path(settings, purpose)
    if not path.exists():
        _refuse_elsewhere(settings, path)
        _write(path, f"1 {secrets.token_hex(KEY_BYTES)}\n", is_first=True)
    return _parse(purpose, _read(path), str(path))


def key_path(settings: Settings, purpose: Purpose) -> Path:
    """Where the hub keeps a purpose's keys itself."""
    return settings.secrets / f"{purpose}.keys"


def is_own(settings: Settings, purpose: Purpose) -> bool:
    """Whether the hub itself keeps this key; else the next version is added where it is kept."""
    return purpose is not Purpose.MASTER or not (settings.master_key_command or settings.master_key_file)


def add_version(settings: Settings, purpose: Purpose, version: int) -> KeyRing:
    """Make the key of ``version`` where it is not there yet; the caller sees to it that nobody else does so now."""
    ring = read_ring(settings, purpose)
    if version > ring.newest:
        _refuse_elsewhere(settings, key_path(settings, purpose))
        lines = [f"{number} {key.hex()}\n" for number, key in ring.versions]
        _write(key_path(settings, purpose), "".join([*lines, f"{version} {secrets.token_hex(KEY_BYTES)}\n"]))
    return read_ring(settings, purpose)


def _refuse_elsewhere(settings: Settings, path: Path) -> None:
    """Where a secrets backend puts the keys, one that the hub made would be of this machine alone: its tokens would be
    others, and nobody else could read what it encrypted."""
    if settings.secrets_folder is not None:
        raise KeyProblem(f"{path} is missing or old: keys are made where the hub's home is, and put there from it")


def _write(path: Path, text: str, *, is_first: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mine = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    mine.touch(mode=0o600)
    mine.write_text(text)
    sync(mine)
    if not is_first:
        mine.replace(path)
        sync(path.parent)
        return
    # Written aside and linked into place: of two processes that start at once, one key wins and both read it.
    try:
        path.hardlink_to(mine)
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    sync(path.parent)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise KeyProblem(f"the keys in {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        # Without the error, which quotes a byte of the key.
        raise KeyProblem(f"the keys in {path} cannot be read: they are no text of hexadecimal digits") from None


def _output_of(command: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(command),
            check=True,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            env=callers_environment(),
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # Without what it printed: that may be half a key.
        raise KeyProblem(f"HUB_MASTER_KEY_COMMAND did not give the master key: {type(error).__name__}") from None
    return done.stdout


def _parse(purpose: Purpose, text: str, place: str) -> KeyRing:
    versions: dict[int, bytes] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        number, _, digits = line.partition(" ")
        try:
            key = bytes.fromhex(digits)
        except ValueError:
            key = b""
        if not (number.isascii() and number.isdigit()) or len(key) != KEY_BYTES or int(number) in versions:
            raise KeyProblem(
                f"{place}: each line of the {purpose} keys is a version number of its own and {2 * KEY_BYTES}"
                " hexadecimal digits"
            )
        versions[int(number)] = key
    if not versions:
        raise KeyProblem(f"{place} holds no {purpose} key")
    return KeyRing(purpose, tuple(sorted(versions.items())))
