"""A person's id is found from what they say of themselves, a contact before a name."""

import json
import uuid
from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.privacy.find_person import FoundPerson, fields_to_find_by, find_persons
from hub.settings import Settings
from hub.vault.tables import AUDIT_LOG
from ingest.deliveries import raw_rows, take_in
from privacy.letters import ADA, BO, CATALOGUE, LETTERS, as_csv, mention

A_PERSON, ANOTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def linked(hub: Settings, engine: sa.Engine) -> Settings:
    """A hub with two letters of Ada's and one of Bo's, in which linkage has found both."""
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}, {"ref": "C", **ADA, "words": "more"}))
    for row in raw_rows(engine, LETTERS):
        person = ANOTHER if row["ref"] == "B" else A_PERSON
        mention(engine, (row["_delivery_id"], row["_row_number"]), "reporter", person)
    return hub


@pytest.mark.parametrize(
    "given",
    [
        {"email": "ADA@example.org "},
        {"phone": "+44 7700 900 123"},
        {"name": "ada  quill", "date_of_birth": "1980-02-03"},
        {"name": "Bo Nolan", "email": "ada@example.org"},
    ],
)
def test_a_contact_or_a_name_with_a_detail_tells_the_id(
    given: Mapping[str, str], linked: Settings, engine: sa.Engine
) -> None:
    assert find_persons(linked, engine, CATALOGUE, given) == [FoundPerson(A_PERSON, {"letters": 2})]


@pytest.mark.parametrize("given", [{"name": "Ada Quill"}, {"email": "nobody@example.org"}, {"email": "no"}, {}])
def test_a_name_alone_or_an_unknown_contact_finds_nobody(
    given: Mapping[str, str], linked: Settings, engine: sa.Engine
) -> None:
    assert find_persons(linked, engine, CATALOGUE, given) == []


def test_a_person_can_be_found_by_the_fields_of_the_contracts() -> None:
    assert fields_to_find_by(CATALOGUE) == ["date_of_birth", "email", "name", "phone"]


def test_the_command_for_somebody_unknown_leaves_no_value(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.warehouse_url
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url)
    done = CliRunner().invoke(app, ["person", "find"], input="email=ada@example.org\n\nname=Ada Quill\n")
    assert (done.exit_code, done.stdout) == (0, "")
    wrong = CliRunner().invoke(app, ["person", "find"], input="Ada Quill\n")
    assert wrong.exit_code == 1
    assert "field=value" in wrong.output
    assert "Ada" not in wrong.output
    with engine.connect() as connection:
        entries = [dict(row) for row in connection.execute(sa.select(AUDIT_LOG)).mappings()]
    (entry,) = [one for one in entries if one["action"] == "person looked up"]
    assert entry["details"] == {"by": ["email", "name"]}
    kept = json.dumps(entries, default=str).lower()
    assert not [value for value in ("ada@", "ada ", "quill", "example.org") if value in kept]


def test_a_record_that_names_a_person_twice_is_one_record(hub: Settings, engine: sa.Engine) -> None:
    take_in(hub, engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
    (row,) = (one for one in raw_rows(engine, LETTERS) if one["ref"] == "A")
    person = uuid.uuid4()
    for role in ("victim", "reporter"):
        mention(engine, (row["_delivery_id"], row["_row_number"]), role, person)
    (found,) = find_persons(hub, engine, CATALOGUE, {"email": "ada@example.org", "name": "Ada Quill"})
    assert found.records == {"letters": 1}
