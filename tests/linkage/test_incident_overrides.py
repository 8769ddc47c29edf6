"""People decide, and what they decide cannot contradict itself unseen."""

import dataclasses
import json
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.linkage.incidents import link_incidents, store
from hub.linkage.incidents.review import read_incident, read_suggestions
from hub.linkage.overrides import REPORTS, OverrideRefused, remove_override, set_override
from hub.settings import Settings
from hub.warehouse.engine import begin
from linkage.reports import KETTLE, Told, incidents, make_table, put

A, B, C, D = reports = [
    Told(number, f"a text about nothing much, {number}{number}", platform=None) for number in range(1, 5)
]

SPAT, PAINT, EGGS = (
    "My sister was spat at on the quay.",
    "Paint was thrown over a shutter.",
    "Eggs broke against a window.",
)


@pytest.fixture
def linked(settings: Settings, engine: sa.Engine) -> sa.Engine:
    make_table(engine)
    put(engine, reports)
    link_incidents(settings, engine)
    return engine


def decide(engine: sa.Engine, first: Told, second: Told, *, is_together: bool) -> None:
    with begin(engine) as connection:
        both = (second.report_id, first.report_id)
        set_override(connection, REPORTS, both, is_together=is_together, because="read both", decided_by="a.person")


def take_back(engine: sa.Engine, first: Told, second: Told) -> None:
    with begin(engine) as connection:
        remove_override(connection, REPORTS, (first.report_id, second.report_id))


def test_a_decision_is_kept_with_its_reason_and_may_be_changed(linked: sa.Engine) -> None:
    decide(linked, A, B, is_together=True)
    decide(linked, A, B, is_together=False)
    with begin(linked) as connection:
        found = read_incident(connection, A.report_id)
    assert found is not None
    assert [(row["is_together"], row["because"]) for row in found["overrides"]] == [(False, "read both")]


def test_reports_that_must_links_put_together_cannot_be_kept_apart(linked: sa.Engine) -> None:
    decide(linked, A, B, is_together=True)
    decide(linked, B, C, is_together=True)
    with pytest.raises(OverrideRefused, match="together"):
        decide(linked, A, C, is_together=False)


def test_a_must_link_that_would_join_what_a_cannot_link_keeps_apart_is_refused(linked: sa.Engine) -> None:
    decide(linked, A, B, is_together=True)
    decide(linked, C, D, is_together=True)
    decide(linked, A, D, is_together=False)
    with pytest.raises(OverrideRefused, match="cannot-link"):
        decide(linked, B, C, is_together=True)


def test_of_two_decisions_at_once_that_contradict_each_other_one_is_refused(linked: sa.Engine) -> None:
    decide(linked, A, B, is_together=True)
    with ThreadPoolExecutor(1) as pool, begin(linked) as connection:
        both = (B.report_id, C.report_id)
        set_override(connection, REPORTS, both, is_together=True, because="read both", decided_by="a.person")
        other = pool.submit(decide, linked, A, C, is_together=False)
        with suppress(TimeoutError):
            other.result(timeout=0.5)
    with pytest.raises(OverrideRefused, match="other must-links put the two together"):
        other.result()


def test_a_decision_made_while_a_linkage_runs_is_followed_by_the_next(
    linked: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_evidence, decisions = store.write_evidence, list[Future[None]]()
    decide(linked, C, D, is_together=True)
    with ThreadPoolExecutor(2) as pool:

        def decided_meanwhile(*arguments: Any) -> None:
            decisions.append(pool.submit(decide, linked, A, B, is_together=True))
            decisions.append(pool.submit(take_back, linked, C, D))
            write_evidence(*arguments)

        monkeypatch.setattr(store, "write_evidence", decided_meanwhile)
        link_incidents(settings, linked)
        monkeypatch.undo()
        for one in decisions:
            one.result()
    link_incidents(settings, linked)
    assert incidents(linked) == {frozenset({1, 2}), frozenset({3}), frozenset({4})}


def test_only_linked_reports_can_be_overridden_and_only_overrides_taken_back(linked: sa.Engine) -> None:
    with pytest.raises(OverrideRefused, match="no linked report"):
        decide(linked, A, Told(99, ""), is_together=True)
    with begin(linked) as connection, pytest.raises(OverrideRefused, match="no manual override"):
        remove_override(connection, REPORTS, (A.report_id, B.report_id))


def test_a_decision_goes_with_reports_whose_ids_have_got_a_place(linked: sa.Engine, settings: Settings) -> None:
    decide(linked, A, B, is_together=True)
    decide(linked, C, D, is_together=False)
    with begin(linked) as connection:
        connection.execute(
            sa.text(
                "update intermediate.int_reports__unioned"
                " set report_id = cast(overlay(report_id::text placing right(report_ref, 1) || '042' from 1) as uuid)"
                " where report_ref <> 'GAL-00000004'"
            )
        )
    link_incidents(settings, linked, full=True)
    assert incidents(linked) == {frozenset({1, 2}), frozenset({3}), frozenset({4})}
    with begin(linked) as connection:
        kept = connection.execute(
            sa.text("select report_a, report_b, is_together from linkage.incident_overrides")
        ).all()
    placed = [uuid.UUID(f"{told.number}042{str(told.report_id)[4:]}") for told in (A, B, C)]
    assert set(kept) == {(*placed[:2], True), (D.report_id, placed[2], False)}


def test_a_decided_pair_is_suggested_no_more(linked: sa.Engine, settings: Settings) -> None:
    told = enumerate((SPAT, PAINT, EGGS), start=1)
    twice = [Told(number, text, platform=None, reporter_email="a.person@example.org") for number, text in told]
    put(linked, twice)
    link_incidents(settings, linked)
    with begin(linked) as connection:
        before = [(row.report_a, row.report_b) for row in read_suggestions(connection, limit=9, least=0)]
    assert len(before) == 3
    decide(linked, A, C, is_together=False)
    with begin(linked) as connection:
        assert len(read_suggestions(connection, limit=9, least=0)) == 2


def test_first_asked_is_what_changes_most(linked: sa.Engine, settings: Settings) -> None:
    """A yes about an incident of three reports brings more together than one about two single ones."""
    two = ((1, SPAT), (2, PAINT))
    alone = [Told(number, text, platform=None, reporter_email="a.person@example.org") for number, text in two]
    three = [
        Told(number, KETTLE, platform=None, reporter_email=mail)
        for number, mail in ((3, "b@example.org"), (4, None), (5, None))
    ]
    put(linked, [*alone, *three, Told(6, EGGS, platform=None, reporter_email="b@example.org")])
    link_incidents(settings, linked)
    with begin(linked) as connection:
        asked = read_suggestions(connection, limit=9, least=0)
        shown = read_incident(connection, three[0].report_id)
    assert [row.would_join for row in asked] == [3, 1]
    assert shown is not None
    assert any("day: the same day (+4.5)" in pair["explanation"] for pair in shown["pairs"])


def test_incidents_about_which_something_is_decided_are_asked_about_no_more(
    linked: sa.Engine, settings: Settings
) -> None:
    one, two, three = (Told(number, KETTLE, platform=None) for number in range(1, 4))
    one = dataclasses.replace(one, reporter_email="b@example.org")
    alone = Told(4, EGGS, platform=None, reporter_email="b@example.org")
    put(linked, [one, two, three, alone])
    link_incidents(settings, linked)
    with begin(linked) as connection:
        (asked,) = read_suggestions(connection, limit=9, least=0)
    assert {asked.report_a, asked.report_b} == {one.report_id, alone.report_id}
    decide(linked, two, alone, is_together=False)
    with begin(linked) as connection:
        assert read_suggestions(connection, limit=9, least=0) == []


def test_the_commands_override_show_and_take_back(
    linked: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(settings.warehouse_url))
    both = [str(A.report_id), str(B.report_id)]
    run = CliRunner().invoke
    assert run(app, ["incidents", "pin", *both, "--because", "one voice", "--by", "a.person"]).exit_code == 0
    link_incidents(settings, linked)
    shown = json.loads(run(app, ["incidents", "show", both[1]]).stdout)
    assert shown["reports"] == sorted(both)
    assert shown["incident_id"] != str(uuid.UUID(int=0))
    assert run(app, ["incidents", "unpin", *both]).exit_code == 0
    again = run(app, ["incidents", "unpin", *both])
    assert again.exit_code == 1
    assert "no manual override" in again.stderr
    assert run(app, ["incidents", "suggestions"]).exit_code == 0
