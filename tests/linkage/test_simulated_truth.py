"""How right linkage is on a small simulation; `python -m benchmarks linkage` does the same on a hundred thousand."""

from pathlib import Path

import pytest
from benchmarks.linkage import link_simulated

from hub.settings import Settings
from hub.simulate.plan import Plan

PLAN = Plan(reports=1500, days=60, seed=31)
LEAST_RIGHT = {"content": 0.99, "reference": 0.99, "text": 0.99, "victim": 0.9}
"""By the evidence of a pair. Nothing tells two attacks on one person in one day apart where no report says more."""


@pytest.mark.long
def test_nearly_all_reports_of_an_incident_come_together_and_next_to_no_others(
    settings: Settings, tmp_path: Path
) -> None:
    linked = link_simulated(settings, PLAN, tmp_path / "deliveries")
    assert linked.run.counts["changed"] > 1450
    assert linked.scores.whole.precision >= 0.99
    assert linked.scores.whole.recall >= 0.96
    by_reason = {one.reason: one for one in linked.scores.by_evidence if one.state == "confirmed"}
    assert by_reason.keys() == LEAST_RIGHT.keys()
    assert all(one.right / one.pairs >= LEAST_RIGHT[one.reason] for one in by_reason.values()), by_reason
