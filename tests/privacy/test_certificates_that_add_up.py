"""The figures of a certificate, and the names that an erasure gives to files, say what is so."""

import pytest
import sqlalchemy as sa

from hub.privacy import hub_files
from hub.privacy.found_stores import QUARANTINE
from hub.settings import Settings
from ingest.deliveries import ledger_rows, take_in
from privacy.letters import ADA, BO, LETTERS, as_csv, erase, store, token_of
from privacy.test_erasure_cut_short import before, fail


def test_a_row_that_came_while_an_erasure_was_cut_short_is_left_and_none_is_removed_below_zero(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    token = token_of(engine, LETTERS, "A")
    with monkeypatch.context() as patched:
        before(patched, hub_files, "mask_files", fail)
        with pytest.raises(OSError, match="no space"):
            erase(hub, engine, token)
    take_in(hub, engine, LETTERS, as_csv({**ADA, "ref": ""}, {"ref": "C", **BO}))
    said = store(erase(hub, engine, token), QUARANTINE)
    assert said.left == len(said.left_in) == 1
    assert said.removed >= 0


def test_no_store_has_more_of_the_person_than_was_looked_at(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"))
    wrong = [(one.store, one.looked_at, one.found) for one in certificate.stores if one.found > one.looked_at]
    assert wrong == []


@pytest.mark.parametrize("name", ["letter.ada quill 1980-02-03"])
def test_the_new_name_of_a_file_has_nothing_of_the_person_at_its_end(
    hub: Settings, engine: sa.Engine, name: str
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}), name=name)
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"))
    (row,) = ledger_rows(engine)
    assert not any(word in row.file_name for word in ("900123", "quill"))
    assert certificate.nothing_is_left
