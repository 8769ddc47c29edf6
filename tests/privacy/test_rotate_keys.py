"""A key gives way to its next version: what stands under it follows, also when the change is killed on the way."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from encrypting import vault_rows
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.contracts.values import Classification
from hub.ingest.landing_store import landed_names
from hub.ingest.prepare import prepare_warehouse
from hub.privacy import rotate_keys, vault_rotation
from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings
from hub.vault.encrypted_file import is_wrapped_by_newest
from hub.vault.hub_keys import KeyProblem, KeyRing, Purpose, read_ring
from ingest.deliveries import counts, raw_rows, take_in
from ingest.small_feeds import column, feed

P, S = Classification.PERSONAL, Classification.SENSITIVE
COLUMNS = (column("ref", unique=True), column("victim_email", classification=P), column("words", classification=S))
LETTERS, CALLS = (feed(*COLUMNS, name=name) for name in ("moved_letters", "moved_calls"))
CATALOGUE = Catalogue({one.feed: one for one in (LETTERS, CALLS)}, {})
TEXT = b"ref,victim_email,words\nA,ada@example.org,a kettle\nB,ADA@example.org,\nB,bo@example.org,a [slur]\n"
MORE = b"ref,victim_email,words\nC,ada@example.org,a kettle\nA,ada@example.org,a kettle\n"
Move = Callable[..., Any]


@pytest.fixture
def filled(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, [LETTERS, CALLS])
    for contract in (LETTERS, CALLS):
        assert counts(take_in(settings, engine, contract, TEXT)) == (3, 2, 1, 0)
    return settings


def told(engine: sa.Engine, name: str) -> list[object]:
    return [row[name] for contract in (LETTERS, CALLS) for row in raw_rows(engine, contract)]


def rotate(settings: Settings, engine: sa.Engine, purpose: Purpose) -> int:
    return rotate_key(settings, engine, CATALOGUE, purpose, to_version=2).count_moved


@pytest.mark.parametrize(
    ("purpose", "moved", "stays"),
    [
        (Purpose.PERSON, "victim_email_token", ("words_token", "_record_hash")),
        (Purpose.TEXT, "words_token", ("victim_email_token", "_record_hash")),
        (Purpose.RECORD, "_record_hash", ("victim_email_token", "words_token")),
    ],
)
def test_what_raw_holds_moves_and_what_comes_later_is_met_as_the_same(
    filled: Settings, engine: sa.Engine, purpose: Purpose, moved: str, stays: tuple[str, ...]
) -> None:
    before, others = told(engine, moved), [told(engine, name) for name in stays]
    assert rotate(filled, engine, purpose)
    after = told(engine, moved)
    assert [told(engine, name) for name in stays] == others
    assert [one is None for one in after] == [one is None for one in before]
    assert not {one for one in after if one} & {one for one in before if one}
    # Equal ones stay equal, in both feeds, and a record that comes again is the duplicate that it is.
    assert [[one == other for other in before] for one in before] == [
        [one == other for other in after] for one in after
    ]
    assert rotate(filled, engine, purpose) == 0
    assert counts(take_in(filled, engine, LETTERS, MORE, "more.csv")) == (2, 1, 0, 1)
    (first, *_, last) = (row for row in raw_rows(engine, LETTERS) if row["ref"] in "AC")
    assert first["victim_email_token"] == last["victim_email_token"]
    assert len({row["words_token"] for row in (first, last)}) == 1


def test_a_newer_master_key_wraps_all_data_keys_and_landed_files(filled: Settings, engine: sa.Engine) -> None:
    before = vault_rows(filled, engine, LETTERS)
    assert rotate(filled, engine, Purpose.MASTER) > 6
    path = filled.secrets / "master.keys"
    newest = path.read_text().splitlines()[-1]
    path.write_text(newest)
    assert vault_rows(filled, engine, LETTERS) == before
    assert are_rewrapped(filled)
    assert rotate(filled, engine, Purpose.MASTER) == 0


def are_rewrapped(hub: Settings) -> bool:
    ring = read_ring(hub, Purpose.MASTER)
    return ring.newest == 2 and all(
        is_wrapped_by_newest((hub.landing / one).open("rb", buffering=0), ring) for one in landed_names(hub)
    )


class Killed(BaseException):
    pass


def killed_after(calls: int, move: Move) -> Move:
    left = [calls]

    def until(*given: object, **named: object) -> object:
        if not left[0]:
            raise Killed
        left[0] -= 1
        return move(*given, **named)

    return until


STEPS = [
    (vault_rotation, "note_versions", 0),
    (rotate_keys, "add_version", 0),
    (vault_rotation, "move_feed", 0),
    (vault_rotation, "move_feed", 1),
    (vault_rotation, "_exchange", 1),
    (vault_rotation, "rewrap_keys", 1),
    (rotate_keys, "rewrap_landed", 1),
    (vault_rotation, "end_rotation", 0),
]


@pytest.mark.parametrize(("module", "step", "calls"), STEPS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_change_that_is_killed_and_run_again_ends_the_same(
    filled: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, module: Any, step: str, calls: int
) -> None:
    monkeypatch.setattr(vault_rotation, "KEYS_A_BATCH", 2)
    purpose = Purpose.MASTER if "rewrap" in step else Purpose.PERSON
    before = [vault_rows(filled, engine, contract) for contract in (LETTERS, CALLS)]
    with monkeypatch.context() as patched:
        patched.setattr(module, step, killed_after(calls, getattr(module, step)))
        with pytest.raises(Killed):
            rotate_key(filled, engine, CATALOGUE, purpose)
    # Between the two, deliveries come to a feed that has moved or has not, and are met as they would be.
    for contract in (LETTERS, CALLS):
        assert counts(take_in(filled, engine, contract, MORE, "more.csv")) == (2, 1, 0, 1)
    assert rotate_key(filled, engine, CATALOGUE, purpose).version == 2
    ring: KeyRing = read_ring(filled, purpose)
    assert ring.newest == 2
    if purpose is Purpose.PERSON:
        tokens = {str(one) for one in told(engine, "victim_email_token")}
        assert len(tokens) == 1
        assert tokens.pop().startswith("t2_")
    else:
        with engine.connect() as connection:
            assert vault_rotation.count_wrapped_otherwise(connection, ring) == 0
        assert are_rewrapped(filled)
    after = [vault_rows(filled, engine, contract) for contract in (LETTERS, CALLS)]
    assert all(row in now for then, now in zip(before, after, strict=True) for row in then)


@pytest.mark.parametrize("to_version", [-1, 0, 3])
@pytest.mark.parametrize("purpose", [Purpose.PERSON, Purpose.MASTER])
def test_a_version_that_cannot_come_next_is_refused(
    filled: Settings, engine: sa.Engine, purpose: Purpose, to_version: int
) -> None:
    with pytest.raises(KeyProblem, match="does not follow"):
        rotate_key(filled, engine, CATALOGUE, purpose, to_version=to_version)
    assert read_ring(filled, purpose).newest == 1


def test_the_version_that_stands_is_reached_already(filled: Settings, engine: sa.Engine) -> None:
    for purpose in (Purpose.PERSON, Purpose.MASTER):
        done = rotate_key(filled, engine, CATALOGUE, purpose, to_version=1)
        assert (done.version, done.count_moved, read_ring(filled, purpose).newest) == (1, 0, 1)


def test_a_key_does_not_move_while_rows_of_a_refused_contract_would_stay_behind(
    filled: Settings, engine: sa.Engine
) -> None:
    refused = Catalogue({LETTERS.feed: LETTERS}, {CALLS.feed: "id is another"})
    with pytest.raises(KeyProblem, match=CALLS.feed):
        rotate_key(filled, engine, refused, Purpose.PERSON)
    assert read_ring(filled, Purpose.PERSON).newest == 1
    assert {str(one)[:3] for one in told(engine, "victim_email_token")} == {"t1_"}


def test_the_commands_list_and_rotate(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(filled.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(filled.warehouse_url))
    runner = CliRunner()
    done = runner.invoke(app, ["keys", "rotate", "audit"])
    assert (done.exit_code, done.output) == (0, "audit key: version 2, 0 moved\n")
    far = runner.invoke(app, ["keys", "rotate", "master", "--to", "7"])
    assert far.exit_code == 1
    assert "does not follow" in far.output
    listed = runner.invoke(app, ["keys", "list"])
    assert listed.exit_code == 0
    secrets = [key.hex() for purpose in Purpose for key in read_ring(filled, purpose).chain]
    assert not any(secret in listed.output + done.output for secret in secrets)
    assert runner.invoke(app, ["audit", "verify"]).exit_code == 0
