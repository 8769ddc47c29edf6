"""Keys of recipients for OpenPGP and S/MIME: one, then two side by side, then the new one alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from pysequoia import Profile, Tsk, decrypt

ADDRESS = "hate-crime-desk@force.example"


class PgpKey:
    """A recipient's own key of OpenPGP."""

    ending = "asc"

    def __init__(self) -> None:
        self.key = Tsk.generate(ADDRESS, profile=Profile.RFC4880)

    def write(self, path: Path) -> None:
        path.write_text(str(self.key.extract_certificate()))

    def read(self, content: bytes) -> bytes | None:
        """What is inside; None where it is not for this key."""
        try:
            return decrypt(content, self.key.decryptor()).bytes
        except (RuntimeError, ValueError):
            return None


class SmimeKey:
    """A recipient's own key of S/MIME."""

    ending = "pem"

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65_537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, ADDRESS)])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=400)).not_valid_after(now + timedelta(days=800))
        self.certificate = made.sign(self.key, hashes.SHA256())

    def write(self, path: Path) -> None:
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def read(self, content: bytes) -> bytes | None:
        """What is inside a mail; None where it is not for this key."""
        inside = message_from_bytes(content, policy=SMTP).get_payload(decode=True)
        assert isinstance(inside, bytes)
        try:
            return pkcs7.pkcs7_decrypt_der(inside, self.certificate, self.key, [])
        except ValueError:
            return None


type Key = PgpKey | SmimeKey


class KeyRing:
    """What a recipient reads with. ``announced`` are the keys whose certificates its contract names; what the hub hands
    over has to be for each of these and for no other of its keys."""

    def __init__(self, make: Callable[[], Key], folder: Path, announce: Callable[[list[str]], None]) -> None:
        self.make, self.folder, self._announce = make, folder, announce
        self.keys: list[Key] = []
        self.announced: list[int] = []
        self.change()

    def change(self) -> None:
        """One step of a change of keys: a new one beside the old, or the old one taken out."""
        if len(self.announced) == 1:
            self._add(keep=True)
        elif self.announced:
            self.announced = self.announced[-1:]
        else:
            self._add(keep=False)
        self._announce([self._name(one) for one in self.announced])

    def _add(self, *, keep: bool) -> None:
        made = self.make()
        self.keys.append(made)
        made.write(self.folder / self._name(len(self.keys) - 1))
        self.announced = [*(self.announced if keep else []), len(self.keys) - 1]

    def _name(self, number: int) -> str:
        return f"desk-{number}.{self.keys[number].ending}"

    def read(self, content: bytes, *, strictly: bool) -> bytes:
        """What is inside. ``strictly``: it was handed over under the present contract."""
        found = {number: inside for number, one in enumerate(self.keys) if (inside := one.read(content)) is not None}
        if not found:
            raise ValueError("no key of the recipient reads it")
        if strictly and sorted(found) != sorted(self.announced):
            raise ValueError(f"it is for the keys {sorted(found)}, and the contract names {sorted(self.announced)}")
        return next(iter(found.values()))


def parts(mail: bytes) -> dict[str, bytes]:
    """The files of a mail by name."""
    found: dict[str, bytes] = {}
    for part in message_from_bytes(mail, policy=SMTP).walk():
        name: Any = part.get_filename()
        content = part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            found[str(name)] = content
    return found
