"""``hub notify`` as a person types it, and what ``hub status`` says of it."""

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from hub.cli.main import app
from hub.local.condition import conditions
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from notifications.conftest import Outbox
from notifications.servers import MailServer, Webhook


@pytest.fixture(autouse=True)
def environment(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.now = datetime.now(UTC)
    monkeypatch.setenv("HUB_HOME", str(outbox.settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", outbox.settings.warehouse_url or "")
    monkeypatch.setenv("COLUMNS", "160")


def hub(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["notify", *arguments])


def condition(outbox: Outbox, now: datetime) -> tuple[str, bool]:
    auditor = open_warehouse(outbox.settings, Role.AUDITOR)
    (found,) = (one for one in conditions(outbox.settings, auditor, now) if one.part == "notifications")
    return found.said, found.is_wrong


def test_what_nobody_is_told_of_stays_in_sight(outbox: Outbox) -> None:
    assert hub("list").stdout == "No message waits.\n"
    outbox.alert("held", feed="community_reports", detail="fewer rows than ever")
    listed = hub("list").stdout
    for words in ("nobody", "[warning] A delivery is held: community_reports", "What: fewer rows than ever", "Next: "):
        assert words in listed
    said = "no channel is set up in notifications.yaml; notifications not sent: 1"
    assert condition(outbox, outbox.now + timedelta(days=1)) == (said, False)
    assert "no channel is set up" in hub("send").stdout


def test_what_waits_says_why_and_is_sent_on_demand(outbox: Outbox, mail: MailServer, web: Webhook) -> None:
    outbox.alert("held")
    mail.faults.append("451")
    first = hub("send")
    assert (first.exit_code, first.stdout) == (1, "mail: 0 taken\nweb: 1 taken\n")
    assert "hub: mail: the mail server answered 451" in first.stderr
    assert "Waits: the mail server answered 451; tried 1 times, next 20" in hub("list").stdout
    assert condition(outbox, outbox.now) == ("1 wait", False)
    said = "1 wait; mail: the mail server answered 451"
    assert condition(outbox, datetime.now(UTC) + timedelta(minutes=16)) == (said, True)
    assert hub("send").stdout == "mail: 1 taken\nweb: 0 taken\n"
    assert "queued as 17" in hub("list", "--all").stdout
    assert mail.came == web.came
    assert condition(outbox, datetime.now(UTC) + timedelta(days=1)) == ("0 wait", False)


def test_a_channel_is_tried_without_a_message_of_the_hubs(outbox: Outbox, web: Webhook) -> None:
    assert hub("try", "web").stdout == "web: taken\n"
    assert web.requests[0]["title"] == "[notice] A test of this channel"
    web.faults.append("404")
    refused = hub("try", "web")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "error=404" in refused.stderr
    assert hub("try", "wbe").exit_code == 2
    assert outbox.told() == {}


def test_channels_that_cannot_be_used_are_said(outbox: Outbox) -> None:
    outbox.settings.notifications.write_text("mail: {colour: red}")
    assert hub("send").exit_code == 2
    said, is_wrong = condition(outbox, outbox.now)
    assert is_wrong
    assert said.startswith("mail: unknown key colour")
