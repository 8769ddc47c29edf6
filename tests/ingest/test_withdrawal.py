"""A delivery is withdrawn: what only it brought goes, what others state too stays with those."""

import uuid
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from encrypting import vault_rows
from hub.contracts.model import Catalogue
from hub.contracts.values import Classification
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.withdrawal import WithdrawalRefused, restore_delivery, withdraw_delivery
from hub.monitoring.tables import PROFILES
from hub.settings import Settings
from hub.vault import audit
from ingest.deliveries import assert_nothing_is_lost, counts, ledger_rows, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

PEOPLE = feed(column("ref", required=True), column("email", classification=Classification.PERSONAL), name="people")
ISSUES = feed(column("ref"), name="issues", key=("ref",), most_withdrawn=1.0)
FEEDS = Catalogue({"people": PEOPLE, "issues": ISSUES}, {})
HEADER = b"ref,email\n"


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, FEEDS.contracts.values())


def withdraw(settings: Settings, delivery: DeliveryResult, because: str = "the sender took it back") -> None:
    withdraw_delivery(settings, FEEDS, delivery.delivery_id, because=because, decided_by="a person")


def ledger_row(engine: sa.Engine, delivery: DeliveryResult) -> sa.Row[tuple[object, ...]]:
    (row,) = [row for row in ledger_rows(engine) if row.delivery_id == delivery.delivery_id]
    return row


def profile(engine: sa.Engine, delivery: DeliveryResult) -> list[tuple[object, ...]]:
    query = sa.select(PROFILES).where(PROFILES.c.delivery_id == delivery.delivery_id)
    with engine.connect() as connection:
        return sorted((tuple(row) for row in connection.execute(query)), key=str)


def test_what_only_it_brought_goes_and_what_others_state_stays_with_them(settings: Settings, engine: sa.Engine) -> None:
    first = take_in(settings, engine, PEOPLE, HEADER + b"A,a@example.org\nB,b@example.org\n,bad\n", "first.csv")
    second = take_in(settings, engine, PEOPLE, HEADER + b"C,c@example.org\nB,b@example.org\n", "second.csv")
    third = take_in(settings, engine, PEOPLE, HEADER + b"D,\nE,\nB,b@example.org\n", "third.csv")
    withdraw(settings, first)
    held = {(row["_delivery_id"], row["_row_number"], row["ref"]) for row in raw_rows(engine, PEOPLE)}
    assert held == {
        (second.delivery_id, 1, "C"),
        (second.delivery_id, 2, "B"),
        (third.delivery_id, 1, "D"),
        (third.delivery_id, 2, "E"),
    }
    values = [row.get("email") for row in vault_rows(settings, engine, PEOPLE)]
    assert sorted(str(value) for value in values if value) == ["b@example.org", "b@example.org", "c@example.org"]
    assert quarantined(engine) == []
    now = ledger_row(engine, second)
    assert (now.rows_read, now.rows_accepted, now.rows_duplicate) == (2, 2, 0)
    gone = ledger_row(engine, first)
    assert (gone.status, gone.withdrawn_by, gone.withdrawn_because) == (
        "withdrawn",
        "a person",
        "the sender took it back",
    )


def test_profiles_are_those_of_a_hub_that_never_had_it(settings: Settings, engine: sa.Engine) -> None:
    first = take_in(settings, engine, PEOPLE, HEADER + b"A,a@example.org\nB,\n", "first.csv")
    data = HEADER + b"B,\nC,c@example.org\n"
    second = take_in(settings, engine, PEOPLE, data, "second.csv")
    with_first = profile(engine, second)
    withdraw(settings, first)
    assert profile(engine, first) == []
    after = profile(engine, second)
    assert after != with_first
    withdraw(settings, second)
    again = restore_delivery(settings, FEEDS, second.delivery_id, because="it was right", decided_by="a person")
    assert counts(again) == (2, 2, 0, 0)
    assert profile(engine, second) == after


def test_the_same_bytes_are_not_taken_again_unless_a_person_asks(settings: Settings, engine: sa.Engine) -> None:
    data = HEADER + b"A,a@example.org\n"
    first = take_in(settings, engine, PEOPLE, data, "first.csv")
    withdraw(settings, first)
    again = take_in(settings, engine, PEOPLE, data, "again.csv")
    assert again.status is DeliveryStatus.WITHDRAWN
    assert again.reason is not None
    assert again.reason.startswith("withdrawn by a person on ")
    assert again.reason.endswith(": the sender took it back")
    assert raw_rows(engine, PEOPLE) == []
    arrival = ledger_rows(engine)[1]
    assert (arrival.status, arrival.reason) == (
        "duplicate",
        f"the same bytes as delivery {first.delivery_id}, {again.reason}",
    )
    restored = restore_delivery(settings, FEEDS, first.delivery_id, because="it was right", decided_by="a person")
    assert (restored.status, counts(restored)) == (DeliveryStatus.LOADED, (1, 1, 0, 0))
    assert_nothing_is_lost(engine, PEOPLE)


def test_that_the_same_bytes_came_again_can_be_taken_back(settings: Settings, engine: sa.Engine) -> None:
    data = HEADER + b"A,a@example.org\n"
    first = take_in(settings, engine, PEOPLE, data, "first.csv")
    take_in(settings, engine, PEOPLE, data, "again.csv")
    again = ledger_rows(engine)[1]
    done = withdraw_delivery(settings, FEEDS, again.delivery_id, because="dropped by mistake", decided_by="a person")
    assert (done.records_gone, done.is_new) == (0, True)
    assert [row.status for row in ledger_rows(engine)] == ["loaded", "withdrawn"]
    assert [row["_delivery_id"] for row in raw_rows(engine, PEOPLE)] == [first.delivery_id]


def test_the_issue_before_is_in_force_again(settings: Settings, engine: sa.Engine) -> None:
    take_in(settings, engine, ISSUES, b"ref\nA\nB\n", "first.csv")
    second = take_in(settings, engine, ISSUES, b"ref\nA\nC\n", "second.csv")
    assert [row.status for row in ledger_rows(engine)] == ["superseded", "loaded"]
    withdraw(settings, second)
    assert [row.status for row in ledger_rows(engine)] == ["loaded", "withdrawn"]
    assert [row["ref"] for row in raw_rows(engine, ISSUES)] == ["A", "B"]


def test_withdrawn_twice_is_withdrawn_once(settings: Settings, engine: sa.Engine) -> None:
    first = take_in(settings, engine, PEOPLE, HEADER + b"A,a@example.org\n")
    withdraw(settings, first)
    done = withdraw_delivery(settings, FEEDS, first.delivery_id, because="once more", decided_by="another")
    assert (done.is_new, done.records_gone) == (False, 0)
    assert "by a person" in done.reason
    assert ledger_row(engine, first).withdrawn_because == "the sender took it back"


def test_what_is_not_in_the_warehouse_cannot_be_withdrawn(settings: Settings, engine: sa.Engine) -> None:
    refused = take_in(settings, engine, PEOPLE, b"other,columns\n1,2\n")
    assert refused.status is DeliveryStatus.REFUSED
    with pytest.raises(WithdrawalRefused, match="was refused"):
        withdraw(settings, refused)
    with pytest.raises(LookupError, match="no delivery"):
        withdraw_delivery(settings, FEEDS, uuid.UUID(int=7), because="why not", decided_by="a person")
    loaded = take_in(settings, engine, PEOPLE, HEADER + b"A,\n")
    with pytest.raises(WithdrawalRefused, match="say why"):
        withdraw(settings, loaded, because=" ")
    with pytest.raises(WithdrawalRefused, match="not withdrawn"):
        restore_delivery(settings, FEEDS, loaded.delivery_id, because="it was right", decided_by="a person")


def test_nothing_is_withdrawn_or_restored_that_the_audit_log_cannot_be_told_of(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = take_in(settings, engine, PEOPLE, HEADER + b"A,a@example.org\n")
    untold = Mock(side_effect=OSError("no space left"))
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", untold)
        with pytest.raises(OSError, match="no space left"):
            withdraw(settings, first)
    assert ledger_row(engine, first).status == DeliveryStatus.LOADED
    withdraw(settings, first)
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", untold)
        with pytest.raises(OSError, match="no space left"):
            restore_delivery(settings, FEEDS, first.delivery_id, because="it was right", decided_by="a person")
    assert ledger_row(engine, first).status == DeliveryStatus.WITHDRAWN


def test_the_audit_log_tells_who_withdrew_what(settings: Settings, engine: sa.Engine) -> None:
    first = take_in(settings, engine, PEOPLE, HEADER + b"A,a@example.org\n")
    withdraw(settings, first)
    with engine.connect() as connection:
        row = connection.execute(sa.text("select who, action, purpose, details from audit.log")).one()
    assert tuple(row[:3]) == ("a person", "delivery withdrawn", "the sender took it back")
    assert row.details["records"] == 1
