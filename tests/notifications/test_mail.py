"""What a mail server answers is told as it answered it."""

import smtplib
import uuid
from datetime import UTC, datetime
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest

from hub.notifications import mail
from hub.notifications.kinds import Severity
from hub.notifications.outbox import Message
from hub.notifications.taken import NotTaken

MESSAGE = Message(uuid.UUID(int=1), Severity.WARNING, "A delivery is held", ("look at it",))


@pytest.mark.parametrize(("refused", "code"), [("mail", 530), ("rcpt", 550)])
def test_the_answer_is_that_of_the_step_that_was_refused(
    monkeypatch: pytest.MonkeyPatch, refused: str, code: int
) -> None:
    client = Mock(**{"mail.return_value": (250, b"OK"), "rcpt.return_value": (250, b"OK")})
    client.data.side_effect = smtplib.SMTPDataError(503, b"bad sequence")
    getattr(client, refused).return_value = (code, b"no")
    monkeypatch.setattr(mail, "_connected", lambda *_: client)
    server = urlsplit("smtp+plain://127.0.0.1:25")
    with pytest.raises(NotTaken, match=f"the mail server answered {code}"):
        mail.send_mail(server, "hub@hub.example", "desk@hub.example", MESSAGE, datetime.now(UTC), 1.0)
    client.data.assert_not_called()
