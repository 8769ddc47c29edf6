"""Where else a person is looked for in the database, what is reclaimed there, and that counts stay."""

import uuid

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest.prepare import prepare_warehouse
from hub.privacy import person_traces
from hub.privacy.identity import Identity
from hub.privacy.plain_text import TextSearch
from hub.settings import Settings
from ingest.deliveries import ledger_rows, quarantined, take_in
from ingest.small_feeds import column, feed
from privacy.letters import ADA, BO, LETTERS, as_csv, erase, store, token_of

TABLE = feed(column("place", required=True), column("note"), name="whole_table", key=("place",), most_withdrawn=1.0)
NUMBER = 447700900123


def test_a_table_is_searched_in_every_column_that_can_hold_a_name_or_a_contact(engine: sa.Engine) -> None:
    tables = {
        "reference.notes (id uuid, said text[])": f"'{uuid.uuid4()}', '{{no,ada@example.org}}'",
        "reference.days (name varchar, born date)": "'Ada Quill', '1980-02-03'",
        "reference.numbers (number bigint)": str(NUMBER),
        "reference.ids (id uuid, is_so boolean, encrypted bytea)": f"'{uuid.uuid4()}', true, 'ada@example.org'",
        "linkage.hashes (hash bigint, hashes bigint[])": f"{NUMBER}, '{{{NUMBER}}}'",
    }
    with engine.begin() as connection:
        connection.execute(sa.text("create schema if not exists reference"))
        for table, values in tables.items():
            connection.execute(sa.text(f"create table {table}"))
            connection.execute(sa.text(f"insert into {table.split()[0]} select {values}"))
    count, holding = person_traces.search_tables(
        engine,
        TextSearch.of(
            Identity.of(
                [
                    {
                        "name": "Ada Quill",
                        "date_of_birth": "1980-02-03",
                        "email": "ada@example.org",
                        "phone": "07700 900123",
                    }
                ]
            )
        ),
    )
    assert count > len(tables)
    assert holding == ["reference.days", "reference.notes", "reference.numbers"]


def test_what_a_load_keeps_from_being_reclaimed_is_named_and_reclaimed_when_it_is_asked_for_again(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    token = token_of(engine, LETTERS, "A")
    for name, value in {"LONGEST_WAIT": "50ms", "PAUSE_SECONDS": 0, "TIMES": 2}.items():
        monkeypatch.setattr(person_traces, name, value)
    with engine.begin() as load:
        load.execute(sa.text("lock table ledger.deliveries in row exclusive mode"))
        certificate = erase(hub, engine, token)
    assert not certificate.nothing_is_left
    space = store(certificate, person_traces.SPACE)
    assert (space.not_searched, space.found - space.removed) == (["ledger.deliveries (in use)"], 1)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("show lock_timeout")) == "0"
    again = erase(hub, engine, token)
    assert again.nothing_is_left
    assert again.erasure_id == certificate.erasure_id


def test_counts_are_kept_where_a_later_issue_has_superseded_an_earlier_one(
    settings: Settings, engine: sa.Engine
) -> None:
    prepare_warehouse(engine, [TABLE])
    for number in range(2):
        take_in(settings, engine, TABLE, f"place,note\na,{number}\n,{number}\n".encode(), f"{number}.csv")
    assert [row.status for row in ledger_rows(engine)] == [DeliveryStatus.SUPERSEDED, DeliveryStatus.LOADED]
    assert len(quarantined(engine)) == 2
    catalogue = Catalogue({TABLE.feed: TABLE}, {})
    assert person_traces.counts_are_kept(engine, catalogue)
    with engine.begin() as connection:
        connection.execute(sa.text("delete from raw.whole_table where note = '0'"))
    assert not person_traces.counts_are_kept(engine, catalogue)


@pytest.mark.parametrize(
    "said",
    [
        "Max Strauß, 1980-02-03",
        "MAX STRAUẞ, 1980-02-03",
        "Max\u00a0Strauss, 1980-02-03",
        "Max Strauss,\u20091980-02-03",
        "\uff2dax Strauss, 1980-02-03",
        "ﬁeld note: Max Strauss, 1980-02-03",
    ],
)
def test_a_table_is_searched_in_the_same_forms_as_a_text(engine: sa.Engine, said: str) -> None:
    text = TextSearch.of(Identity.of([{"name": "Max Strauß", "date_of_birth": "1980-02-03"}]))
    assert text.is_in(said)
    with engine.begin() as connection:
        connection.execute(sa.text("create schema if not exists reference"))
        connection.execute(sa.text("create table reference.notes (said text)"))
        connection.execute(sa.text("insert into reference.notes values (:said)"), {"said": said})
    assert person_traces.search_tables(engine, text)[1] == ["reference.notes"]
