"""``python -m hub.local.sample_decisions``: what would have been decided by now if the simulated history were true.

The areas that a forecast of some weeks ago proposes are approved, all but one, and most have an outcome. Each decision
says that it is simulated. What the latest forecast proposes is left to a person.
"""

import logging
import sys
import uuid
from datetime import timedelta
from itertools import cycle

import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.forecast import store as forecast_store
from hub.forecast.hotspot_forecasts import forecast_hotspots
from hub.forecast.tasking_decisions import decide, read_slots, tell_outcome
from hub.settings import Settings, read_settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

log = logging.getLogger(__name__)

WEEKS_AGO = 5
"""By now each slot of that week is past its review."""
DECIDED_BY = "simulated"
DECLINED_BECAUSE = "Simulated: neighbourhood officers were there the week before"
OUTCOMES = (
    "Simulated: officers were seen at two markets; a community body now helps people to report",
    "Simulated: three schools asked for a talk; fewer reports in the weeks after",
    None,
    "Simulated: nothing changed; the force looks at it again",
)
"""How approved slots ended, in turn; for some it is not known yet."""


def decide_on_samples(settings: Settings) -> int:
    """Build what is loaded, forecast local authorities as of some weeks ago, and decide on what is proposed. Returns
    how many areas were approved: none where nothing is known, or the forecast is withheld."""
    build_warehouse(settings)
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        latest = forecast_store.latest_cut_off(connection)
    if latest is None:
        return 0
    cut_off = latest - timedelta(weeks=WEEKS_AGO)
    [run] = forecast_hotspots(settings, cut_off=cut_off, panels=["local_authority"])
    log.info("forecast of %s: %s", cut_off, run.withheld_because or f"{run.count_slots} areas are proposed")
    with begin(open_warehouse(settings, Role.FORECASTER)) as connection:
        return decide_on_run(connection, run.run_id)


def decide_on_run(connection: sa.Connection, run_id: uuid.UUID) -> int:
    """Approve the slots of a run but the last, decline that, and tell outcomes. What was decided before stays so."""
    slots = [row.slot for row in read_slots(connection, run_id)]
    approved, declined = slots[:-1], slots[-1:]
    count = decide(connection, run_id, approved, is_approved=True, decided_by=DECIDED_BY)
    decide(connection, run_id, declined, is_approved=False, decided_by=DECIDED_BY, because=DECLINED_BECAUSE)
    untold = (row.slot for row in read_slots(connection, run_id) if row.decision == "approved" and row.outcome is None)
    for slot, told in zip(untold, cycle(OUTCOMES), strict=False):
        if told is not None:
            tell_outcome(connection, run_id, slot, outcome=told, told_by=DECIDED_BY)
    return count


if __name__ == "__main__":
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.INFO)
    decide_on_samples(read_settings())
