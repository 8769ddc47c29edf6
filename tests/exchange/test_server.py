"""The process that serves the exchange, and the commands beside it."""

import dataclasses
import logging
import re
import threading
import time

import httpx
import pytest
from typer.testing import CliRunner

from conftest import free_port
from dispatch.conftest import FORCE, Hub
from hub.cli.exchange import app
from hub.exchange.server import configured
from hub.settings import Settings, SettingsError

COMMANDS = CliRunner()
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_without_a_port_nothing_is_served(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="HUB_EXCHANGE_PORT"):
        configured(settings)


def test_a_recipient_fetches_with_the_token_that_a_command_has_printed(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = dataclasses.replace(hub.settings, exchange_port=free_port())
    monkeypatch.setattr("hub.cli.exchange.read_settings", lambda: settings)
    hub.recipient(FORCE, transport={"kind": "exchange"})
    hub.offer()
    hub.prepare()
    hub.send()
    made = COMMANDS.invoke(app, ["token", FORCE, "--days", "1"])
    token = made.stdout.strip()
    caplog.set_level(logging.DEBUG)
    server = configured(settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        asked = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"http://127.0.0.1:{settings.exchange_port}/v1/dispatches?state=sent", headers=asked)
    finally:
        server.should_exit = True
        thread.join()
    assert [one["state"] for one in answer.json()["dispatches"]] == ["sent"]
    assert "server" not in answer.headers
    token_id = ID.findall(made.stderr)[0]
    assert f"GET /v1/dispatches {token_id} 200" in caplog.text
    assert token not in caplog.text


def test_tokens_are_for_recipients_with_a_contract_and_end_when_they_are_revoked(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.cli.exchange.read_settings", lambda: hub.settings)
    assert COMMANDS.invoke(app, ["token", "nobody"]).exit_code == 2
    made = COMMANDS.invoke(app, ["token", FORCE, "--scope", "read"])
    token_id = ID.findall(made.stderr)[0]
    listed = COMMANDS.invoke(app, ["tokens"]).output
    assert token_id in listed
    assert made.stdout.strip() not in listed
    assert COMMANDS.invoke(app, ["revoke", token_id]).exit_code == 0
    assert COMMANDS.invoke(app, ["revoke", token_id]).exit_code == 1
