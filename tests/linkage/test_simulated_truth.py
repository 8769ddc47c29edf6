"""How right linkage is on a small simulation; `python -m benchmarks linkage` does the same on a hundred thousand."""

from pathlib import Path

import pytest
from benchmarks.incident_scores import score_incidents
from benchmarks.linkage import link
from benchmarks.own_hub import delivered_files, own_hub

from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate

PLAN = Plan(reports=1500, days=60, seed=31)
LEAST_RIGHT = {"content": 0.99, "reference": 0.99, "text": 0.99, "victim": 0.9}
"""By the evidence of a pair. Nothing tells two attacks on one person in one day apart where no report says more."""


@pytest.mark.long
def test_nearly_all_reports_of_an_incident_come_together_and_next_to_no_others(tmp_path: Path) -> None:
    simulate(PLAN, tmp_path)
    with own_hub() as hub:
        link(hub, delivered_files(tmp_path))
        scores = score_incidents(hub.engine, tmp_path / "truth" / "records.csv")
    assert scores.whole.true > 1000
    assert scores.whole.precision >= 0.99
    assert scores.whole.recall >= 0.96
    by_reason = {one.reason: one for one in scores.by_evidence if one.state == "confirmed"}
    assert by_reason.keys() == LEAST_RIGHT.keys()
    assert all(one.right / one.pairs >= LEAST_RIGHT[one.reason] for one in by_reason.values()), by_reason
