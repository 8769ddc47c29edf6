"""Every published figure is what a second, separate computation from the raw tables says, to the last digit."""

import dataclasses
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.settings import Settings
from hub.simulate.plan import Plan
from recomputed.figures import disagreements, published
from recomputed.hubs import build_and_publish, deliver, deliver_by_mistake, load_by
from recomputed.inputs import FEEDS, Inputs, read_inputs, rows_of
from recomputed.positions import positions_of

SHORT = Plan(reports=300, days=5, seed=2_404_131, end=date(2026, 10, 4))
"""Its days end one quarter of the financial year and begin the next."""
A_QUARTER = 95
"""In days, with some to spare."""


def test_published_figures_are_recomputed_from_raw(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    deliver(settings, engine, catalogue, SHORT, tmp_path / "simulated")
    deliver_by_mistake(settings, engine, catalogue, tmp_path / "simulated")
    load_by(engine, datetime(2026, 10, 4, 12, tzinfo=UTC))
    build_and_publish(settings)
    inputs, shown = read_inputs(engine), published(engine)
    assert_positions_are_those_of_the_ledger(inputs)
    found = disagreements(inputs, shown)
    # The proof can fail: one raw value and one published figure are changed, and each is named.
    named = set(disagreements(with_more_hours(inputs), shown)) - set(found)
    assert {line.split()[1] for line in named} == {"hub_hours", "officer_hours_saved"}
    scorecard = shown["force_scorecard_v1"]
    wrong = scorecard.assign(count_received=[scorecard.count_received[0] + 1, *scorecard.count_received[1:]])
    [line] = set(disagreements(inputs, {**shown, "force_scorecard_v1": wrong})) - set(found)
    assert line.startswith(f"force_scorecard_v1 {scorecard.force_code[0]} ")
    assert "count_received" in line
    # So can the order of versions: without each way in which one wins, the figures that it decides are named.
    for changed, measures in (
        (without_returns(inputs, "training_sessions"), {"training_completed", "training_hours"}),
        (with_the_earlier_time_first(inputs), {"confident_start", "survey_not_answered"}),
        (without_files_that_came_again(inputs), {"hub_hours", "criminal_incidents"}),
    ):
        named = set(disagreements(changed, shown)) - set(found)
        assert measures <= {line.split()[1] for line in named}
    with pytest.raises(ValueError, match=r"without a report: \[\('true_vision_reports'"):
        disagreements(without_returns(inputs, "true_vision_reports"), shown)
    assert not found, "\n".join(found)


def assert_positions_are_those_of_the_ledger(inputs: Inputs) -> None:
    """Of every receipt, whatever became of it."""
    for feed in FEEDS:
        own = positions_of(inputs, feed)
        for row in rows_of(inputs.deliveries[inputs.deliveries.feed == feed]):
            position = own[row["delivery_id"]]
            theirs = row["position_on"], row["position_number"]
            assert (position.on, position.number) == theirs, row["file_name"]


def with_more_hours(inputs: Inputs) -> Inputs:
    """The same, but for one entry of the hub about a report, which took nearly a day."""
    entries = inputs.raw["hub_activity"].copy()
    chosen = entries.activity_ref[entries.report_ref.notna()].iloc[0]
    entries.loc[entries.activity_ref == chosen, "hours"] = "23.5"
    return dataclasses.replace(inputs, raw={**inputs.raw, "hub_activity": entries})


def without_returns(inputs: Inputs, feed: str) -> Inputs:
    """The same, but as if no delivery of a feed stated a record that raw already had."""
    deliveries = inputs.deliveries.delivery_id[inputs.deliveries.feed == feed]
    return dataclasses.replace(inputs, restated=inputs.restated[~inputs.restated.delivery_id.isin(deliveries)])


def with_the_earlier_time_first(inputs: Inputs) -> Inputs:
    """The same, but as if the last answers, which bear an earlier time than those before, had come before them."""
    deliveries = inputs.deliveries.copy()
    last = deliveries[deliveries.feed == "victim_surveys"].sort_values("received_at").index[-2:]
    deliveries.loc[last, "received_at"] = list(deliveries.received_at[last])[::-1]
    return dataclasses.replace(inputs, deliveries=deliveries)


def without_files_that_came_again(inputs: Inputs) -> Inputs:
    """The same, but as if no file had come a second time."""
    return dataclasses.replace(inputs, deliveries=inputs.deliveries[inputs.deliveries.status != "duplicate"])


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 5_077, 930_214])
def test_figures_of_a_quarter_are_recomputed_from_raw(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path, seed: int
) -> None:
    deliver(settings, engine, catalogue, Plan(reports=3_000, days=A_QUARTER, seed=seed), tmp_path / "simulated")
    load_by(engine, datetime(2026, 10, 31, 12, tzinfo=UTC))
    build_and_publish(settings)
    inputs = read_inputs(engine)
    assert_positions_are_those_of_the_ledger(inputs)
    found = disagreements(inputs, published(engine))
    assert not found, "\n".join(found)
