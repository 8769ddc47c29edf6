"""Which delivery states which record again, where a delivery stands among those of its feed, which issue of a whole
table is in force, and what several rows of one record may not say."""

from collections.abc import Sequence
from datetime import date

import pytest
import sqlalchemy as sa

from encrypting import vault_rows
from hub.contracts.model import Catalogue
from hub.contracts.rules import AgreementRule
from hub.contracts.values import Classification
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest import chunks
from hub.ingest.prepare import prepare_warehouse
from hub.ingest.release import DecisionRefused, release_delivery, release_row
from hub.privacy.identify import subjects_of_token
from hub.privacy.vault_erasure import destroy_keys, with_restated
from hub.settings import Settings
from ingest.deliveries import assert_nothing_is_lost, counts, ledger_rows, quarantined, raw_rows, take_in
from ingest.small_feeds import column, feed

PEOPLE = feed(column("ref"), column("email", classification=Classification.PERSONAL), name="people")
ISSUES = feed(
    column("ref"),
    column("motive"),
    name="issues",
    key=("ref",),
    most_withdrawn=0.5,
    file_name_pattern=r"^(?P<sender>[a-z]+)_(?P<period>\d{4}-\d{2})\.csv$",
)
NUMBERED = feed(column("ref"), name="numbered", file_name_pattern=r"^n(?P<sequence>\d+)\.csv$")
DAILY = feed(
    column("ref"), name="daily", file_name_pattern=r"^d_(?P<period>\d{4}-\d{2}-\d{2})(_(?P<sequence>\d+))?\.csv$"
)
ARRESTS = feed(
    column("complaint"),
    column("arrest"),
    column("motive"),
    name="arrests",
    agreement_rules=(AgreementRule("motive.agrees", "motive", ("complaint",), "one complaint has one motive"),),
)
EVERY = (PEOPLE, ISSUES, NUMBERED, DAILY, ARRESTS)


@pytest.fixture(autouse=True)
def _tables(engine: sa.Engine) -> None:
    prepare_warehouse(engine, EVERY)


def restated(engine: sa.Engine) -> list[tuple[str, int]]:
    query = """select d.file_name, r.row_number from ledger.restated_records r
               inner join ledger.deliveries d using (delivery_id) order by d.received_at, r.row_number"""
    with engine.connect() as connection:
        return [(row[0], row[1]) for row in connection.execute(sa.text(query))]


def places(engine: sa.Engine) -> dict[str, tuple[date, int]]:
    return {row.file_name: (row.position_on, row.position_number) for row in ledger_rows(engine)}


def in_order(engine: sa.Engine) -> list[str]:
    rows = sorted(ledger_rows(engine), key=lambda row: (row.position_on, row.position_number, row.received_at))
    return [row.file_name for row in rows]


def issue(settings: Settings, engine: sa.Engine, name: str, *rows: str) -> DeliveryResult:
    return take_in(settings, engine, ISSUES, "\n".join(["ref,motive", *rows, ""]).encode(), name)


def changes(result: DeliveryResult) -> tuple[int | None, ...]:
    """Records new, changed, withdrawn, unchanged."""
    return result.records_new, result.records_changed, result.records_withdrawn, result.records_unchanged


def in_force(engine: sa.Engine) -> dict[str, str]:
    return {row.file_name: row.status for row in ledger_rows(engine)}


def test_it_is_kept_which_delivery_states_a_record_again(settings: Settings, engine: sa.Engine) -> None:
    take_in(settings, engine, PEOPLE, b"ref,email\nA,a@example.org\nB,b@example.org\n", "first.csv")
    second = take_in(settings, engine, PEOPLE, b"ref,email\nC,\nB,b@example.org\nC,\n", "second.csv")
    assert counts(second) == (3, 1, 0, 2)
    assert restated(engine) == [("second.csv", 2), ("second.csv", 3)]
    assert_nothing_is_lost(engine, PEOPLE)


def test_what_a_record_says_of_people_is_kept_for_each_delivery_that_states_it(
    settings: Settings, engine: sa.Engine
) -> None:
    first = take_in(settings, engine, PEOPLE, b"ref,email\nA,a@example.org\n", "first.csv")
    second = take_in(settings, engine, PEOPLE, b"ref,email\nB,\nA,a@example.org\n", "second.csv")
    found = [
        (row["_delivery_id"], row["_row_number"]) for row in vault_rows(settings, engine, PEOPLE) if row.get("email")
    ]
    assert sorted(found) == sorted([(first.delivery_id, 1), (second.delivery_id, 2)])


def test_who_is_erased_is_erased_from_every_delivery_that_states_the_record(
    settings: Settings, engine: sa.Engine
) -> None:
    take_in(settings, engine, PEOPLE, b"ref,email\nA,a@example.org\n", "first.csv")
    take_in(settings, engine, PEOPLE, b"ref,email\nB,\nA,a@example.org\n", "second.csv")
    feeds = Catalogue({"people": PEOPLE}, {})
    (token,) = {row["email_token"] for row in raw_rows(engine, PEOPLE)} - {None}
    with engine.begin() as connection:
        found = subjects_of_token(settings, connection, feeds, str(token))
        every = with_restated(connection, feeds, found)
        assert (len(found), len(every)) == (1, 2)
        destroy_keys(connection, feeds, every)
    assert not any(row.get("email") for row in vault_rows(settings, engine, PEOPLE))


def test_a_delivery_stands_at_the_day_of_its_name_and_never_after_the_day_it_came(
    settings: Settings, engine: sa.Engine
) -> None:
    for number, name in enumerate(("d_2020-01-05.csv", "d_2031-01-01.csv", "by hand.csv", "d_2020-01-04_7.csv")):
        take_in(settings, engine, DAILY, f"ref\n{number}\n".encode(), name)
    assert in_order(engine) == ["d_2020-01-04_7.csv", "d_2020-01-05.csv", "d_2031-01-01.csv", "by hand.csv"]
    today = ledger_rows(engine)[0].received_at.date()
    assert abs((places(engine)["d_2031-01-01.csv"][0] - today).days) <= 1


def test_a_number_orders_the_deliveries_whatever_the_order_in_which_they_come(
    settings: Settings, engine: sa.Engine
) -> None:
    for name in ("n3.csv", "n1.csv", "n2.csv", "n10.csv"):
        take_in(settings, engine, NUMBERED, f"ref\n{name}\n".encode(), name)
        with engine.begin() as connection:  # the next one comes a day later
            connection.execute(
                sa.text(
                    "update ledger.deliveries set received_at = received_at - interval '1 day',"
                    " position_on = position_on - 1"
                )
            )
    assert in_order(engine) == ["n1.csv", "n2.csv", "n3.csv", "n10.csv"]


def test_a_file_without_a_number_stands_after_what_came_that_day(settings: Settings, engine: sa.Engine) -> None:
    take_in(settings, engine, NUMBERED, b"ref\nA\n", "n7.csv")
    take_in(settings, engine, NUMBERED, b"ref\nB\n", "corrected.csv")
    take_in(settings, engine, NUMBERED, b"ref\nC\n", "n8.csv")
    assert in_order(engine) == ["n7.csv", "corrected.csv", "n8.csv"]


def test_the_newest_issue_of_a_whole_table_is_in_force_and_says_what_it_changes(
    settings: Settings, engine: sa.Engine
) -> None:
    first = issue(settings, engine, "city_2020-01.csv", "A,race", "B,race", "C,race")
    assert changes(first) == (None, None, None, None)
    second = issue(settings, engine, "city_2020-02.csv", "A,race", "B,religion", "D,race")
    assert changes(second) == (1, 1, 1, 1)
    other = issue(settings, engine, "town_2020-02.csv", "A,race")
    late = issue(settings, engine, "city_2019-12.csv", "A,race", "E,race")
    assert (other.status, late.status) == (DeliveryStatus.LOADED, DeliveryStatus.SUPERSEDED)
    assert in_force(engine) == {
        "city_2020-01.csv": "superseded",
        "city_2020-02.csv": "loaded",
        "town_2020-02.csv": "loaded",
        "city_2019-12.csv": "superseded",
    }
    (kept,) = [row for row in ledger_rows(engine) if row.file_name == "city_2020-02.csv"]
    assert (kept.records_new, kept.records_changed, kept.records_withdrawn, kept.records_unchanged) == (1, 1, 1, 1)


def test_the_same_table_again_is_a_return_to_it(settings: Settings, engine: sa.Engine) -> None:
    rows = ("A,race", "B,race")
    issue(settings, engine, "city_2020-01.csv", *rows)
    issue(settings, engine, "city_2020-02.csv", "A,religion", "B,race")
    again = issue(settings, engine, "city_2020-03.csv", *rows)
    assert (again.status, counts(again), changes(again)) == (DeliveryStatus.LOADED, (2, 0, 0, 2), (0, 1, 0, 1))
    assert [name for name, status in in_force(engine).items() if status == "loaded"] == ["city_2020-03.csv"]
    assert [row["motive"] for row in raw_rows(engine, ISSUES)] == ["race", "race", "religion"]


def test_an_issue_that_lost_most_of_its_records_is_held_until_a_person_releases_it(
    settings: Settings, engine: sa.Engine
) -> None:
    issue(settings, engine, "city_2020-01.csv", "A,race", "B,race", "C,race", "D,race")
    half = issue(settings, engine, "city_2020-02.csv", "A,race", "B,race")
    assert half.status is DeliveryStatus.LOADED
    torn = issue(settings, engine, "city_2020-03.csv", "E,race", "F,race", "G,race")
    assert torn.status is DeliveryStatus.HELD
    assert torn.reason == "snapshot.withdrawn: 2 of the 2 records of the issue before are missing"
    assert in_force(engine)["city_2020-02.csv"] == "loaded"
    released = release_delivery(settings, engine, Catalogue({"issues": ISSUES}, {}), torn.delivery_id, "a person")
    assert changes(released) == (3, 0, 2, 0)
    assert in_force(engine)["city_2020-02.csv"] == "superseded"


@pytest.mark.parametrize("bytes_a_chunk", [1, 1 << 20])
def test_all_rows_of_a_record_that_says_two_things_are_quarantined(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, bytes_a_chunk: int
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", bytes_a_chunk)
    rows = ["C1,1,race", "C2,1,race", "C1,2,religion", "C2,2,race", "C3,1,", "C3,2,race", ",1,race", ",2,religion"]
    result = take_in(settings, engine, ARRESTS, "\n".join(["complaint,arrest,motive", *rows, ""]).encode())
    assert counts(result) == (8, 6, 2, 0)
    said = [(row.row_number, row.rule, row.column_name, row.because) for row in quarantined(engine)]
    assert said == [
        (1, "motive.agrees", "motive", "one complaint has one motive"),
        (3, "motive.agrees", "motive", "one complaint has one motive"),
    ]
    assert_nothing_is_lost(engine, ARRESTS)


def test_a_corrected_row_has_to_agree_with_what_its_record_says(settings: Settings, engine: sa.Engine) -> None:
    rows = ["C1,1,race", "C1,2,religion", "C1,3,race"]
    take_in(settings, engine, ARRESTS, "\n".join(["complaint,arrest,motive", *rows, ""]).encode())
    ids = [row.quarantine_id for row in quarantined(engine)]
    feeds = Catalogue({"arrests": ARRESTS}, {})

    def correct(place: int, motive: str) -> None:
        release_row(settings, engine, feeds, ids[place], "a person", {"motive": motive})

    correct(0, "race")
    with pytest.raises(DecisionRefused, match=r"still breaks motive\.agrees"):
        correct(1, "religion")
    correct(1, "race")
    assert accepted(engine) == [("C1", "1", "race"), ("C1", "2", "race")]


def accepted(engine: sa.Engine) -> Sequence[tuple[object, ...]]:
    return [(row["complaint"], row["arrest"], row["motive"]) for row in raw_rows(engine, ARRESTS)]
