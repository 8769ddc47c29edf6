"""No contract of a recipient lets persons go to it but sealed, and to a force. Whom packages of a real build name is in
tests/models/test_persons_in_packages.py and test_persons_erased.py."""

from typing import Any

import pytest

from dispatch.conftest import FORCE, Hub
from dispatch.openpgp import encrypt_to, new_key, public
from hub.dispatch.recipients import read_recipients

TRANSPORTS: dict[str, dict[str, Any]] = {
    "folder": {"kind": "folder", "folder": FORCE},
    "sftp": {
        "kind": "sftp",
        "host": "sftp.example.org",
        "user": "hub",
        "folder": "in",
        "key": "key",
        "host_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA"],
    },
    "webhook": {"kind": "webhook", "url": "https://force.example/in", "secret": "key"},
    "exchange": {"kind": "exchange"},
    "mail": {"kind": "mail", "server": "mail", "sender": "hub@hub.example", "to": "desk@force.example"},
}


@pytest.mark.parametrize("is_sealed", [True, False], ids=["sealed", "open"])
@pytest.mark.parametrize("kind", ["force", "provider", "support_organisation"])
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("takes", [True, False, None])
def test_only_a_force_to_which_all_goes_sealed_may_take_persons(
    hub: Hub, transport: str, kind: str, is_sealed: bool, takes: bool | None
) -> None:
    (hub.settings.recipients / FORCE / "desk.asc").write_text(public(new_key()))
    sealed = {"encrypt_to": ["desk.asc"]} if is_sealed else {}
    hub.recipient(FORCE, kind=kind, transport=TRANSPORTS[transport] | sealed, takes_persons=takes)
    read = read_recipients(hub.settings.recipients)
    if takes:
        may = kind == "force" and is_sealed and transport in ("folder", "sftp", "mail")
        assert (FORCE in read.contracts) == may
        assert read.contracts.get(FORCE) is None or read.contracts[FORCE].takes_persons
    elif FORCE in read.contracts:
        assert not read.contracts[FORCE].takes_persons


@pytest.mark.parametrize("said", ["yes", 1, "true", [True]])
def test_whether_it_takes_persons_is_said_plainly(hub: Hub, said: object) -> None:
    encrypt_to(hub, desk=public(new_key()))
    hub.recipient(FORCE, takes_persons=said)
    assert FORCE in read_recipients(hub.settings.recipients).refusals
