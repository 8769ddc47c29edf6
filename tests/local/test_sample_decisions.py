"""A hub that begins with a simulated history shows areas that were approved, and what came of them."""

import uuid
from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa

from hub.forecast.tables import TASKING
from hub.forecast.tasking_decisions import read_slots
from hub.local.sample_decisions import decide_on_run
from models.test_protected_hotspots import put_forecast

SLOTS = range(1, 7)


@pytest.fixture
def run_id(engine: sa.Engine) -> uuid.UUID:
    """A run of six slots, the first of which a person has approved."""
    made = put_forecast(engine, "local_authority", date(2026, 10, 5), 1)
    with engine.begin() as connection:
        first = connection.execute(sa.select(TASKING).where(TASKING.c.run_id == made)).one()._asdict()
        connection.execute(sa.insert(TASKING), [{**first, "slot": slot} for slot in SLOTS[1:]])
    return made


def test_slots_of_a_past_forecast_are_decided_on_as_simulated(engine: sa.Engine, run_id: uuid.UUID) -> None:
    with engine.begin() as connection:
        assert decide_on_run(connection, run_id) == len(SLOTS) - 2
        slots = read_slots(connection, run_id)
    assert Counter(row.decision for row in slots) == {"approved": len(SLOTS) - 1, "declined": 1}
    assert [row.decided_by for row in slots] == ["a.person", *["simulated"] * (len(SLOTS) - 1)]
    told = [row.outcome for row in slots if row.outcome]
    assert 0 < len(told) < len(SLOTS) - 1
    assert all(words.startswith("Simulated: ") for words in told)


def test_a_forecast_that_proposes_nothing_leaves_nothing_to_decide(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        assert decide_on_run(connection, uuid.uuid4()) == 0
