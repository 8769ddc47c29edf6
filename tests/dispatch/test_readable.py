"""The PDF of a package: for people, tagged, and saying what the package says."""

import contextlib
import csv
import io
import json
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pypdf import PdfReader

from dispatch.conftest import FORCE, PROVIDER, Hub
from hub.dispatch.package import SCHEMA, erasure, withdrawal
from hub.dispatch.plain_words import BASES, CLASSES, MEANINGS, PLACES
from hub.dispatch.readable import readable

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


def words(document: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages).split())


def values(said: Any) -> set[str]:
    """Every word and number of a package that a person could ask for."""
    if isinstance(said, dict):
        return {one for value in said.values() for one in values(value)}
    if isinstance(said, list):
        return {one for value in said for one in values(value)}
    return {str(said)} if isinstance(said, str) and len(said) > 3 else set()


@pytest.fixture
def package(hub: Hub) -> dict[str, Any]:
    """A package of an urgent incident for a force that has codes of its own."""
    codes = [{"list": "strand", "ours": "race", "theirs": "R1", "valid_from": "2020-01-01"}]
    hub.recipient(FORCE, codes=codes, retention_days=365)
    hub.offer(is_threat_to_life=True, runner_up="E23000002", runner_up_evidence="victim_home")
    hub.prepare()
    hub.send()
    return hub.package()


@pytest.mark.usefixtures("package")
def test_it_lies_beside_the_package_and_says_the_same_each_time(hub: Hub) -> None:
    [path] = hub.files()
    document = path.with_suffix(".pdf").read_bytes()
    assert document == readable(path.read_text())
    assert path.with_suffix(".pdf").stat().st_mode == path.stat().st_mode
    assert "There may be a threat to life." in words(document)


def test_everything_that_the_package_says_can_be_read(package: dict[str, Any]) -> None:
    said = words(readable(json.dumps(package))).lower()
    own_names = {"schema": package["schema"], "objects": "online_content", "locations": "force_area"}
    other_ids = {package["dispatch"]["allocation_id"], *(one["report_id"] for one in package["evidence"])}
    other_ids.add(package["persons_left_out"])
    for value in values(package) - {*own_names.values(), "package", *other_ids}:
        if value.startswith("2026-"):
            assert f"{date.fromisoformat(value[:10]):%-d %B %Y}".lower() in said
        else:
            in_words = {**PLACES, **BASES, **CLASSES}.get(value, value.replace("_", " "))
            assert value.lower() in said or in_words.lower() in said, value


def test_what_is_not_known_is_said_to_be_unknown(package: dict[str, Any]) -> None:
    for part, names in {
        "dispatch": ["supersedes"],
        "retention": ["days"],
        "decision": ["target_name", "runner_up", "runner_up_evidence", "due_at", "action_due_at"],
    }.items():
        package[part] |= dict.fromkeys(names)
    package["events"][0] |= dict.fromkeys(["is_online", "is_threat_to_life", "occurred_on"]) | {"strands": []}
    package["locations"][0]["area_code"] = package["objects"][0]["platform"] = None
    package["evidence"][0]["report_ref"] = None
    jsonschema.validate(package, json.loads(SCHEMA.read_text()))
    said = words(readable(json.dumps(package)))
    assert "None" not in said
    assert "Occurred on unknown" in said
    assert "Acknowledge by no time is set" in said
    assert package["evidence"][0]["report_id"] in said


def test_it_is_tagged_for_screen_readers_and_marked_on_every_page(package: dict[str, Any]) -> None:
    package["evidence"] *= 80
    document = PdfReader(io.BytesIO(readable(json.dumps(package))))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert len(document.pages) > 2
    assert all("OFFICIAL-SENSITIVE" in page.extract_text() for page in document.pages)
    assert all(package["dispatch"]["dispatch_id"] in page.extract_text() for page in document.pages)


def test_words_of_a_package_are_never_commands(package: dict[str, Any]) -> None:
    package["decision"]["reason"] = '#read("/etc/passwd") *bold* $x$ @name'
    assert package["decision"]["reason"] in words(readable(json.dumps(package)))


def test_persons_are_printed_with_what_is_known_of_them(package: dict[str, Any]) -> None:
    person = {"report_id": package["evidence"][0]["report_id"], "role": "victim", "name": "Test Person"}
    package["persons"] = [{**person, "date_of_birth": None, "postcode": "ZZ1 1ZZ", "email": None, "phone": None}]
    package["persons_left_out"] = None
    jsonschema.validate(package, json.loads(SCHEMA.read_text()))
    said = words(readable(json.dumps(package)))
    assert "Name Test Person" in said
    assert "Postcode ZZ1 1ZZ" in said
    assert "Date of birth" not in said


@pytest.mark.parametrize("why", ["not_encrypted", "no_consent", "report_changed", "not_readable", None])
def test_why_nobody_is_named_is_said(package: dict[str, Any], why: str | None) -> None:
    package["persons"], package["persons_left_out"] = [], why
    jsonschema.validate(package, json.loads(SCHEMA.read_text()))
    assert "No person is named" in words(readable(json.dumps(package)))


def test_who_is_told_whom_to_erase_reads_it(package: dict[str, Any]) -> None:
    dispatch = package["dispatch"]
    persons = [{"report_id": package["evidence"][0]["report_id"], "role": "reporter"}]
    said = words(readable(erasure(dispatch["dispatch_id"], dispatch["allocation_ref"], persons)))
    assert "Erase persons" in said
    assert persons[0]["report_id"] in said
    assert "reporter" in said


def test_what_rests_on_samples_says_so_first(package: dict[str, Any]) -> None:
    assert "Made up for trying" not in words(readable(json.dumps(package)))
    package["dispatch"]["is_simulated"] = True
    assert "Made up for trying" in words(readable(json.dumps(package)))


def test_a_provider_and_an_organisation_are_told_how_they_answer(hub: Hub, package: dict[str, Any]) -> None:
    hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.send()
    said = words(readable(json.dumps(hub.package(code=PROVIDER))))
    assert "row of the feed provider_responses" in said
    assert "Force area" not in said, "a provider is told of no place"
    package["answer"] = {"feed": None, "fields": {"allocation_ref": "AL-00000001"}, "kinds": []}
    assert "Answer by word or letter to the hub." in words(readable(json.dumps(package)))


def test_each_kind_of_answer_has_its_meaning_in_words(hub: Hub, package: dict[str, Any]) -> None:
    hub.offer("provider", PROVIDER)
    hub.prepare()
    hub.send()
    kinds = {*package["answer"]["kinds"], *hub.package(code=PROVIDER)["answer"]["kinds"]}
    assert kinds == MEANINGS.keys()


def test_a_withdrawal_can_be_read_too() -> None:
    text = withdrawal(uuid.UUID(int=1), "AL-00000001", "allocated to somebody else")
    said = words(readable(text))
    assert "Withdrawn: AL-00000001" in said
    assert "allocated to somebody else" in said
    assert readable(text) == readable(text)


@pytest.mark.parametrize("character", ["\N{SPARKLES}", "\x7f", "\0", "\ufffe", "中"])
def test_a_character_that_the_fonts_do_not_have_is_shown_as_unknown(character: str) -> None:
    said = words(readable(withdrawal(uuid.UUID(int=1), "AL-1", f"before{character}after")))
    assert "before\N{REPLACEMENT CHARACTER}after" in said


def test_words_that_break_the_typesetter_are_an_ordinary_fault() -> None:
    # Armenian, Hebrew and signs without a letter, at which Typst 0.15 panics
    breaks = "".join(map(chr, (*range(0x581, 0x58D), *range(0x5C3, 0x5F5), *range(0x5F6, 0x601))))
    with contextlib.suppress(Exception):
        readable(withdrawal(uuid.UUID(int=1), "AL-1", breaks))


@pytest.mark.parametrize(
    ("seed", "column", "words", "own"),
    [
        ("evidence_ladder", "location_evidence", PLACES, set()),
        ("incident_classes", "incident_class", CLASSES, {"crime", "intelligence_report"}),
    ],
)
def test_every_code_of_the_hub_is_said_in_words(seed: str, column: str, words: dict[str, str], own: set[str]) -> None:
    """``own`` are codes that are words already."""
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8") as file:
        assert {row[column] for row in csv.DictReader(file)} <= words.keys() | own
