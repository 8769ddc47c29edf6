"""A token that was told before its key moved."""

import uuid

import sqlalchemy as sa

from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings
from hub.vault.hub_keys import Purpose
from ingest.deliveries import raw_rows, take_in
from privacy.letters import ADA, BO, CATALOGUE, LETTERS, as_csv, erase, mention, token_of, told


def test_a_token_of_before_the_key_moved_still_tells_who_it_is(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    token = token_of(engine, LETTERS, "A")
    rotate_key(hub, engine, CATALOGUE, Purpose.PERSON)
    erase(hub, engine, token)
    assert told(hub, engine, LETTERS)["A"] == {}


def test_an_id_is_the_same_in_capitals(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    (row,) = (one for one in raw_rows(engine, LETTERS) if one["ref"] == "A")
    person = uuid.uuid4()
    mention(engine, (row["_delivery_id"], row["_row_number"]), "reporter", person)
    certificate = erase(hub, engine, str(person).upper())
    assert erase(hub, engine, str(person)) == certificate
