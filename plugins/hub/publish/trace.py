"""From a published row back to the deliveries and rows that it rests on.

A row of a view is found in the immutable build of its publish; what counted in it is found there too where it is
published itself (allocations of a scorecard), and through the marts' lineage from there on. Only rows of deliveries
that the publish's manifest names are shown: what came later, the number cannot rest on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.publish import manifests, published
from hub.publish.trace_ways import NO_WAY, WAYS
from hub.settings import Settings
from hub.vault import audit


class NotTraced(ValueError):
    """There is no such publish, view or row, or no way back from it; the message says which."""


@dataclass(frozen=True)
class Source:
    """A delivery behind a published row, and which of its rows (none where it counts as a whole)."""

    delivery_id: str
    feed: str
    file_name: str
    sha256: str
    received_at: datetime
    contract_version: str | None
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Trace:
    """What was published, by which code, and the deliveries behind it."""

    publish_id: int
    published_at: datetime
    code_version: str
    view: str
    count_published: int
    sources: tuple[Source, ...]


def trace(
    settings: Settings, engine: sa.Engine, publish_id: int, view: str, key: Mapping[str, str], *, who: str
) -> Trace:
    """The deliveries and rows behind the rows of ``view`` whose columns are as ``key`` says, as of a publish that is
    still kept. The audit log says who asks for rows of which view by which columns, before any row is looked up.

    Raises :class:`NotTraced`; the database refuses roles that may not read the ledger and the lineage.
    """
    with engine.connect() as connection:
        manifest, build = _found(connection, publish_id, view, key)
        # Whatever was typed as a value could be somebody's; names of columns are known by now.
        details = {"publish_id": publish_id, "view": view, "columns": sorted(key)}
        audit.append(settings, audit.Entry(who, "publish traced", "lineage of a published number", details))
        quote = connection.dialect.identifier_preparer.quote
        where = " and ".join(f"cast({quote(column)} as text) = :{_name(place)}" for place, column in enumerate(key))
        chosen = f"select * from {build}.{quote(view)} where {where}"  # noqa: S608  # names are known and quoted
        values = {_name(place): value for place, value in enumerate(key.values())}
        count: int = connection.execute(sa.text(f"select count(*) from ({chosen}) as c"), values).scalar_one()  # noqa: S608
        if not count:
            raise NotTraced(f"{view} of publish {publish_id} has no row where {', '.join(map('='.join, key.items()))}")
        _refuse_without_way(connection, view, chosen, values)
        query = f"""
            with chosen as ({chosen}), behind as ({WAYS[view].replace("{build}", build)})
            select d.delivery_id, d.feed, d.file_name, d.sha256, d.received_at, d.contract_version,
                   array_agg(distinct behind.row_number order by behind.row_number)
                       filter (where behind.row_number is not null) as row_numbers
            from behind
            inner join ledger.deliveries as d on behind.delivery_id = d.delivery_id
            where d.delivery_id = any(cast(:delivery_ids as uuid[]))
            group by 1, 2, 3, 4, 5, 6
            order by d.received_at, d.delivery_id
        """  # noqa: S608  # names are known and quoted
        rows = connection.execute(sa.text(query), values | {"delivery_ids": list(manifest.delivery_ids)}).all()
    sources = tuple(
        Source(
            str(row[0]),
            row.feed,
            row.file_name,
            row.sha256,
            row.received_at,
            row.contract_version,
            tuple(row.row_numbers or ()),
        )
        for row in rows
    )
    return Trace(publish_id, manifest.published_at, manifest.code_version, view, count, sources)


def _found(connection: sa.Connection, publish_id: int, view: str, key: Mapping[str, str]) -> tuple[sa.Row[Any], str]:
    if view not in WAYS:
        raise NotTraced(f"there is no way back from {view!r}; there is from {', '.join(WAYS)}")
    try:
        manifest = manifests.manifest(connection, publish_id)
    except LookupError as error:
        raise NotTraced(str(error)) from error
    build = published.build_schema(publish_id)
    table = published.relation(connection, build, view)
    if table is None:
        raise NotTraced(f"{view} of publish {publish_id} is not kept any more")
    if not key or (unknown := sorted(key.keys() - table.columns.keys())):
        raise NotTraced(f"{view} has no column {', '.join(unknown)}" if key else "name at least one column=value")
    return manifest, build


def _refuse_without_way(connection: sa.Connection, view: str, chosen: str, values: Mapping[str, str]) -> None:
    column, without = NO_WAY.get(view, ("", ()))
    if without:
        query = f"select array_agg(distinct {column}) from ({chosen}) as c"  # noqa: S608  # names are known and quoted
        found: list[str] = connection.execute(sa.text(query), values).scalar_one()
        if rest := sorted(set(found) & set(without)):
            raise NotTraced(f"{', '.join(rest)}: there is no way back, as no row of a delivery is counted")


def _name(place: int) -> str:
    return f"value_{place}"
