"""Where the contract of a feed is refused or gone, no certificate says that nothing of a person is left there."""

import uuid

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.privacy.asked_for import ErasureRefused
from hub.privacy.erasure import erase_person
from hub.settings import Settings
from ingest.deliveries import raw_rows, take_in
from privacy.letters import ADA, BO, CALLS, LETTERS, as_csv, as_json_lines, mention, token_of, told

REFUSED = {"calls": "the contract has no columns"}


@pytest.mark.parametrize("refusals", [REFUSED, {}], ids=["refused", "gone"])
def test_a_person_who_is_in_a_feed_without_a_contract_is_not_certified_as_gone(
    hub: Settings, engine: sa.Engine, refusals: dict[str, str]
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    take_in(hub, engine, CALLS, as_json_lines({"ref": "A", **ADA}, {"ref": "B", **BO}), name="calls.jsonl")
    known, token = Catalogue({"letters": LETTERS}, refusals), token_of(engine, LETTERS, "A")
    try:
        certificate, _ = erase_person(hub, engine, known, token, because="asked for", decided_by="a.person")
    except ErasureRefused:
        return
    assert told(hub, engine, CALLS)["A"] == {} or not certificate.nothing_is_left


def test_a_person_whom_linkage_knows_from_a_feed_without_a_contract_is_erased_or_refused_in_words(
    hub: Settings, engine: sa.Engine
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    take_in(hub, engine, CALLS, as_json_lines({"ref": "A", **ADA}), name="calls.jsonl")
    (row,) = (one for one in raw_rows(engine, LETTERS) if one["ref"] == "A")
    person = uuid.uuid4()
    mention(engine, (row["_delivery_id"], row["_row_number"]), "reporter", person)
    known = Catalogue({"calls": CALLS}, {"letters": "the contract has no columns"})
    try:
        erase_person(hub, engine, known, str(person), because="asked for", decided_by="a.person")
    except ErasureRefused:
        return
    assert "reporter_email" not in told(hub, engine, LETTERS)["A"]
