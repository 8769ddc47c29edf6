"""A message by mail, handed to one SMTP server."""

import contextlib
import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import SplitResult, unquote

from hub.notifications.outbox import Message
from hub.notifications.taken import NotTaken, body

ID_DOMAIN = "notifications.hub"
PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


def send_mail(server: SplitResult, sender: str, to: str, message: Message, now: datetime, seconds: float) -> str:
    """Hand a message to a server; returns its answer. No answer in ``seconds`` is a failure. Raises :class:`NotTaken`
    where the server did not say that it has taken the message; it can have taken it all the same."""
    try:
        client = _connected(server, seconds)
    except (OSError, smtplib.SMTPException) as problem:
        raise NotTaken(_said(problem)) from None
    try:
        # One after the other: what follows a refusal is refused too, with another code.
        _refuse_bad(client.mail(sender))
        _refuse_bad(client.rcpt(to))
        _, answer = _refuse_bad(client.data(_mail(sender, to, message, now)))
    except (OSError, smtplib.SMTPException) as problem:
        raise NotTaken(_said(problem)) from None
    finally:
        # Whatever the server says now, it has said before whether it took the message.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()
    return answer.decode(errors="replace")


def _connected(server: SplitResult, seconds: float) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or PORTS[server.scheme]
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
    else:
        client = smtplib.SMTP(host, port, timeout=seconds)
    try:
        if server.scheme == "smtp":
            client.starttls(context=context)
        client.ehlo_or_helo_if_needed()
        if server.username:
            client.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        client.close()
        raise
    return client


def _mail(sender: str, to: str, message: Message, now: datetime) -> bytes:
    """With an id that stays the same however often it is handed over: mail systems know a repeat by it."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = f"[{message.severity}] {message.title}"
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.notification_id}@{ID_DOMAIN}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body(message))
    return mail.as_bytes()


def _refuse_bad(step: tuple[int, bytes]) -> tuple[int, bytes]:
    code, answer = step
    if code not in (250, 251):
        raise smtplib.SMTPResponseException(code, answer)
    return step


def _said(problem: Exception) -> str:
    """What went wrong, without what the server says beside its code: that can repeat addresses and logins."""
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"the mail server answered {problem.smtp_code}"
    if isinstance(problem, ssl.SSLError):
        return f"no secure connection to the mail server: {problem.reason}"
    if isinstance(problem, OSError) and problem.strerror:
        return f"the mail server cannot be reached: {problem.strerror}"
    return "the mail server ended the connection, or did not answer in time"
