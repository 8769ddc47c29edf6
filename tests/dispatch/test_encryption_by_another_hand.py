"""What goes to a recipient that names certificates is for the keys that hold, and for nobody else: proved with keys of
two hands, from what decision 0148 and docs/dispatch.md promise."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pysequoia import Cert, Profile, Tsk
from typer.testing import CliRunner

from dispatch.conftest import FORCE, Hub
from dispatch.openpgp import (
    LONG_AGO,
    GnuPG,
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
from dispatch.sftp_server import needs_sshd, sftp_server
from hub.cli.main import app
from hub.dispatch import deciding
from hub.dispatch.recipients import read_recipients
from hub.dispatch.rounds import open_transport
from hub.dispatch.transports import Parcel, TransientFault


@pytest.fixture(scope="module")
def gpg() -> Iterator[GnuPG]:
    with gnupg() as made:
        yield made


def folder_of(hub: Hub) -> Path:
    return hub.settings.pickup_folder / FORCE


def assert_lies_for(folder: Path, name: str, text: bytes, *keys: Tsk, not_for: Tsk) -> None:
    """A document lies there, with its PDF, whole for each of these keys, and nothing that is not encrypted."""
    lies = documents(folder)
    assert lies.keys() == {f"{name}.json.pgp", f"{name}.pdf.pgp"}
    for key in keys:
        assert read(key, lies[f"{name}.json.pgp"]) == text
        assert (read(key, lies[f"{name}.pdf.pgp"]) or b"").startswith(b"%PDF-")
    for content in lying(folder).values():
        assert read(not_for, content) is None
        assert content == b"" or any(read(key, content) for key in keys)


def test_package_and_pdf_are_for_each_named_certificate_and_for_nobody_else(hub: Hub) -> None:
    old, new = new_key(), new_key()
    encrypt_to(hub, old=public(old), new=bytes(new.extract_certificate()))
    one = send_one(hub)
    assert_lies_for(folder_of(hub), one, package_of(hub), old, new, not_for=new_key())


def test_of_two_certificates_the_one_that_no_longer_holds_is_left_out(hub: Hub) -> None:
    old, new = new_key(), new_key()
    encrypt_to(hub, old=ending(old, timedelta(seconds=-1)), new=public(new))
    assert_lies_for(folder_of(hub), send_one(hub), package_of(hub), new, not_for=old)


@needs_gpg
@pytest.mark.parametrize(("kind", "use", "sub"), [("ed25519", "sign", "cv25519"), ("rsa2048", "sign,encrypt,cert", "")])
def test_gnupg_reads_what_is_encrypted_to_its_key(hub: Hub, gpg: GnuPG, kind: str, use: str, sub: str) -> None:
    key = gpg.make(kind, use)
    if sub:
        gpg.add(key, sub)
    encrypt_to(hub, desk=gpg.public(key))
    one = send_one(hub)
    assert gpg("--decrypt", given=documents(folder_of(hub))[f"{one}.json.pgp"]) == package_of(hub)
    assert gpg("--decrypt", given=documents(folder_of(hub))[f"{one}.pdf.pgp"]).startswith(b"%PDF-")


@needs_gpg
@pytest.mark.parametrize("ended", ["expired", "revoked"])
def test_of_two_subkeys_the_one_that_no_longer_holds_is_left_out(hub: Hub, gpg: GnuPG, ended: str) -> None:
    key = gpg.make(at=LONG_AGO)
    gpg.add(key, until="30d" if ended == "expired" else "0", at=LONG_AGO)
    if ended == "revoked":
        gpg.revoke(key, subkey=1)
    new = gpg.add(key)
    encrypt_to(hub, desk=gpg.public(key))
    send_one(hub)
    assert [gpg.encrypted_to(content) for content in documents(folder_of(hub)).values()] == [{new[-16:]}] * 2


@needs_gpg
@pytest.mark.parametrize("is_prolonged", [True, False])
@pytest.mark.parametrize("is_newer_first", [True, False])
def test_the_newest_binding_says_whether_a_subkey_holds(
    hub: Hub, gpg: GnuPG, is_prolonged: bool, is_newer_first: bool
) -> None:
    key = gpg.make(at=LONG_AGO)
    subkey = gpg.add(key, until="30d" if is_prolonged else "0", at=LONG_AGO)
    before = Cert.from_bytes(gpg("--export", key))
    gpg("--quick-set-expire", key, "0" if is_prolonged else "30d", subkey, at="20200103T000000!")
    after = Cert.from_bytes(gpg("--export", key))
    merged = str(after.merge(before) if is_newer_first else before.merge(after))
    assert len(merged) > len(str(after)), "both bindings are in it"
    encrypt_to(hub, desk=merged)
    hub.offer()
    hub.prepare()
    assert ("desk.asc" in hub.send().problems.get(FORCE, "")) == (not is_prolonged)
    lies = documents(folder_of(hub)).values()
    assert [gpg.encrypted_to(content) for content in lies] == ([{subkey[-16:]}] * 2 if is_prolonged else [])


@needs_gpg
def test_a_subkey_that_was_prolonged_holds(hub: Hub, gpg: GnuPG) -> None:
    key = gpg.make(until="60d", at=LONG_AGO)
    subkey = gpg.add(key, until="30d", at=LONG_AGO)
    gpg("--quick-set-expire", key, "0")
    gpg("--quick-set-expire", key, "0", subkey)
    encrypt_to(hub, desk=gpg.public(key))
    one = send_one(hub)
    assert gpg.encrypted_to(documents(folder_of(hub))[f"{one}.json.pgp"]) == {subkey[-16:]}


def test_keys_of_the_newest_kind_and_of_an_older_one_can_both_read(hub: Hub) -> None:
    old, new = new_key(), Tsk.generate("A desk", profile=Profile.RFC9580)
    encrypt_to(hub, old=public(old), new=public(new))
    assert_lies_for(folder_of(hub), send_one(hub), package_of(hub), old, new, not_for=new_key())


@needs_sshd
def test_on_an_sftp_server_it_is_encrypted_too_and_withdrawn(hub: Hub) -> None:
    key = new_key()
    secrets = hub.settings.secrets / "recipients"
    secrets.mkdir()
    with sftp_server() as server:
        (secrets / "force").write_text(server.key.read_text())
        encrypt_to(hub, server.transport(key="force"), desk=public(key))
        one = send_one(hub)
        assert_lies_for(server.folder, one, package_of(hub), key, not_for=new_key())
        deciding.withdraw(hub.engine, hub.dispatches()[0].dispatch_id, because="wrong force", decided_by="a.person")
        assert hub.send().problems == {}
        assert documents(server.folder).keys() == {f"{one}.withdrawal.json.pgp", f"{one}.withdrawal.pdf.pgp"}
        assert all(read(key, content) for content in documents(server.folder).values())


@pytest.mark.parametrize("is_received", [False, True])
def test_a_withdrawal_is_encrypted_and_takes_an_unreceived_package_away(hub: Hub, is_received: bool) -> None:
    key, folder = new_key(), folder_of(hub)
    encrypt_to(hub, desk=public(key))
    one = send_one(hub)
    package = documents(folder)
    if is_received:
        (folder / f"{one}.received").write_text("by PC Sample")
    deciding.withdraw(hub.engine, hub.dispatches()[0].dispatch_id, because="wrong force", decided_by="a.person")
    for _ in range(2):
        assert hub.send().problems == {}
    lies = documents(folder)
    lies.pop(f"{one}.received", None)
    withdrawal = {name: lies.pop(name) for name in (f"{one}.withdrawal.json.pgp", f"{one}.withdrawal.pdf.pgp")}
    assert lies == (package if is_received else {})
    clear = {name: read(key, content) or b"" for name, content in withdrawal.items()}
    assert b"wrong force" in clear[f"{one}.withdrawal.json.pgp"]
    assert clear[f"{one}.withdrawal.pdf.pgp"].startswith(b"%PDF-")
    assert not any(b"wrong force" in content or b"%PDF" in content for content in lying(folder).values())


def test_a_withdrawal_waits_too_where_no_certificate_holds(hub: Hub) -> None:
    key, folder = new_key(), folder_of(hub)
    encrypt_to(hub, desk=public(key))
    one = send_one(hub)
    encrypt_to(hub, desk=ending(key, timedelta(seconds=-1)))
    deciding.withdraw(hub.engine, hub.dispatches()[0].dispatch_id, because="wrong force", decided_by="a.person")
    assert "desk.asc" in hub.send().problems[FORCE]
    assert not any("withdrawal" in name for name in lying(folder))
    encrypt_to(hub, desk=public(new := new_key()))
    assert hub.send(at_once=True).problems == {}
    assert read(new, documents(folder)[f"{one}.withdrawal.json.pgp"])


def test_an_encrypted_package_is_delivered_when_it_was_taken_or_a_receipt_lies_beside_it(hub: Hub) -> None:
    encrypt_to(hub, desk=public(new_key()))
    ids = [send_one(hub) for _ in range(3)]
    assert hub.send().count_delivered == 0
    (folder_of(hub) / f"{ids[0]}.json.pgp").rename(folder_of(hub).parent / "taken")
    (folder_of(hub) / f"{ids[1]}.received").write_text("by PC Sample")
    (folder_of(hub) / f"{ids[2]}.pdf.pgp").unlink()
    assert hub.send().count_delivered == 2
    assert hub.states() == ["delivered", "delivered", "sent"]
    assert f"{ids[0]}.json.pgp" not in documents(folder_of(hub))


@pytest.mark.parametrize("change", ["expired", "revoked", "private", "gone", "another"])
def test_a_certificate_is_read_at_each_attempt(hub: Hub, change: str) -> None:
    key, other = new_key(), new_key()
    encrypt_to(hub, desk=public(key))
    hub.offer()
    hub.prepare()
    [one], text = hub.dispatches(), package_of(hub)
    became: dict[str, str | bytes] = {
        "expired": ending(key, timedelta(seconds=-1)),
        "revoked": revoked(key),
        "private": str(key),
        "another": public(other),
    }
    recipient = read_recipients(hub.settings.recipients).contracts[FORCE]
    with closing(open_transport(hub.settings, recipient)) as transport:
        (hub.settings.recipients / FORCE / "desk.asc").unlink()
        if change in became:
            encrypt_to(hub, desk=became[change])
        if change == "another":
            transport.send(Parcel(one.dispatch_id, "package", text.decode()))
            assert_lies_for(folder_of(hub), str(one.dispatch_id), text, other, not_for=key)
            return
        with pytest.raises(TransientFault, match=r"desk\.asc") as fault:
            transport.send(Parcel(one.dispatch_id, "package", text.decode()))
    assert "BEGIN" not in str(fault.value)
    assert lying(folder_of(hub)) == {}


def play(hub: Hub, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr("hub.cli.exchange.read_settings", lambda: hub.settings)
    done = CliRunner().invoke(app, ["exchange", "simulate-receiver", FORCE, *arguments])
    return done.exit_code, done.output


def test_a_recipient_that_is_played_reads_with_its_own_key_alone(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = new_key()
    hub.recipient(FORCE, takes_simulated=True)
    encrypt_to(hub, desk=public(key))
    hub.offer()
    hub.change("update publish.incident_evidence_v1 set is_simulated = true")
    hub.prepare()
    assert hub.send().problems == {}
    contents = {"wrong": str(new_key()), "public": public(key), "junk": "junk", "right": str(key), "empty": ""}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    for arguments in ([], *(["--key", str(tmp_path / name)] for name in ("wrong", "public", "junk", "empty", "none"))):
        code, said = play(hub, monkeypatch, *arguments)
        assert code in (1, 2)
        assert said.startswith("hub: ")
        assert said.count("\n") == 1
        assert not any(word in said for word in ("backtrace", "BEGIN", "RuntimeError"))
        assert not list((folder_of(hub) / "answers").iterdir()), "nothing is answered"
        assert not list(folder_of(hub).glob("*.received")), "who has read nothing has received nothing"
    assert play(hub, monkeypatch, "--key", str(tmp_path / "right")) == (0, f"{FORCE}: 1 x acknowledged\n")
    assert hub.send().count_delivered == 1
