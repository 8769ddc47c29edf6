"""How right linkage is on a small simulation; `python -m benchmarks linkage` does the same on a hundred thousand."""

from pathlib import Path

import pytest
from benchmarks.linkage import link_simulated

from hub.settings import Settings
from hub.simulate.plan import Plan

PLAN = Plan(reports=1500, days=2, seed=31)


@pytest.mark.long
def test_nearly_all_reports_of_an_incident_come_together_and_next_to_no_others(
    settings: Settings, tmp_path: Path
) -> None:
    linked = link_simulated(settings, PLAN, tmp_path / "deliveries")
    assert linked.run.counts["changed"] > 1450
    assert linked.scores.whole.precision >= 0.99
    assert linked.scores.whole.recall >= 0.96
    by_reason = {one.reason: one for one in linked.scores.by_evidence if one.state == "confirmed"}
    assert set(by_reason) == {"content", "reference", "text", "victim"}
    assert all(one.right / one.pairs >= 0.99 for one in by_reason.values())
