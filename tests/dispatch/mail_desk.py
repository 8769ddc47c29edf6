"""The recipient of mails: its keys, what it reads of a mail, and what the hub says of a fault."""

import dataclasses
import subprocess
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pysequoia import Profile, Tsk, decrypt, encrypt

from dispatch.mail_receiver import PASSWORD, SENDER, TO, Came
from hub.dispatch.transports.mail import Mail


def values(said: Any) -> set[str]:
    """Every word of a package that is long enough to be looked for."""
    if isinstance(said, dict | list):
        return {one for value in (said.values() if isinstance(said, dict) else said) for one in values(value)}
    return {said} if isinstance(said, str) and len(said) > 2 else set()


@dataclasses.dataclass
class Desk:
    """The recipient: its key, and where it is told to the hub."""

    folder: Path
    key: Tsk = dataclasses.field(default_factory=lambda: Tsk.generate(TO, profile=Profile.RFC4880))

    def certificate(self, name: str = "desk.asc", key: Tsk | None = None) -> None:
        (self.folder / name).write_text(str((key or self.key).extract_certificate()))

    def inside(self, came: Came, key: Tsk | None = None) -> EmailMessage:
        read = decrypt(came.armoured, (key or self.key).decryptor()).bytes
        assert read is not None
        return parts(read)


def mail_to(desk: Desk, url: str) -> Mail:
    """The transport itself, with a PDF of no meaning."""
    (desk.folder / "server").write_text(url)
    certificate = desk.key.extract_certificate()
    return Mail(
        desk.folder / "server",
        sender=SENDER,
        to=TO,
        readable=lambda _: b"%PDF-1.7 \x00\xff\r\n",
        encrypt=lambda content: encrypt(content, [certificate], armor=True),
    )


def parts(inside: bytes) -> EmailMessage:
    """What was encrypted, as a mail program shows it."""
    inside.decode("ascii")
    assert inside.count(b"\n") == inside.count(b"\r\n") == inside.count(b"\r"), "canonical lines within, too"
    mail = message_from_bytes(inside, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    assert not any(one.defects for one in mail.walk())
    return mail


def document(mail: EmailMessage) -> str:
    [found] = [one for one in mail.walk() if one.get_content_type() == "application/json"]
    content = found.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def say_nothing(problem: str, *others: str) -> None:
    """A problem is told in words of the hub's own."""
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "words-of-the-server", "police.example", SENDER, *others):
        assert secret not in problem
    assert problem.isprintable()
    assert "hub's own fault" not in problem


def gpg(home: Path, *arguments: str, given: bytes) -> tuple[bytes, str]:
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--status-fd", "2", *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=20)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout, done.stderr.decode()


def fingerprint(home: Path) -> str:
    said, _ = gpg(home, "--with-colons", "--list-keys", given=b"")
    return next(line.split(":")[9] for line in said.decode().splitlines() if line.startswith("fpr:"))
