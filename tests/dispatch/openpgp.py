"""OpenPGP keys of recipients by two hands: pysequoia, and GnuPG where the machine has it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pysequoia import Tsk, decrypt

from dispatch.conftest import FORCE, Hub
from hub.dispatch import ledger
from hub.monitoring.watch import open_alerts

GPG = shutil.which("gpg")
needs_gpg = pytest.mark.skipif(GPG is None, reason="needs GnuPG as a second hand (Debian: apt-get install gnupg)")
SHA1 = ("--allow-weak-digest-algos", "--cert-digest-algo", "SHA1")
LONG_AGO = "20200101T000000!"


def new_key(days: int | None = None) -> Tsk:
    """A private key for signing and encryption, which ends after so many days."""
    return Tsk.generate("A desk <desk@force.example>", validity_seconds=None if days is None else days * 24 * 3600)


def public(key: Tsk) -> str:
    """Its certificate, as a recipient hands it over."""
    return str(key.extract_certificate())


def read(key: Tsk, message: bytes) -> bytes | None:
    """What a key makes of a message; None where it is not for it, or no message."""
    try:
        return decrypt(message, key.decryptor()).bytes
    except RuntimeError:
        return None


class GnuPG:
    """GnuPG with a key ring of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *arguments: str, given: bytes = b"", at: str | None = None) -> bytes:
        """Run it, on another day if asked; returns what it prints."""
        assert GPG is not None
        day = [] if at is None else ["--faked-system-time", at]
        known = [GPG, "--homedir", str(self.home), "--batch", "--yes", "--no-tty", "--quiet", "--no-auto-check-trustdb"]
        known += ["--pinentry-mode", "loopback", "--passphrase", "", "--trust-model", "always"]
        done = subprocess.run([*known, *day, *arguments], input=given, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def make(
        self, kind: str = "ed25519", use: str = "sign", until: str = "0", *, at: str | None = None, sha1: bool = False
    ) -> str:
        """A new primary key; returns its fingerprint."""
        before = set(self._fingerprints())
        self(*SHA1[: 3 * sha1], "--quick-generate-key", f"desk {len(before)}", kind, use, until, at=at)
        [made] = set(self._fingerprints(primary=True)) - before
        return made

    def add(
        self, primary: str, kind: str = "cv25519", until: str = "0", *, at: str | None = None, sha1: bool = False
    ) -> str:
        """A subkey for encryption; returns its fingerprint."""
        before = set(self._fingerprints())
        self(*SHA1[: 3 * sha1], "--quick-add-key", primary, kind, "encr", until, at=at)
        [made] = set(self._fingerprints()) - before
        return made

    def revoke(self, primary: str, *, subkey: int | None = None) -> None:
        """Revoke a key, or its subkey in this place, from 1."""
        if subkey is None:
            said = (self.home / "openpgp-revocs.d" / f"{primary}.rev").read_text()
            self("--import", given=said.replace(":-----BEGIN", "-----BEGIN").encode())
            return
        steps = f"key {subkey}\nrevkey\ny\n0\n\ny\nsave\n".encode()
        command = [GPG or "", "--homedir", str(self.home), "--no-tty", "--pinentry-mode", "loopback"]
        command += ["--passphrase", "", "--command-fd", "0", "--edit-key", primary]
        subprocess.run(command, input=steps, capture_output=True, check=True)

    def public(self, primary: str) -> str:
        return self("--armor", "--export", primary).decode()

    def private(self, primary: str) -> str:
        return self("--armor", "--export-secret-keys", primary).decode()

    def encrypted_to(self, message: bytes) -> set[str]:
        """The ids of the keys to which a message is encrypted."""
        said = self("--status-fd", "1", "--list-only", "--decrypt", given=message).decode()
        return {line.split()[2] for line in said.splitlines() if line.startswith("[GNUPG:] ENC_TO")}

    def _fingerprints(self, *, primary: bool = False) -> Iterator[str]:
        last = ""
        for line in self("--with-colons", "--list-keys").decode().splitlines():
            kind, *rest = line.split(":")
            if kind == "fpr" and (last == "pub" or not primary):
                yield rest[8]
            last = kind


@contextmanager
def gnupg() -> Iterator[GnuPG]:
    """A key ring that is gone afterwards, with the agent that GnuPG has started for it."""
    home = Path(tempfile.mkdtemp(prefix="gpg-"))  # sockets lie in it, and their paths are short
    try:
        yield GnuPG(home)
    finally:
        kill = ["gpgconf", "--homedir", str(home), "--kill", "all"]
        subprocess.run(kill, env={**os.environ, "GNUPGHOME": str(home)}, capture_output=True, check=False)
        shutil.rmtree(home, ignore_errors=True)


def encrypt_to(hub: Hub, transport: Mapping[str, Any] | None = None, /, **certificates: str | bytes) -> None:
    """Let the force's contract name these files with these contents, and no others; its folder if nothing is said."""
    for name, content in certificates.items():
        path = hub.settings.recipients / FORCE / f"{name}.asc"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    known = transport or {"kind": "folder", "folder": FORCE}
    hub.recipient(FORCE, transport={**known, "encrypt_to": [f"{name}.asc" for name in certificates]})


def lying(folder: Path) -> dict[str, bytes]:
    """All that lies in a pick-up folder, in staging too, but for the schema that is everybody's."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "package.schema.json"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def documents(folder: Path) -> dict[str, bytes]:
    """What lies there under its name."""
    return {name: content for name, content in lying(folder).items() if "/" not in name}


def package_of(hub: Hub, number: int = 1) -> bytes:
    """A package as the ledger has it."""
    [found] = [one for one in hub.dispatches() if one.number == number]
    with hub.engine.connect() as connection:
        return ledger.package_of(connection, found.dispatch_id).encode()


def alerts(hub: Hub) -> list[str]:
    """The kinds of the alerts that are open."""
    with hub.engine.connect() as connection:
        return [one.cause.kind for one in open_alerts(connection)]


def revoked(key: Tsk) -> bytes:
    """The certificate of a key that was revoked."""
    certificate = key.extract_certificate()
    return bytes(certificate) + bytes(certificate.revoke(key.certifier()))


def ending(key: Tsk, after: timedelta) -> str:
    """The certificate of a key that ends so long from now."""
    return str(key.extract_certificate().set_expiration(datetime.now(UTC) + after, key.certifier()))


def send_one(hub: Hub) -> str:
    """Offer, prepare and send one; returns its id."""
    hub.offer()
    hub.prepare()
    assert hub.send().problems == {}
    return str(hub.dispatches()[-1].dispatch_id)
