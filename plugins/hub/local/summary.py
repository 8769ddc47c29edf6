"""What a hub holds, shown after a start: received, quarantined, published, and where the UI is."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from rich import box
from rich.console import Console
from rich.table import Table

from hub.dispatch.recipients import read_recipients
from hub.local.components import program_folder
from hub.local.next_steps import next_steps, withheld_forecasts
from hub.orchestration.airflow_environment import ui_passwords_file
from hub.orchestration.loopback import HOST
from hub.orchestration.ui_users import UI_USERS
from hub.settings import Settings
from hub.warehouse.tables import DELIVERIES


@dataclass(frozen=True)
class FeedSummary:
    """What one feed has delivered so far; ``held_or_refused`` counts deliveries."""

    feed: str
    files: int
    held_or_refused: int
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_duplicate: int


def received_by_feed(engine: sa.Engine) -> list[FeedSummary]:
    """One summary a feed, sorted by feed."""
    columns = DELIVERIES.c
    row_counts = (columns.rows_read, columns.rows_accepted, columns.rows_quarantined, columns.rows_duplicate)
    query = (
        sa.select(
            columns.feed,
            sa.func.count().label("files"),
            sa.func.count().filter(columns.status.in_(["held", "refused"])).label("held_or_refused"),
            *(sa.cast(sa.func.sum(count), sa.BigInteger).label(count.name) for count in row_counts),
        )
        .group_by(columns.feed)
        .order_by(columns.feed)
    )
    with engine.connect() as connection:
        return [FeedSummary(**row) for row in connection.execute(query).mappings()]


def published_rows(engine: sa.Engine) -> dict[str, int]:
    """``{published view: number of its rows}``, by name."""
    with engine.connect() as connection:
        views = sorted(sa.inspect(connection).get_view_names(schema="publish"))
        counts = {
            view: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(view, schema="publish")))
            for view in views
        }
    return {view: count or 0 for view, count in counts.items()}


def show_summary(console: Console, settings: Settings, engine: sa.Engine) -> None:
    """Print the summary."""
    received = _table("Received", "Feed", "Files", "Held or refused", "Rows", "Accepted", "Quarantined", "Duplicate")
    for row in received_by_feed(engine):
        numbers = (
            row.files,
            row.held_or_refused,
            row.rows_read,
            row.rows_accepted,
            row.rows_quarantined,
            row.rows_duplicate,
        )
        received.add_row(row.feed, *(f"{number:,}" for number in numbers))
    published = _table("Published", "View", "Rows")
    for view, count in published_rows(engine).items():
        published.add_row(f"publish.{view}", f"{count:,}")
    console.print(received)
    console.print(published)
    users = ", ".join(f"{user} ({role})" for user, role in UI_USERS.items())
    port = settings.metrics_port
    for line in (
        f"The UI:     http://{HOST}:{settings.ui_port}",
        f"Users:      {users}",
        f"Passwords:  {ui_passwords_file(settings)}",
        f"Drop files: {settings.drop}/<feed>/",
        f"Logs:       {settings.logs}",
        *([f"Metrics:    http://{HOST}:{port}/metrics"] if port else []),
        *_told_of_forecasts(engine),
        *_told_of_recipients(settings),
        "",
        "What to do next:",
        *(f"  {what}: {command}" for what, command in next_steps()),
    ):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _told_of_forecasts(engine: sa.Engine) -> Iterator[str]:
    if withheld := withheld_forecasts(engine):
        yield ""
        yield "Forecasts that are not published:"
        yield from (f"  {panel}: {because}" for panel, because in withheld.items())


def _told_of_recipients(settings: Settings) -> Iterator[str]:
    known = read_recipients(settings.recipients).contracts.values()
    if names := ", ".join(one.name for one in known if one.is_simulated):
        yield ""
        yield f"Allocations of samples are sent to {names}. The hub answers for them in the next half hour:"
        yield f"  http://{HOST}:{settings.ui_port}/hub/dispatches, {program_folder()}/hub updates list --all"


def _table(title: str, subject: str, *counts: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column(subject, no_wrap=True)
    for heading in counts:
        table.add_column(heading, justify="right")
    return table
