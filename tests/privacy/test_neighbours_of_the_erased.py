"""Of those who share a weak value with an erased person, everything stays as it lies in the hub, byte for byte."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from hub.ingest.prepare import prepare_warehouse
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
    everything_held,
    held_of,
    known_to_linkage,
    landed_by_name,
    token_of,
)

NO_NAMES = (
    ("Anonymous", "ANONYMOUS"),
    ("n/a", "N/A"),
    ("-", "-"),
    ("Mr Unknown", "Unknown"),
    ("Not stated", "not stated"),
    ("Prefer not to say", "prefer not to say"),
    ("none", "None"),
    (".", "."),
    ("Ms n/a", "n/a"),
    ("Name withheld", "Name Withheld"),
    ("\u2013", "\u2014"),
    ("?", "??"),
)
SHARED = {"victim_postcode": "N1 1AA", "victim_date_of_birth": "1980-01-02"}


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, FEEDS)
    return settings


def card(ref: str, name: str, number: int, **more: str) -> dict[str, str]:
    """A card of somebody with an address and a telephone number of their own."""
    own = {
        "victim_email": f"p{number}@example.org",
        "victim_phone": f"07700 9{number:05}",
        "words": f"words of {number}",
    }
    return {"ref": ref, "victim_name": name, **SHARED, **own, **more}


def pairs() -> tuple[list[Row], list[Row]]:
    """Those who are to be erased, and a neighbour of each, who is born on the same day too."""
    asking: list[Row] = [card(f"A{number}", names[0], number) for number, names in enumerate(NO_NAMES)]
    return asking, [card(f"N{number}", names[1], 500 + number) for number, names in enumerate(NO_NAMES)]


@pytest.mark.long
def test_neighbours_who_give_no_name_stay_byte_for_byte(hub: Settings, engine: sa.Engine) -> None:
    asking, neighbours = pairs()
    kept_out: list[Row] = [{**row, "ref": ""} for row in neighbours]
    together: list[Row] = [one for pair in zip(asking, neighbours, strict=True) for one in pair]
    for rows, name in ((together, "cards"), (kept_out, "kept out")):
        take_in(hub, engine, CARDS, as_csv(rows), f"{name}.csv")
        take_in(hub, engine, NOTES, as_json_lines(rows), f"{name}.jsonl")
    take_in(hub, engine, CARDS, as_csv(together).decode().encode("utf-16"), "refused.csv")
    refs = [row["ref"] for row in neighbours]
    before, waiting, landed = everything_held(engine), quarantined(engine), landed_by_name(hub, engine)
    assert len(waiting) == 2 * len(neighbours)
    wrong = []
    for number, (name, _) in enumerate(NO_NAMES):
        certificate = erase(hub, engine, token_of(engine, CARDS, f"A{number}"))
        wrong += [] if certificate.nothing_is_left else [name]
    assert wrong == []
    after = everything_held(engine)
    for contract in (CARDS, NOTES):
        assert held_of(engine, after, contract, refs) == held_of(engine, before, contract, refs)
    assert quarantined(engine) == waiting
    assert all(after[key] == before[key] for key in before if key[0] == "quarantine.rows")
    assert lines_of_neighbours(landed_by_name(hub, engine)) == lines_of_neighbours(landed)


def lines_of_neighbours(landed: dict[str, bytes]) -> dict[str, list[str]]:
    texts = {name: data.decode("utf-16" if name == "refused.csv" else "utf-8") for name, data in landed.items()}
    return {
        name: [line for line in text.splitlines() if any(f"p{500 + one}@" in line for one in range(len(NO_NAMES)))]
        for name, text in texts.items()
    }


def reporters(count: int, **shared: str) -> list[Row]:
    """Reporters of different names, each with a telephone number of their own where none is shared."""
    names = ("Ada Quill", "Bo Nolan", "Cy Marsh", "Dee Park")[:count]
    return [
        {
            "ref": name.split()[0],
            "reporter_name": name,
            "reporter_phone": f"07700 90060{number}",
            "reporter_email": f"r{number}@example.org",
            "words": f"words of {name}",
            **shared,
        }
        for number, name in enumerate(names)
    ]


def others_that_changed(hub: Settings, engine: sa.Engine, rows: Sequence[Row], asked_for: str) -> list[str]:
    """References of those whose row is not as it was, after the first of ``rows`` was erased."""
    before = everything_held(engine)
    erase(hub, engine, asked_for)
    after = everything_held(engine)
    return [
        row["ref"]
        for row in rows[1:]
        if held_of(engine, after, CARDS, [row["ref"]]) != held_of(engine, before, CARDS, [row["ref"]])
    ]


@pytest.mark.parametrize(
    "shared",
    [{"reporter_phone": "020 7946 0011"}, {"reporter_email": "desk@charity.example"}, {"victim_postcode": "N1 1AA"}],
    ids=["helpline", "office", "postcode"],
)
@pytest.mark.parametrize("is_linked", [False, True], ids=["not linked yet", "linked"])
def test_reporters_of_other_names_stay_whatever_they_share(
    hub: Settings, engine: sa.Engine, shared: dict[str, str], *, is_linked: bool
) -> None:
    rows = reporters(4, **shared)
    take_in(hub, engine, CARDS, as_csv(rows))
    persons = [known_to_linkage(engine, CARDS, row["ref"], "reporter") for row in rows] if is_linked else []
    own = "reporter_email" if "reporter_phone" in shared else "reporter_phone"
    asked_for = str(persons[0]) if persons else token_of(engine, CARDS, "Ada", own)
    assert others_that_changed(hub, engine, rows, asked_for) == []


def test_nobody_who_gave_no_name_goes_with_a_caller_of_the_same_helpline(hub: Settings, engine: sa.Engine) -> None:
    rows = reporters(2, reporter_phone="020 7946 0011")
    rows += [{**rows[1], "ref": "None", "reporter_name": "Anonymous", "reporter_email": "somebody@example.org"}]
    take_in(hub, engine, CARDS, as_csv(rows))
    persons = [known_to_linkage(engine, CARDS, row["ref"], "reporter") for row in rows]
    assert others_that_changed(hub, engine, rows, str(persons[0])) == []
