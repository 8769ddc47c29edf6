"""Whoever is killed when, and whatever changes between two attempts: what lies in a pick-up folder is for the keys of
the attempt that named it, each id lies there once and whole, and nothing in clear where the contract says encrypt."""

import shutil
import sys
import uuid
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asyncssh import SFTPConnectionLost
from pysequoia import Tsk, encrypt

from dispatch.openpgp import documents, lying, new_key, read
from dispatch.sftp_server import SftpServer, needs_sshd, sftp_server
from hub.dispatch.transports import Parcel, TransientFault
from hub.dispatch.transports.folder import Folder
from hub.dispatch.transports.pickup import PickUp

SAID = "what nobody else may read"
PARCEL = Parcel(uuid.UUID(int=1), "package", f'{{"said": "{SAID}"}}')
WITHDRAWAL = Parcel(uuid.UUID(int=1), "withdrawal", f'{{"withdrawn": "{SAID}"}}')
STEPS = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.link"})
"""What Python tells its audit hooks of before it touches the disk."""
A, B = new_key(), new_key()
CHANGES = [(None, A), (A, None), (A, B), (A, A)]
"""The key of the first attempt and of the ones after it; None: in clear."""
CHANGE_NAMES = ["plain to encrypted", "encrypted to plain", "another key", "the same key"]


def pdf(text: str) -> bytes:
    return b"%PDF-" + text.encode()


def to(key: Tsk) -> Callable[[bytes], bytes]:
    return lambda content: encrypt(recipients=[key.extract_certificate()], bytes=content)


def pick_up(folder: Path, key: Tsk | None, kind: type[Folder] = Folder) -> PickUp:
    files = kind(folder, is_own=True, outside_of=Path("/nowhere"))
    return PickUp(files, readable=pdf, encrypt=None if key is None else to(key))


async def lost(*_: object) -> None:
    raise SFTPConnectionLost("")


class Killed(BaseException):
    """Nothing between a step of the disk and its caller lets it end otherwise than a kill does."""


@dataclass
class Kill:
    """Ends this thread's work before the step after so many; None: never."""

    left: int | None = None

    def __call__(self, event: str, _: tuple[Any, ...]) -> None:
        if self.left is None or event not in STEPS:
            return
        if self.left == 0:
            self.left = None
            raise Killed
        self.left -= 1


KILL = Kill()
sys.addaudithook(KILL)


def killed_before(folder: Path, key: Tsk | None, left: int, parcel: Parcel = PARCEL) -> bool:
    """Send, and be killed before a step; False where it came to its end. Real processes are killed in test_folder."""
    transport, KILL.left = pick_up(folder, key), left
    try:
        transport.send(parcel)
    except Killed:
        return True
    finally:
        KILL.left = None
    return False


def is_clear(content: bytes) -> bool:
    return SAID.encode() in content or b"%PDF" in content


def in_clear(folder: Path) -> set[str]:
    return {name for name, content in lying(folder).items() if is_clear(content)}


def readers(content: bytes) -> set[str]:
    """Who can read it."""
    return {name for name, key in (("A", A), ("B", B)) if read(key, content)} | (
        {"all"} if is_clear(content) else set()
    )


def expected(key: Tsk | None) -> set[str]:
    return {"all"} if key is None else {"A"} if key is A else {"B"}


def assert_whole(folder: Path, parcel: Parcel = PARCEL) -> None:
    """What lies under a name is all of a document, and lies there once."""
    lies = documents(folder)
    for name, content in lies.items():
        whole = pdf(parcel.text) if ".pdf" in name else parcel.text.encode()
        assert whole in (content, read(A, content), read(B, content)), name
        assert name.endswith(".pgp") == (not is_clear(content))
    forms = [name.removeprefix(parcel.name).removesuffix(".pgp") for name in lies]
    assert len(forms) == len(set(forms)), lies.keys()


def assert_for(key: Tsk | None, folder: Path, before: Iterable[str]) -> None:
    """All but what had its name before is for this key, and what has no name is nobody else's."""
    for name, content in lying(folder).items():
        if name not in before and content:
            assert readers(content) <= expected(key), name


@pytest.mark.parametrize("takes_away", [False, True])
@pytest.mark.parametrize(("first", "then"), CHANGES, ids=CHANGE_NAMES)
def test_killed_at_any_step_and_changed_it_lies_there_once_and_for_its_key(
    tmp_path: Path, first: Tsk | None, then: Tsk | None, takes_away: bool
) -> None:
    step = 0
    while True:
        folder = tmp_path / str(step)
        was_killed = killed_before(folder, first, step)
        assert first is None or in_clear(folder) == set()
        assert_whole(folder)
        named = documents(folder)
        is_complete = f"{PARCEL.name}.json" in {name.removesuffix(".pgp") for name in named}
        if takes_away and is_complete:
            for name in named:
                (folder / name).unlink()
        for _ in range(2):
            pick_up(folder, then).send(PARCEL)
            assert_whole(folder)
            assert_for(then, folder, named)
        lies = {name.removesuffix(".pgp") for name in documents(folder)}
        taken = takes_away and is_complete
        assert lies == (set() if taken else {f"{PARCEL.name}.json", f"{PARCEL.name}.pdf"}), step
        assert pick_up(folder, then).deliveries([PARCEL.dispatch_id]).keys() == (
            {PARCEL.dispatch_id} if taken else set()
        )
        if not was_killed:
            break
        step += 1
    assert step > 10


@pytest.mark.parametrize(("first", "then"), CHANGES[:3], ids=CHANGE_NAMES[:3])
def test_killed_again_while_it_is_written_anew_it_is_not_lost(
    tmp_path: Path, first: Tsk | None, then: Tsk | None
) -> None:
    last, known = 0, set()
    while True:
        (left := tmp_path / f"left{last}").mkdir()
        if not killed_before(left, first, last):
            break
        last += 1
        lies = frozenset((name, bool(content)) for name, content in lying(left).items())
        step, was_killed = 0, lies not in known
        known.add(lies)
        while was_killed:
            shutil.copytree(left, folder := tmp_path / f"{last}-{step}")
            named, before = documents(folder), in_clear(folder)
            was_killed = killed_before(folder, then, step)
            assert then is None or in_clear(folder) <= before
            assert_whole(folder)
            named |= documents(folder)
            pick_up(folder, then).send(PARCEL)
            assert_whole(folder)
            assert_for(then, folder, named)
            forms = {name.removesuffix(".pgp") for name in documents(folder)}
            assert forms == {f"{PARCEL.name}.json", f"{PARCEL.name}.pdf"}, (last, step)
            step += 1
    assert last > 10


def test_where_it_cannot_be_encrypted_nothing_is_written_and_what_lay_in_staging_is_not_named(tmp_path: Path) -> None:
    def refuse(_: bytes) -> bytes:
        raise TransientFault("nothing can be encrypted: desk.asc has expired")

    for first in (None, A):
        step = 0
        while killed_before(folder := tmp_path / f"{first is None}{step}", first, step):
            named, before = set(documents(folder)), in_clear(folder)
            files = Folder(folder, is_own=True, outside_of=Path("/nowhere"))
            is_complete = any(name.startswith(f"{PARCEL.name}.json") for name in named)
            if not is_complete:
                with pytest.raises(TransientFault, match="nothing can"):
                    PickUp(files, readable=pdf, encrypt=refuse).send(PARCEL)
                assert set(documents(folder)) <= named, step
                assert in_clear(folder) <= before
            step += 1


@pytest.mark.parametrize(("first", "then"), CHANGES, ids=CHANGE_NAMES)
@pytest.mark.parametrize("is_received", [False, True])
def test_a_withdrawal_takes_away_what_lies_of_its_package(
    tmp_path: Path, first: Tsk | None, then: Tsk | None, is_received: bool
) -> None:
    step, was_killed = 0, True
    while was_killed:
        folder = tmp_path / str(step)
        was_killed = killed_before(folder, first, step)
        named = documents(folder)
        receipt = folder / f"{PARCEL.dispatch_id}.received"
        is_known = is_received and any(".json" in name for name in named)
        if is_known:
            receipt.write_bytes(b"by PC Sample")
        for _ in range(2):
            pick_up(folder, then).send(WITHDRAWAL)
        receipt.unlink(missing_ok=True)
        withdrawn = {name for name in documents(folder) if name.startswith(WITHDRAWAL.name)}
        assert {name.removesuffix(".pgp") for name in withdrawn} == {
            f"{WITHDRAWAL.name}.{one}" for one in ("json", "pdf")
        }
        assert all(readers(documents(folder)[name]) == expected(then) for name in withdrawn)
        others = set(documents(folder)) - withdrawn
        assert others == (set(named) if is_known else set()), step
        staged = {name: content for name, content in lying(folder).items() if name.startswith(".staging") and content}
        assert not any(readers(content) for content in staged.values()), staged.keys()
        step += 1


@pytest.mark.parametrize("key", [None, A])
def test_killed_while_it_withdraws_the_next_attempt_ends_it(tmp_path: Path, key: Tsk | None) -> None:
    step, was_killed = 0, True
    while was_killed:
        folder = tmp_path / str(step)
        pick_up(folder, key).send(PARCEL)
        was_killed = killed_before(folder, key, step, WITHDRAWAL)
        assert key is None or in_clear(folder) == set()
        pick_up(folder, key).send(WITHDRAWAL)
        assert {name.removesuffix(".pgp") for name in documents(folder)} == {
            f"{WITHDRAWAL.name}.{one}" for one in ("json", "pdf")
        }, step
        step += 1
    assert step > 10


def test_a_recipient_that_takes_the_package_while_it_is_withdrawn_is_no_fault(tmp_path: Path) -> None:
    taken: list[str] = []

    class Racing(Folder):
        def remove(self, path: str) -> None:
            (self.folder / path).unlink(missing_ok=True)
            taken.append(path)
            super().remove(path)

    folder = tmp_path / "out"
    pick_up(folder, A).send(PARCEL)
    pick_up(folder, A, Racing).send(WITHDRAWAL)
    assert taken
    assert {name.split(".")[1] for name in documents(folder)} == {"withdrawal"}


@pytest.mark.parametrize(("first", "then"), CHANGES[:2], ids=CHANGE_NAMES[:2])
def test_the_receipt_says_what_lies_there_and_not_what_the_contract_has_come_to_say(
    tmp_path: Path, first: Tsk | None, then: Tsk | None
) -> None:
    proofs = [pick_up(tmp_path / "out", key).send(PARCEL).proof for key in (first, then)]
    assert proofs[0] == proofs[1]
    assert (".pgp" in proofs[0], "of what is encrypted" in proofs[0]) == ((True, True) if first else (False, False))


@needs_sshd
def test_on_a_server_no_part_of_an_earlier_attempt_is_left_or_goes_into_a_later_one() -> None:
    def parts(server: SftpServer) -> list[Path]:
        return list((server.folder / ".staging").glob("*.part"))

    with sftp_server() as server:
        with closing(PickUp(server.files())) as transport:
            transport.send(Parcel(uuid.UUID(int=2), "package", "{}"))
        (server.folder / f"{uuid.UUID(int=2)}.json").unlink()
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr("hub.dispatch.transports.sftp._rename", lost)
            with pytest.raises(TransientFault), closing(PickUp(server.files(), readable=pdf)) as transport:
                transport.send(PARCEL)
        [part] = parts(server)
        assert is_clear(part.read_bytes())
        with part.open("r+b") as late:
            with closing(PickUp(server.files(), readable=pdf, encrypt=to(A))) as transport:
                transport.send(PARCEL)
            late.write(b"of an earlier connection")
        assert_whole(server.folder)
        assert_for(A, server.folder, [])
        assert len(documents(server.folder)) == 2
        assert parts(server) == []
