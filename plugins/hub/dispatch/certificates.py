"""The certificates beside a recipient's contract, of either kind: OpenPGP, or of a mail X.509 (S/MIME)."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from hub.dispatch.encryption import Certificate, CertificateRefused, read_certificate, that_hold
from hub.dispatch.smime import X509Certificate, enveloped, is_x509, read_x509

type AnyCertificate = Certificate | X509Certificate


def read_any(path: Path) -> AnyCertificate:
    """The one certificate in a file. Raises :class:`~hub.dispatch.encryption.CertificateRefused`."""
    return read_x509(path) if is_x509(path) else read_certificate(path)


def problem_at(certificates: Iterable[AnyCertificate], moment: datetime) -> str | None:
    """Why nothing could be encrypted at a moment; None where it could."""
    holding, problems = that_hold(certificates, moment)
    return None if holding else "; ".join(problems)


def enveloped_to(content: bytes, certificates: Iterable[X509Certificate], moment: datetime) -> bytes:
    """The content by S/MIME to all of these certificates that hold. Raises
    :class:`~hub.dispatch.encryption.CertificateRefused` where none does."""
    holding, problems = that_hold(certificates, moment)
    if not holding:
        raise CertificateRefused("; ".join(problems))
    return enveloped(content, holding)
