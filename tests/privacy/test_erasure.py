"""A person is erased from every store by what identifies them, and nobody else loses a value."""

import json
import random
import uuid

import pytest
import sqlalchemy as sa

from hub.ingest.landing_store import landed_names
from hub.linkage import tables as linkage_tables
from hub.linkage.incident_state import METADATA, REPORT_KEYS, REPORT_MARKS
from hub.privacy import person_traces
from hub.privacy.asked_for import ErasureRefused
from hub.settings import Settings
from ingest.deliveries import quarantined, raw_rows, take_in
from privacy.letters import (
    ADA,
    BO,
    CALLS,
    CATALOGUE,
    LETTERS,
    as_csv,
    as_json_lines,
    as_kept,
    erase,
    landed_texts,
    mention,
    open_texts,
    readable,
    store,
    token_of,
    told,
)


def test_what_a_person_wrote_is_looked_for_nowhere(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    take_in(hub, engine, LETTERS, as_csv({"ref": "B", **BO}, {**BO, "ref": "", "words": "nothing"}), "others.csv")
    take_in(hub, engine, CALLS, as_json_lines({"ref": "C", **BO, "words": "nothing"}), "calls.jsonl")
    hub.logs.mkdir(exist_ok=True)
    (hub.logs / "a.log").write_text("nothing of anybody\n")
    before, rows = told(hub, engine, LETTERS)["B"], quarantined(engine)
    kept = set(landed_names(hub))
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert certificate.nothing_is_left
    assert store(certificate, "landing").found == 1
    assert store(certificate, "quarantine").found == 0
    assert told(hub, engine, LETTERS)["B"] == before
    assert len(kept & set(landed_names(hub))) == 2
    assert quarantined(engine) == rows
    assert len(open_texts(hub, engine)) == 1
    assert (hub.logs / "a.log").read_text() == "nothing of anybody\n"


def test_a_text_is_nobodys_token(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO, "words": "nothing"}))
    with pytest.raises(LookupError, match="nobody is known"):
        erase(hub, engine, token_of(engine, LETTERS, "A", "words"))


def test_who_is_victim_and_reporter_of_a_row_is_erased_as_both(hub: Settings, engine: sa.Engine) -> None:
    phone = {"victim_phone": "+44 7700 900123"}
    by_ada = {"reporter_name": "QUILL, A.", "reporter_email": " ADA@Example.org"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA, **phone}, {"ref": "B", **BO}))
    take_in(hub, engine, CALLS, as_json_lines({"ref": "C", **BO, **by_ada}), "c.jsonl")
    # By the number in the victim's columns: the reporter's stands in another form, in other columns.
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A", "victim_phone"))
    assert certificate.nothing_is_left
    assert told(hub, engine, LETTERS) == {"A": {}, "B": as_kept(BO)}
    (of_call,) = told(hub, engine, CALLS).values()
    assert of_call == {key: value for key, value in as_kept(BO).items() if key.startswith("victim")}


@pytest.mark.parametrize("written", ["+44 (0)7700 900-123", "00447700900123", "7700900123"])
def test_a_telephone_number_is_found_in_whatever_form(hub: Settings, engine: sa.Engine, written: str) -> None:
    other = {"reporter_name": "A. Q.", "reporter_phone": written, "words": "more", "day": "2026-01-02"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    take_in(hub, engine, CALLS, as_json_lines({"ref": "C", **other}, {"ref": None, **other}), "c.jsonl")
    certificate = erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert certificate.nothing_is_left
    assert told(hub, engine, CALLS) == {"C": {}}
    assert open_texts(hub, engine) == []
    assert not any(written.encode() in text for text in landed_texts(hub))


def test_a_name_needs_a_detail_and_the_same_name_born_on_another_day_is_somebody_else(
    hub: Settings, engine: sa.Engine
) -> None:
    son = {"victim_name": "ADA  QUILL", "victim_date_of_birth": "01/01/2010", "words": "w", "day": "2026-01-02"}
    same = {**son, "victim_date_of_birth": "03/02/1980"}
    alone = {**son, "victim_date_of_birth": None}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}))
    take_in(hub, engine, CALLS, as_json_lines({"ref": "S", **son}, {"ref": "T", **same}, {"ref": "U", **alone}), "c")
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left is True
    kept = told(hub, engine, CALLS)
    assert kept["S"]
    assert kept["U"]
    # Asked for by the reporter's address, found by the victim's date of birth in the same row.
    assert kept["T"] == {}


def test_a_contact_that_another_person_has_too_needs_the_name(hub: Settings, engine: sa.Engine) -> None:
    family = {"reporter_name": "Cy Quill", "reporter_email": "ADA@example.org", "words": "w", "day": "2026-01-02"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "F", **family}))
    ada, cy = uuid.uuid4(), uuid.uuid4()
    places = {row["ref"]: (row["_delivery_id"], row["_row_number"]) for row in raw_rows(engine, LETTERS)}
    mention(engine, places["A"], "reporter", ada)
    mention(engine, places["F"], "reporter", cy)
    with pytest.raises(ErasureRefused, match="2 persons share this token"):
        erase(hub, engine, token_of(engine, LETTERS, "A"))
    assert erase(hub, engine, str(ada)).nothing_is_left
    assert told(hub, engine, LETTERS)["F"]["reporter_email"] == "ADA@example.org"
    assert any(b"ADA@example.org" in text for text in landed_texts(hub))
    assert not any(b"ada@example.org" in text for text in landed_texts(hub))


@pytest.mark.parametrize("written", ["07700900123", "077 0090 0123"])
def test_a_number_without_anything_else_is_the_persons_though_linkage_keeps_it_apart(
    hub: Settings, engine: sa.Engine, written: str
) -> None:
    alone = {"ref": "N", "reporter_phone": written, "words": "w", "day": "2026-01-02"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, alone))
    ada = uuid.uuid4()
    places = {row["ref"]: (row["_delivery_id"], row["_row_number"]) for row in raw_rows(engine, LETTERS)}
    mention(engine, places["A"], "reporter", ada)
    mention(engine, places["N"], "reporter", uuid.uuid4())
    assert erase(hub, engine, str(ada)).nothing_is_left
    assert told(hub, engine, LETTERS) == {"A": {}, "N": {}}


def own_and_reporter(hub: Settings, engine: sa.Engine, victim_phone: str, **reporter: str) -> uuid.UUID:
    """A row whose victim gives no name, and whose reporter linkage takes for somebody else; as is a third with the
    same number. Returns the victim's person."""
    row = {"ref": "R", "victim_phone": victim_phone, "words": "w", "day": "2026-01-02", **reporter}
    family = {"ref": "F", "reporter_name": "Cy Quill", "reporter_phone": "07700 900123", "words": "w"}
    take_in(hub, engine, LETTERS, as_csv(row, {**family, "day": "2026-01-02"}))
    places = {one["ref"]: (one["_delivery_id"], one["_row_number"]) for one in raw_rows(engine, LETTERS)}
    victim = uuid.uuid4()
    mention(engine, places["R"], "victim", victim)
    mention(engine, places["R"], "reporter", uuid.uuid4())
    mention(engine, places["F"], "reporter", uuid.uuid4())
    return victim


def test_who_gives_the_same_number_in_one_row_is_one_person_where_one_gives_no_name(
    hub: Settings, engine: sa.Engine
) -> None:
    victim = own_and_reporter(hub, engine, "+44 7700 900123", reporter_name="Ada Quill", reporter_phone="07700900123")
    assert erase(hub, engine, str(victim)).nothing_is_left
    found = told(hub, engine, LETTERS)
    assert found["R"] == {}
    assert found["F"] == {"reporter_name": "Cy Quill", "reporter_phone": "07700 900123", "words": "w"}
    assert not any(b"Ada Quill" in text for text in landed_texts(hub))


def test_what_a_namesake_gives_beside_the_name_is_not_looked_for_further(hub: Settings, engine: sa.Engine) -> None:
    name = {"victim_name": "Ada Quill", "reporter_name": "Ada Quill", "words": "w", "day": "2026-01-02"}
    asked = {"ref": "A", **name, "reporter_phone": "07700 900123"}
    namesake = {"ref": "N", **name, "victim_phone": "07700 900123", "reporter_email": "quill@example.org"}
    further = {"ref": "X", "reporter_name": "Ada Quill", "reporter_email": "quill@example.org", "words": "w"}
    take_in(hub, engine, LETTERS, as_csv(asked, namesake, {**further, "day": "2026-01-02"}))
    places = {one["ref"]: (one["_delivery_id"], one["_row_number"]) for one in raw_rows(engine, LETTERS)}
    ada, other = uuid.uuid4(), uuid.uuid4()
    mention(engine, places["A"], "reporter", ada)
    for ref in ("N", "X"):
        mention(engine, places[ref], "reporter", other)
    erase(hub, engine, str(ada))
    found = told(hub, engine, LETTERS)
    assert found["A"] == {}
    assert found["X"]["reporter_email"] == "quill@example.org"


def test_who_gives_another_number_in_the_persons_row_stays(hub: Settings, engine: sa.Engine) -> None:
    victim = own_and_reporter(hub, engine, "07700 900123", reporter_name="Ada Quill", reporter_phone="07700 900999")
    erase(hub, engine, str(victim))
    assert told(hub, engine, LETTERS)["R"] == {"reporter_name": "Ada Quill", "reporter_phone": "07700 900999"}


def test_a_quarantined_row_of_two_people_loses_the_values_of_one(hub: Settings, engine: sa.Engine) -> None:
    by_ada = {**BO, "reporter_name": "Ada Quill", "reporter_email": "ADA@example.org", "ref": ""}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {**ADA, "ref": ""}, by_ada))
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left
    (left,) = map(json.loads, open_texts(hub, engine))
    assert left == {key: BO[key] for key in ("victim_name", "victim_date_of_birth", "day")}
    assert sorted(row.state for row in quarantined(engine)) == ["open", "rejected"]


def everybody(count: int) -> list[dict[str, str]]:
    """People who differ in everything but what they wrote."""
    chosen = random.Random(41)
    words = ["nothing", "no", "the report", "None of it was right, and nobody came when we called for help."]
    return [
        {
            "ref": f"R{number}",
            "victim_name": f"Person Number{number}",
            "victim_date_of_birth": f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1940 + number % 60}",
            "reporter_name": f"Person Number{number}",
            "reporter_email": f"p{number}@example.org",
            "reporter_phone": f"07700 {900100 + number}",
            "words": chosen.choice(words),
            "day": "2026-01-02",
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [6, pytest.param(100, marks=pytest.mark.long)])
def test_of_everybody_else_nothing_changes(hub: Settings, engine: sa.Engine, count: int) -> None:
    people = everybody(2 * count)
    size = 10
    for start in range(0, len(people), size):
        part = people[start : start + size]
        open_rows = [{**one, "ref": ""} for one in part[:3]]
        take_in(hub, engine, LETTERS, as_csv(*part, *open_rows), f"{start}.csv")
        take_in(hub, engine, CALLS, as_json_lines(*part, *open_rows), f"{start}.jsonl")
    take_in(hub, engine, LETTERS, as_csv(*people).decode().encode("utf-16"), "refused.csv")
    gone = {one["ref"] for one in people[::2]}
    before = {contract.feed: told(hub, engine, contract) for contract in (LETTERS, CALLS)}
    texts = set(open_texts(hub, engine))
    for one in people[::2]:
        assert erase(hub, engine, token_of(engine, LETTERS, one["ref"])).nothing_is_left
    for contract in (LETTERS, CALLS):
        assert told(hub, engine, contract) == {
            ref: {} if ref in gone else row for ref, row in before[contract.feed].items()
        }
    erased = [one["reporter_email"] for one in people[::2]]
    assert set(open_texts(hub, engine)) == {text for text in texts if not any(f'"{one}"' in text for one in erased)}
    left = "".join(map(readable, landed_texts(hub)))
    for one in people:
        assert left.count(one["reporter_email"] + '"') == (0 if one["ref"] in gone else before_count(people, one, size))
    assert person_traces.counts_are_kept(engine, CATALOGUE)


def before_count(people: list[dict[str, str]], one: dict[str, str], size: int) -> int:
    """In how many rows of landed files somebody is."""
    is_open_too = people.index(one) % size < 3
    return 5 if is_open_too else 3


@pytest.mark.parametrize("name", ["Cy Quill", "C. Quill"])
@pytest.mark.parametrize("phone", [ADA["reporter_phone"], "077 0090 0123"])
def test_who_has_the_familys_telephone_and_another_name_stays_though_linkage_does_not_know_them(
    hub: Settings, engine: sa.Engine, name: str, phone: str
) -> None:
    other = {"ref": "F", "reporter_name": name, "reporter_phone": phone, "words": "no", "day": "2026-01-02"}
    other["reporter_email"] = "quill.cy@example.org"
    same = {"ref": "S", "reporter_name": "ADA QUILL", "reporter_phone": phone, "words": "no", "day": "2026-01-02"}
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, other, same))
    before = told(hub, engine, LETTERS)
    erase(hub, engine, token_of(engine, LETTERS, "A"))
    after = told(hub, engine, LETTERS)
    assert after["F"] == before["F"]
    assert after["S"] == {}
    (left,) = landed_texts(hub)
    assert name.encode() in left
    assert b"ADA QUILL" not in left


def test_no_key_by_which_linkage_finds_reports_is_left_of_the_person(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    reports = {1: uuid.UUID(int=1), 2: uuid.UUID(int=2)}
    with engine.begin() as connection:
        # The first linkage makes them.
        METADATA.create_all(connection)
        linkage_tables.METADATA.create_all(connection)
        delivery_id = connection.scalar(sa.text("select delivery_id from ledger.deliveries"))
        for row_number, report_id in reports.items():
            row = {"report_id": report_id, "delivery_id": delivery_id, "row_number": row_number}
            connection.execute(sa.insert(REPORT_MARKS).values(**row, keys=[7, 8], positions=[1, 1]))
            for key in (7, 8):
                connection.execute(sa.insert(REPORT_KEYS).values(key=key, position=1, report_id=report_id))
    assert erase(hub, engine, token_of(engine, LETTERS, "A")).nothing_is_left
    with engine.connect() as connection:
        keys = connection.execute(sa.text("select report_id, key from linkage.report_keys order by key"))
        assert keys.all() == [(reports[2], 7), (reports[2], 8)]
        marks = connection.execute(sa.text("select report_id, keys from linkage.report_marks order by report_id"))
        assert marks.all() == [(reports[1], []), (reports[2], [7, 8])]
