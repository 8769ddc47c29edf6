"""A message by mail, handed to one SMTP server."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from hub.mail.server import MailNotTaken, MailServer
from hub.notifications.outbox import Message
from hub.notifications.taken import NotTaken, body

ID_DOMAIN = "notifications.hub"


def send_mail(server: MailServer, sender: str, to: str, message: Message, now: datetime) -> str:
    """Hand a message to a server; returns its answer. Raises :class:`~hub.notifications.taken.NotTaken` where the
    server did not say that it has taken the message; it can have taken it all the same."""
    try:
        return server.take(sender, to, _mail(sender, to, message, now))
    except MailNotTaken as problem:
        raise NotTaken(str(problem)) from None


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
