"""Whoever stands in quarantine alone is erased by the quarantined row, and is found there from what they say."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from conftest import copy_database
from hub.backup.journal import entries
from hub.backup.places import backup_places
from hub.cli import person
from hub.deliveries import quarantine_id_of
from hub.ingest.prepare import prepare_warehouse
from hub.privacy import vault_erasure
from hub.privacy.asked_for import ErasureRefused, count_records
from hub.privacy.certificate import Certificate
from hub.privacy.erase_again import erase_again
from hub.settings import Settings
from hub.vault.reading import VaultReader, read_quarantined
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import quarantined, take_in
from privacy.cards import (
    CARDS,
    CATALOGUE,
    FEEDS,
    NOTES,
    Row,
    as_csv,
    as_json_lines,
    erase,
    known_to_linkage,
    landed_by_name,
    token_of,
)
from privacy.letters import store, told

LEFT = "records that give another name with the same address"
DESK = "desk@charity.example"
ADA = {"reporter_name": "Ada Quill", "reporter_email": "ada@example.org", "reporter_phone": "07700 900601"}
BO = {"reporter_name": "Bo Nolan", "reporter_email": "bo@example.org", "reporter_phone": "07700 900602"}
HELD = {"ref": ""}
"""What a row lacks that is kept in quarantine."""


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, FEEDS)
    return settings


def hold_back(hub: Settings, engine: sa.Engine, *rows: Row, name: str = "notes.jsonl") -> list[str]:
    """Take in notes that end in quarantine, and return the ids of their rows."""
    done = take_in(hub, engine, NOTES, as_json_lines([{**row, **HELD} for row in rows]), name)
    return [str(quarantine_id_of(done.delivery_id, number)) for number in range(1, len(rows) + 1)]


def texts(hub: Settings, engine: sa.Engine) -> dict[str, dict[str, str]]:
    """What quarantined rows that could be split still say, by id."""
    found = {}
    for row in quarantined(engine):
        if row.rule.startswith("row."):
            continue
        with engine.connect() as connection:
            try:
                said = read_quarantined(VaultReader(hub, "a test"), connection, row.quarantine_id)
            except LookupError:
                continue
        found[str(row.quarantine_id)] = json.loads(said)
    return found


def states(engine: sa.Engine) -> dict[str, str]:
    return {str(row.quarantine_id): str(row.state) for row in quarantined(engine)}


def names(hub: Settings, engine: sa.Engine) -> set[str]:
    return {ref for ref, row in told(hub, engine, CARDS).items() if row}


def test_who_stands_in_quarantine_alone_is_erased_by_the_row(hub: Settings, engine: sa.Engine) -> None:
    ada, bo, again = hold_back(hub, engine, {**ADA, "words": "mine"}, BO, {**ADA, "words": "more"})
    asked_for = f"{ada}:reporter"
    assert count_records(hub, engine, CATALOGUE, asked_for) == {"notes": 1}
    certificate = erase(hub, engine, asked_for.replace(ada, ada.upper()))
    assert (certificate.asked_for, certificate.nothing_is_left, certificate.counts_are_kept) == (asked_for, True, True)
    assert store(certificate, "quarantine").removed == 2
    assert states(engine) == {ada: "rejected", bo: "open", again: "rejected"}
    assert texts(hub, engine).keys() == {bo}
    (landed,) = landed_by_name(hub, engine).values()
    assert b"Bo Nolan" in landed
    assert not any(word in landed for word in (b"Ada", b"ada@", b"900601", b"mine", b"more"))
    assert erase(hub, engine, asked_for) == certificate
    with pytest.raises(LookupError, match="has been erased"):
        count_records(hub, engine, CATALOGUE, asked_for)


def test_what_the_certificate_names_in_quarantine_erases_who_stands_there(hub: Settings, engine: sa.Engine) -> None:
    ada, bo = {**ADA, "reporter_email": DESK}, {**BO, "reporter_email": DESK}
    (row,) = hold_back(hub, engine, {**bo, "victim_name": "Cy Marsh", "victim_email": DESK})
    take_in(hub, engine, CARDS, as_csv([{"ref": "A", **ada}, {"ref": "X", **BO, "reporter_name": "Di Frost"}]))
    left = store(erase(hub, engine, token_of(engine, CARDS, "A", "reporter_phone")), LEFT)
    assert [one.rpartition(" ")[2] for one in left.left_in] == [f"{row}:reporter", f"{row}:victim"]
    assert "or the quarantined row" in left.done
    second = store(erase(hub, engine, f"{row}:reporter"), LEFT)
    assert [one.rpartition(" ")[2] for one in second.left_in] == [f"{row}:victim"]
    assert texts(hub, engine) == {row: {"victim_name": "Cy Marsh", "victim_email": DESK}}
    last = erase(hub, engine, f"{row}:victim")
    assert last.nothing_is_left
    assert (states(engine), texts(hub, engine)) == ({row: "rejected"}, {})
    assert names(hub, engine) == {"X"}


def test_a_row_with_a_name_alone_is_erased_and_what_it_says_of_others_stays(hub: Settings, engine: sa.Engine) -> None:
    row, other = hold_back(hub, engine, {"reporter_name": "Ada Quill", "victim_name": "Bo Nolan"}, ADA)
    certificate = erase(hub, engine, f"{row}:reporter")
    assert texts(hub, engine)[row] == {"victim_name": "Bo Nolan"}
    assert states(engine) == {row: "open", other: "open"}
    first, second = landed_by_name(hub, engine)["notes.jsonl"].splitlines()
    assert b"Ada" not in first
    assert b"Bo Nolan" in first
    assert b"ada@example.org" in second
    assert store(certificate, "quarantine").removed == 1


def test_records_that_linkage_gives_the_person_go_too_unless_a_hold_keeps_them(
    hub: Settings, engine: sa.Engine
) -> None:
    (row,) = hold_back(hub, engine, ADA)
    married = {"ref": "M", "reporter_name": "Ada Stone", "reporter_email": "stone@example.org"}
    take_in(hub, engine, CARDS, as_csv([{"ref": "A", **ADA}, married, {"ref": "B", **BO}]))
    ada = known_to_linkage(engine, CARDS, "A", "reporter")
    with engine.begin() as connection:
        other = known_to_linkage(engine, CARDS, "M", "reporter")
        same = sa.text("update linkage.mention_persons set person_id = :ada where person_id = :other")
        connection.execute(same, {"ada": ada, "other": other})
        vault_erasure.place_hold(connection, ada, "a court orders it", "a.person")
    with pytest.raises(ErasureRefused, match="a court orders it"):
        erase(hub, engine, f"{row}:reporter")
    with pytest.raises(ErasureRefused, match="a court orders it"):
        count_records(hub, engine, CATALOGUE, f"{row}:reporter")
    with engine.begin() as connection:
        vault_erasure.lift_holds(connection, ada, "a.person")
    assert count_records(hub, engine, CATALOGUE, f"{row}:reporter") == {"cards": 2, "notes": 1}
    certificate = erase(hub, engine, f"{row}:reporter")
    assert certificate.nothing_is_left
    assert store(certificate, "linkage").removed == 2
    assert names(hub, engine) == {"B"}


def test_a_contact_of_others_takes_nobody_along(hub: Settings, engine: sa.Engine) -> None:
    shared = {"reporter_phone": ADA["reporter_phone"]}
    row, nameless = hold_back(hub, engine, {**BO, **shared}, shared)
    take_in(hub, engine, CARDS, as_csv([{"ref": "A", **ADA}, {"ref": "C", **shared, "reporter_name": "Cy Marsh"}]))
    known_to_linkage(engine, CARDS, "A", "reporter")
    known_to_linkage(engine, CARDS, "C", "reporter")
    erase(hub, engine, f"{row}:reporter")
    assert (states(engine), names(hub, engine)) == ({row: "rejected", nameless: "open"}, {"A", "C"})
    assert count_records(hub, engine, CATALOGUE, f"{nameless}:reporter") == {"notes": 1}
    erase(hub, engine, f"{nameless}:reporter")
    assert (set(states(engine).values()), names(hub, engine)) == ({"rejected"}, {"A", "C"})


def test_a_row_without_a_name_takes_nobody_along_whose_names_in_quarantine_are_several(
    hub: Settings, engine: sa.Engine
) -> None:
    nameless, *others = hold_back(
        hub, engine, {"reporter_email": DESK}, *({**one, "reporter_email": DESK} for one in (ADA, BO))
    )
    erase(hub, engine, f"{nameless}:reporter")
    assert texts(hub, engine).keys() == set(others)


def test_what_two_persons_of_one_name_have_tells_neither(hub: Settings, engine: sa.Engine) -> None:
    (row,) = hold_back(hub, engine, ADA)
    take_in(hub, engine, CARDS, as_csv([{"ref": ref, **ADA} for ref in "AB"]))
    persons = sorted(str(known_to_linkage(engine, CARDS, ref, "reporter")) for ref in "AB")
    with pytest.raises(ErasureRefused, match=f"2 persons .*: {', '.join(persons)}"):
        erase(hub, engine, f"{row}:reporter")
    assert states(engine) == {row: "open"}


WAYS_OF_HASSAN = (("name", "Hassan O'Ali"), ("name", "OAli Hassan"), ("email", "hassan@example.org"))
BORN = {"victim_name": "QUILL, Ada", "victim_date_of_birth": "1980-02-03"}


def test_what_the_row_says_of_the_victim_who_reports_is_looked_for_too(hub: Settings, engine: sa.Engine) -> None:
    (row,) = hold_back(hub, engine, {**ADA, **BORN})
    son = {**BORN, "victim_date_of_birth": "2001-02-03"}
    take_in(hub, engine, CARDS, as_csv([{"ref": "A", **BORN}, {"ref": "S", **son}, {"ref": "B", **BO}]))
    assert erase(hub, engine, f"{row}:reporter").nothing_is_left
    assert (states(engine), names(hub, engine)) == ({row: "rejected"}, {"S", "B"})


def test_where_linkage_knows_reporter_and_victim_of_one_name_as_two_the_row_erases_neither(
    hub: Settings, engine: sa.Engine
) -> None:
    (row,) = hold_back(hub, engine, {**ADA, **BORN})
    take_in(hub, engine, CARDS, as_csv([{"ref": "A", **ADA}, {"ref": "V", **BORN}]))
    persons = sorted(str(known_to_linkage(engine, CARDS, *one)) for one in (("A", "reporter"), ("V", "victim")))
    with pytest.raises(ErasureRefused, match=f"2 persons .*: {', '.join(persons)}"):
        erase(hub, engine, f"{row}:reporter")
    assert (states(engine), names(hub, engine)) == ({row: "open"}, {"A", "V"})


def test_a_hold_of_who_is_known_by_what_the_row_says_of_the_victim_who_reports_keeps_the_row(
    hub: Settings, engine: sa.Engine
) -> None:
    (row,) = hold_back(hub, engine, {**ADA, **BORN})
    take_in(hub, engine, CARDS, as_csv([{"ref": "V", **BORN}]))
    person_id = known_to_linkage(engine, CARDS, "V", "victim")
    with engine.begin() as connection:
        vault_erasure.place_hold(connection, person_id, "a court orders it", "a.person")
    with pytest.raises(ErasureRefused, match="a court orders it"):
        erase(hub, engine, f"{row}:reporter")
    assert (states(engine), names(hub, engine)) == ({row: "open"}, {"V"})


def test_surname_first_the_date_of_birth_tells_the_father_and_the_postcode_does_not_tell_the_son(
    hub: Settings, engine: sa.Engine
) -> None:
    lives, born = {"victim_postcode": "N1 1AA"}, {"victim_date_of_birth": "1980-02-03"}
    told, turned, email = ({f"victim_{one}": value} for one, value in WAYS_OF_HASSAN)
    row, again, son = hold_back(hub, engine, {**told, **lives, **born}, {**turned, **born}, {**turned, **lives})
    cards = {"F": {**turned, **born, **email}, "E": email, "S": {**turned, **lives}}
    take_in(hub, engine, CARDS, as_csv([{"ref": ref, **card} for ref, card in cards.items()]))
    erase(hub, engine, f"{row}:victim")
    assert names(hub, engine) == {"S"}
    assert states(engine) == {row: "rejected", again: "rejected", son: "open"}


def test_who_cannot_be_told_by_a_row_is_refused_in_words(hub: Settings, engine: sa.Engine) -> None:
    (row,) = hold_back(hub, engine, ADA)
    done = take_in(hub, engine, NOTES, as_json_lines([{"ref": "B", **BO}]) + b'{"ref"\n', "broken.jsonl")
    broken = quarantine_id_of(done.delivery_id, 2)
    assert str(broken) in states(engine)
    for asked_for, because in {
        f"{uuid.UUID(int=7)}:reporter": "has no row",
        f"{broken}:reporter": "could not be split",
        f"{row}:victim": "keeps nothing",
        f"{row}:text": "name victim, reporter, and nobody else",
        f"{row}:officer": "name victim, reporter, and nobody else",
        f"{row}:Ada Quill": "neither a person id nor a token, nor a quarantined row",
        row: "nobody is known",
    }.items():
        with pytest.raises(LookupError, match=because) as refused:
            erase(hub, engine, asked_for)
        assert "Ada" not in str(refused.value)
        with pytest.raises(LookupError, match=because):
            count_records(hub, engine, CATALOGUE, asked_for)
    assert texts(hub, engine)[row] == ADA
    erase(hub, engine, f"{row}:reporter")
    with pytest.raises(LookupError, match="keeps nothing"):
        erase(hub, engine, f"{row}:victim")


@pytest.fixture
def older(administration: sa.Engine) -> Iterator[str]:
    """The name of a database that goes with the test."""
    name = f"older_{uuid.uuid4().hex}"
    yield name
    with administration.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))


def test_a_restored_hub_erases_the_row_again(
    hub: Settings, engine: sa.Engine, administration: sa.Engine, older: str, tmp_path: Path
) -> None:
    hub = replace(hub, backup=tmp_path / "backup", backup_keys=tmp_path / "keys")
    ada, with_bo, bo = hold_back(hub, engine, ADA, {**ADA, "victim_name": "Bo Nolan"}, BO)
    copy_database(administration, str(engine.url.database), older)
    certificate = erase(hub, engine, f"{ada}:reporter")
    url = make_url(str(hub.warehouse_url)).set(database=older).render_as_string(hide_password=False)
    restored = replace(hub, warehouse_url=url)
    again = open_warehouse(restored, Role.OWNER)
    assert erase_again(restored, again, CATALOGUE, entries(hub, backup_places(hub))) == [certificate.erasure_id]
    assert states(again) == {ada: "rejected", with_bo: "open", bo: "open"}
    assert texts(restored, again) == {with_bo: {"victim_name": "Bo Nolan"}, bo: BO}
    assert as_asked(erase(restored, again, f"{ada}:reporter")) == as_asked(certificate)


def as_asked(certificate: Certificate) -> tuple[str, str]:
    return certificate.erasure_id, certificate.asked_for


def test_person_find_tells_quarantined_rows_that_say_it(
    hub: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _ = hold_back(hub, engine, {**ADA, "victim_name": "Cy Marsh"}, BO)
    monkeypatch.setattr(person, "_open", lambda: (hub, CATALOGUE, engine))
    asked = "email=ADA@example.org\nname=Ada Quill\n"
    done = CliRunner().invoke(person.app, ["find"], input=asked)
    assert (done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]) == (
        0,
        [{"quarantined_row": f"{row}:reporter"}],
    )
    assert CliRunner().invoke(person.app, ["find"], input="email=nobody@example.org\n").stdout == ""
