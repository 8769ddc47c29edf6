"""What a mail server answers is told as it answered it."""

import smtplib
import time
from unittest.mock import Mock

import pytest

from dripping import dripping
from hub.mail.server import MailNotTaken, MailServer


@pytest.mark.parametrize(("refused", "code"), [("mail", 530), ("rcpt", 550)])
def test_the_answer_is_that_of_the_step_that_was_refused(
    monkeypatch: pytest.MonkeyPatch, refused: str, code: int
) -> None:
    client = Mock(**{"mail.return_value": (250, b"OK"), "rcpt.return_value": (250, b"OK")})
    client.data.side_effect = smtplib.SMTPDataError(503, b"bad sequence")
    getattr(client, refused).return_value = (code, b"no")
    monkeypatch.setattr(MailServer, "_connected", lambda _: client)
    server = MailServer.at("smtp+plain://127.0.0.1:25")
    with pytest.raises(MailNotTaken, match=f"the mail server answered {code}"):
        server.take("hub@hub.example", "desk@hub.example", b"")
    client.data.assert_not_called()


@pytest.mark.parametrize("address", ["", "desk@hub.example", "https://hub.example", "smtp:", "smtp://hub.example:none"])
def test_what_is_no_address_of_a_mail_server_is_said_without_it(address: str) -> None:
    with pytest.raises(ValueError, match=r"^it is not the address of a mail server$"):
        MailServer.at(address)


def test_a_login_goes_to_no_other_machine_in_clear() -> None:
    login = ":".join(("hub", "made-up"))
    with pytest.raises(ValueError, match="in clear"):
        MailServer.at(f"smtp+plain://{login}@mail.example")
    MailServer.at(f"smtp+plain://{login}@127.0.0.1:2525")
    MailServer.at("smtp+plain://mail.example")


def test_a_mail_server_that_answers_a_line_now_and_then_is_not_waited_for_longer_than_its_patience() -> None:
    begun = time.monotonic()
    with dripping(b"220-hello\r\n", b"220-wait\r\n") as port, pytest.raises(MailNotTaken):
        MailServer.at(f"smtp+plain://127.0.0.1:{port}", 1.0).take("hub@hub.example", "desk@hub.example", b"")
    assert time.monotonic() - begun < 3.0
