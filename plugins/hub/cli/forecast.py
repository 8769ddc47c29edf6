"""``hub forecast`` and ``hub tasking``: what is expected where, and what a person decides about it."""

import datetime as dt
import json
import uuid
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console

from hub.build import BuildFailed
from hub.cli.messages import fail
from hub.cli.tables import print_entries
from hub.contracts.model import read_catalogue
from hub.forecast import tasking_decisions
from hub.forecast.tasking_decisions import DecisionRefused
from hub.ingest.prepare import prepare_warehouse
from hub.publish import PublishRefused
from hub.publish import publish as publish_build
from hub.settings import Settings, read_settings
from hub.vault.audit import account
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(no_args_is_help=True, help="Areas proposed for tasking: list, approve, decline, outcome.")
Run = Annotated[uuid.UUID, typer.Argument(help="run_id")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; the account by default")]


def forecast(
    cut_off: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="A Monday: only what was known before it is used; the latest by default"
        ),
    ] = None,
) -> None:
    """Forecast reports by area and online, test the forecasts, and propose areas. Prints one JSON line a panel.

    What is not surely better than every baseline is withheld, with the reason. Nothing is tasked before a person
    approves.
    """
    from hub.forecast.hotspot_forecasts import ForecastRefused, forecast_hotspots  # noqa: PLC0415 - seconds to import

    settings = read_settings()
    try:
        with Console(stderr=True).status("counting") as shown:
            made = forecast_hotspots(
                settings,
                cut_off=cut_off.date() if cut_off is not None else None,
                on_panel=lambda panel: shown.update(f"forecasting {panel.replace('_', ' ')}"),
            )
    except (ForecastRefused, BuildFailed) as refusal:
        fail(str(refusal))
    for run in made:
        line = {
            "panel": run.panel,
            "run_id": str(run.run_id),
            "cut_off": run.cut_off.isoformat(),
            "is_new": run.is_new,
            "slots": run.count_slots,
            "verdict": run.verdict,
            "withheld_because": run.withheld_because,
        }
        if run.count_outside:
            left_out = f"{run.count_outside:,} reports in areas that the hub does not list"
            typer.echo(f"hub: {run.panel}: left out: {left_out}", err=True)
        typer.echo(json.dumps(line))


@app.command("list")
def list_slots(
    run_id: Annotated[uuid.UUID | None, typer.Option("--run", help="Of this run; by default of the latest")] = None,
) -> None:
    """List proposed areas with why, what is expected, and what was decided."""
    _, engine = _open()
    with engine.connect() as connection:
        rows = tasking_decisions.read_slots(connection, run_id)
    slots = (
        (
            f"{row.run_id} {row.slot}",
            [
                f"{row.area_name or row.area_code}: {row.expected_reports:.1f} ({row.p05}-{row.p95}) in 4 weeks",
                row.why,
                f"{row.action}, chosen as {row.selection}",
                f"{row.decision}: {row.outcome}" if row.outcome else row.decision,
            ],
        )
        for row in rows
    )
    print_entries(("run and slot", "area"), slots)


@app.command()
def approve(run_id: Run, slots: Annotated[list[int], typer.Argument(help="Slots")], decided_by: By = None) -> None:
    """Approve slots: from the next publication on they are in hotspot_tasking_v1."""
    _decide(run_id, slots, is_approved=True, decided_by=decided_by, because=None)


@app.command()
def decline(
    run_id: Run,
    slots: Annotated[list[int], typer.Argument(help="Slots")],
    because: Annotated[str, typer.Option(help="Why; it is kept. No names in it, please")],
    decided_by: By = None,
) -> None:
    """Decline slots: they are never tasked."""
    _decide(run_id, slots, is_approved=False, decided_by=decided_by, because=because)


@app.command("outcome")
def tell_outcome(
    run_id: Run,
    slot: Annotated[int, typer.Argument(help="Slot")],
    outcome: Annotated[str, typer.Option("--told", help="How it ended; it is kept. No names in it, please")],
    decided_by: By = None,
) -> None:
    """Say how an approved slot ended."""
    settings, engine = _open()
    try:
        with begin(engine) as connection:
            told_by = decided_by or account()
            tasking_decisions.tell_outcome(connection, run_id, slot, outcome=outcome, told_by=told_by)
    except DecisionRefused as refusal:
        fail(str(refusal))
    _publish(settings)


def _decide(
    run_id: uuid.UUID, slots: list[int], *, is_approved: bool, decided_by: str | None, because: str | None
) -> None:
    settings, engine = _open()
    who = decided_by or account()
    try:
        with begin(engine) as connection:
            new = tasking_decisions.decide(
                connection, run_id, slots, is_approved=is_approved, decided_by=who, because=because
            )
    except DecisionRefused as refusal:
        fail(str(refusal))
    typer.echo(f"{new} {'approved' if is_approved else 'declined'}, {len(set(slots)) - new} were decided before")
    _publish(settings)


def _publish(settings: Settings) -> None:
    try:
        result = publish_build(settings, open_warehouse(settings, Role.PUBLISHER))
    except PublishRefused as refusal:
        fail(f"kept, but not published: {refusal}")
    typer.echo(f"publication {result.publish_id} shows it")


def _open() -> tuple[Settings, sa.Engine]:
    settings = read_settings()
    prepare_warehouse(open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values())
    return settings, open_warehouse(settings, Role.FORECASTER)
