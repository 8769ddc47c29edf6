"""What the database relies on outside of itself is on the disk before it commits: a loss of power takes none of it."""

import contextlib
import errno
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.privacy import vault_erasure
from hub.privacy.mask_mentions import decide_mentions
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, add_version, key_path, read_ring
from ingest.deliveries import take_in
from privacy.letters import ADA, BO, CATALOGUE, LETTERS, as_csv, erase, token_of
from privacy.test_erasure_cut_short import before


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], bool]:
    """Whether the disk was waited for to have a file."""
    seen, sync = set[int](), os.fsync

    def noted(handle: int) -> None:
        seen.add(os.fstat(handle).st_ino)
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return lambda path: path.stat().st_ino in seen


def test_a_key_is_on_the_disk_before_anything_is_encrypted_under_it(
    settings: Settings, synced: Callable[[Path], bool]
) -> None:
    key_path(settings, Purpose.MASTER).unlink(missing_ok=True)
    read_ring(settings, Purpose.MASTER)
    assert synced(key_path(settings, Purpose.MASTER))


def test_a_new_version_of_a_key_is_on_the_disk_before_anything_is_encrypted_under_it(
    settings: Settings, synced: Callable[[Path], bool]
) -> None:
    add_version(settings, Purpose.MASTER, 2)
    assert synced(key_path(settings, Purpose.MASTER))


def test_what_an_erasure_is_to_remove_is_on_the_disk_before_its_keys_are_destroyed(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, synced: Callable[[Path], bool]
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    plans = list[bool]()

    def look() -> None:
        plans.extend(map(synced, (hub.home / "erasures").glob("*.to_remove.json")))

    before(monkeypatch, vault_erasure, "destroy_keys", look)
    erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert plans == [True]


def test_a_certificate_is_on_the_disk_before_an_erasure_counts_as_finished(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, synced: Callable[[Path], bool]
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    certificates = list[bool]()

    def look() -> None:
        found = (path for path in (hub.home / "erasures").glob("*.json") if ".to_remove." not in path.name)
        certificates.extend(map(synced, found))

    before(monkeypatch, vault_erasure, "note_finished", look)
    erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert certificates == [True]


def test_a_full_disk_takes_no_certificate_that_stood(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO, "words": "It was Ada Quill."}))
    token = token_of(engine, LETTERS, "A")
    first = erase(hub, engine, token)
    write = Path.write_text

    def full(path: Path, *given: Any, **named: Any) -> int:
        if path.name == f"{first.erasure_id}.json":
            path.open("w").close()
            raise OSError(errno.ENOSPC, "no space left")
        return write(path, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with contextlib.suppress(OSError):
            decide_mentions(hub, engine, CATALOGUE, uuid.UUID(first.erasure_id), leave=[], by="a.person")
    assert erase(hub, engine, token).erasure_id == first.erasure_id
    now, _ = decide_mentions(hub, engine, CATALOGUE, uuid.UUID(first.erasure_id), leave=[], by="a.person")
    assert now.stores
