"""A person who stands in the only row of a file, which breaks a rule of its form, is erased like anybody else."""

import json

import pytest
import sqlalchemy as sa

from hub.deliveries import DeliveryStatus
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import quarantined, take_in
from privacy.cards import CARDS, FEEDS, NOTES, as_csv, erase, landed_by_name, token_of
from privacy.odd_files import ADA, EMAIL


@pytest.mark.parametrize("more", [{"more": "x"}, {"place": {"by": "x"}}, {"place": ["x"]}], ids=str)
def test_a_line_that_says_too_much_of_the_person_keeps_no_erasure_from_its_end(
    settings: Settings, engine: sa.Engine, more: dict[str, object]
) -> None:
    prepare_warehouse(engine, FEEDS)
    take_in(settings, engine, CARDS, as_csv([ADA]), "asked.csv")
    result = take_in(settings, engine, NOTES, json.dumps({**ADA, **more}).encode() + b"\n", "one.jsonl")
    said = [(row.rule, row.state) for row in quarantined(engine)]
    assert result.status is DeliveryStatus.LOADED, (said, result.reason)
    certificate = erase(settings, engine, token_of(engine, CARDS, "A"))
    assert certificate.nothing_is_left, said
    assert EMAIL.encode() not in b"".join(landed_by_name(settings, engine).values())
