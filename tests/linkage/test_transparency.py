"""The public records of both linkages: what people state, and what a run measured."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from hub.linkage.transparency import transparency_pages
from hub.linkage.transparency.evaluation import (
    Evaluation,
    Figure,
    Group,
    Measured,
    Share,
    read_evaluation,
    write_evaluation,
)
from hub.linkage.transparency.pages import CODE_LIST, EVALUATION, TEXTS
from hub.linkage.transparency.records import RecordRefused, read_records
from hub.linkage.transparency.standard import FIELDS
from hub.settings import read_settings

LARGE, OTHER, SMALL = Share(95, 100), Share(88, 100), Share(1, 10)


def _run(*groups: Group) -> Evaluation:
    figures = [
        Figure("precision", Share(99, 100), 0.995, is_least=True),
        Figure("split", Share(0, 4), 0.1, is_least=False),
    ]
    measured = Measured(figures, "strand", groups)
    return Evaluation(7, 2_000, date(2026, 11, 28), {"incident_linkage": measured, "person_linkage": measured})


def _performance(evaluation: Evaluation, texts: Path = TEXTS) -> str:
    record = read_records(texts, evaluation)[0]
    (statement,) = (one for field, one in record.statements.items() if field.code == "model_performance")
    return statement


def test_pages_and_code_list_say_what_texts_and_run_say() -> None:
    project = read_settings({}).project
    for name, page in transparency_pages().items():
        assert (project / name).read_text(encoding="utf-8") == page, f"run `hub docs write`: {name}"


def test_a_record_states_every_field_of_the_standard_and_gives_machines_the_same() -> None:
    pages = transparency_pages()
    held = json.loads(pages["docs/transparency/person_linkage.json"])
    page = pages["docs/transparency/person_linkage.md"]
    rows = [row for row in csv.DictReader(io.StringIO(pages[CODE_LIST])) if row["record_code"] == "person_linkage"]
    assert [row["field_code"] for row in rows] == [field.code for field in FIELDS]
    for field, row in zip(FIELDS, rows, strict=True):
        assert held[field.code]
        assert held[field.code] in page
        assert row["statement"] == held[field.code].replace("\n\n", " ")


def test_what_is_measured_is_stated_with_what_is_wanted() -> None:
    said = _performance(_run(Group("race", LARGE, Share(95, 96))))
    assert "precision: 99.0% (99 of 100), wanted at least 99.5% (not met)" in said
    assert "split: 0.0% (0 of 4), wanted at most 10.0%." in said
    assert "2,000 made-up reports" in said
    assert "race 95.0% (95 of 100), 88.8% to 97.8%, precision 99.0% (95 of 96)" in said


def test_a_group_with_few_pairs_is_named_and_opens_no_gap() -> None:
    said = _performance(_run(Group("race", LARGE, LARGE), Group("other_strand", SMALL, SMALL)))
    assert "Too few to say (under 40 pairs): other strand (1 of 10)." in said
    assert "The gap between groups is 0.0 points" in said


def test_a_gap_between_groups_that_nobody_explains_is_refused(tmp_path: Path) -> None:
    held = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    held["records"]["incident_linkage"]["explanation_of_gap"] = "Because."
    texts = tmp_path / "explained.yaml"
    texts.write_text(yaml.safe_dump(held), encoding="utf-8")
    evaluation = _run(Group("race", LARGE, LARGE), Group("religion", OTHER, OTHER))
    del held["records"]["person_linkage"]
    texts.write_text(yaml.safe_dump(held), encoding="utf-8")
    assert _performance(evaluation, texts).endswith(
        "The gap between groups is 7.0 points; at most 2 are wanted. Because."
    )
    held["records"]["incident_linkage"]["explanation_of_gap"] = ""
    texts.write_text(yaml.safe_dump(held), encoding="utf-8")
    with pytest.raises(RecordRefused, match="the gap of recall between groups is beyond 2%"):
        read_records(texts, evaluation)


def test_an_explanation_is_left_out_where_there_is_no_gap() -> None:
    near = Group("religion", Share(93, 100), Share(93, 100))
    assert _performance(_run(Group("race", LARGE, LARGE), near)).endswith("at most 2 are wanted.")


def test_a_field_without_a_text_and_one_that_the_standard_does_not_know_are_refused(tmp_path: Path) -> None:
    held = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    held["both"]["secret_sauce"] = held["both"].pop("team")
    texts = tmp_path / "records.yaml"
    texts.write_text(yaml.safe_dump(held), encoding="utf-8")
    with pytest.raises(RecordRefused, match="secret_sauce, team"):
        read_records(texts, _run())


def test_a_linkage_that_the_run_did_not_measure_is_refused() -> None:
    with pytest.raises(RecordRefused, match="incident_linkage: the run did not measure it"):
        read_records(TEXTS, replace(_run(), linkages={}))


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.json"
    write_evaluation(_run(Group("race", LARGE, OTHER)), path)
    again = read_evaluation(path)
    write_evaluation(again, tmp_path / "again.json")
    assert again.linkages["incident_linkage"].groups == [Group("race", LARGE, OTHER)]
    assert path.read_bytes() == (tmp_path / "again.json").read_bytes()
    assert read_evaluation(EVALUATION).linkages.keys() == {"incident_linkage", "person_linkage"}
