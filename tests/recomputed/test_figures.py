"""Every published figure is what a second, separate computation from the raw tables says, to the last digit."""

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts import Catalogue
from hub.settings import Settings
from hub.simulate.plan import Plan
from recomputed.figures import disagreements, published
from recomputed.hubs import build_and_publish, deliver, load_by
from recomputed.inputs import Inputs, read_inputs

SHORT = Plan(reports=300, days=8, seed=2_404_131, end=date(2026, 10, 4))
"""Its days end one quarter of the financial year and begin the next."""
A_QUARTER = 95
"""In days, with some to spare."""


def test_published_figures_are_recomputed_from_raw(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    deliver(settings, engine, catalogue, SHORT, tmp_path / "simulated")
    load_by(engine, datetime(2026, 10, 4, 12, tzinfo=UTC))
    build_and_publish(settings)
    inputs, shown = read_inputs(engine), published(engine)
    found = disagreements(inputs, shown)
    # The proof can fail: one raw value and one published figure are changed, and each is named.
    named = set(disagreements(with_more_hours(inputs), shown)) - set(found)
    assert {line.split()[1] for line in named} == {"hub_hours", "officer_hours_saved"}
    scorecard = shown["force_scorecard_v1"]
    wrong = scorecard.assign(count_received=[scorecard.count_received[0] + 1, *scorecard.count_received[1:]])
    [line] = set(disagreements(inputs, {**shown, "force_scorecard_v1": wrong})) - set(found)
    assert line.startswith(f"force_scorecard_v1 {scorecard.force_code[0]} ")
    assert "count_received" in line
    assert not found, "\n".join(found)


def with_more_hours(inputs: Inputs) -> Inputs:
    """The same, but for one entry of the hub about a report, which took nearly a day."""
    entries = inputs.raw["hub_activity"].copy()
    chosen = entries.activity_ref[entries.report_ref.notna()].iloc[0]
    entries.loc[entries.activity_ref == chosen, "hours"] = "23.5"
    return dataclasses.replace(inputs, raw={**inputs.raw, "hub_activity": entries})


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 5_077, 930_214])
def test_figures_of_a_quarter_are_recomputed_from_raw(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path, seed: int
) -> None:
    deliver(settings, engine, catalogue, Plan(reports=3_000, days=A_QUARTER, seed=seed), tmp_path / "simulated")
    load_by(engine, datetime(2026, 10, 31, 12, tzinfo=UTC))
    build_and_publish(settings)
    found = disagreements(read_inputs(engine), published(engine))
    assert not found, "\n".join(found)
