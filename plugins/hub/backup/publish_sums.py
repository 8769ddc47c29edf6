"""Checksums of what was published. A publish never changes, so its tables are the same in every restored hub."""

import json
import logging
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from hub.backup.places import BackupProblem, Places, backup_places, write_text
from hub.settings import Settings

log = logging.getLogger(__name__)

type Sums = Mapping[str, str]
"""Number of rows and checksum of each published table, by its name."""


def note_publishes(places: Places, engine: sa.Engine) -> list[str]:
    """Write down the checksums of publishes that are new, or of which only some tables are noted. Returns which."""
    known = noted(places)
    new = [schema for schema in schemas(engine) if set(_tables(engine, schema)) != known.get(schema, {}).keys()]
    for schema in new:
        write_text(places.publishes / f"{schema}.json", json.dumps(checksums(engine, schema), indent=2))
    return new


def noted(places: Places) -> dict[str, Sums]:
    """The recorded checksums, by publish."""
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
    """Number of rows and checksum of each table of a publish, in whatever order its rows lie. ``engine`` is the
    administrator's, whom no row security hides a row from."""
    quote = engine.dialect.identifier_preparer.quote
    tables = _tables(engine, schema)
    with engine.connect() as connection:
        return {
            name: connection.execute(
                sa.text(
                    "select count(*) || ' rows, ' || coalesce(sum(hashtextextended(one::text, 0)), 0)"  # noqa: S608
                    f" from {quote(place)}.{quote(name)} as one"
                )
            ).scalar_one()
            for name, place in tables.items()
        }


def unnoted(places: Places, kept: Iterable[str]) -> list[str]:
    """Those of these publishes that have no checksums though a later one has; the last wait for the next backup."""
    numbers = {int(schema.removeprefix("publish_")): schema for schema in kept}
    known = noted(places)
    last = max((int(schema.removeprefix("publish_")) for schema in known), default=0)
    return [schema for number, schema in sorted(numbers.items()) if number < last and schema not in known]


def _tables(engine: sa.Engine, schema: str) -> dict[str, str]:
    """The schema of each table of a publish: those that are divided by reader are beside the others."""
    query = sa.text(
        "select c.relname, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname in (:schema, :divided) and c.relkind = 'r' order by c.relname"
    )
    places = {"schema": schema, "divided": f"rows_of_{schema}"}
    with engine.connect() as connection:
        return {row.relname: row.nspname for row in connection.execute(query, places)}
