"""The webhook of a made-up recipient, against what the hub sends to it."""

import uuid
from pathlib import Path

import httpx
import pytest

from conftest import free_port
from dispatch.receiver import SECRET
from hub.dispatch.transports import Parcel, TransientFault
from hub.dispatch.transports.webhook import Webhook
from hub.simulate.receiver import Habit
from hub.simulate.webhook import CAME_AGAIN, NOT_ANSWERED, NOT_SIGNED, TAKEN, Inbox, listening

PARCEL = Parcel(uuid.UUID(int=1), "package", '{"said": "£"}')
OTHER_SECRET = "whsec_b3RoZXI="
PATIENCE, SILENCE = 3.0, 6.0


def webhook(port: int, folder: Path, secret: str = SECRET) -> Webhook:
    (folder / "secret").write_text(secret)
    return Webhook(f"http://127.0.0.1:{port}/", folder / "secret", PATIENCE)


def taken(inbox: Inbox) -> dict[str, str]:
    return {path.stem: path.read_text() for path in inbox.folder.iterdir()}


def test_a_signed_document_is_taken_once_and_another_is_refused(tmp_path: Path) -> None:
    port = free_port()
    with listening(port, tmp_path / "taken", [OTHER_SECRET, SECRET]) as inbox:
        for _ in range(2):
            assert "HTTP 204" in webhook(port, tmp_path).send(PARCEL).proof
        with pytest.raises(TransientFault, match="HTTP 401"):
            webhook(port, tmp_path, "whsec_bm9ib2R5").send(Parcel(uuid.UUID(int=2), "package", "{}"))
        assert httpx.post(f"http://127.0.0.1:{port}/", content="{}").status_code == 401
    assert taken(inbox) == {PARCEL.name: PARCEL.text}
    assert inbox.count == {TAKEN: 1, CAME_AGAIN: 1, NOT_SIGNED: 2}


def test_one_that_fails_takes_a_document_when_it_comes_again(tmp_path: Path) -> None:
    port = free_port()
    with listening(port, tmp_path / "taken", [SECRET], {Habit.FAILING}) as inbox:
        with pytest.raises(TransientFault, match="HTTP 500"):
            webhook(port, tmp_path).send(PARCEL)
        assert taken(inbox) == {}
        webhook(port, tmp_path).send(PARCEL)
    assert taken(inbox) == {PARCEL.name: PARCEL.text}
    assert inbox.count == {NOT_ANSWERED: 1, TAKEN: 1}


def test_one_that_is_slow_knows_a_document_that_it_has_taken(tmp_path: Path) -> None:
    port = free_port()
    with listening(port, tmp_path / "taken", [SECRET], {Habit.SLOWLY}, silence=SILENCE) as inbox:
        with pytest.raises(TransientFault, match="Timeout"):
            webhook(port, tmp_path).send(PARCEL)
        webhook(port, tmp_path).send(PARCEL)
    assert taken(inbox) == {PARCEL.name: PARCEL.text}
    assert inbox.count == {TAKEN: 1, NOT_ANSWERED: 1, CAME_AGAIN: 1}


def test_no_document_is_written_outside_of_its_folder(tmp_path: Path) -> None:
    port = free_port()
    with listening(port, tmp_path / "taken", [SECRET]) as inbox:
        webhook(port, tmp_path).send(Parcel(uuid.UUID(int=1), "/../../outside", "{}"))
    assert not list(tmp_path.glob("outside*"))
    assert list(taken(inbox)) == ["outside"]
