"""Which contracts may say that there is no such recipient."""

import itertools
from pathlib import Path

import pytest
import yaml

from dispatch.mail_desk import Desk
from hub.dispatch.recipients import RecipientRefused, read_recipient, read_recipients
from hub.settings import read_settings

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHdoYXQgaXMgaGVyZSBpcyBubyBrZXkgYXQgYWxs"
CERTIFICATE = {"encrypt_to": ["desk.asc"]}
SFTP: dict[str, object] = {
    "kind": "sftp",
    "host": "sftp.example",
    "user": "hub",
    "folder": "in",
    "key": "force",
    "host_keys": [HOST_KEY],
}
MAIL = {"kind": "mail", "sender": "hub@hub.example", "to": "desk@force.example", "server": "force"}
TRANSPORTS: dict[str, dict[str, object]] = {
    "folder": {"kind": "folder", "folder": "BTP"},
    "folder elsewhere": {"kind": "folder", "folder": "/share"},
    "folder encrypted": {"kind": "folder", "folder": "BTP", **CERTIFICATE},
    "sftp": SFTP,
    "sftp encrypted": {**SFTP, **CERTIFICATE},
    "webhook": {"kind": "webhook", "url": "https://force.example/take", "secret": "force"},
    "mail": {**MAIL, **CERTIFICATE},
    "exchange": {"kind": "exchange"},
}
OPEN_FOLDERS = ("folder", "folder elsewhere")
NOTICES = {"notifier": "Online Hate Crime Hub", "contact": "notices@hub.example"}


def write(folder: Path, code: str = "BTP", /, **said: object) -> Path:
    path = folder / code / "recipient.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    contract: dict[str, object] = {
        "code": code,
        "name": f"Recipient {code}",
        "kind": "force",
        "owner": "hub-allocation-desk",
        "valid_from": "2016-04-01",
        "allocations": [{"target_kind": "force", "target_code": code}],
        "transport": TRANSPORTS["folder"],
    }
    path.write_text(yaml.safe_dump(contract | said))
    return path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A certificate that holds."""
    folder = tmp_path_factory.mktemp("desk")
    Desk(folder).certificate()
    return (folder / "desk.asc").read_bytes()


@pytest.mark.parametrize(("transport", "said"), list(itertools.product(TRANSPORTS, (True, False, None))))
def test_there_is_nobody_only_behind_a_folder_that_is_not_encrypted(
    tmp_path: Path, desk: bytes, transport: str, said: bool | None
) -> None:
    path = write(
        tmp_path, transport=TRANSPORTS[transport], **({} if said is None else {"simulated": said}), delivers=["courts"]
    )
    (path.parent / "desk.asc").write_bytes(desk)
    if said and transport not in OPEN_FOLDERS:
        with pytest.raises(RecipientRefused, match=r"line \d+: .*transport"):
            read_recipient(path)
    else:
        assert read_recipient(path).is_simulated is bool(said)


@pytest.mark.parametrize("said", ["yes", "true", 1, 0, None, [True]])
def test_whether_there_is_somebody_is_yes_or_no(tmp_path: Path, said: object) -> None:
    with pytest.raises(RecipientRefused, match="simulated"):
        read_recipient(write(tmp_path, simulated=said))


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "provider", "notices": {**NOTICES, "xarf": True}},
        {"kind": "support_organisation"},
        {"takes_simulated": True},
        {"takes_simulated": False},
        {"approval": "always", "urgent_routes": ["urgent"], "retention_days": 9},
    ],
)
def test_all_else_that_a_contract_may_say_it_may_say_of_nobody_too(tmp_path: Path, said: dict[str, object]) -> None:
    assert read_recipient(write(tmp_path, simulated=True, **said)).is_simulated


@pytest.mark.parametrize("transport", ["folder", "folder encrypted"])
def test_nobody_is_named_to_nobody(tmp_path: Path, desk: bytes, transport: str) -> None:
    path = write(tmp_path, transport=TRANSPORTS[transport], takes_persons=True, simulated=True)
    (path.parent / "desk.asc").write_bytes(desk)
    with pytest.raises(RecipientRefused):
        read_recipient(path)


def test_one_that_is_refused_keeps_no_other_from_its_work(tmp_path: Path) -> None:
    write(tmp_path, simulated=True, transport=TRANSPORTS["exchange"])
    write(tmp_path, "E23000002", simulated=True)
    write(tmp_path, "E23000003")
    known = read_recipients(tmp_path)
    assert {code: one.is_simulated for code, one in known.contracts.items()} == {"E23000002": True, "E23000003": False}
    assert list(known.refusals) == ["BTP"]


def test_the_two_that_come_with_the_hub_do_not_exist() -> None:
    known = read_recipients(read_settings({}).recipients)
    assert {code: one.is_simulated for code, one in known.contracts.items()} == {"E23000001": True, "x": True}
    assert not known.refusals
