"""The signed webhook, against a real server on the loopback address."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import free_port
from dispatch.conftest import FORCE, Hub
from dispatch.receiver import NOT_TAKEN, SECRET, TAKEN_WITHOUT_A_WORD, WebhookReceiver
from dripping import dripping
from hub.dispatch.transports import Parcel, PermanentFault, TransientFault
from hub.dispatch.transports.webhook import Webhook

PATIENCE = 1.0
PARCEL = Parcel(uuid.UUID(int=1), "package", '{"said": "£"}')


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as one:
        yield one


@pytest.fixture
def webhook(receiver: WebhookReceiver, tmp_path: Path) -> Webhook:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    return Webhook(receiver.address, secret, PATIENCE)


def test_a_document_arrives_signed_under_its_dispatchs_id(receiver: WebhookReceiver, webhook: Webhook) -> None:
    receipt = webhook.send(PARCEL)
    assert receipt.is_delivered
    assert "HTTP 204" in receipt.proof
    assert receiver.texts == {str(PARCEL.dispatch_id): {PARCEL.text}}
    webhook.send(Parcel(PARCEL.dispatch_id, "withdrawal", "{}"))
    assert receiver.acted == [str(PARCEL.dispatch_id), f"{PARCEL.dispatch_id}.withdrawal"]


@pytest.mark.parametrize("fault", [*NOT_TAKEN, *TAKEN_WITHOUT_A_WORD])
def test_whatever_is_no_success_is_a_fault_and_the_next_try_is_told_apart(
    receiver: WebhookReceiver, webhook: Webhook, fault: str
) -> None:
    receiver.faults.append(fault)
    with pytest.raises(PermanentFault if fault == "422" else TransientFault):
        webhook.send(PARCEL)
    webhook.send(PARCEL)
    assert receiver.acted == [str(PARCEL.dispatch_id)]
    assert receiver.came.total() == (2 if fault in TAKEN_WITHOUT_A_WORD else 1)


def test_nobody_listens(webhook: Webhook) -> None:
    webhook.url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(TransientFault, match="ConnectError"):
        webhook.send(PARCEL)


def test_while_a_secret_is_changed_both_hold(receiver: WebhookReceiver, webhook: Webhook) -> None:
    webhook.secret.write_text(f"whsec_b3RoZXI=\n{SECRET}\n")
    webhook.send(PARCEL)
    webhook.secret.write_text("whsec_b3RoZXI=\n")
    with pytest.raises(TransientFault, match="401"):
        webhook.send(PARCEL)
    assert receiver.count_forged == 1


@pytest.mark.parametrize("text", [None, "", "whsec_", "whsec_a"])
def test_without_a_secret_nothing_is_sent(receiver: WebhookReceiver, webhook: Webhook, text: str | None) -> None:
    webhook.secret.unlink()
    if text is not None:
        webhook.secret.write_text(text)
    with pytest.raises(TransientFault, match="no secret can be read from secret"):
        webhook.send(PARCEL)
    assert receiver.came.total() == 0


def test_a_contract_leads_to_the_webhook_and_its_secret(hub: Hub, receiver: WebhookReceiver) -> None:
    hub.recipient(FORCE, transport={"kind": "webhook", "url": receiver.address, "secret": "london"})
    hub.offer()
    hub.prepare()
    assert "no secret can be read from london" in hub.send().problems[FORCE]
    (hub.settings.secrets / "recipients").mkdir()
    (hub.settings.secrets / "recipients" / "london").write_text(SECRET)
    assert hub.send(at_once=True).taken[FORCE] == 1
    assert hub.way() == ["prepared", "sent", "delivered"]
    assert receiver.acted == [str(hub.dispatches()[0].dispatch_id)]


def test_a_receiver_that_answers_a_byte_now_and_then_holds_no_other_recipient_up(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    begun = time.monotonic()
    with (
        dripping(b"HTTP/1.1 200 OK\r\nx-slow: ", b"a") as port,
        pytest.raises(TransientFault),
    ):
        Webhook(f"http://127.0.0.1:{port}", secret, PATIENCE).send(PARCEL)
    assert time.monotonic() - begun < 3 * PATIENCE
