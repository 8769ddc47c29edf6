"""An erasure adds up, is refused before it destroys anything, and takes of a shared report what is the person's."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.privacy.asked_for import ErasureRefused
from hub.privacy.certificate import Certificate, Store
from hub.privacy.erasure import erase_person
from hub.privacy.rotate_keys import rotate_key
from hub.settings import Settings
from hub.vault.hub_keys import Purpose
from ingest.deliveries import quarantined, raw_rows, take_in
from privacy.cards import (
    CARDS,
    CATALOGUE,
    FEEDS,
    NOTES,
    as_csv,
    as_json_lines,
    erase,
    everything_held,
    known_to_linkage,
    landed_by_name,
    mask_all,
    token_of,
)
from privacy.letters import open_texts, told

ADA = {
    "ref": "A",
    "victim_name": "Ada Quill",
    "victim_date_of_birth": "1980-02-13",
    "victim_postcode": "SE1 7PB",
    "victim_email": "ada@example.org",
    "victim_phone": "07700 900123",
    "words": "words of Ada",
}
BO = {"ref": "B", "victim_name": "Bo Nolan", "victim_email": "bo@example.org", "words": "words of Bo"}
SHARED = {
    **ADA,
    "ref": "S",
    "reporter_name": "Bo Nolan",
    "reporter_email": "bo@example.org",
    "words": "what Bo wrote of it",
}


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, FEEDS)
    return settings


def fill(hub: Settings, engine: sa.Engine) -> None:
    """The person in the vault, in quarantine, in refused and broken bytes, in what another wrote, and in a log."""
    seen = {**BO, "ref": "seen", "words": "I saw Ada Quill, ada@example.org"}
    take_in(hub, engine, CARDS, as_csv([ADA, BO, seen]) + b"broken,ada@example.org\n", "cards.csv")
    take_in(hub, engine, NOTES, as_json_lines([{**ADA, "ref": ""}, {**BO, "ref": ""}, ADA, seen]), "notes.jsonl")
    take_in(hub, engine, NOTES, as_csv([ADA, BO]), "refused.csv")
    take_in(hub, engine, NOTES, as_json_lines([BO]), "of ada quill 1980-02-13.jsonl")
    (hub.home / "logs").mkdir(exist_ok=True)
    (hub.home / "logs" / "a.log").write_text("told ada@example.org\ntold bo@example.org\n")


def everything(hub: Settings, engine: sa.Engine) -> object:
    files = {path: path.read_bytes() for path in sorted(Path(hub.home).rglob("*")) if _counts(hub, path)}
    return everything_held(engine), landed_by_name(hub, engine), files, quarantined(engine)


def _counts(hub: Settings, path: Path) -> bool:
    """Whether a file is one of those that an erasure may change; what is asked of the vault is noted in others."""
    return path.is_file() and path.relative_to(hub.home).parts[0] in ("logs", "outbox", "landing")


def that_do_not_add_up(certificate: Certificate) -> list[Store]:
    return [
        one
        for one in certificate.stores
        if not (0 <= one.removed <= one.found <= one.looked_at and 0 <= one.left <= one.looked_at)
        or one.left < one.found - one.removed
        or (one.left and not one.left_in and not one.not_searched)
    ]


def test_a_certificate_adds_up_in_each_store_before_and_after_the_masking(hub: Settings, engine: sa.Engine) -> None:
    fill(hub, engine)
    certificate = erase(hub, engine, token_of(engine, CARDS, "A"))
    assert that_do_not_add_up(certificate) == []
    assert not certificate.nothing_is_left
    done = mask_all(hub, engine, certificate)
    assert that_do_not_add_up(done) == []
    assert (done.nothing_is_left, done.counts_are_kept) == (True, True)
    found = {one.store: (one.found, one.removed, one.left) for one in done.stores if one.found}
    # Two rows of the vault; two open rows; four files, and the name of one.
    assert found["quarantine"] == (2, 2, 0)
    assert found["landing"][1:] == (found["landing"][0], 0)
    kept = "".join([*open_texts(hub, engine), *(one.decode() for one in landed_by_name(hub, engine).values())])
    assert "ada@" not in kept
    assert "quill" not in (kept + "".join(landed_by_name(hub, engine))).lower()
    assert kept.count("bo@example.org") == 7
    assert (hub.home / "logs" / "a.log").read_text().splitlines()[1] == "told bo@example.org"
    on_disk = json.loads((hub.home / "erasures" / f"{done.erasure_id}.json").read_text())
    assert on_disk["nothing_is_left"] is True


def test_the_same_person_asked_for_twice_by_whatever_changes_nothing_more(hub: Settings, engine: sa.Engine) -> None:
    fill(hub, engine)
    tokens = [token_of(engine, CARDS, "A", name) for name in ("victim_email", "victim_phone", "victim_name")]
    first = mask_all(hub, engine, erase(hub, engine, tokens[0]))
    before = everything(hub, engine)
    assert erase(hub, engine, tokens[0]) == first
    for token in tokens[1:]:
        try:
            again = erase(hub, engine, token)
        except (LookupError, ErasureRefused):
            continue
        assert again.nothing_is_left
        assert again.erasure_id == first.erasure_id or sum(again.subjects.values()) == 0
    assert everything(hub, engine) == before


def test_who_reports_again_after_an_erasure_is_erased_again(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, CARDS, as_csv([ADA, BO]), "first.csv")
    token = token_of(engine, CARDS, "A")
    first = erase(hub, engine, token)
    take_in(hub, engine, NOTES, as_json_lines([{**ADA, "ref": "A2"}, BO]), "second.jsonl")
    second = erase(hub, engine, token)
    assert second.erasure_id != first.erasure_id
    assert second.nothing_is_left
    assert told(hub, engine, NOTES)["A2"] == {}
    assert told(hub, engine, NOTES)["B"]["victim_email"] == "bo@example.org"


@pytest.mark.parametrize("refusals", [{"notes": "no columns"}, {}], ids=["refused", "gone"])
@pytest.mark.parametrize("rows", [[ADA], [{**ADA, "ref": ""}]], ids=["accepted", "quarantined"])
def test_an_erasure_that_is_refused_for_a_contract_has_destroyed_nothing(
    hub: Settings, engine: sa.Engine, refusals: dict[str, str], rows: list[dict[str, str]]
) -> None:
    take_in(hub, engine, CARDS, as_csv([ADA, BO]), "cards.csv")
    take_in(hub, engine, NOTES, as_json_lines(rows), "notes.jsonl")
    token = token_of(engine, CARDS, "A")
    before = everything(hub, engine)
    known = Catalogue({key: value for key, value in CATALOGUE.contracts.items() if key != "notes"}, refusals)
    try:
        certificate, _ = erase_person(hub, engine, known, token, because="asked for", decided_by="a.person")
    except ErasureRefused:
        assert everything(hub, engine) == before
        assert erase(hub, engine, token).nothing_is_left
        return
    landed = [one.decode() for one in landed_by_name(hub, engine).values()]
    left = "".join([*open_texts(hub, engine), *landed, str(told(hub, engine, NOTES))])
    assert "ada@example.org" not in left or not certificate.nothing_is_left


def test_a_refused_file_of_a_feed_that_is_gone_is_searched_or_named(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, CARDS, as_csv([ADA, BO]), "cards.csv")
    take_in(hub, engine, NOTES, as_csv([ADA]), "refused.csv")
    known = Catalogue({key: value for key, value in CATALOGUE.contracts.items() if key != "notes"}, {})
    token = token_of(engine, CARDS, "A")
    try:
        certificate, _ = erase_person(hub, engine, known, token, because="asked for", decided_by="a.person")
    except ErasureRefused:
        return
    is_left = b"ada@" in landed_by_name(hub, engine)["refused.csv"]
    assert certificate.nothing_is_left is not is_left


@pytest.mark.parametrize("purposes", [[Purpose.PERSON] * 2, [Purpose.MASTER, Purpose.PERSON, Purpose.RECORD]])
def test_a_token_of_two_keys_ago_takes_the_person_and_nobody_else(
    hub: Settings, engine: sa.Engine, purposes: list[Purpose]
) -> None:
    take_in(hub, engine, CARDS, as_csv([ADA, BO]), "cards.csv")
    token = token_of(engine, CARDS, "A")
    for purpose in purposes:
        rotate_key(hub, engine, CATALOGUE, purpose)
    take_in(hub, engine, NOTES, as_json_lines([{**ADA, "ref": "later"}, BO]), "notes.jsonl")
    assert erase(hub, engine, token).nothing_is_left
    assert told(hub, engine, CARDS)["A"] == {}
    assert told(hub, engine, NOTES)["later"] == {}
    assert told(hub, engine, CARDS)["B"]["victim_name"] == "Bo Nolan"
    assert erase(hub, engine, token).erasure_id


TYPED: tuple[Callable[[str], str], ...] = (
    str.upper,
    lambda one: f" {one} ",
    lambda one: one.upper().replace("-", ""),
)


@pytest.mark.parametrize("written", TYPED, ids=["capitals", "blanks", "no hyphens"])
def test_an_id_however_it_is_typed_is_the_same_person_or_nobody(
    hub: Settings, engine: sa.Engine, written: Callable[[str], str]
) -> None:
    take_in(hub, engine, CARDS, as_csv([ADA, BO]), "cards.csv")
    person = known_to_linkage(engine, CARDS, "A", "victim")
    try:
        certificate = erase(hub, engine, written(str(person)))
    except LookupError:
        assert told(hub, engine, CARDS)["A"]["victim_name"] == "Ada Quill"
        return
    assert certificate.nothing_is_left
    assert told(hub, engine, CARDS)["A"] == {}
    assert uuid.UUID(certificate.asked_for) == person


@pytest.mark.parametrize("order", ["AB", "BA"])
def test_of_a_report_that_two_share_each_takes_what_is_their_own(hub: Settings, engine: sa.Engine, order: str) -> None:
    rows = [ADA, BO, SHARED]
    take_in(hub, engine, CARDS, as_csv(rows), "cards.csv")
    take_in(hub, engine, NOTES, as_json_lines([{**SHARED, "ref": ""}]), "notes.jsonl")
    tokens = {ref: token_of(engine, CARDS, ref) for ref in "AB"}
    assert mask_all(hub, engine, erase(hub, engine, tokens[order[0]])).nothing_is_left
    stays, goes = ("reporter_", "victim_") if order == "AB" else ("victim_", "reporter_")
    shared = told(hub, engine, CARDS)["S"]
    expected = {key: value for key, value in SHARED.items() if key.startswith(stays)}
    assert {key: value for key, value in shared.items() if key != "words"} == expected
    (left,) = map(json.loads, open_texts(hub, engine))
    assert {key: value for key, value in left.items() if key.startswith(stays)} == expected
    assert not any(value for key, value in left.items() if key.startswith(goes))
    assert all(value in landed_by_name(hub, engine)["cards.csv"].decode() for value in expected.values())
    assert mask_all(hub, engine, erase(hub, engine, tokens[order[1]])).nothing_is_left
    assert told(hub, engine, CARDS) == {"A": {}, "B": {}, "S": {}}
    assert open_texts(hub, engine) == []
    everything_left = b"".join(landed_by_name(hub, engine).values()).lower()
    assert not any(one in everything_left for one in (b"quill", b"ada@", b"nolan", b"bo@", b"900123", b"wrote"))
    assert len(raw_rows(engine, CARDS)) == len(rows)
