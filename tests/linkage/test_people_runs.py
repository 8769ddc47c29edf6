"""Runs of the linkage of persons: any order of arrival gives the same, decisions win, nothing personal is left."""

import logging
import random
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from hub.linkage.overrides import OverrideRefused
from hub.linkage.people import link_people, linking
from hub.linkage.people.review import list_mentions, list_pairs, list_review, set_override
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, add_version
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from linkage.mentions import (
    CLIENTS,
    FAMILY,
    ZOE,
    are_one,
    mention_of,
    name_report,
    persons,
    results,
    say_incident,
    table,
    take_back,
    tell,
)


def arrive(engine: sa.Engine, number: int) -> None:
    tell(engine, number, FAMILY[number], client=CLIENTS.get(number))
    if number in CLIENTS:
        name_report(engine, number, number - 1)
    else:
        say_incident(engine, number, 1 + number % 3)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_any_order_and_split_of_arrival_gives_what_a_run_over_everything_gives(
    make_settings: Callable[[], Settings], seed: int
) -> None:
    order = random.Random(seed).sample(range(len(FAMILY)), len(FAMILY))
    by_parts, at_once = make_settings(), make_settings()
    engine, other = open_warehouse(by_parts, Role.OWNER), open_warehouse(at_once, Role.OWNER)
    for start in (0, 4, 8):
        for number in order[start : start + 4]:
            arrive(engine, number)
        link_people(by_parts, engine)
    for number in range(len(FAMILY)):
        arrive(other, number)
    link_people(at_once, other)
    assert results(engine) == results(other)
    link_people(by_parts, engine, full=True)
    assert results(engine) == results(other)


def test_what_is_told_later_of_a_person_leaves_their_id_as_it_is(make_settings: Callable[[], Settings]) -> None:
    settings = make_settings()
    engine = open_warehouse(settings, Role.OWNER)
    tell(engine, 0, ZOE, day=10)
    link_people(settings, engine)
    known_as = persons(engine)[mention_of(0)]
    # Among so many one has a smaller mention id, and one stands earlier in any other order but that of time.
    for number in range(1, 9):
        tell(engine, number, ZOE, day=10 + number)
    link_people(settings, engine)
    assert set(persons(engine).values()) == {known_as}
    tell(engine, 9, ZOE, day=9)
    link_people(settings, engine)
    (other_id,) = set(persons(engine).values())
    assert other_id != known_as
    assert table(engine, "person_changes", "kind, old_person_id, new_person_id") == [
        ("re_anchored", known_as, other_id)
    ]


def test_a_mention_that_is_taken_back_leaves_no_trace(make_settings: Callable[[], Settings]) -> None:
    settings, without = make_settings(), make_settings()
    engine, other = open_warehouse(settings, Role.OWNER), open_warehouse(without, Role.OWNER)
    for number in range(4):
        arrive(engine, number)
        if number != 1:
            arrive(other, number)
    link_people(settings, engine)
    take_back(engine, 1)
    link_people(settings, engine)
    link_people(without, other)
    assert results(engine) == results(other)


def test_a_mention_that_loses_its_details_leaves_its_person_and_the_log_says_so(
    settings: Settings, engine: sa.Engine
) -> None:
    tell(engine, 1, ZOE)
    tell(engine, 2, ZOE)
    link_people(settings, engine)
    person = persons(engine)[mention_of(1)]
    take_back(engine, 2)
    link_people(settings, engine)
    assert persons(engine) == {mention_of(1): person}
    assert table(engine, "person_changes", "kind, old_person_id, new_person_id") == [("left", person, person)]


def test_a_run_without_news_changes_nothing_not_even_the_time(settings: Settings, engine: sa.Engine) -> None:
    for number in range(4):
        arrive(engine, number)
    link_people(settings, engine)
    before = table(engine, "mention_persons")
    assert link_people(settings, engine).counts == {"records_changed": 0}
    link_people(settings, engine, full=True)
    assert table(engine, "mention_persons") == before


def test_two_persons_who_turn_out_to_be_one_are_told_of_as_merged(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, {"name": "Zoe Alderbourne", "phone": ZOE["phone"], "postcode": ZOE["postcode"]})
    tell(engine, 2, {"name": "Zoe Alderbourne", "date_of_birth": ZOE["date_of_birth"]})
    link_people(settings, engine)
    before = persons(engine)
    assert not are_one(engine, mention_of(1), mention_of(2))
    tell(engine, 3, ZOE)
    link_people(settings, engine)
    after = persons(engine)
    assert are_one(engine, mention_of(1), mention_of(2), mention_of(3))
    told = table(engine, "person_changes", "kind, old_person_id, new_person_id")
    person = after[mention_of(1)]
    assert told == sorted(("merged", old, person) for old in set(before.values()) if old != person)


def test_what_people_decide_wins_over_every_score_and_can_be_taken_back(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ZOE)
    tell(engine, 2, ZOE)
    tell(engine, 3, {"name": "Robert Umberwick"})
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))
    apart, together = (
        (uuid.UUID(mention_of(1)), uuid.UUID(mention_of(2))),
        (uuid.UUID(mention_of(2)), uuid.UUID(mention_of(3))),
    )
    set_override(engine, apart, is_together=False, because="two people of one name", decided_by="tester")
    set_override(engine, together, is_together=True, because="changed the name", decided_by="tester")
    link_people(settings, engine)
    assert not are_one(engine, mention_of(1), mention_of(2))
    assert are_one(engine, mention_of(2), mention_of(3))
    assert list_review(settings, engine, limit=9) == []  # it was decided
    with engine.begin() as connection:
        connection.execute(sa.text("delete from linkage.person_overrides"))
    link_people(settings, engine)
    assert are_one(engine, mention_of(1), mention_of(2))
    assert not are_one(engine, mention_of(2), mention_of(3))


def test_a_decision_goes_with_mentions_whose_ids_have_got_a_place(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ZOE)
    tell(engine, 2, ZOE)
    link_people(settings, engine)
    both = (uuid.UUID(mention_of(1)), uuid.UUID(mention_of(2)))
    set_override(engine, both, is_together=False, because="told so", decided_by="a.person")
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "update intermediate.int_person_mentions"
                " set record_id = cast(overlay(record_id::text placing '0042' from 1) as uuid),"
                " mention_id = cast(overlay(md5(mention_id::text) placing '0042' from 1) as uuid)"
            )
        )
    link_people(settings, engine, full=True)
    found = persons(engine)
    assert len(set(found.values())) == 2
    assert all(mention.startswith("0042") for mention in found)
    assert [row[:2] for row in table(engine, "person_overrides")] == [tuple(sorted(found))]


def test_keys_of_an_incident_stand_where_the_incident_does(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ZOE)
    link_people(settings, engine)
    before = {int(key) for (key,) in table(engine, "identity_keys", "key")}
    say_incident(engine, 1, 0x8042 << 112 | 1)
    link_people(settings, engine)
    of_incident = {int(key) for (key,) in table(engine, "identity_keys", "key")} - before
    assert of_incident
    assert {key >> 48 & 0xFFFF for key in of_incident} == {0x8042}


def test_nobody_can_override_a_mention_that_is_not_there(engine: sa.Engine) -> None:
    with pytest.raises(OverrideRefused, match="no linked mention"):
        set_override(engine, (uuid.UUID(int=1), uuid.UUID(int=2)), is_together=True, because="x", decided_by="tester")


def test_nothing_personal_is_left_in_tables_charts_logs_or_on_the_screen(
    settings: Settings, engine: sa.Engine, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    shutil.rmtree(settings.home / "linkage", ignore_errors=True)  # what another test has drawn
    for number in range(len(FAMILY)):
        arrive(engine, number)
        if number == 5:
            link_people(settings, engine)
    tell(engine, 20, {"name": "Robert Umberwick", "email": "robert.umberwick77@example.org"})
    link_people(settings, engine)
    person = persons(engine)[mention_of(0)]
    shown = repr((list_review(settings, engine, limit=50), list_pairs(settings, engine, uuid.UUID(person)),
                  list_mentions(engine, uuid.UUID(person))))  # fmt: skip
    names = sa.inspect(engine).get_table_names(schema="linkage")
    charts = [path for path in (settings.home / "linkage").rglob("*") if path.is_file()]
    assert len(charts) == 6  # two of each run, and two of the parameters
    left = {
        "what people see": shown,
        "logs": caplog.text,
        "screen": "".join(capfd.readouterr()),
        **{f"linkage.{name}": repr(table(engine, name)) for name in names},
        **{str(path): path.read_text(encoding="utf-8") for path in charts},
    }
    values = {value for told in FAMILY for value in told.values()} | {"Umberwick", "Alderbourne", "robert.umberwick77"}
    values |= {value.replace(" ", "").replace("-", "") for value in values}
    found = [(place, value) for place, text in left.items() for value in values if value.casefold() in text.casefold()]
    assert found == []
    assert Path.cwd() not in [path.parent for path in charts]


def test_the_mentions_of_a_record_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "MENTIONS_A_PART", 1)
    mentions = pa.table({"record_id": ["a", "a", "b"]})
    assert [part.num_rows for part in linking.parts_of(mentions)] == [2, 1]


def test_hubs_with_other_keys_find_the_same_persons_and_pairs(settings: Settings, engine: sa.Engine) -> None:
    for number in range(len(FAMILY)):
        arrive(engine, number)
    link_people(settings, engine)
    before, numbers = results(engine), table(engine, "mention_identities", "identity_id")
    add_version(settings, Purpose.PERSON, 2)
    link_people(settings, engine)
    assert results(engine) == before
    assert not set(table(engine, "mention_identities", "identity_id")) & set(numbers)
