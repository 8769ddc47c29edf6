"""Checksums of what was published. A publish never changes, so its tables are the same in every restored hub."""

import json
import logging
from collections.abc import Mapping

import sqlalchemy as sa

from hub.backup.places import BackupProblem, Places, backup_places, write_text
from hub.settings import Settings

log = logging.getLogger(__name__)

type Sums = Mapping[str, str]
"""Number of rows and checksum of each published table, by its name."""


def note_publishes(places: Places, engine: sa.Engine) -> list[str]:
    """Write down the checksums of publishes that are new. Returns which."""
    new = [schema for schema in schemas(engine) if not (places.publishes / f"{schema}.json").exists()]
    for schema in new:
        write_text(places.publishes / f"{schema}.json", json.dumps(checksums(engine, schema), indent=2))
    return new


def noted(places: Places) -> dict[str, Sums]:
    """What was written down, by publish."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in places.publishes.glob("*.json")}


def note_number(settings: Settings, publish_id: int) -> None:
    """Write down the number of a publish before readers see it. A hub that is restored to a moment before does not give
    it again. Where it cannot be written down, the log says so: readers get their publish all the same."""
    if settings.backup is None:
        return
    try:
        write_text(backup_places(settings).last_publish, str(publish_id))
    except (BackupProblem, OSError) as problem:
        log.warning("the number of publish %d is not kept: %s", publish_id, problem)


def last_number(places: Places) -> int:
    """The number of the last publish that was written down; 0 before the first."""
    return int(places.last_publish.read_text(encoding="utf-8")) if places.last_publish.exists() else 0


def schemas(engine: sa.Engine) -> list[str]:
    """The publishes that the warehouse keeps."""
    query = sa.text("select nspname from pg_namespace where nspname ~ '^publish_[0-9]+$' order by nspname")
    with engine.connect() as connection:
        return list(connection.execute(query).scalars())


def checksums(engine: sa.Engine, schema: str) -> Sums:
    """Number of rows and checksum of each table of a publish, in whatever order its rows lie."""
    quote = engine.dialect.identifier_preparer.quote
    tables = sa.text(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = :schema and c.relkind = 'r' order by c.relname"
    )
    with engine.connect() as connection:
        names: list[str] = list(connection.execute(tables, {"schema": schema}).scalars())
        return {
            name: connection.execute(
                sa.text(
                    "select count(*) || ' rows, ' || coalesce(sum(hashtextextended(one::text, 0)), 0)"  # noqa: S608
                    f" from {quote(schema)}.{quote(name)} as one"
                )
            ).scalar_one()
            for name in names
        }
