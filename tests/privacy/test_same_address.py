"""An e-mail address that several people have takes nobody with an erased person, and leaves nothing unsaid."""

import pytest
import sqlalchemy as sa

from hub.ingest.prepare import prepare_warehouse
from hub.privacy.certificate import Certificate, Store
from hub.privacy.identity import Identity
from hub.settings import Settings
from ingest.deliveries import quarantined, take_in
from privacy.cards import (
    CARDS,
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
from privacy.letters import told

DESK = "desk@charity.example"
LEFT = "records that give another name with the same address"


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, FEEDS)
    return settings


def by(ref: str, name: str, number: int, email: str = DESK) -> dict[str, str]:
    """A card by somebody with a telephone number of their own."""
    return {
        "ref": ref,
        "reporter_name": name,
        "reporter_phone": f"07700 90060{number}" if number else "",
        "reporter_email": email,
        "words": f"words of {ref}",
    }


def erase_first(hub: Settings, engine: sa.Engine, *rows: Row) -> Certificate:
    take_in(hub, engine, CARDS, as_csv(rows))
    return erase(hub, engine, token_of(engine, CARDS, rows[0]["ref"], "reporter_phone"))


def left(certificate: Certificate) -> Store | None:
    return next((one for one in certificate.stores if one.store == LEFT), None)


def names(hub: Settings, engine: sa.Engine) -> dict[str, object]:
    return {ref: row.get("reporter_name", "") for ref, row in told(hub, engine, CARDS).items() if row}


def test_each_record_that_is_left_is_named_with_a_token_that_erases_it(hub: Settings, engine: sa.Engine) -> None:
    certificate = erase_first(hub, engine, by("A", "Ada Quill", 1), by("B", "Bo Nolan", 2), by("C", "Cy Marsh", 0))
    said = left(certificate)
    assert said is not None
    assert (said.found, said.removed, said.left, certificate.nothing_is_left) == (2, 0, 2, False)
    assert "erase them by a token of their own" in said.done
    tokens = [one.rpartition(" ")[2] for one in said.left_in]
    assert tokens == [token_of(engine, CARDS, "B", "reporter_phone"), token_of(engine, CARDS, "C", "reporter_name")]
    assert names(hub, engine) == {"B": "Bo Nolan", "C": "Cy Marsh"}
    second = left(erase(hub, engine, tokens[0]))
    assert second is not None
    assert [one.rpartition(" ")[2] for one in second.left_in] == tokens[1:]
    last = erase(hub, engine, tokens[1])
    assert left(last) is None
    assert last.nothing_is_left
    assert names(hub, engine) == {}


WAYS = ("ADA QUILL", "Quill, Ada", "A. Quill", "Dr Ad\u00e1 Quill", "Ada-Marie Quill", "Anonymous", "")


@pytest.mark.parametrize("name", WAYS)
def test_another_way_of_writing_the_name_and_none_are_the_persons(hub: Settings, engine: sa.Engine, name: str) -> None:
    certificate = erase_first(hub, engine, by("A", "Ada Quill", 1), by("B", name, 2), by("X", "Bo", 3, "x@example.org"))
    assert certificate.nothing_is_left
    assert names(hub, engine) == {"X": "Bo"}


def test_who_gives_no_name_stays_where_the_address_is_given_with_several(hub: Settings, engine: sa.Engine) -> None:
    certificate = erase_first(hub, engine, by("A", "Ada Quill", 1), by("B", "Bo Nolan", 2), by("N", "n/a", 3))
    said = left(certificate)
    assert said is not None
    assert said.left == 2
    assert set(names(hub, engine)) == {"B", "N"}


def test_who_gives_no_name_takes_nobody_along_whose_names_are_several(hub: Settings, engine: sa.Engine) -> None:
    certificate = erase_first(hub, engine, by("N", "", 1), by("A", "Ada Quill", 2), by("B", "Bo Nolan", 3))
    said = left(certificate)
    assert said is not None
    assert set(names(hub, engine)) == {"A", "B"}


def test_whom_linkage_knows_as_another_person_is_not_named(hub: Settings, engine: sa.Engine) -> None:
    rows = [by("A", "Ada Quill", 1), by("B", "Bo Nolan", 2)]
    take_in(hub, engine, CARDS, as_csv(rows), "cards.csv")
    take_in(hub, engine, CARDS, as_csv([*rows, by("C", "Cy Marsh", 3, "c@example.org")]), "again.csv")
    ada, _ = (known_to_linkage(engine, CARDS, one["ref"], "reporter") for one in rows)
    certificate = erase(hub, engine, str(ada))
    assert left(certificate) is None
    landed = landed_by_name(hub, engine)
    assert all(b"Bo Nolan" in data and b"Ada" not in data for data in landed.values())


def test_a_quarantined_row_of_another_name_stays_and_is_named(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, NOTES, as_json_lines([{**by("", "Bo Nolan", 2)}, {**by("", "Ada Quill", 4)}]), "notes.jsonl")
    certificate = erase_first(hub, engine, by("A", "Ada Quill", 1))
    said = left(certificate)
    assert said is not None
    (named,) = said.left_in
    other, own = quarantined(engine)
    assert named.endswith(f" row 1 reporter, by {other.quarantine_id}:reporter")
    assert (other.state, own.state) == ("open", "rejected")


SAME = (
    ("Siobh\u00e1n O\u2019Neill", "Siobhan ONeill"),
    ("Anne-Marie Lloyd\u2011Jones", "Anne Marie Lloyd Jones"),
    ("\u0141ukasz \u00d8rsted", "LUKASZ ORSTED"),
    ("Gro\u00df, J\u00fcrgen", "J. Gross"),
    ("Zoe\u0308 \u02bbAwa", "zo\u00eb awa"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_differ_in_writing_alone_are_one(one: str, other: str) -> None:
    assert not Identity.of([{"name": one}]).is_another(other)
    assert not Identity.of([{"name": other}]).is_another(one)


@pytest.mark.parametrize("other", ["Siobhan Nolan", "Bo O'Neill", "\u738b \u82b3"])
def test_names_of_two_are_two(other: str) -> None:
    assert Identity.of([{"name": "Siobh\u00e1n O\u2019Neill"}]).is_another(other)
