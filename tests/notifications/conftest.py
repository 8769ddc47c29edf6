"""A hub with a mail server and a webhook, both on the loopback address."""

import dataclasses
import functools
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from conftest import free_port
from hub.monitoring.watch import Cause, close_alert, open_alert
from hub.notifications.channels import Channel
from hub.notifications.outbox import Message
from hub.notifications.sending import Sent, hand_over, send_due
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES
from notifications.servers import MailServer, Webhook

PATIENCE = 1.0
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclasses.dataclass
class Handed:
    """A channel that takes everything."""

    messages: list[tuple[str, Message]] = dataclasses.field(default_factory=list)

    def __call__(self, channel: Channel, message: Message) -> str:
        self.messages.append((channel.name, message))
        return "taken"

    @property
    def titles(self) -> list[tuple[str, str]]:
        return sorted((name, message.title) for name, message in self.messages)


@dataclasses.dataclass
class Outbox:
    """A hub that tells of things: what happens in it, and its rounds of sending."""

    settings: Settings
    engine: sa.Engine
    now: datetime = NOW
    count: int = 0

    def channel(self, name: str, address: str, **said: Any) -> None:
        """Set a channel up, or change it."""
        path = self.settings.notifications
        known = yaml.safe_load(path.read_text()) if path.exists() else {}
        path.write_text(yaml.safe_dump({**known, name: said}))
        self.address(name, address)

    def address(self, name: str, address: str) -> None:
        secret = self.settings.secrets / "channels" / name
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text(f"{address}\n")

    def alert(self, kind: str = "refused", **known: Any) -> str:
        """Something that its owner has to look at; returns its key."""
        self.count += 1
        cause = Cause(f"cause:{self.count}", kind, known.pop("owner", "hub"), known.pop("detail", "why"), **known)
        with self.engine.begin() as connection:
            open_alert(connection, cause, self.now)
        return cause.key

    def over(self, key: str) -> None:
        with self.engine.begin() as connection:
            close_alert(connection, key, self.now)

    def deliver(self, **values: Any) -> uuid.UUID:
        """A delivery in the ledger."""
        delivery_id = uuid.uuid4()
        row = {"delivery_id": delivery_id, "feed": "community_reports", "file_name": "file", "sha256": "", "bytes": 1}
        with self.engine.begin() as connection:
            connection.execute(sa.insert(DELIVERIES).values(row | {"received_at": self.now} | values))
        return delivery_id

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    def send(self, **arguments: Any) -> Sent:
        hand = functools.partial(hand_over, seconds=PATIENCE)
        return send_due(self.settings, clock=lambda: self.now, **{"hand": hand} | arguments)

    def told(self) -> dict[str, list[str]]:
        """States of all messages by title, one a channel."""
        query = sa.text("""
            select title, array_remove(array_agg(state order by channel), null) as states
            from ledger.notifications left join ledger.notification_sends using (notification_id)
            group by title
        """)
        with self.engine.connect() as connection:
            return {row.title: list(row.states) for row in connection.execute(query)}


@pytest.fixture
def outbox(settings: Settings) -> Outbox:
    return Outbox(settings, open_warehouse(settings, Role.LOADER))


@pytest.fixture
def mail(outbox: Outbox) -> Iterator[MailServer]:
    """A mail server, set up as a channel for everything."""
    with MailServer(free_port()) as server:
        outbox.channel("mail", server.address, sender="hub@hub.example", to="desk@hub.example", from_severity="notice")
        yield server


@pytest.fixture
def web(outbox: Outbox) -> Iterator[Webhook]:
    """A webhook, set up as a channel for everything."""
    with Webhook() as server:
        outbox.channel("web", server.address, from_severity="notice")
        yield server
