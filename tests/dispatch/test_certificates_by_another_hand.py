"""Which certificates hold, and what is told of those that do not: proved from what decision 0148 promises, with keys of
two hands. Nothing is ever sent in clear instead."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pysequoia.packet import PacketPile, SignatureType, Tag
from typer.testing import CliRunner

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.openpgp import (
    LONG_AGO,
    GnuPG,
    alerts,
    documents,
    encrypt_to,
    ending,
    gnupg,
    lying,
    needs_gpg,
    new_key,
    package_of,
    public,
    read,
    revoked,
    send_one,
)
from hub.cli.main import app
from hub.dispatch.recipients import read_recipients
from hub.monitoring.watch import open_alerts

NO_LONGER = timedelta(seconds=-1)


@pytest.fixture(scope="module")
def gpg() -> Iterator[GnuPG]:
    with gnupg() as made:
        yield made


def weak(gpg: GnuPG, primary: str, subkey: str, *, sha1: bool = False) -> str:
    made = gpg.make(primary, sha1=sha1)
    gpg.add(made, subkey, sha1=sha1)
    return gpg.public(made)


def old(
    gpg: GnuPG, until: str = "0", subkey_until: str = "0", *, revoke: bool = False, subkey: int | None = None
) -> str:
    made = gpg.make(until=until, at=LONG_AGO)
    gpg.add(made, until=subkey_until, at=LONG_AGO)
    if revoke:
        gpg.revoke(made, subkey=subkey)
    return gpg.public(made)


NOT_HOLDING: dict[str, Callable[[GnuPG], str | bytes]] = {
    "for signatures alone": lambda gpg: gpg.public(gpg.make()),
    "weak": lambda gpg: weak(gpg, "rsa1024", "rsa1024"),
    "weak subkey": lambda gpg: weak(gpg, "ed25519", "rsa1024"),
    "bound by SHA-1": lambda gpg: weak(gpg, "ed25519", "cv25519", sha1=True),
    "expired": lambda gpg: old(gpg, until="60d"),
    "expired subkey": lambda gpg: old(gpg, subkey_until="30d"),
    "revoked": lambda gpg: old(gpg, revoke=True),
    "revoked subkey": lambda gpg: old(gpg, revoke=True, subkey=1),
    "expired and then revoked": lambda gpg: old(gpg, until="60d", revoke=True),
    "with its revocation at the end": lambda gpg: misplaced(gpg, subkey=None),
    "with a subkey's revocation at the end": lambda gpg: misplaced(gpg, subkey=1),
}


def misplaced(gpg: GnuPG, *, subkey: int | None) -> bytes:
    """A certificate behind which somebody has put a revocation, and of which the last subkey has expired."""
    made = gpg.make(at=LONG_AGO)
    gpg.add(made, at=LONG_AGO)
    gpg.add(made, until="30d", at=LONG_AGO)
    before = gpg("--export", made)
    gpg.revoke(made, subkey=subkey)
    kinds = (SignatureType.KeyRevocation, SignatureType.SubkeyRevocation)
    packets = [one for one in PacketPile.from_bytes(gpg("--export", made)) if one.tag == Tag.Signature]
    [revocation] = [one for one in packets if one.signature_type in kinds]
    return before + bytes(revocation)


def assert_nothing_goes_out(hub: Hub) -> None:
    """A dispatch waits, and its owner, or the hub's where the contract is refused, is told of the file; with a new
    certificate all is well."""
    hub.offer()
    hub.prepare()
    problem = hub.send().problems[FORCE]
    assert hub.states() == ["prepared"]
    assert lying(hub.settings.pickup_folder / FORCE) == {}, "neither in clear nor encrypted"
    assert "desk.asc" in problem
    assert not any(word in problem for word in ("BEGIN", "backtrace", "<unknown>", "\n"))
    is_refused = FORCE in read_recipients(hub.settings.recipients).refusals
    assert alerts(hub) == ["refused_recipient" if is_refused else "recipient_certificate"]
    checked = CliRunner().invoke(app, ["recipient", "check", FORCE], env={"HUB_PROJECT": str(hub.settings.project)})
    assert checked.exit_code == 1
    assert "desk.asc" in checked.output
    encrypt_to(hub, desk=public(key := new_key()))
    assert hub.send(at_once=True).problems == {}
    assert (hub.states(), alerts(hub)) == (["sent"], [])
    assert package_of(hub) in [read(key, one) for one in documents(hub.settings.pickup_folder / FORCE).values()]


@needs_gpg
@pytest.mark.parametrize("kind", NOT_HOLDING)
def test_to_a_certificate_that_does_not_hold_nothing_goes_out(hub: Hub, gpg: GnuPG, kind: str) -> None:
    encrypt_to(hub, desk=NOT_HOLDING[kind](gpg))
    assert_nothing_goes_out(hub)


@pytest.mark.parametrize("kind", ["expired", "revoked"])
def test_nor_to_one_of_another_hand(hub: Hub, kind: str) -> None:
    key = new_key()
    encrypt_to(hub, desk=revoked(key) if kind == "revoked" else ending(key, NO_LONGER))
    assert_nothing_goes_out(hub)


def of_certificate(hub: Hub) -> list[tuple[str, str]]:
    with hub.engine.connect() as connection:
        return [(one.cause.owner, one.cause.detail) for one in open_alerts(connection)]


def test_the_owner_is_told_thirty_days_before_and_no_more_when_a_new_one_is_named(hub: Hub) -> None:
    key = new_key()
    encrypt_to(hub, desk=ending(key, timedelta(days=45)))
    hub.send()
    hub.later(days=14)
    hub.send()
    assert of_certificate(hub) == []
    hub.later(days=2)
    for rounds in (hub.send, hub.prepare):
        rounds()
        [(owner, detail)] = of_certificate(hub)
        assert owner == "hub-allocation-desk"
        assert "desk.asc" in detail
        assert "BEGIN" not in detail
    encrypt_to(hub, desk=ending(key, timedelta(days=45)), later=ending(new_key(), timedelta(days=100)))
    hub.send()
    assert of_certificate(hub) == []
    hub.later(days=60)
    hub.prepare()
    assert len(of_certificate(hub)) == 1, "the newer one ends, too"
    encrypt_to(hub, newest=public(new_key()))
    hub.prepare()
    assert of_certificate(hub) == []


def test_a_recipient_that_no_longer_asks_for_encryption_has_no_alert(hub: Hub) -> None:
    encrypt_to(hub, desk=ending(new_key(), timedelta(days=20)))
    hub.send()
    assert alerts(hub) == ["recipient_certificate"]
    hub.recipient(FORCE, transport={"kind": "folder", "folder": FORCE})
    hub.send()
    assert alerts(hub) == []


@needs_gpg
def test_the_alert_looks_at_the_subkey_not_at_the_certificate_alone(hub: Hub, gpg: GnuPG) -> None:
    key = gpg.make()
    gpg.add(key, until="20d")
    encrypt_to(hub, desk=gpg.public(key))
    hub.send()
    assert alerts(hub) == ["recipient_certificate"]
    gpg.add(key, until="60d")
    encrypt_to(hub, desk=gpg.public(key))
    hub.send()
    assert alerts(hub) == []


def test_recipient_check_prints_the_fingerprints_of_those_that_hold(hub: Hub) -> None:
    key, other, gone = new_key(), new_key(), new_key()
    encrypt_to(hub, desk=public(key), other=public(other), gone=ending(gone, NO_LONGER))
    done = CliRunner().invoke(app, ["recipient", "check", FORCE], env={"HUB_PROJECT": str(hub.settings.project)})
    assert done.exit_code == 0
    lines = done.output.lower().splitlines()
    for name, one in (("desk.asc", key), ("other.asc", other)):
        [line] = [line for line in lines if name in line]
        assert one.extract_certificate().fingerprint in line.replace(" ", "")
        assert "not" not in line
    [line] = [line for line in lines if "gone.asc" in line]
    assert "not encrypted to" in line


def two_blocks(_: Path) -> bytes:
    return (public(new_key()) + public(new_key())).encode()


def two_in_one(_: Path) -> bytes:
    return b"".join(bytes(new_key().extract_certificate()) for _ in range(2))


def with_private_block_behind(_: Path) -> bytes:
    return (public(key := new_key()) + str(key)).encode()


def a_gigabyte(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1024**3)


BAD_FILES: dict[str, Callable[[Path], Any]] = {
    "missing": lambda _: None,
    "a folder": Path.mkdir,
    "a packet of an unknown kind": lambda _: bytes(new_key().extract_certificate()) + b"\xfd\x01\x00",
    "a pipe": os.mkfifo,
    "empty": lambda _: b"",
    "junk": lambda _: b"\x00\xffjunk",
    "words": lambda _: b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nnothing\n",
    "half of one": lambda _: bytes(new_key().extract_certificate())[:200],
    "a private key": lambda _: str(new_key()).encode(),
    "a private key in binary": lambda _: bytes(new_key()),
    "one with its private key behind": with_private_block_behind,
    "two in one block": two_in_one,
    "two blocks": two_blocks,
    "one and a megabyte": lambda _: public(new_key()).encode() + b"\n" * 1024**2,
    "a gigabyte": a_gigabyte,
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_is_not_one_certificate_is_told_with_line_and_rule(hub: Hub, kind: str) -> None:
    path = hub.settings.recipients / FORCE / "desk.asc"
    encrypt_to(hub, good=public(new_key()), desk="")
    path.unlink()
    content = BAD_FILES[kind](path)
    if content is not None:
        path.write_bytes(content)
    lines = (path.parent / "recipient.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if text.endswith("- desk.asc"))
    refusal = read_recipients(hub.settings.recipients).refusals[FORCE]
    assert refusal.startswith(f"line {line}: ")
    assert refusal.endswith("(rule: encrypt_to)")
    assert "desk.asc" in refusal
    assert len(refusal) < 250
    assert ("holds a private key" in refusal) == (kind.startswith("a private key"))
    assert PROVIDER in read_recipients(hub.settings.recipients).contracts, "the others go on"
    assert not any(word in refusal for word in ("-----", "backtrace", "\n"))


def test_a_link_is_as_good_as_the_file_that_it_leads_to(hub: Hub) -> None:
    encrypt_to(hub, desk=public(key := new_key()))
    path = hub.settings.recipients / FORCE / "desk.asc"
    path.symlink_to(path.rename(hub.settings.recipients / "shared.asc"))
    send_one(hub)
    assert package_of(hub) in [read(key, one) for one in documents(hub.settings.pickup_folder / FORCE).values()]


@pytest.mark.parametrize(
    "said",
    [
        [],
        "desk.asc",
        ["../desk.asc"],
        ["/desk.asc"],
        ["a/desk.asc"],
        [".asc"],
        [5],
        ["desk.asc"] * 2,
        [f"{one}.asc" for one in range(5)],
        None,
    ],
)
def test_encrypt_to_names_one_to_four_files_beside_the_contract(hub: Hub, said: Any) -> None:
    encrypt_to(hub, desk=public(new_key()))
    hub.recipient(FORCE, transport={"kind": "folder", "folder": FORCE, "encrypt_to": said})
    refusal = read_recipients(hub.settings.recipients).refusals[FORCE]
    assert refusal.startswith("line ")
    assert "encrypt_to" in refusal
    assert "(rule: " in refusal


@pytest.mark.parametrize(
    "transport", [{"kind": "exchange"}, {"kind": "webhook", "url": "https://x.example", "secret": "s"}]
)
def test_where_nothing_is_encrypted_no_contract_may_say_that_it_is(hub: Hub, transport: dict[str, str]) -> None:
    encrypt_to(hub, transport, desk=public(new_key()))
    assert "encrypt_to" in read_recipients(hub.settings.recipients).refusals[FORCE]
