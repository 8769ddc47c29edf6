"""Records of publishes in the ledger, and the marks by which a publish knows that nothing has changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.warehouse.tables import FEEDS, LAST_PUBLISH, PUBLISH_SWITCHES, PUBLISHES


def last_publish(connection: sa.Connection) -> sa.Row[Any] | None:
    """The latest row of ``ledger.publishes``."""
    return connection.execute(sa.select(PUBLISHES).order_by(PUBLISHES.c.publish_id.desc()).limit(1)).one_or_none()


def current_publish(connection: sa.Connection) -> sa.Row[Any] | None:
    """The manifest of what readers see: of the publish that was switched to last."""
    last = sa.select(PUBLISH_SWITCHES.c.publish_id).order_by(PUBLISH_SWITCHES.c.switch_id.desc()).limit(1)
    query = sa.select(PUBLISHES).where(PUBLISHES.c.publish_id == last.scalar_subquery())
    return connection.execute(query).one_or_none()


def manifest(connection: sa.Connection, publish_id: int) -> sa.Row[Any]:
    """The manifest of a publish. Raises LookupError where there was none such."""
    row = connection.execute(sa.select(PUBLISHES).where(PUBLISHES.c.publish_id == publish_id)).one_or_none()
    if row is None:
        raise LookupError(f"there was no publish {publish_id}")
    return row


def note_switch(connection: sa.Connection, publish_id: int, kind: str, because: str | None) -> None:
    """Write down that readers see this publish from now on: ``published`` new, or ``switched`` back (or forward)."""
    values = {"publish_id": publish_id, "kind": kind, "because": because, "switched_at": sa.func.clock_timestamp()}
    connection.execute(sa.insert(PUBLISH_SWITCHES).values(values))


def contract_versions(connection: sa.Connection) -> dict[str, str]:
    """The version of each feed's contract that is in force."""
    return {row.feed: row.contract_version for row in connection.execute(sa.select(FEEDS))}


def forecasts_so_far(connection: sa.Connection) -> str:
    """A mark of what forecasts and people's decisions about them have written: both are published without a build."""
    query = sa.text("""
        select concat_ws('/', (select count(*) || '/' || max(made_at) from forecast.runs),
                         (select max(decision_id) from forecast.tasking_decisions))
    """)
    return str(connection.execute(query).scalar_one())


def known_issues_so_far(connection: sa.Connection) -> str:
    """A mark of the known issues at the last build: they are shown beside figures that no delivery has changed."""
    query = sa.text("""
        select md5(coalesce(string_agg(issues::text, ';' order by issue_id), ''))
        from candidate.known_issues_v1 as issues
    """)
    return str(connection.execute(query).scalar_one())


def dispatches_so_far(connection: sa.Connection) -> str:
    """A mark of what the last build knew of dispatches: they move without a delivery. A build of an older version has
    made no view of them."""
    if connection.scalar(sa.text("select to_regclass('candidate.dispatches_v1')")) is None:
        return ""
    query = sa.text("""
        select count(*) || '/' || md5(coalesce(string_agg(state, ';' order by dispatch_id), ''))
        from candidate.dispatches_v1
    """)
    return str(connection.execute(query).scalar_one())


def new_publish(connection: sa.Connection, values: Mapping[str, Any]) -> tuple[int, datetime]:
    """Write the manifest. Returns its number and time. Numbers follow each other without a gap: a sequence would leave
    one for every publish that fails."""
    count = sa.update(LAST_PUBLISH).values(publish_id=LAST_PUBLISH.c.publish_id + 1)
    publish_id: int = connection.execute(count.returning(LAST_PUBLISH.c.publish_id)).scalar_one()
    manifest = sa.insert(PUBLISHES).values(dict(values) | {"publish_id": publish_id})
    published_at: datetime = connection.execute(manifest.returning(PUBLISHES.c.published_at)).scalar_one()
    return publish_id, published_at


def count_publishes_from(connection: sa.Connection, publish_id: int) -> None:
    """Give no number up to this one again: readers may have noted it, though this database does not know it."""
    known = LAST_PUBLISH.c.publish_id
    connection.execute(sa.update(LAST_PUBLISH).where(known < publish_id).values(publish_id=publish_id))


def describe_publish(
    connection: sa.Connection, publish_id: int, row_counts: Mapping[str, int], checks: Sequence[Mapping[str, Any]]
) -> None:
    """Add to the manifest what was copied and checked."""
    statement = sa.update(PUBLISHES).where(PUBLISHES.c.publish_id == publish_id)
    connection.execute(statement.values(row_counts=dict(row_counts), checks=list(checks)))
