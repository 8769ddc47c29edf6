"""Forecasts once a week, what a person is asked about the areas they propose, and carrying out the answer.

Plain functions, imported inside tasks only. Nothing here is about a person.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from hub.build import FORECASTS
from hub.build.warehouse_build import build_warehouse
from hub.forecast import tasking_decisions
from hub.forecast.hotspot_forecasts import PanelRun, cut_offs, forecast_hotspots, not_forecast
from hub.orchestration import approvals
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

log = logging.getLogger(__name__)

DAG_ID = "forecast_hotspots"
NO_REASON = "no reason was given"


class NothingToDecide(ValueError):
    """No slot waits for a decision."""


def due_panels(settings: Settings) -> list[str]:
    """Panels without a forecast at their latest cut-off: a Monday, or for recorded crime a month."""
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        return not_forecast(connection)


def never_asked(settings: Settings, run_id: str) -> list[str]:
    """Forecasts at the latest cut-offs with areas that wait for a decision, and about which no other DAG run than
    ``run_id`` asks or has asked: a task can be cut short once it has written them."""
    with open_warehouse(settings, Role.TRANSFORMER).connect() as connection:
        latest = cut_offs(connection)
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        others = approvals.asked_about(connection, DAG_ID, but_for=run_id)
    asked = {one for about in others for one in about["run_ids"]}
    with open_warehouse(settings, Role.FORECASTER).connect() as connection:
        slots = [row for row in tasking_decisions.read_slots(connection) if row.decision == "open"]
    return sorted({str(row.run_id) for row in slots if row.cut_off == latest.get(row.panel)} - asked)


def forecast(settings: Settings, panels: Collection[str]) -> list[PanelRun]:
    """Forecast these panels at their latest cut-offs; without any, build the views over what was written before."""
    if panels:
        return forecast_hotspots(settings, panels=panels)
    build_warehouse(settings, select=FORECASTS)
    return []


def describe(settings: Settings, run_ids: Iterable[str]) -> str:
    """The slots of these runs that wait, as Markdown for the person who decides.

    Raises :class:`NothingToDecide` where none waits.
    """
    rows = [row for row in _slots(settings, run_ids) if row.decision == "open"]
    if not rows:
        raise NothingToDecide("no slot waits for a decision")
    by_run: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_run[f"{row.panel.replace('_', ' ')}, week of {row.cut_off}"].append(row)
    heading = (
        "| slot | area | expected in four weeks (90%) | why | strands | action | chosen as | weeks in a row |\n"
        + "|---" * 8
        + "|"
    )
    return "\n\n".join(
        "\n".join([f"**{title}: {len(of_run)} areas**\n", heading, *map(_line, of_run)])
        for title, of_run in by_run.items()
    )


def carry_out(
    settings: Settings,
    run_ids: Iterable[str],
    *,
    is_approved: bool,
    declined: Collection[str],
    because: str | None,
    decided_by: str,
) -> dict[str, int]:
    """Approve all slots that wait but those in ``declined`` (``panel/slot``), or decline all; ``because`` is the one
    reason of all that are declined. What was decided before stays so; a slot to be declined that a colleague has
    approved meanwhile is named in the log. Returns how many were approved and declined.

    Raises :class:`DecisionRefused` where ``declined`` names a slot that these runs do not propose.
    """
    counts = {"approved": 0, "declined": 0}
    slots = {f"{row.panel}/{row.slot}": row for row in _slots(settings, run_ids)}
    if is_approved and (unknown := sorted(set(declined) - slots.keys())):
        raise tasking_decisions.DecisionRefused(f"the forecast proposes no slot {', '.join(unknown)}")
    if approved := [name for name in declined if name in slots and slots[name].decision == "approved"]:
        log.warning("approved before, and not declined now: %s", ", ".join(sorted(approved)))
    rows = [row for row in slots.values() if row.decision == "open"]
    with begin(open_warehouse(settings, Role.FORECASTER)) as connection:
        for run_id in {row.run_id for row in rows}:
            own = [row for row in rows if row.run_id == run_id]
            yes = [row.slot for row in own if is_approved and f"{row.panel}/{row.slot}" not in declined]
            no = [row.slot for row in own if row.slot not in yes]
            counts["approved"] += tasking_decisions.decide(
                connection, run_id, yes, is_approved=True, decided_by=decided_by
            )
            counts["declined"] += tasking_decisions.decide(
                connection, run_id, no, is_approved=False, decided_by=decided_by, because=because or NO_REASON
            )
    return counts


def _slots(settings: Settings, run_ids: Iterable[str]) -> Sequence[Any]:
    with open_warehouse(settings, Role.FORECASTER).connect() as connection:
        return [row for one in run_ids for row in tasking_decisions.read_slots(connection, uuid.UUID(one))]


def _line(row: Any) -> str:
    cells = (
        f"{row.panel}/{row.slot}",
        row.area_name or row.area_code,
        f"{row.expected_reports:.1f} ({row.p05}-{row.p95})",
        row.why,
        ", ".join(row.strands),
        row.action.replace("_", " "),
        row.selection.replace("_", " "),
        str(row.stability_weeks),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
