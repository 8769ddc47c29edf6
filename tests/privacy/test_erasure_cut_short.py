"""An erasure that fails on its way is finished when it is asked for again; what runs beside it does not disturb it."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build.builds import must_start_from_nothing
from hub.ingest import rewritten_files
from hub.monitoring.watch import watch_safeguards
from hub.privacy import erasure, finish_erasure, hub_files, person_traces, vault_erasure
from hub.privacy.asked_for import ErasureRefused, count_records
from hub.privacy.landed_files import LandedSearch
from hub.privacy.mask_mentions import decide_mentions
from hub.privacy.text_mentions import TEXTS
from hub.privacy.unfinished import keep_unfinished
from hub.settings import Settings
from hub.warehouse.build_lock import BUILD_LOCK
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import BUILDS
from ingest.deliveries import raw_rows, take_in
from privacy.letters import (
    ADA,
    BO,
    CATALOGUE,
    LETTERS,
    as_csv,
    as_kept,
    erase,
    landed_texts,
    mention,
    store,
    token_of,
    told,
)

BOTH = as_csv({"ref": "A", **ADA}, {"ref": "B", **BO})
VANISHED = "vanished.log"


def before(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, first: Callable[[], object]) -> None:
    """Do something each time before a function is called."""
    called = getattr(owner, name)

    def then(*given: Any, **named: Any) -> object:
        first()
        return called(*given, **named)

    monkeypatch.setattr(owner, name, then)


def fail() -> None:
    raise OSError("no space left")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (finish_erasure, "carry_out_removal"),
        (person_traces, "reclaim"),
        (finish_erasure, "clean_airflow"),
        (hub_files, "mask_files"),
        (hub_files, "search_files"),
        (finish_erasure, "write_certificate"),
        (vault_erasure, "note_finished"),
        (finish_erasure, "forget_unfinished"),
    ],
)
def test_what_fails_after_the_keys_are_destroyed_is_done_when_it_is_asked_for_again(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    token = token_of(engine, LETTERS, "A")
    hub.logs.mkdir(exist_ok=True)
    (hub.logs / "a.log").write_text("ada@example.org\n")
    with monkeypatch.context() as patched:
        before(patched, owner, name, fail)
        with pytest.raises(OSError, match="no space"):
            erase(hub, engine, token)
    (left,) = (hub.home / "erasures").glob("*.unfinished")
    assert not any(word in left.read_bytes() for word in (b"ada", b"Ada", b"0123"))
    if name != "forget_unfinished":
        # Somebody can be asked about it once more.
        assert count_records(hub, engine, CATALOGUE, token) == {"letters": 1}
    certificate = erase(hub, engine, token)
    assert certificate.nothing_is_left
    assert store(certificate, "vault").removed == 1 + 2
    assert (hub.logs / "a.log").read_text() == "***************\n"
    assert not any(b"Ada" in text for text in landed_texts(hub))
    assert {path.suffix for path in (hub.home / "erasures").iterdir()} == {".json"}
    assert erase(hub, engine, token) == certificate
    with pytest.raises(LookupError, match="has been erased"):
        count_records(hub, engine, CATALOGUE, token)


def test_an_erasure_that_was_cut_short_is_an_alert_until_it_is_finished(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alerts(after: dt.timedelta) -> list[str]:
        loader, now = open_warehouse(hub, Role.LOADER), dt.datetime.now(dt.UTC)
        found = [one.cause for one in watch_safeguards(loader, hub, now + after)]
        return [one.detail for one in found if one.kind == "unfinished_erasure"]

    take_in(hub, engine, LETTERS, BOTH)
    token = token_of(engine, LETTERS, "A")
    with monkeypatch.context() as patched:
        before(patched, hub_files, "mask_files", fail)
        with pytest.raises(OSError, match="no space"):
            erase(hub, engine, token)
    # It may still be at work.
    assert alerts(dt.timedelta(minutes=59)) == []
    (said,) = alerts(dt.timedelta(minutes=61))
    assert "was cut short" in said
    assert token not in said
    erase(hub, engine, token)
    assert alerts(dt.timedelta(minutes=61)) == []


def test_what_was_kept_for_an_erasure_that_did_not_come_about_goes_with_the_next(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, BOTH)

    def then_fail(*given: Any) -> None:
        keep_unfinished(*given)
        fail()

    with monkeypatch.context() as patched:
        patched.setattr(erasure, "keep_unfinished", then_fail)
        with pytest.raises(OSError, match="no space"):
            erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert told(hub, engine, LETTERS)["A"] == as_kept(ADA)
    assert len(list((hub.home / "erasures").glob("*.unfinished"))) == 1
    assert erase(hub, engine, token_of(engine, LETTERS, "B")).nothing_is_left
    assert not list((hub.home / "erasures").glob("*.unfinished"))


def test_a_file_that_vanishes_while_files_are_looked_through_holds_nothing(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    hub.logs.mkdir(exist_ok=True)
    (hub.logs / VANISHED).write_text("ada@example.org\n")
    read = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == VANISHED:
            raise FileNotFoundError(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left


def test_an_erasure_that_cannot_be_searched_again_says_so(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    token = token_of(engine, LETTERS, "A")
    with monkeypatch.context() as patched:
        before(patched, person_traces, "reclaim", fail)
        with pytest.raises(OSError, match="no space"):
            erase(hub, engine, token)
    for path in (hub.home / "erasures").glob("*.unfinished"):
        path.unlink()
    certificate = erase(hub, engine, token)
    assert (certificate.nothing_is_left, certificate.stores) == (False, [])
    assert not any("Airflow's own database" in one for one in certificate.not_reached)
    assert certificate.not_reached[-1].startswith("everything: ")


def test_an_erasure_holds_builds_so_that_no_linkage_writes_the_person_back(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    could_build = []

    def try_to_build() -> None:
        with engine.connect() as connection:
            could_build.append(connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(BUILD_LOCK))))

    before(monkeypatch, vault_erasure, "destroy_keys", try_to_build)
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left
    assert could_build == [False]


def ada_of(engine: sa.Engine) -> uuid.UUID:
    person = uuid.uuid4()
    place = next((row["_delivery_id"], row["_row_number"]) for row in raw_rows(engine, LETTERS) if row["ref"] == "A")
    mention(engine, place, "reporter", person)
    return person


def test_a_hold_that_is_placed_while_an_erasure_searches_is_kept(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    person, files = ada_of(engine), set(landed_texts(hub))
    hub.logs.mkdir(exist_ok=True)
    (hub.logs / "a.log").write_text("ada@example.org\n")

    def place_hold() -> None:
        with engine.begin() as connection:
            vault_erasure.place_hold(connection, person, "a court orders it", "a.person")

    before(monkeypatch, LandedSearch, "rewrite", place_hold)
    with pytest.raises(ErasureRefused, match="a court orders it"):
        erase(hub, engine, str(person))
    assert told(hub, engine, LETTERS)["A"] == as_kept(ADA)
    assert files <= set(landed_texts(hub))
    assert (hub.logs / "a.log").read_text() == "ada@example.org\n"


def test_a_hold_waits_while_keys_are_destroyed(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, BOTH)

    def place_hold() -> None:
        with engine.connect() as connection:
            connection.execute(sa.text("set local lock_timeout = '100ms'"))
            with pytest.raises(sa.exc.OperationalError):
                vault_erasure.place_hold(connection, uuid.uuid4(), "a court orders it", "a.person")

    before(monkeypatch, vault_erasure, "destroy_keys", place_hold)
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left


def test_two_erasures_at_once_over_one_file_leave_neither_person(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    tokens = [token_of(engine, LETTERS, ref) for ref in "AB"]
    both_search = threading.Barrier(2)

    def wait_for_the_other() -> None:
        with suppress(threading.BrokenBarrierError):  # one goes after the other
            both_search.wait(timeout=1)

    before(monkeypatch, LandedSearch, "rewrite", wait_for_the_other)
    with ThreadPoolExecutor(2) as people:
        certificates = list(people.map(lambda token: erase(hub, engine, token), tokens))
    assert all(one.nothing_is_left for one in certificates)
    (left,) = landed_texts(hub)
    assert not any(word in left for word in (b"Ada", b"Bo "))


def test_a_landed_file_that_somebody_else_has_rewritten_is_not_passed_over(engine: sa.Engine) -> None:
    with engine.begin() as connection, pytest.raises(RuntimeError, match="start again"):
        rewritten_files.note_rewritten(
            connection, {"letters/2026/a": "letters/2026/b"}, "a test", known={"letters/2026/a"}
        )


def test_who_comes_again_with_an_erased_token_is_erased_again(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    token = token_of(engine, LETTERS, "A")
    first = erase(hub, engine, token)
    assert erase(hub, engine, token) == first
    take_in(hub, engine, LETTERS, as_csv({"ref": "C", **ADA, "day": "2026-02-01"}), "later.csv")
    assert count_records(hub, engine, CATALOGUE, token) == {"letters": 2}
    second = erase(hub, engine, token)
    assert second.erasure_id != first.erasure_id
    assert second.nothing_is_left
    assert told(hub, engine, LETTERS) == {"A": {}, "B": as_kept(BO), "C": {}}
    assert erase(hub, engine, token) == second


def test_the_build_after_an_erasure_starts_from_nothing(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, BOTH)
    with engine.begin() as connection:
        good = {"status": "succeeded", "code_sha256": "x", "seeds_sha256": "x", "finished_at": sa.func.now()}
        connection.execute(sa.insert(BUILDS).values(good))
    of_builds = open_warehouse(hub, Role.TRANSFORMER)
    assert not must_start_from_nothing(of_builds, "x")
    erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert must_start_from_nothing(of_builds, "x")


def test_what_was_masked_before_an_erasure_was_finished_stays_so_in_its_certificate(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"ref": "B", **BO, "words": "Ada Quill was there"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, said))
    token = token_of(engine, LETTERS, "A")
    with monkeypatch.context() as patched:
        before(patched, hub_files, "search_files", fail)
        with pytest.raises(OSError, match="no space"):
            erase(hub, engine, token)
    (left,) = (hub.home / "erasures").glob("*.unfinished")
    erasure_id = uuid.UUID(left.name.removesuffix(left.suffix))
    assert not decide_mentions(hub, engine, CATALOGUE, erasure_id, leave=[], by="b.person")[0].nothing_is_left
    certificate = erase(hub, engine, token)
    assert certificate.nothing_is_left
    assert store(certificate, TEXTS).removed == 1
