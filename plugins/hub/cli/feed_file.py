"""``hub feed check FEED FILE``: the answer that a file would get, before anybody delivers it."""

import json
from pathlib import Path

import typer

from hub.cli.ingest import as_line, contract_of, not_a_file
from hub.cli.messages import MISUSED, REFUSED, complain, fail
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest.check_file import check_file
from hub.ingest.dropped_files import CannotTake
from hub.ingest.error_files import write_errors
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

NOT_TAKEN = (DeliveryStatus.REFUSED, DeliveryStatus.HELD)


def check_one(
    settings: Settings, catalogue: Catalogue, feed: str, path: Path, sender: str | None, errors: Path | None
) -> None:
    """Print the answer as one line of JSON with the rows that break each rule, and write the sender's error file to
    ``errors``. Ends with 1 where the file would be refused or held or cannot be read, with 2 where there is no such
    feed."""
    contract = contract_of(catalogue, feed)
    if reason := not_a_file(path):
        fail(f"{path}: {reason}", MISUSED)
    prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
    try:
        checked = check_file(settings, open_warehouse(settings, Role.LOADER), contract, path, sender)
    except CannotTake as problem:
        fail(problem)
    answer = json.loads(as_line(checked.result))
    del answer["delivery_id"]
    typer.echo(json.dumps({**answer, "rules": checked.by_rule}))
    if errors is not None:
        write_errors(errors, checked.rejections)
    elif checked.rejections:
        complain("--errors FILE writes row, line, column, rule and reason of each rejected row")
    if checked.result.status in NOT_TAKEN:
        raise typer.Exit(REFUSED)
