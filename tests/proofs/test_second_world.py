"""Deliveries of a world that nobody wrote the hub for: each wrong row goes to quarantine by a rule that fits, no other.

``HUB_SECOND_WORLD_SEED`` chooses another world for the long form.
"""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from hub.settings import Settings
from proofs.commanded_hub import CommandedHub
from proofs.contract_rows.reading import read_contracts
from proofs.second_world.files import Delivery, make_deliveries
from proofs.second_world.lines import csv_line
from proofs.second_world.reports import World, true_vision
from proofs.second_world.sent import Record

CONTRACTS = read_contracts()
SEED = int(os.environ.get("HUB_SECOND_WORLD_SEED", "4101"))
SHARES = {
    "true_vision_reports": 0.45,
    "community_reports": 0.25,
    "volunteer_reports": 0.15,
    "police_hate_crimes": 0.15,
    "force_responses": 0.08,
    "provider_responses": 0.06,
    "victim_support_events": 0.08,
    "provider_statements": 0.05,
}
"""Of the number of reports; the first four are reports."""


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> CommandedHub:
    return CommandedHub(settings, engine)


def test_every_wrong_row_of_another_world_is_named_and_no_right_one(hub: CommandedHub, tmp_path: Path) -> None:
    """What was let in is built and published in the long form; here ``test_contract_valid_is_buildable`` does that."""
    _take_in(hub, tmp_path, seed=7, reports=300, a_file=100)


@pytest.mark.long
def test_every_wrong_row_of_a_large_world_is_named_and_no_right_one(
    hub: CommandedHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kinds = _take_in(hub, tmp_path, seed=SEED, reports=20_000, a_file=1_500)
    hub.build()
    hub.publish()
    with capsys.disabled():
        print(f"\n{sum(kinds.values())} rows; of each kind: {dict(kinds.most_common())}")


def test_an_offset_without_its_colon_has_not_the_pattern(hub: CommandedHub, tmp_path: Path) -> None:
    right = _one_report()
    written = f"{str(right.cells['reported_at'])[:19]}+0100"
    wrong = right.changed("no colon", frozenset({"reported_at.type"}), reported_at=written)
    assert not _wrong_of_report(hub, tmp_path, wrong)


def test_a_pasted_conversation_of_many_lines_is_one_right_record(hub: CommandedHub, tmp_path: Path) -> None:
    odd = _one_report().changed("many lines", frozenset(), description="He: [slur]\nMe: stop\n" * 150)
    assert not _wrong_of_report(hub, tmp_path, odd)


def _one_report() -> Record:
    world = World(Random(1), datetime.now(UTC).replace(microsecond=0), 30)
    return Record(true_vision(world))


def _wrong_of_report(hub: CommandedHub, folder: Path, record: Record) -> list[str]:
    path = folder / "one.csv"
    path.write_bytes(csv_line(record.cells) + csv_line(record.cells.values()))
    (answer,) = hub.ingest("true_vision_reports", [path])
    return _wrong_answers(hub, Delivery("true_vision_reports", path, [record]), answer)


def _take_in(hub: CommandedHub, folder: Path, *, seed: int, reports: int, a_file: int) -> Counter[str]:
    """How many rows of each kind there were; each has been validated as it must."""
    counts = {feed: int(share * reports) for feed, share in SHARES.items()}
    now = datetime.now(UTC).replace(microsecond=0)
    deliveries = list(make_deliveries(Random(seed), CONTRACTS, counts, a_file, folder / "sent", now))
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    for feed in counts:
        own = [delivery for delivery in deliveries if delivery.feed == feed]
        answers = hub.ingest(feed, [delivery.path for delivery in own])
        for delivery, answer in zip(own, answers, strict=True):
            wrong += _wrong_answers(hub, delivery, answer)
            kinds.update(record.kind for record in delivery.records)
    assert not wrong, "\n".join(wrong)
    return kinds


def _wrong_answers(hub: CommandedHub, delivery: Delivery, answer: dict[str, Any]) -> list[str]:
    """What the hub said that is not so, each in a line."""
    where = f"{delivery.feed}/{delivery.path.name}"
    if answer["status"] != "loaded":
        return [f"{where}: {answer}"]
    read, accepted = answer["rows_read"], answer["rows_accepted"]
    quarantined, duplicate = answer["rows_quarantined"], answer["rows_duplicate"]
    rules = hub.quarantined(answer["delivery_id"])
    found = []
    if not read == accepted + quarantined + duplicate == len(delivery.records) or quarantined != len(rules):
        found.append(f"{where}: {len(delivery.records)} rows were sent: {answer}")
    silent = 0
    for number, record in enumerate(delivery.records, start=1):
        silent += record.is_repeated and number not in rules
        if not record.is_met_by(rules.get(number)):
            right = ", ".join(sorted(record.may_break)) or "nothing"
            found.append(f"{where} row {number} ({record.kind}) broke {rules.get(number)}, should have {right}")
    if silent != duplicate:
        found.append(f"{where}: {silent} rows were sent again and not quarantined: {answer}")
    return found
