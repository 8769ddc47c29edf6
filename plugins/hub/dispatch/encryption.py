"""Encrypting what goes out to its recipient, by OpenPGP, to the certificates that lie beside the recipient's contract.

PySequoia also encrypts to keys that have expired or were revoked, so this module leaves them out each time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from pysequoia import Cert, encrypt
from pysequoia.packet import Packet, PacketPile, SignatureType, Tag

LARGEST_CERTIFICATE = 1024**2
KEYS = (Tag.PublicKey, Tag.PublicSubkey)
NEVER = datetime.min.replace(tzinfo=UTC)
SECRETS = (Tag.SecretKey, Tag.SecretSubkey)


class CertificateRefused(ValueError):
    """A certificate cannot be used; the message names its file and says why."""


class OfAMoment[Key](Protocol):
    """A certificate of some kind, and what of it holds at a moment."""

    def as_of(self, moment: datetime, /) -> Key:
        """What can be encrypted to. Raises :class:`CertificateRefused`."""


@dataclass(frozen=True)
class Certificate:
    """An OpenPGP certificate: the primary key with what belongs to it, and each subkey with its signatures."""

    name: str
    digits: str
    primary: tuple[Packet, ...]
    subkeys: tuple[tuple[Packet, ...], ...]

    @property
    def fingerprint(self) -> str:
        """Of the primary key, in groups of four, as people read it to each other."""
        return " ".join(self.digits[place : place + 4].upper() for place in range(0, len(self.digits), 4))

    def as_of(self, moment: datetime) -> Cert:
        """The certificate with those subkeys that hold. Raises :class:`CertificateRefused` where it does not hold
        itself, or has no key left to encrypt to."""
        try:
            held = [subkey for subkey in self.subkeys if _holds(subkey, moment)]
            cert = Cert.from_packets([*self.primary, *(packet for subkey in held for packet in subkey)])
            is_revoked, ends_at = cert.is_revoked, cert.expiration
            encrypt(b"", recipients=[cert])
        except RuntimeError:
            raise CertificateRefused(f"{self.name} has no key to encrypt to that holds and is strong enough") from None
        if is_revoked:
            raise CertificateRefused(f"{self.name} was revoked")
        if ends_at is not None and ends_at <= moment:
            raise CertificateRefused(f"{self.name} expired on {ends_at:%Y-%m-%d}")
        return cert


def read_certificate(path: Path) -> Certificate:
    """The one certificate in a file. Raises :class:`CertificateRefused`."""
    if path.exists() and not path.is_file():
        raise CertificateRefused(f"{path.name} is no plain file")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_CERTIFICATE + 1)
        is_private = any(packet.tag in SECRETS for packet in PacketPile.from_bytes(content))
        certs = Cert.split_bytes(content)
        # In the library's own order: what somebody has put at the end, as a revocation, is with its key again.
        keys = [one for cert in certs for one in _by_key(list(PacketPile.from_bytes(bytes(cert))))]
        fingerprints = [cert.fingerprint for cert in certs]
    except OSError as error:
        raise CertificateRefused(f"{path.name}: {error.strerror}") from None
    except RuntimeError:
        raise CertificateRefused(f"{path.name} is no OpenPGP certificate, or one of a kind not known here") from None
    if len(content) > LARGEST_CERTIFICATE:
        raise CertificateRefused(f"{path.name} is larger than {LARGEST_CERTIFICATE} bytes")
    if is_private:
        raise CertificateRefused(
            f"{path.name} holds a private key, which is its owner's alone: they need a new one now"
        )
    if len(certs) != 1:
        raise CertificateRefused(f"{path.name} holds {len(certs)} certificates and not one")
    return Certificate(path.name, fingerprints[0], keys[0], tuple(keys[1:]))


def encrypted(content: bytes, certificates: Iterable[Certificate], moment: datetime, *, armor: bool = False) -> bytes:
    """The content as an OpenPGP message to all of these certificates that hold, in binary, or with ``armor`` as text.
    Raises :class:`CertificateRefused` where none does."""
    certs, problems = that_hold(certificates, moment)
    if not certs:
        raise CertificateRefused("; ".join(problems))
    return encrypt(content, recipients=certs, armor=armor)


def that_hold[Key](certificates: Iterable[OfAMoment[Key]], moment: datetime) -> tuple[list[Key], list[str]]:
    """What can be encrypted to at a moment, and why the other certificates cannot be used."""
    certs, problems = list[Key](), list[str]()
    for one in certificates:
        try:
            certs.append(one.as_of(moment))
        except CertificateRefused as refusal:
            problems.append(str(refusal))
    return certs, problems


def _by_key(packets: Sequence[Packet]) -> Iterator[tuple[Packet, ...]]:
    begins = [place for place, packet in enumerate(packets) if packet.tag in KEYS]
    for begin, end in zip(begins, [*begins[1:], len(packets)], strict=True):
        yield tuple(packets[begin:end])


def _holds(subkey: Sequence[Packet], moment: datetime) -> bool:
    """Whether a subkey was neither revoked nor has expired, by its newest binding signature."""
    key, *signatures = subkey
    if any(one.signature_type == SignatureType.SubkeyRevocation for one in signatures):
        return False
    bindings = [one for one in signatures if one.signature_type == SignatureType.SubkeyBinding]
    newest = max(bindings, key=lambda one: one.signature_created or NEVER, default=None)
    if newest is None or key.key_created is None:
        return False
    return newest.key_validity_period is None or moment < key.key_created + newest.key_validity_period
