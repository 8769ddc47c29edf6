"""``hub people`` as a person types it: train, review, show, merge, unmerge. Ids and levels are told, never values."""

import json
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.linkage.people import link_people
from hub.linkage.people.comparisons import COMPARISONS
from hub.linkage.people.parameters import CURRENT, ParametersRefused, read_parameters
from hub.linkage.people.training import BITS, PRIOR_MATCH
from hub.settings import Settings
from linkage.mentions import are_one, mention_of, persons, say_incident, table, tell

RUNNER = CliRunner()
ZOE = {"name": "Zoë Alderbourne", "date_of_birth": "1990-02-07", "phone": "07700 900123"}
LIKE_ZOE = {"name": "Z. Alderbourne", "phone": "07700 900123"}
GIVEN, FAMILY = ("Anna", "Bilal", "Chloe", "Dev", "Ewa"), ("Alderbourne", "Umberwick", "Oakendale")
REMEMBERED = ("mention_identities", "identity_keys", "mention_persons", "person_pairs", "people_runs")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert settings.warehouse_url
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url)


def ask(*arguments: str, fails: bool = False) -> str:
    result = RUNNER.invoke(app, ["people", *arguments])
    assert result.exit_code == (1 if fails else 0), result.output
    return str(result.output)


def test_an_unsure_pair_is_listed_decided_and_undone(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ZOE)
    tell(engine, 2, LIKE_ZOE)
    pair = sorted((mention_of(1), mention_of(2)))
    link_people(settings, engine)
    told = ask("review")
    likely = json.loads(told)
    assert [likely["mention_a"], likely["mention_b"], likely["state"]] == [*pair, "review"]
    assert (likely["levels"]["surname"], likely["levels"]["birth_date"]) == ("agree", "not given")
    assert "Alder" not in told
    ask("merge", *pair, "--because", "the same client", "--by", "tester")
    link_people(settings, engine)
    assert are_one(engine, *pair)
    assert ask("review") == ""  # it was decided
    ask("unmerge", *reversed(pair), "--because", "mother and daughter", "--by", "tester")
    link_people(settings, engine)
    assert not are_one(engine, *pair)
    decided = ("is_together, because, decided_by", [("False", "mother and daughter", "tester")])
    assert table(engine, "person_overrides", decided[0]) == decided[1]
    ask("unpin", *pair)
    assert json.loads(ask("review"))["mention_a"] == pair[0]
    assert "no manual override" in ask("unpin", *pair, fails=True)


def test_a_person_is_shown_by_mentions_and_the_pairs_that_speak_for_it(settings: Settings, engine: sa.Engine) -> None:
    tell(engine, 1, ZOE)
    tell(engine, 2, ZOE | {"name": "Zoe Alderborne"})
    link_people(settings, engine)
    person = persons(engine)[mention_of(1)]
    told = ask("show", person)
    shown = json.loads(told)
    assert {mention["mention_id"] for mention in shown["mentions"]} == {mention_of(1), mention_of(2)}
    assert [pair["state"] for pair in shown["pairs"]] == ["confirmed"]
    assert "Alder" not in told


def test_nobody_is_shown_or_merged_who_is_not_there() -> None:
    nobody, other = str(uuid.UUID(int=7)), str(uuid.UUID(int=8))
    assert "hub: " in ask("show", nobody, fails=True)
    assert "no linked mention" in ask("merge", nobody, other, "--because", "asked", fails=True)
    assert "itself" in ask("unmerge", nobody, nobody, "--because", "", fails=True)


def test_parameters_are_learned_without_a_trace_and_can_be_used(
    settings: Settings, engine: sa.Engine, tmp_path: Path
) -> None:
    for number in range(45):
        person = number % 15
        born = f"19{50 + person}-0{1 + person % 9}-1{person % 10}"
        name = f"{GIVEN[person % 5]} {FAMILY[person % 3]}"
        tell(
            engine,
            number,
            {"name": name, "date_of_birth": born, "email": f"{person}@example.org", "phone": f"07700 9001{person:02}"},
        )
        say_incident(engine, number, 1 + person)
    link_people(settings, engine)
    before = [table(engine, name) for name in REMEMBERED]
    file = tmp_path / "people_v9.json"
    told = ask("train", "--version", "people_v9", "--note", "fifteen people, three reports each", "--out", str(file))
    assert [table(engine, name) for name in REMEMBERED] == before
    assert json.loads(told.splitlines()[-1])["persons"] == 15
    parameters = read_parameters(file)
    weights = {
        comparison["output_column_name"]: [
            level["m_probability"] / level["u_probability"]
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
            and (comparison["output_column_name"], level["label_for_charts"]) not in BITS
        ]
        for comparison in parameters.model["comparisons"]
    }
    assert list(weights) == [comparison["output_column_name"] for comparison in COMPARISONS]
    assert all(ratios == sorted(ratios, reverse=True) for ratios in weights.values())
    odds = weights["incident"][0] * PRIOR_MATCH
    assert odds / (1 + odds) == pytest.approx(0.97, abs=0.01)
    text = file.read_text(encoding="utf-8").casefold()
    assert [name for name in (*GIVEN, *FAMILY) if name.casefold() in text] == []  # too few bear them to be listed
    link_people(settings, engine, parameters=parameters)
    assert len(set(persons(engine).values())) == 15


@pytest.mark.parametrize(
    ("content", "because"),
    [("{", "JSONDecodeError"), ("{}", "KeyError"), (None, "0 < likely < review < confirmed < 1")],
)
def test_a_file_that_holds_no_parameters_is_refused(tmp_path: Path, content: str | None, because: str) -> None:
    file = tmp_path / "people_v0.json"
    if content is None:
        document = json.loads(CURRENT.read_text(encoding="utf-8"))
        document["thresholds"] = {"confirmed": 0.2, "likely": 0.1, "review": 0.9}
        content = json.dumps(document)
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ParametersRefused, match=because):
        read_parameters(file)
