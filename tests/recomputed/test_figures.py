"""Every published figure is what a second, separate computation from the raw tables says, to the last digit."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts import Catalogue
from hub.settings import Settings
from hub.simulate.plan import Plan
from recomputed.figures import disagreements
from recomputed.hubs import build_and_publish, deliver, load_by

SHORT = Plan(reports=400, days=12, seed=2_404_131, end=date(2026, 10, 6))
"""Its days end one quarter of the financial year and begin the next."""
BEFORE_ALL_WAS_DUE = datetime(2026, 10, 6, 12, tzinfo=UTC)
A_QUARTER = 95
OF_SHORT_HUB = """
    update raw.hub_activity set hours = '23.5' where activity_ref =
        (select min(activity_ref) from raw.hub_activity where report_ref is not null)
"""


def test_published_figures_are_recomputed_from_raw(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    deliver(settings, engine, catalogue, SHORT, tmp_path / "simulated")
    load_by(engine, BEFORE_ALL_WAS_DUE)
    build_and_publish(settings)
    assert disagreements(engine) == []
    # The comparison can fail: a row that changes after the publish is named by the figures that it is counted in.
    with engine.begin() as connection:
        connection.execute(sa.text(OF_SHORT_HUB))
    named = disagreements(engine)
    assert {line.split(":")[0].split()[1] for line in named} == {"hub_hours", "officer_hours_saved"}, named


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 5_077, 930_214])
def test_figures_of_a_quarter_are_recomputed_from_raw(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path, seed: int
) -> None:
    deliver(settings, engine, catalogue, Plan(reports=3_000, days=A_QUARTER, seed=seed), tmp_path / "simulated")
    load_by(engine, datetime(2026, 10, 31, 12, tzinfo=UTC))
    build_and_publish(settings)
    assert disagreements(engine) == []
