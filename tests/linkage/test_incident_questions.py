"""Which pairs of reports a person is asked about."""

import pandas as pd

from hub.linkage.incidents.evidence import Reason
from hub.linkage.incidents.linking import states_of

INCIDENTS = {"a1": "A", "a2": "A", "b1": "B", "b2": "B", "c": "C"}


def states(*links: tuple[str, str, float, str]) -> list[str]:
    return list(states_of(pd.DataFrame(links, columns=["report_a", "report_b", "weight", "reason"]), INCIDENTS))


def test_a_pair_that_does_not_join_is_a_question_where_a_single_report_would() -> None:
    assert states(("a1", "c", 11.5, Reason.CONTENT)) == ["suggested"]
    assert states(("a1", "c", 4.2, Reason.VICTIM)) == ["suggested"]
    assert states(("a1", "a2", 8.5, Reason.VICTIM)) == ["confirmed"]


def test_incidents_of_several_reports_are_no_question() -> None:
    assert states(("a1", "b1", 8.5, Reason.VICTIM)) == ["left out"]
    assert states(("a1", "b1", 4.2, Reason.VICTIM)) == ["left out"]


def test_likeness_of_texts_is_no_question() -> None:
    assert states(("a1", "c", 4.2, Reason.TEXT), ("a2", "c", 8.5, Reason.TEXT)) == ["left out", "left out"]


def test_of_two_incidents_the_surest_pair_is_asked_about() -> None:
    links = (("a1", "c", 6.0, Reason.VICTIM), ("a2", "c", 8.0, Reason.VICTIM), ("a2", "c", 9.0, Reason.TEXT))
    assert states(*links) == ["left out", "suggested", "left out"]
    assert states() == []
