"""A made-up recipient brings dispatches to their end, from a folder and at the exchange, but answers no real case."""

import dataclasses
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from conftest import free_port
from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.receiver import SECRET
from dispatch.sftp_server import needs_sshd, sftp_server
from exchange.conftest import Exchange
from exchange.test_answers import ingest
from hub.cli.exchange import app
from hub.dispatch.recipients import read_recipients
from hub.dispatch.rounds import open_files
from hub.dispatch.states import State
from hub.dispatch.transports import folder as folder_module
from hub.simulate.mailboxes import ExchangeMailbox, PickUpMailbox, WebhookMailbox
from hub.simulate.receiver import STEPS, Habit, Mailbox, play
from hub.simulate.webhook import TAKEN, listening

COUNT, FEW = 12, 2
ENDED = {
    "force": {("acknowledged", "accepted", "closed"), ("acknowledged", "returned")},
    "provider": {("acknowledged", "closed")},
}
FEEDS = {"force": "force_responses", "provider": "provider_responses"}
CODES = {"force": FORCE, "provider": PROVIDER}


@pytest.fixture(autouse=True)
def _files_are_whole_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "is_ready", lambda path: not path.name.startswith("."))


def make_dispatches(exchange: Exchange, kind: str, transport: dict[str, Any], count: int = COUNT) -> None:
    """Send simulated ones to a recipient for trying."""
    hub = exchange.hub
    hub.recipient(CODES[kind], takes_simulated=True, transport=transport)
    for _ in range(count):
        hub.offer(kind, CODES[kind])
    hub.change("update publish.incident_evidence_v1 set is_simulated = true")
    hub.prepare()
    hub.send()


def folder_of(hub: Hub, kind: str) -> PickUpMailbox:
    recipient = read_recipients(hub.settings.recipients).contracts[CODES[kind]]
    return PickUpMailbox(open_files(hub.settings, recipient), CODES[kind], datetime.now(UTC).date())


def at_the_exchange(exchange: Exchange, kind: str) -> ExchangeMailbox:
    exchange.client.headers["Authorization"] = f"Bearer {exchange.token(CODES[kind]).token}"
    client: httpx.Client = exchange.client  # type: ignore[assignment]
    return ExchangeMailbox(client)


def play_to_the_end(exchange: Exchange, mailbox: Mailbox, kind: str, memory: Path, *habits: Habit) -> Counter[str]:
    """Play, and take in the answers, until there is nothing to answer."""
    count: Counter[str] = Counter()
    started = datetime.now(UTC) - timedelta(minutes=10)
    for minute in range(len(STEPS["force_responses"]) + 1):
        count += play(mailbox, memory, started + timedelta(minutes=minute), frozenset(habits))
        exchange.hub.send()
        (exchange.hub.settings.drop / FEEDS[kind]).mkdir(parents=True, exist_ok=True)
        ingest(exchange, FEEDS[kind])
    return count


def ways(hub: Hub) -> set[tuple[str, ...]]:
    """What recipients have said of the dispatches, each way once."""
    said = {State.ACKNOWLEDGED, State.ACCEPTED, State.RETURNED, State.CLOSED}
    return {tuple(state for state in hub.way(one.number) if state in said) for one in hub.dispatches()}


@pytest.mark.parametrize("kind", ["force", "provider"])
def test_from_a_folder_every_dispatch_comes_to_its_end(exchange: Exchange, kind: str, tmp_path: Path) -> None:
    make_dispatches(exchange, kind, {"kind": "folder", "folder": CODES[kind]})
    count = play_to_the_end(exchange, folder_of(exchange.hub, kind), kind, tmp_path / "memory.json")
    assert ways(exchange.hub) == ENDED[kind]
    assert count["acknowledged"] == COUNT


@pytest.mark.parametrize("kind", ["force", pytest.param("provider", marks=pytest.mark.long)])
def test_at_the_exchange_every_dispatch_comes_to_its_end(exchange: Exchange, kind: str, tmp_path: Path) -> None:
    make_dispatches(exchange, kind, {"kind": "exchange"})
    count = play_to_the_end(exchange, at_the_exchange(exchange, kind), kind, tmp_path / "memory.json")
    assert ways(exchange.hub) == ENDED[kind]
    assert count["acknowledged"] == COUNT


@pytest.mark.parametrize(
    "transport", [{"kind": "folder", "folder": FORCE}, pytest.param({"kind": "exchange"}, marks=pytest.mark.long)]
)
def test_one_that_answers_twice_and_badly_moves_no_dispatch_otherwise(
    exchange: Exchange, transport: dict[str, str], tmp_path: Path
) -> None:
    make_dispatches(exchange, "force", transport)
    is_folder = transport["kind"] == "folder"
    mailbox = folder_of(exchange.hub, "force") if is_folder else at_the_exchange(exchange, "force")
    play_to_the_end(exchange, mailbox, "force", tmp_path / "memory.json", Habit.TWICE, Habit.BADLY)
    assert ways(exchange.hub) == ENDED["force"]


def test_what_a_webhook_took_is_answered_at_the_exchange(exchange: Exchange, tmp_path: Path) -> None:
    port, secrets = free_port(), exchange.hub.settings.secrets / "recipients"
    secrets.mkdir()
    (secrets / "force").write_text(SECRET)
    with listening(port, tmp_path / "taken", [SECRET], {Habit.FAILING}) as inbox:
        url = f"http://127.0.0.1:{port}/"
        make_dispatches(exchange, "force", {"kind": "webhook", "url": url, "secret": "force"}, FEW)
        while exchange.hub.send(at_once=True).problems:
            pass
    assert inbox.count[TAKEN] == FEW
    mailbox = WebhookMailbox(at_the_exchange(exchange, "force").client, tmp_path / "taken")
    count = play(mailbox, tmp_path / "memory.json", datetime.now(UTC), frozenset())
    assert count == {"acknowledged": FEW}
    assert len(list((exchange.hub.settings.drop / FEEDS["force"]).iterdir())) == FEW


@needs_sshd
def test_on_an_sftp_server_every_dispatch_is_received_and_answered(exchange: Exchange, tmp_path: Path) -> None:
    secrets = exchange.hub.settings.secrets / "recipients"
    secrets.mkdir()
    with sftp_server() as server:
        (secrets / "force").write_text(server.key.read_text())
        make_dispatches(exchange, "force", server.transport(key="force"))
        with closing(server.files()) as files:
            mailbox = PickUpMailbox(files, FORCE, datetime.now(UTC).date())
            play(mailbox, tmp_path / "memory.json", datetime.now(UTC), frozenset())
        assert exchange.hub.send().count_delivered == COUNT
        [path] = (server.folder / "answers").iterdir()
        assert path.read_text().count("<response>") == COUNT


def test_a_provider_that_is_asked_who_wrote_something_says_so_and_removes_nothing(
    exchange: Exchange, tmp_path: Path
) -> None:
    make_dispatches(exchange, "provider", {"kind": "folder", "folder": PROVIDER}, 0)
    exchange.hub.offer("provider", PROVIDER, duty="information", route="court_order")
    exchange.hub.change("update publish.incident_evidence_v1 set is_simulated = true")
    exchange.hub.prepare()
    exchange.hub.send()
    count = play_to_the_end(exchange, folder_of(exchange.hub, "provider"), "provider", tmp_path / "memory.json")
    assert count == {"acknowledged": 1, "information_provided": 1}
    assert ways(exchange.hub) == {("acknowledged", "closed")}


def test_nothing_is_answered_for_a_real_case(exchange: Exchange, tmp_path: Path) -> None:
    make_dispatches(exchange, "force", {"kind": "folder", "folder": FORCE})
    exchange.hub.offer()
    exchange.hub.prepare()
    exchange.hub.send()
    play_to_the_end(exchange, folder_of(exchange.hub, "force"), "force", tmp_path / "memory.json")
    assert exchange.hub.way(COUNT + 1) == ["prepared", "sent"]


def test_its_webhook_listens_for_a_while_on_this_machine_alone(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(hub.settings, exchange_port=free_port())
    monkeypatch.setattr("hub.cli.exchange.read_settings", lambda: settings)
    webhook = {"kind": "webhook", "url": f"http://127.0.0.1:{free_port()}/", "secret": "force"}
    hub.recipient(FORCE, takes_simulated=True, transport=webhook)
    command = ["simulate-receiver", FORCE, "--seconds", "0"]
    assert "no secret force" in CliRunner().invoke(app, command).stderr
    (hub.settings.secrets / "recipients").mkdir()
    (hub.settings.secrets / "recipients" / "force").write_text(SECRET)
    assert CliRunner().invoke(app, command).stdout == f"{FORCE}: nothing to answer\n"
    hub.recipient(FORCE, transport={**webhook, "url": "https://example.org/"})
    assert "is not on this machine" in CliRunner().invoke(app, command).stderr


def test_a_recipient_that_is_not_for_trying_is_not_played(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.cli.exchange.read_settings", lambda: hub.settings)
    refused = CliRunner().invoke(app, ["simulate-receiver", FORCE])
    assert refused.exit_code == 2
    assert "takes_simulated" in refused.stderr
    hub.recipient(FORCE, takes_simulated=True)
    refused = CliRunner().invoke(app, ["simulate-receiver", FORCE, "--habit", "slowly"])
    assert refused.exit_code == 2
    assert "has no webhook" in refused.stderr
    played = CliRunner().invoke(app, ["simulate-receiver", FORCE])
    assert played.stdout == f"{FORCE}: nothing to answer\n"
