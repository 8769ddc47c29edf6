"""The addresses of the content that a provider is asked about, as the reports of an incident give them.

They are not published, since an address can name a person: they are read from staging, as the role that reads for
packages what the dispatcher may not."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import sqlalchemy as sa

from hub.dispatch.offered import Offered
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

STAGING, COLUMNS = "staging", ("report_id", "platform", "content_url")
TARGET = "provider"


def with_addresses(settings: Settings, offers: Collection[Offered]) -> Iterator[Offered]:
    """The same allocations, those to providers with the distinct addresses of the provider's own content."""
    told: dict[str, tuple[str | None, str]] = {}
    by_feed = defaultdict(set)
    for one in (one for one in offers if one.target_kind == TARGET):
        for report_id, feed in _reports(one):
            by_feed[feed].add(report_id)
    if by_feed:
        with open_warehouse(settings, Role.DISCLOSER).connect() as connection:
            for feed, report_ids in by_feed.items():
                told.update(_stated(connection, feed, report_ids))
    return (replace(one, addresses=_of_provider(one, told)) if one.target_kind == TARGET else one for one in offers)


def _reports(one: Offered) -> Iterator[tuple[str, str]]:
    """Report and feed, as the evidence has them."""
    return ((report_id, feed) for report_id, _, feed, *_ in one.row["evidence"])


def _stated(
    connection: sa.Connection, feed: str, report_ids: Collection[str]
) -> Iterator[tuple[str, tuple[str | None, str]]]:
    """Platform and address by report; nothing of a feed that has none."""
    inspector, name = sa.inspect(connection), f"stg_{feed}"
    if not inspector.has_table(name, STAGING):
        return
    if not {one["name"] for one in inspector.get_columns(name, STAGING)}.issuperset(COLUMNS):
        return
    columns = [sa.column(one, sa.Uuid) if one == "report_id" else sa.column(one) for one in COLUMNS]
    table = sa.table(name, *columns, schema=STAGING)
    wanted = sa.func.any(sa.cast(list(report_ids), sa.ARRAY(sa.Uuid)))
    query = sa.select(table).where(table.c.report_id == wanted, table.c.content_url != "")
    for row in connection.execute(query):
        yield str(row.report_id), (row.platform, row.content_url)


def _of_provider(one: Offered, told: Mapping[str, tuple[str | None, str]]) -> list[str]:
    found = (told[report_id] for report_id, _ in _reports(one) if report_id in told)
    return sorted({address for platform, address in found if platform == one.target_code})
