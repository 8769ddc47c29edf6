"""Mails by S/MIME: read by two hands, cryptography and OpenSSL, and by nobody else."""

import datetime
import shutil
import subprocess
import uuid
from collections.abc import Callable
from datetime import UTC, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7

from conftest import free_port
from dispatch.conftest import FORCE, Hub
from dispatch.openpgp import new_key, public
from hub.dispatch.certificates import enveloped_to
from hub.dispatch.encryption import CertificateRefused
from hub.dispatch.recipients import read_recipients
from hub.dispatch.smime import read_x509
from notifications.servers import MailServer

TO = "hate-crime-desk@force.example"
NOW = datetime.datetime.now(UTC)
type Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Desk:
    """A recipient with a key and a certificate."""

    def __init__(self, key: Key | None = None, *, days: int = 365, encipherment: bool | None = None) -> None:
        self.key = key or rsa.generate_private_key(65_537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.EMAIL_ADDRESS, TO)])
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(uuid.uuid4().int)
        made = made.not_valid_before(NOW - timedelta(days=400)).not_valid_after(NOW + timedelta(days=days))
        if encipherment is not None:
            usage = dict.fromkeys(
                ("content_commitment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
            )
            usage |= {"encipher_only": False, "decipher_only": False, "digital_signature": True}
            made = made.add_extension(x509.KeyUsage(**usage, key_encipherment=encipherment), critical=True)
        self.certificate = made.public_key(self.key.public_key()).sign(self.key, hashes.SHA256())

    def write(self, path: Path) -> Path:
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path

    def read(self, mail: bytes) -> bytes:
        """What this desk's mail program makes of a mail."""
        content = message_from_bytes(mail, policy=SMTP).get_payload(decode=True)
        assert isinstance(content, bytes)
        assert isinstance(self.key, rsa.RSAPrivateKey)
        return pkcs7.pkcs7_decrypt_der(content, self.certificate, self.key, [])


@pytest.fixture
def mailed(hub: Hub) -> Callable[..., list[bytes]]:
    """Sends a dispatch by mail to certificates; returns the mails as they came."""

    def send(**files: Desk) -> list[bytes]:
        folder = hub.settings.recipients / FORCE
        names = [desk.write(folder / f"{name}.pem").name for name, desk in files.items()]
        secrets = hub.settings.secrets / "recipients"
        secrets.mkdir(parents=True, exist_ok=True)
        with MailServer(free_port()) as server:
            (secrets / "server").write_text(server.address)
            transport = {"kind": "mail", "server": "server", "sender": "hub@hub.example", "to": TO}
            hub.recipient(FORCE, transport={**transport, "encrypt_to": names})
            hub.offer()
            hub.prepare()
            hub.send(at_once=True)
            return [one.as_bytes(policy=SMTP) for one in server.mails]

    return send


def test_a_mail_is_read_by_its_recipients_and_shows_nothing_to_others(
    mailed: Callable[..., list[bytes]], hub: Hub
) -> None:
    desk, next_desk = Desk(), Desk(encipherment=True)
    [mail] = mailed(desk=desk, next_desk=next_desk)
    [one] = hub.dispatches()
    assert one.state == "sent"
    for whose in (desk, next_desk):
        inside = message_from_bytes(whose.read(mail), policy=SMTP)
        kinds = [part.get_content_type() for part in inside.walk() if not part.is_multipart()]
        assert kinds == ["text/plain", "application/pdf", "application/json"]
        assert str(one.dispatch_id) in str(inside)
    outside = message_from_bytes(mail, policy=SMTP)
    assert outside.get_content_type() == "application/pkcs7-mime"
    assert outside.get_param("smime-type") == "enveloped-data"
    assert outside["Subject"] == f"Dispatch {one.allocation_ref}"
    assert str(one.dispatch_id).encode() not in mail
    with pytest.raises(ValueError, match=r"."):
        Desk().read(mail)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs OpenSSL as a second hand")
def test_openssl_reads_it_too(mailed: Callable[..., list[bytes]], tmp_path: Path) -> None:
    desk = Desk()
    [mail] = mailed(desk=desk)
    key, certificate = tmp_path / "key.pem", desk.write(tmp_path / "desk.pem")
    key.write_bytes(desk.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    command = ["openssl", "cms", "-decrypt", "-inform", "SMIME", "-recip", str(certificate), "-inkey", str(key)]
    done = subprocess.run(command, input=mail, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"application/json" in done.stdout


def test_nothing_is_sent_while_no_certificate_holds_and_then_to_the_one_that_does(
    mailed: Callable[..., list[bytes]], hub: Hub
) -> None:
    expired, holds = Desk(days=-1), Desk()
    assert mailed(old=expired) == []
    assert hub.states() == ["prepared"]
    mails = mailed(old=expired, desk=holds)
    assert hub.states() == ["sent", "sent"]
    for mail in mails:
        assert holds.read(mail)
        with pytest.raises(ValueError, match=r"."):
            expired.read(mail)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Desk(ec.generate_private_key(ec.SECP256R1())), "must have an RSA key of 2048 bits or more"),
        (lambda: Desk(rsa.generate_private_key(65_537, 1024)), "must have an RSA key of 2048 bits or more"),
        (lambda: Desk(encipherment=False), "is not for encryption"),
    ],
)
def test_a_certificate_that_is_no_good_is_refused_by_name(tmp_path: Path, make: Callable[[], Desk], why: str) -> None:
    with pytest.raises(CertificateRefused, match=f"desk.pem {why}"):
        read_x509(make().write(tmp_path / "desk.pem"))


def test_two_certificates_a_private_key_and_anything_else_in_a_file_are_refused(tmp_path: Path) -> None:
    path, desk = tmp_path / "desk.pem", Desk()
    pem = desk.certificate.public_bytes(Encoding.PEM)
    private = desk.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, why in (
        (pem + pem, "holds 2 certificates"),
        (pem + private, "holds a private key"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is no X.509 certificate"),
        (b"-----BEGIN CERTIFICATE-----\n" + b"A" * 2_000_000, "is larger than"),
    ):
        path.write_bytes(content)
        with pytest.raises(CertificateRefused, match=why):
            read_x509(path)


def test_a_certificate_holds_from_its_first_to_its_last_day(tmp_path: Path) -> None:
    certificate = read_x509(Desk().write(tmp_path / "desk.pem"))
    assert enveloped_to(b"x", [certificate], NOW)
    for moment, why in ((NOW - timedelta(days=401), "holds from"), (NOW + timedelta(days=366), "expired on")):
        with pytest.raises(CertificateRefused, match=why):
            enveloped_to(b"x", [certificate], moment)


def test_a_contract_has_one_kind_of_certificate_and_x509_for_mail_alone(hub: Hub) -> None:
    folder = hub.settings.recipients / FORCE
    Desk().write(folder / "desk.pem")
    (folder / "desk.asc").write_text(public(new_key()))
    mail = {"kind": "mail", "server": "server", "sender": "hub@hub.example", "to": TO}
    for transport, why in (
        ({"kind": "folder", "folder": FORCE, "encrypt_to": ["desk.pem"]}, "for mail alone"),
        ({**mail, "encrypt_to": ["desk.pem", "desk.asc"]}, "desk.asc is of another kind than desk.pem"),
    ):
        hub.recipient(FORCE, transport=transport)
        assert why in read_recipients(hub.settings.recipients).refusals[FORCE]
    hub.recipient(FORCE, transport={**mail, "encrypt_to": ["desk.pem"]})
    assert read_recipients(hub.settings.recipients).contracts[FORCE].is_smime
