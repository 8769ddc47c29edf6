"""A legal hold keeps a person's data, whatever id linkage gives them."""

import uuid

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.privacy import vault_erasure
from hub.privacy.asked_for import ErasureRefused
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse.engine import begin
from ingest.deliveries import raw_rows, take_in
from privacy.letters import ADA, LETTERS, as_csv, erase, mention, token_of

BEFORE, AFTER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def linked(hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """One letter, in whose reporter linkage has found a person."""
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    (row,) = raw_rows(engine, LETTERS)
    mention(engine, (row["_delivery_id"], row["_row_number"]), "reporter", BEFORE)
    monkeypatch.setenv("HUB_HOME", str(hub.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(hub.warehouse_url))
    return hub


def test_a_hold_goes_with_a_person_to_whom_linkage_gives_another_id(linked: Settings, engine: sa.Engine) -> None:
    with begin(engine) as connection:
        vault_erasure.place_hold(connection, BEFORE, "a trial is coming", "a.person")
        connection.execute(sa.text("update linkage.mention_persons set person_id = :new"), {"new": AFTER})
    for asked_for in (str(AFTER), token_of(engine, LETTERS, "A")):
        with pytest.raises(ErasureRefused, match="a trial is coming"):
            erase(linked, engine, asked_for)
    with begin(engine) as connection:
        assert vault_erasure.lift_holds(connection, AFTER, "a.person") == 1
        assert vault_erasure.lift_holds(connection, BEFORE, "a.person") == 0
    assert erase(linked, engine, str(AFTER)).nothing_is_left


@pytest.mark.usefixtures("linked")
def test_a_hold_on_an_id_that_nobody_has_is_refused(engine: sa.Engine) -> None:
    done = CliRunner().invoke(app, ["person", "hold", str(AFTER), "--because", "a trial is coming"])
    assert done.exit_code == 1
    assert f"nobody has the id {AFTER}" in done.stderr
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from vault.legal_holds")) == 0


@pytest.mark.usefixtures("linked")
def test_a_hold_of_which_the_audit_log_cannot_be_told_is_neither_placed_nor_lifted(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [str(BEFORE), "--because", "a trial is coming"]
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", _fails)
        assert CliRunner().invoke(app, ["person", "hold", *command]).exit_code == 1
    with engine.connect() as connection:
        assert vault_erasure.is_held(connection, [BEFORE]) is None
    assert CliRunner().invoke(app, ["person", "hold", *command]).exit_code == 0
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", _fails)
        assert CliRunner().invoke(app, ["person", "lift-hold", *command]).exit_code == 1
    with engine.connect() as connection:
        assert vault_erasure.is_held(connection, [BEFORE]) == "a trial is coming"


def _fails(*_: object) -> int:
    raise OSError("no space left")
