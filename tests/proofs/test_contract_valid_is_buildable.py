"""What a contract lets in can be built and published: rows at the edges of every contract never stop the hub.

``HUB_BUILDABLE_SEED`` and ``HUB_BUILDABLE_ROWS`` choose which rows the long form draws, and how many a seed. Times are
drawn around the moment of the run, which is printed; ``HUB_BUILDABLE_MOMENT`` sets it, to draw the same rows again.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from hub.settings import Settings
from proofs.commanded_hub import CommandedHub
from proofs.contract_rows.drawing import draw_rows
from proofs.contract_rows.files import write_file
from proofs.contract_rows.patterns import text_matching
from proofs.contract_rows.reading import FeedContract, read_contracts
from proofs.contract_rows.relations import Pool

CONTRACTS = read_contracts()
SEED = int(os.environ.get("HUB_BUILDABLE_SEED", "20261001"))
ROWS = int(os.environ.get("HUB_BUILDABLE_ROWS", "2250"))
MOMENT = datetime.fromisoformat(os.environ.get("HUB_BUILDABLE_MOMENT", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"))
ACCEPTED = 2 / 3
"""The least share of each feed's rows that the hub must take: else the rows say little about what it does with them."""

type Files = dict[str, list[Path]]


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> CommandedHub:
    return CommandedHub(settings, engine)


def test_what_contracts_let_in_can_be_built_and_published(hub: CommandedHub, tmp_path: Path) -> None:
    files = _draw(seed=1, rows=210, deliveries=1, folder=tmp_path / "drawn")
    _ingest(hub, files)
    hub.build()
    hub.publish()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SEED, SEED + 3))
def test_what_contracts_let_in_can_be_built_day_by_day(
    hub: CommandedHub, tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\nseed {seed}, HUB_BUILDABLE_MOMENT={MOMENT:%Y-%m-%dT%H:%M:%SZ}")
    files = _draw(seed=seed, rows=ROWS, deliveries=4, folder=tmp_path / "drawn")
    accepted: Counter[str] = Counter()
    for day in _days(Random(seed), files):
        accepted += _ingest(hub, day)
        hub.build()
        hub.publish()
    with capsys.disabled():
        print(f"seed {seed}: {accepted.total()} rows accepted; quarantined: {dict(hub.rules_broken())}")


def _draw(*, seed: int, rows: int, deliveries: int, folder: Path) -> Files:
    """Deliveries of every feed; later ones correct records of earlier ones, and refer to those of other feeds."""
    rng, pool = Random(seed), Pool()
    files: Files = {feed: [] for feed in CONTRACTS}
    for number in range(deliveries):
        for feed in rng.sample(sorted(CONTRACTS), len(CONTRACTS)):
            drawn = draw_rows(rng, CONTRACTS[feed], rows // deliveries // len(CONTRACTS), pool, MOMENT)
            files[feed].append(write_file(rng, CONTRACTS[feed], drawn, folder / feed, f"drawn-{number}"))
    return files


def _days(rng: Random, files: Files) -> Iterator[Files]:
    """On the first day some feeds are silent, on the second all else comes, in any order."""
    first = {feed: paths[: rng.randint(0, 2)] for feed, paths in files.items()}
    yield first
    yield {feed: rng.sample(rest, len(rest)) for feed, paths in files.items() if (rest := paths[len(first[feed]) :])}


def _ingest(hub: CommandedHub, files: Files) -> Counter[str]:
    """Rows accepted, by feed."""
    accepted: Counter[str] = Counter()
    for feed, paths in files.items():
        if not paths:
            continue
        answers = [_released(hub, answer) for answer in hub.ingest(feed, paths)]
        assert not [(feed, one["reason"]) for one in answers if one["status"] != "loaded"]
        counts = {name: sum(one[f"rows_{name}"] for one in answers) for name in ("read", "accepted", "quarantined")}
        assert counts["accepted"] >= ACCEPTED * counts["read"], (feed, counts, hub.rules_broken())
        accepted[feed] += counts["accepted"]
    return accepted


def _released(hub: CommandedHub, answer: dict[str, Any]) -> dict[str, Any]:
    """A person lets in what only looks unlikely as a whole: each of its rows keeps the contract, so it can be built."""
    return hub.release(answer["delivery_id"]) if answer["status"] == "held" else answer


# Not of XML: blanks around a text are the layout of the file there, and are taken off.
@pytest.mark.parametrize("feed", ["true_vision_reports", "provider_responses"])
def test_a_line_break_after_a_value_is_not_of_its_pattern(hub: CommandedHub, tmp_path: Path, feed: str) -> None:
    """``$`` is met before a last line break too, and no code is ``race`` and a break: what got in so stopped builds."""
    contract, rng = CONTRACTS[feed], Random(1)
    fields = [field for field in contract.fields if field.pattern and field.kind == "string"]
    rows = draw_rows(rng, contract, len(fields), Pool(), datetime.now(UTC).replace(microsecond=0))
    for field, row in zip(fields, rows, strict=True):
        row[field.name] = f"{text_matching(rng, field.pattern or '')}\n"
    (answer,) = hub.ingest(feed, [write_file(rng, contract, rows, tmp_path, "broken-off")])
    found = hub.quarantined(answer["delivery_id"])
    assert [number for number in range(1, len(rows) + 1) if number not in found] == []


def test_every_contract_is_drawn_from() -> None:
    """A feed that comes by contract alone is proved with the others."""
    for contract in CONTRACTS.values():
        assert _distinct_values(contract) > len(contract.fields)


def _distinct_values(contract: FeedContract) -> int:
    rows = draw_rows(Random(1), contract, 6, Pool(), datetime.now(UTC))
    return len({value for row in rows for value in row.values()})
