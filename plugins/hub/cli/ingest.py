"""``hub ingest``: the same steps as the DAGs, without Airflow."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from hub.cli.messages import MISUSED, REFUSED, complain, fail, no_such
from hub.contracts.model import Catalogue, Contract, read_catalogue
from hub.deliveries import DeliveryResult, DeliveryStatus
from hub.ingest import ledger
from hub.ingest.collect import collect_files
from hub.ingest.dropped_files import CannotTake
from hub.ingest.ingest import answer_of, ingest_delivery, result_of
from hub.ingest.prepare import prepare_warehouse
from hub.monitoring.detect_drift import detect_drift
from hub.settings import Settings, read_settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

PRINTED = (
    "delivery_id",
    "feed",
    "file_name",
    "status",
    "rows_read",
    "rows_accepted",
    "rows_quarantined",
    "rows_duplicate",
    "seconds",
    "reason",
)


def ingest(
    feed: Annotated[str, typer.Argument(help="The feed that the files belong to")],
    files: Annotated[list[Path], typer.Argument(help="Files to take in; they stay where they are")],
) -> None:
    """Take files of a feed into the warehouse; prints one JSON line a delivery.

    Every file gets an answer, also a refused or held one, and the exit code is then 0. It is 1 when a file could not be
    answered (there is none, it is a folder or cannot be read), and 2 when there is no such feed or its contract is
    refused.
    """
    settings = read_settings()
    catalogue = read_catalogue(settings.expectations)
    contract = contract_of(catalogue, feed)
    unusable = {path: reason for path in files if (reason := not_a_file(path))}
    for path, reason in unusable.items():
        complain(f"{path}: {reason}")
    wanted = [path for path in files if path not in unusable]
    if wanted:
        prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
        engine = open_warehouse(settings, Role.LOADER)
        for path in wanted:
            try:
                _take(settings, engine, contract, path)
            except CannotTake as problem:
                unusable[path] = str(problem)
                complain(problem)
        detect_drift(engine, [contract], datetime.now(UTC))
    raise typer.Exit(REFUSED if unusable else 0)


def contract_of(catalogue: Catalogue, feed: str) -> Contract:
    """The contract of a feed; ends the command where there is none that holds."""
    if feed in catalogue.refusals:
        fail(f"the contract of {feed} is refused: {catalogue.refusals[feed]}", MISUSED)
    if feed not in catalogue.contracts:
        fail(no_such("feed", feed, catalogue.contracts), MISUSED)
    return catalogue.contracts[feed]


def not_a_file(path: Path) -> str | None:
    """Why a path cannot be taken in; None where it can, or where the reason belongs into the ledger."""
    if path.is_dir():
        return "is a folder; name the files in it"
    if not path.exists() and not path.is_symlink():
        return "there is no such file"
    return None


def _take(settings: Settings, engine: sa.Engine, contract: Contract, path: Path) -> None:
    for receipt in collect_files(settings, engine, contract, [path]):
        if receipt.status is DeliveryStatus.RECEIVED:
            result = ingest_delivery(settings, engine, contract, receipt.delivery_id)
        else:
            with begin(engine) as connection:
                result = result_of(ledger.get(connection, receipt.delivery_id), seconds=0.0)
        typer.echo(as_line(answer_of(result)))


def as_line(result: DeliveryResult) -> str:
    """A delivery's answer as one line of JSON."""
    values = asdict(result)
    of_snapshot = {name: count for name, count in values.items() if name.startswith("records_") and count is not None}
    return json.dumps({name: values[name] for name in PRINTED} | of_snapshot, default=str)
