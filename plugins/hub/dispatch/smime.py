"""S/MIME: mails encrypted to the X.509 certificates that lie beside the recipient's contract.

A certificate is believed because the recipient has read its fingerprint to somebody: no authority is asked who it is
of, and none whether it was revoked. One that was is taken out of the contract.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from hub.dispatch.encryption import LARGEST_CERTIFICATE, CertificateRefused

BEGINS, PRIVATE = b"-----BEGIN CERTIFICATE-----", b"PRIVATE KEY-----"
SHORTEST_KEY = 2048
"""In bits; a document that is kept for years needs 3072."""


@dataclass(frozen=True)
class X509Certificate:
    """An X.509 certificate with an RSA key, and the name of its file."""

    name: str
    certificate: x509.Certificate

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the certificate, in groups of four digits, as people read it to each other."""
        digits = self.certificate.fingerprint(hashes.SHA256()).hex().upper()
        return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))

    def as_of(self, moment: datetime) -> x509.Certificate:
        """The certificate where it holds. Raises :class:`~hub.dispatch.encryption.CertificateRefused`."""
        begins, ends = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        if moment < begins:
            raise CertificateRefused(f"{self.name} holds from {begins:%Y-%m-%d} on")
        if moment >= ends:
            raise CertificateRefused(f"{self.name} expired on {ends:%Y-%m-%d}")
        return self.certificate


def is_x509(path: Path) -> bool:
    """Whether a plain file begins as an X.509 certificate in PEM does; one that cannot be read does not."""
    try:
        return path.is_file() and _start_of(path).lstrip().startswith(BEGINS)
    except OSError:
        return False


def read_x509(path: Path) -> X509Certificate:
    """The one certificate in a file. Raises :class:`~hub.dispatch.encryption.CertificateRefused`."""
    try:
        content = _start_of(path)
    except OSError as error:
        raise CertificateRefused(f"{path.name}: {error.strerror}") from None
    if len(content) > LARGEST_CERTIFICATE:
        raise CertificateRefused(f"{path.name} is larger than {LARGEST_CERTIFICATE} bytes")
    if PRIVATE in content:
        raise CertificateRefused(
            f"{path.name} holds a private key, which is its owner's alone: they need a new one now"
        )
    try:
        found = x509.load_pem_x509_certificates(content)
    except ValueError:
        raise CertificateRefused(f"{path.name} is no X.509 certificate, or one of a kind not known here") from None
    if len(found) != 1:
        raise CertificateRefused(f"{path.name} holds {len(found)} certificates and not one")
    _refuse_wrong_key(path.name, found[0])
    return X509Certificate(path.name, found[0])


def enveloped(content: bytes, certificates: Iterable[x509.Certificate]) -> bytes:
    """The content as enveloped data (CMS, DER) to all of these certificates."""
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).set_content_encryption_algorithm(algorithms.AES256)
    for one in certificates:
        builder = builder.add_recipient(one)
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_CERTIFICATE + 1)


def _refuse_wrong_key(name: str, certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        is_for_encryption = usage.key_encipherment
    except x509.ExtensionNotFound:
        is_for_encryption = True
    except (ValueError, TypeError):
        raise CertificateRefused(f"{name} has a key of a kind not known here") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST_KEY:
        raise CertificateRefused(f"{name} must have an RSA key of {SHORTEST_KEY} bits or more")
    if not is_for_encryption:
        raise CertificateRefused(f"{name} is not for encryption: its key usage lacks key encipherment")
