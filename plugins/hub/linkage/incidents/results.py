"""What the linkage of incidents reads to decide a component, and what it writes of it, in the caller's transaction."""

from collections.abc import Collection

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from hub.linkage.incident_state import FOLLOWED_OVERRIDES
from hub.linkage.incidents.components import Override
from hub.linkage.incidents.store import REPORT_ID, THESE, frame_of, id_list
from hub.linkage.tables import INCIDENT_CHANGES, REPORT_INCIDENTS, row_by_row
from hub.warehouse.engine import copy_rows
from hub.warehouse.row_exchange import exchange_rows, read_rows, uuid_column

_PAIR = [("report_a", pa.string()), ("report_b", pa.string())]
_ALL = "linkage.report_marks as these"


def read_joined(connection: sa.Connection, ids: Collection[str]) -> set[str]:
    """Ids of reports that may be one incident with one of these: by a pair, a manual override, or the incident that
    they were in."""
    # An incident is asked for once, not once for each of its many reports.
    query = f"""
        with these as materialized (select * from {THESE})
        select pairs.report_b from these inner join linkage.report_pairs as pairs on these.report_id = pairs.report_a
        union
        select pairs.report_a from these inner join linkage.report_pairs as pairs on these.report_id = pairs.report_b
        union
        select others.report_id
        from (select distinct incident_id from these inner join linkage.report_incidents using (report_id)) as incidents
        inner join linkage.report_incidents as others on incidents.incident_id = others.incident_id
        union
        select case when overrides.report_a = these.report_id then overrides.report_b else overrides.report_a end
        from these
        inner join linkage.incident_overrides as overrides
            on these.report_id in (overrides.report_a, overrides.report_b)
    """  # noqa: S608 (made of constants)
    with row_by_row(connection):
        return set(id_list(read_rows(connection, query, REPORT_ID, ids=list(ids))))


def read_known(connection: sa.Connection, ids: Collection[str]) -> list[str]:
    """Those of the reports that there are."""
    query = f"select report_id from {THESE} inner join linkage.report_marks using (report_id)"  # noqa: S608
    return id_list(read_rows(connection, query, REPORT_ID, ids=list(ids)))


def read_links(connection: sa.Connection, ids: Collection[str] | None) -> pd.DataFrame:
    """The pairs of a component: report_a, report_b, weight, reason, state."""
    # With `offset 0` each report is looked up by the index; joined, the planner would read all pairs.
    query = f"""
        select pairs.report_a, pairs.report_b, pairs.weight, pairs.reason, pairs.state
        from {_ALL if ids is None else THESE}
        cross join lateral (select * from linkage.report_pairs as kept where kept.report_a = these.report_id offset 0)
            as pairs
    """  # noqa: S608 (made of constants)
    schema = pa.schema([*_PAIR, ("weight", pa.float64()), ("reason", pa.string()), ("state", pa.string())])
    return frame_of(read_rows(connection, query, schema, ids=list(ids or ())))


def read_incidents(connection: sa.Connection, ids: Collection[str] | None) -> dict[str, str]:
    """The incident that each report was last found to be about."""
    query = f"""
        select known.report_id, known.incident_id
        from {_ALL if ids is None else THESE} inner join linkage.report_incidents as known using (report_id)
    """  # noqa: S608 (names of our own)
    schema = pa.schema([("report_id", pa.string()), ("incident_id", pa.string())])
    rows = read_rows(connection, query, schema, ids=list(ids or ()))
    return dict(zip(rows["report_id"].to_pylist(), rows["incident_id"].to_pylist(), strict=True))


def read_overrides(connection: sa.Connection, *, followed: bool = False) -> set[Override]:
    """The manual overrides, decided at microseconds since 1970: as they are, or as the last run ``followed`` them."""
    table = "followed_overrides" if followed else "incident_overrides"
    query = f"""
        select cast(report_a as text), cast(report_b as text), is_together,
            cast(extract(epoch from decided_at) * 1000000 as bigint)
        from linkage.{table}
    """  # noqa: S608 (names of our own)
    return {Override(row[0], row[1], row[2], row[3]) for row in connection.execute(sa.text(query))}


def write_incidents(
    connection: sa.Connection,
    incidents: dict[str, str],
    gone: Collection[str],
    changes: pd.DataFrame,
) -> None:
    """Write the incident of each report of a component and the log of ``changes`` (kind, old, new). Reports of ``gone``
    are no more: they lose their incident. All manual overrides count as followed from now on, so it is called once a
    run, in the transaction in which they were read."""
    ids = [*incidents, *gone]
    rows = pa.table({"report_id": uuid_column(incidents), "incident_id": uuid_column(incidents.values())})
    exchange_rows(connection, REPORT_INCIDENTS, rows, within=(("report_id",), ids))
    log = {
        "kind": pa.array(changes["kind"], pa.string()),
        "old_incident_id": uuid_column(changes["old"]),
        "new_incident_id": uuid_column(changes["new"]),
    }
    copy_rows(connection, INCIDENT_CHANGES, [pa.table(log)])
    connection.execute(sa.delete(FOLLOWED_OVERRIDES))
    connection.execute(
        sa.text("""
            insert into linkage.followed_overrides (report_a, report_b, is_together, decided_at)
            select report_a, report_b, is_together, decided_at from linkage.incident_overrides
        """)
    )


def write_states(connection: sa.Connection, links: pd.DataFrame) -> None:
    """Write the ``state`` of these pairs."""
    connection.execute(
        sa.text("""
            update linkage.report_pairs as pairs set state = now.state
            from unnest(cast(:ones as uuid[]), cast(:others as uuid[]), cast(:states as text[]))
                as now (report_a, report_b, state)
            where pairs.report_a = now.report_a and pairs.report_b = now.report_b
        """),
        {"ones": links["report_a"].tolist(), "others": links["report_b"].tolist(), "states": links["state"].tolist()},
    )
