"""The journal keeps what was carried out, whatever fails after it, and what may have been."""

import dataclasses
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.backup.journal import ErasureEntry, entries, written_down
from hub.backup.places import backup_places
from hub.privacy import erasure, mask_mentions, person_traces
from hub.privacy.mask_mentions import decide_mentions
from hub.settings import Settings
from ingest.deliveries import take_in
from privacy.letters import ADA, BO, CATALOGUE, LETTERS, as_csv, erase, landed_texts, token_of, told

ENTRY = ErasureEntry("an id", "20260101T000000Z", "a token", "a test", "a.person", [])
LOST = sa.exc.OperationalError("commit", None, Exception("lost"), connection_invalidated=True)


@pytest.fixture
def backed_up(hub: Settings, tmp_path: Path) -> Settings:
    return dataclasses.replace(hub, backup=tmp_path / "backup", backup_keys=tmp_path / "keys")


def names(hub: Settings) -> list[str]:
    return [type(one).__name__ for one in entries(hub, backup_places(hub))]


def fail(*_: Any, **__: Any) -> None:
    raise OSError("no space left")


def raises_lost() -> bool:
    raise LOST


@pytest.mark.parametrize(
    ("problem", "is_done", "is_kept"),
    [
        (OSError("no space left"), lambda: False, False),
        (OSError("no space left"), lambda: True, True),
        (OSError("no space left"), raises_lost, True),
        (LOST, lambda: False, True),
    ],
)
def test_an_entry_is_struck_out_only_where_the_database_surely_does_not_know_it(
    backed_up: Settings, problem: Exception, is_done: Any, *, is_kept: bool
) -> None:
    with pytest.raises(type(problem)), written_down(backed_up, ENTRY, is_done):
        raise problem
    assert names(backed_up) == (["ErasureEntry"] if is_kept else [])


def test_an_erasure_that_fails_before_its_commit_is_struck_out(
    backed_up: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(backed_up, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    monkeypatch.setattr(erasure, "keep_unfinished", fail)
    with pytest.raises(OSError, match="no space"):
        erase(backed_up, engine, token_of(engine, LETTERS, "A"))
    assert names(backed_up) == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [(person_traces, "reclaim"), (mask_mentions, "write_certificate"), (mask_mentions, "remove_planned")],
)
def test_a_masking_that_fails_after_its_commit_stays_and_is_finished_when_it_is_decided_again(
    backed_up: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    said = [{"ref": one, **BO, "words": "Ada Quill, ada@example.org"} for one in "BC"]
    take_in(backed_up, engine, LETTERS, as_csv({"ref": "A", **ADA}, *said))
    erasure_id = uuid.UUID(erase(backed_up, engine, token_of(engine, LETTERS, "A")).erasure_id)
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, fail)
        with pytest.raises(OSError, match="no space"):
            decide_mentions(backed_up, engine, CATALOGUE, erasure_id, leave=[2], by="b.person")
    assert names(backed_up) == ["ErasureEntry", "MaskingEntry"]
    certificate, _ = decide_mentions(backed_up, engine, CATALOGUE, erasure_id, leave=[2], by="b.person")
    assert (certificate.stores[-1].store, certificate.nothing_is_left) == (person_traces.SPACE, False)
    words = {ref: values.get("words") for ref, values in told(backed_up, engine, LETTERS).items()}
    assert words == {"A": None, "B": "*** *****, ***************", "C": "Ada Quill, ada@example.org"}
    (left,) = landed_texts(backed_up)
    assert left.count(b"ada@example.org") == 1
    noted = sa.text("select who from audit.log where details ->> 'masked' = '[1]' and details ->> 'left' = '[2]'")
    with engine.connect() as connection:
        assert set(connection.execute(noted).scalars()) == {"b.person"}
