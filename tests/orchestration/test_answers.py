"""What a person is asked about what was not accepted, and what comes of the answer."""

import csv
import io
import json
import uuid

import pytest
import sqlalchemy as sa

from hub.contracts.model import Contract, read_catalogue, read_contract
from hub.deliveries import DeliveryStatus
from hub.ingest.release import release_delivery
from hub.orchestration import answers, steps
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_quarantined
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS

FEED = "police_uk_street"
MINIMUM_ROWS = 20
PERSON = "a.decider"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dropped file counts as whole at once."""
    monkeypatch.setattr("hub.ingest.dropped_files.QUIET_SECONDS", 0.0)


@pytest.fixture
def contract(settings: Settings) -> Contract:
    return read_contract(settings.expectations / FEED / "contract.yaml")


def deliver(settings: Settings, text: str) -> None:
    path = settings.drop / FEED / "street.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    for one in steps.collect(settings, FEED):
        steps.ingest_delivery(settings, FEED, one)


def quarantined(engine: sa.Engine, rule: str) -> str:
    with engine.connect() as connection:
        query = sa.select(QUARANTINED_ROWS.c.quarantine_id).where(QUARANTINED_ROWS.c.rule == rule)
        return str(connection.execute(query).scalar_one())


def state_of(engine: sa.Engine, quarantine_id: str) -> tuple[str, str | None]:
    with engine.connect() as connection:
        query = sa.select(QUARANTINED_ROWS).where(QUARANTINED_ROWS.c.quarantine_id == uuid.UUID(quarantine_id))
        row = connection.execute(query).one()
        return row.state, row.decided_by


@pytest.fixture
def bad(settings: Settings, engine: sa.Engine) -> Settings:
    """A hub in which the street feed's bad sample waits in quarantine."""
    deliver(settings, (settings.expectations / FEED / "samples" / "bad.csv").read_text())
    with engine.connect() as connection:
        delivery_id: uuid.UUID = connection.execute(sa.select(DELIVERIES.c.delivery_id)).scalar_one()
    # Held for its many wrong rows, and released by a person.
    release_delivery(settings, engine, read_catalogue(settings.expectations), delivery_id, "b.person")
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(QUARANTINED_ROWS))
    return settings


def held_delivery(settings: Settings, engine: sa.Engine) -> str:
    """A delivery in which a column is suddenly empty."""
    text = (settings.expectations / FEED / "samples" / "good.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    emptied = io.StringIO()
    writer = csv.DictWriter(emptied, rows[0])
    writer.writeheader()
    # Of fewer rows a share says nothing, and nobody would be asked.
    for place in range(3 * MINIMUM_ROWS // len(rows) + 1):
        writer.writerows(row | {"Last outcome category": "", "Longitude": f"-0.{place:06}"} for row in rows)
    deliver(settings, emptied.getvalue())
    with engine.connect() as connection:
        row = connection.execute(sa.select(DELIVERIES)).one()
    assert row.status == DeliveryStatus.HELD
    return str(row.delivery_id)


def test_the_question_names_feed_rule_and_reason_and_no_value(bad: Settings, engine: sa.Engine) -> None:
    one = quarantined(engine, "longitude.paired")
    question = answers.describe(bad, [one], None)
    assert "longitude.paired" in question
    assert FEED in question
    with engine.connect() as connection:
        text = read_quarantined(VaultReader(bad, "a test"), connection, uuid.UUID(one))
    assert text not in question


def test_nothing_is_asked_about_what_does_not_wait(bad: Settings, engine: sa.Engine) -> None:
    one, stranger = quarantined(engine, "longitude.paired"), str(uuid.uuid4())
    with pytest.raises(answers.NothingToDecide, match=stranger):
        answers.describe(bad, [one, stranger], None)
    with pytest.raises(answers.NothingToDecide, match="give the ids"):
        answers.describe(bad, [], None)
    with pytest.raises(answers.NothingToDecide, match=stranger):
        answers.describe(bad, [], stranger)


def test_a_released_row_is_taken_in_with_the_name_of_whoever_answered(bad: Settings, engine: sa.Engine) -> None:
    one = quarantined(engine, "longitude.paired")
    outcome = answers.carry_out(bad, [one], None, is_release=True, decided_by=PERSON)
    assert outcome.as_json() == {
        "rows_taken_in": {FEED: 1},
        "left_out": 0,
        "decided_before": 0,
        "not_carried_out": {},
    }
    assert state_of(engine, one) == ("released", PERSON)


def test_a_rejected_row_stays_out_with_the_name_of_whoever_answered(bad: Settings, engine: sa.Engine) -> None:
    one = quarantined(engine, "longitude.paired")
    outcome = answers.carry_out(bad, [one], None, is_release=False, decided_by=PERSON)
    assert (outcome.left_out, outcome.rows_taken_in) == (1, {})
    assert state_of(engine, one) == ("rejected", PERSON)


def test_an_answer_that_is_carried_out_twice_decides_once(bad: Settings, engine: sa.Engine) -> None:
    one = quarantined(engine, "longitude.paired")
    answers.carry_out(bad, [one], None, is_release=True, decided_by=PERSON)
    again = answers.carry_out(bad, [one], None, is_release=False, decided_by="someone.else")
    assert (again.decided_before, again.left_out) == (1, 0)
    assert state_of(engine, one) == ("released", PERSON)


def test_a_row_that_cannot_be_released_is_named_and_the_others_are(bad: Settings, engine: sa.Engine) -> None:
    unreadable, fine = quarantined(engine, "month.type"), quarantined(engine, "longitude.paired")
    outcome = answers.carry_out(bad, [unreadable, fine], None, is_release=True, decided_by=PERSON)
    assert list(outcome.not_carried_out) == [unreadable]
    assert outcome.rows_taken_in == {FEED: 1}
    assert state_of(engine, unreadable) == ("open", None)


def test_a_held_delivery_is_loaded_when_a_person_finds_it_right(settings: Settings, engine: sa.Engine) -> None:
    held = held_delivery(settings, engine)
    assert "Held delivery" in answers.describe(settings, [], held)
    outcome = answers.carry_out(settings, [], held, is_release=True, decided_by=PERSON)
    assert outcome.rows_taken_in[FEED] > 0
    with pytest.raises(answers.NothingToDecide, match="loaded, not held"):
        answers.describe(settings, [], held)


def test_a_held_delivery_is_refused_when_a_person_rejects_it(settings: Settings, engine: sa.Engine) -> None:
    held = held_delivery(settings, engine)
    outcome = answers.carry_out(settings, [], held, is_release=False, decided_by=PERSON)
    assert (outcome.left_out, outcome.rows_taken_in) == (1, {})
    with engine.connect() as connection:
        row = connection.execute(sa.select(DELIVERIES)).one()
    assert row.status == DeliveryStatus.REFUSED
    assert PERSON in row.reason


def released(settings: Settings, one: str, correction: dict[str, str | None]) -> answers.Outcome:
    return answers.carry_out(settings, [one], None, {one: correction}, is_release=True, decided_by=PERSON)


def test_the_question_says_what_is_asked_for_and_what_changes_from_which_form(bad: Settings, engine: sa.Engine) -> None:
    one = quarantined(engine, "month.type")
    question = answers.describe(bad, [one], None, "release", {one: {"month": "2026-02"}}, asked_by="an.asker")
    assert "Asked for: **release**." in question
    (change,) = [line for line in question.splitlines() if "| month |" in line]
    assert change.endswith("| `2026-02` |")
    with engine.connect() as connection:
        text = read_quarantined(VaultReader(bad, "a test"), connection, uuid.UUID(one))
        looked = sa.text("select who from audit.log where purpose = 'check of a correction'")
        assert connection.scalars(looked).all() == ["an.asker"]
    assert f"`{json.loads(text)['month']}`" not in change


@pytest.mark.parametrize(
    ("correction", "why"),
    [
        ({"month": "2026-13"}, "month: not a value that the contract allows"),
        ({"month": "1066-10"}, "the corrected row still breaks month.range"),
        ({"context": "it was me"}, "context: personal or free text"),
        ({"nothing": "1"}, "the contract has no column nothing"),
    ],
)
def test_a_correction_that_does_not_mend_the_row_or_may_not_be_typed_is_not_asked_about(
    correction: dict[str, str | None], why: str, bad: Settings, engine: sa.Engine
) -> None:
    one = quarantined(engine, "month.type")
    with pytest.raises(answers.NothingToDecide, match=why) as refused:
        answers.describe(bad, [one], None, "release", {one: correction})
    assert not any(value in str(refused.value) for value in correction.values() if value and len(value) > 1)
    assert state_of(engine, one) == ("open", None)


def test_a_correction_of_a_row_that_is_not_asked_about_is_refused(bad: Settings, engine: sa.Engine) -> None:
    one, other = quarantined(engine, "month.type"), quarantined(engine, "longitude.paired")
    with pytest.raises(answers.NothingToDecide, match=other):
        answers.describe(bad, [one], None, "release", {other: {"month": "2026-02"}})


def test_a_corrected_row_is_taken_in_once_however_often_the_answer_is_carried_out(
    bad: Settings, engine: sa.Engine
) -> None:
    one = quarantined(engine, "month.type")
    outcome = released(bad, one, {"month": "2026-02"})
    assert (outcome.rows_taken_in, outcome.not_carried_out) == ({FEED: 1}, {})
    assert state_of(engine, one) == ("corrected", PERSON)
    again = released(bad, one, {"month": "2026-02"})
    assert (again.rows_taken_in, again.decided_before) == ({FEED: 1}, 1)


def test_a_correction_that_breaks_a_rule_leaves_the_row_in_quarantine_and_says_so(
    bad: Settings, engine: sa.Engine
) -> None:
    one = quarantined(engine, "month.type")
    outcome = released(bad, one, {"month": "1066-10"})
    assert "still breaks month.range" in outcome.not_carried_out[one]
    assert state_of(engine, one) == ("open", None)


def test_a_row_that_is_rejected_is_not_corrected(bad: Settings, engine: sa.Engine) -> None:
    one = quarantined(engine, "month.type")
    answers.carry_out(bad, [one], None, {one: {"month": "2026-02"}}, is_release=False, decided_by=PERSON)
    assert state_of(engine, one) == ("rejected", PERSON)
