"""``hub status``: feeds and their deliveries, open quarantine, open alerts, last publication, the hub itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hub.cli.tables import LOOK
from hub.contracts.model import Catalogue, read_catalogue
from hub.ingest.prepare import prepare_warehouse
from hub.local.condition import Condition, conditions
from hub.monitoring.watch import Alert, FeedCalendar, arrivals, open_alerts
from hub.settings import read_settings
from hub.warehouse.engine import open_warehouse, require_running
from hub.warehouse.roles import Role

STYLES = {"on_time": "green", "due": "yellow", "late": "red", "silent": "bold red", "refused": "bold red"}


@dataclass(frozen=True)
class FeedStatus:
    """What one feed has delivered so far; ``arrival`` is None where its contract is refused."""

    feed: str
    arrival: FeedCalendar | None
    last_status: str | None
    count_deliveries: int
    count_held: int
    rows_accepted: int
    open_quarantine: int


@dataclass(frozen=True)
class Publication:
    """The last switch of the published views; instants in UTC."""

    publish_id: str
    data_as_of: datetime | None
    published_at: datetime


def status() -> None:
    """Show each feed's last delivery, what waits for a person, when was published last, and how the hub itself is.
    Ends with 1 where a component, a disk, the backup or the drill is wrong. Changes nothing."""
    console, settings = Console(), read_settings()
    catalogue = read_catalogue(settings.expectations)
    require_running(settings)
    prepare_warehouse(open_warehouse(settings, Role.OWNER), catalogue.contracts.values())
    engine = open_warehouse(settings, Role.AUDITOR)
    now = datetime.now(UTC)
    with engine.connect() as connection:
        show(
            console,
            feed_statuses(connection, catalogue, now),
            open_alerts(connection),
            last_publication(connection),
            now,
        )
    found = conditions(settings, engine, now)
    console.print(_condition_table(found))
    if any(one.is_wrong for one in found):
        raise typer.Exit(1)


def feed_statuses(connection: sa.Connection, catalogue: Catalogue, now: datetime) -> list[FeedStatus]:
    """Every feed of the catalogue, by name."""
    query = sa.text("""
        select feed,
               count(*) as count_deliveries,
               count(*) filter (where status = 'held') as count_held,
               coalesce(sum(rows_accepted), 0)::bigint as rows_accepted,
               (array_agg(status order by received_at desc, delivery_id))[1] as last_status,
               (select count(*) from quarantine.rows
                where rows.feed = deliveries.feed and rows.state = 'open') as open_quarantine
        from ledger.deliveries group by feed
    """)
    delivered = {row.feed: row for row in connection.execute(query)}
    calendar = {arrival.feed: arrival for arrival in arrivals(connection, catalogue, now)}
    return [
        _feed_status(feed, calendar.get(feed), delivered.get(feed))
        for feed in sorted(catalogue.contracts.keys() | catalogue.refusals.keys())
    ]


def _feed_status(feed: str, arrival: FeedCalendar | None, row: sa.Row[Any] | None) -> FeedStatus:
    return FeedStatus(
        feed=feed,
        arrival=arrival,
        last_status=row.last_status if row else None,
        count_deliveries=row.count_deliveries if row else 0,
        count_held=row.count_held if row else 0,
        rows_accepted=row.rows_accepted if row else 0,
        open_quarantine=row.open_quarantine if row else 0,
    )


def last_publication(connection: sa.Connection) -> Publication | None:
    """What the published views say of themselves; None before the first publication."""
    if not sa.inspect(connection).has_table("freshness_v1", schema="publish"):
        return None
    query = sa.text("select publish_id, data_as_of, published_at from publish.freshness_v1 limit 1")
    row = connection.execute(query).one_or_none()
    return Publication(str(row.publish_id), row.data_as_of, row.published_at) if row else None


def show(
    console: Console,
    feeds: Sequence[FeedStatus],
    alerts: Sequence[Alert],
    publication: Publication | None,
    now: datetime,
) -> None:
    """Print the status as tables."""
    console.print(_feed_table(feeds, now))
    if alerts:
        console.print(_alert_table(alerts, now))
    else:
        console.print("No open alerts.")
    if publication is None:
        console.print("Nothing is published yet.")
    else:
        as_of = f"{publication.data_as_of:%Y-%m-%d %H:%M:%S} UTC" if publication.data_as_of else "no delivery yet"
        console.print(
            f"Last publication: number {publication.publish_id}, {publication.published_at:%Y-%m-%d %H:%M:%S} UTC"
            f" ({_ago(publication.published_at, now)}), data as of {as_of}",
            highlight=False,
            soft_wrap=True,
        )


def _feed_table(feeds: Sequence[FeedStatus], now: datetime) -> Table:
    table = Table("Feed", "State", "Last", "Ended", title="Feeds", **LOOK)
    for heading in ("Files", "Held", "Accepted", "Open"):
        table.add_column(heading, justify="right")
    for column in table.columns:
        column.no_wrap = True
    for one in feeds:
        state = one.arrival.state if one.arrival else "refused"
        last = one.arrival.last_received_at if one.arrival else None
        numbers = (one.count_deliveries, one.count_held, one.rows_accepted, one.open_quarantine)
        table.add_row(
            one.feed,
            f"[{STYLES[state]}]{state.replace('_', ' ')}[/]",
            _ago(last, now).removesuffix(" ago") if last else "never",
            one.last_status or "",
            *(f"{number:,}" for number in numbers),
        )
    return table


def _alert_table(alerts: Sequence[Alert], now: datetime) -> Table:
    table = Table("Open", "Kind", "Feed", "Owner", "What", title="Open alerts", **LOOK)
    for one in alerts:
        table.add_row(
            _ago(one.opened_at, now),
            one.cause.kind,
            one.cause.feed or "",
            Text(one.cause.owner),
            Text(one.cause.detail),
        )
    return table


def _condition_table(found: Sequence[Condition]) -> Table:
    table = Table("Part", "State", "", title="The hub itself", **LOOK)
    for one in found:
        table.add_row(one.part, "[bold red]wrong[/]" if one.is_wrong else "[green]well[/]", Text(one.said))
    return table


def _ago(instant: datetime, now: datetime) -> str:
    passed = max(now - instant, timedelta(0))
    for unit, length in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if passed >= length:
            return f"{passed // length} {unit} ago"
    return f"{passed.seconds} s ago"
