"""dbt's candidates, the immutable published builds, and the views that readers know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from hub.publish import manifests
from hub.publish.published_models import PublishedModel

CANDIDATE = "candidate"
PUBLISHED = "publish"
STAMPS: Mapping[str, tuple[str, str]] = {
    "publish_id": ("bigint", "The publish that this row is part of; higher is later."),
    "data_as_of": ("timestamp with time zone", "Load of the latest delivery that this row can rest on."),
    "published_at": ("timestamp with time zone", "When the publish began; it is seen once it is checked."),
}
DROP_WAIT = "2s"
LOCK_STEP = "100ms"
"""Shorter than the second after which the database looks for deadlocks: it never finds one that ends a reader."""

SWITCH_BACK_LOCK = 4_207_042
LOCK_PAUSE_SECONDS = 0.05
LOCK_PATIENCE = 120.0


class ViewsHeld(RuntimeError):
    """The published views cannot be switched, because a reader's transaction holds one."""


@dataclass(frozen=True)
class Relation:
    """A table or view: its columns (name to type, in order), and its comments by column name ("" for its own)."""

    name: str
    columns: Mapping[str, str]
    comments: Mapping[str, str]


def relations_in(connection: sa.Connection, schema: str, name: str | None = None) -> dict[str, Relation]:
    """All tables and views of a schema, or the one of a name, with their columns and comments."""
    rows: Any = connection.execute(
        sa.text("""
            select c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where n.nspname = :schema and c.relkind in ('r', 'v') and c.relname = coalesce(:name, c.relname)
            order by c.relname, a.attnum
        """),
        {"schema": schema, "name": name},
    )
    columns: dict[str, dict[str, str]] = {}
    comments: dict[str, dict[str, str]] = {}
    for relation, column, kind, comment, own_comment in rows:
        columns.setdefault(relation, {})[column] = kind
        comments.setdefault(relation, {"": own_comment or ""})[column] = comment or ""
    return {name: Relation(name, columns[name], comments[name]) for name in columns}


def relation(connection: sa.Connection, schema: str, name: str) -> Relation | None:
    """One table or view of a schema, or None where there is none."""
    return relations_in(connection, schema, name).get(name)


def count_rows(connection: sa.Connection, schema: str, relation: str) -> int:
    """Rows of a relation."""
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(sa.table(relation, schema=schema))).scalar_one()
    )


def build_schema(publish_id: int) -> str:
    """Schema of a published build: what its readers ask for."""
    return f"{PUBLISHED}_{publish_id}"


def rows_schema(publish_id: int) -> str:
    """Schema of the tables of a published build of which readers see different rows."""
    return f"rows_of_{build_schema(publish_id)}"


def copy_candidate(
    connection: sa.Connection,
    candidate: Relation,
    publish_id: int,
    stamps: Mapping[str, object],
    indexes: Sequence[Sequence[str]] = (),
    together: Sequence[str] = (),
) -> int:
    """Copy a candidate relation into the immutable build, with the publish's stamps last, all comments, and the
    indexes that are asked for. Rows with the same values of ``together`` lie side by side. Returns how many rows it
    has."""
    quote = connection.dialect.identifier_preparer.quote
    target = f"{build_schema(publish_id)}.{quote(candidate.name)}"
    stamped = ", ".join(f"cast(:{stamp} as {kind}) as {stamp}" for stamp, (kind, _) in STAMPS.items())
    own = ", ".join(quote(column) for column in candidate.columns)
    query = f"select {own}, {stamped} from {CANDIDATE}.{quote(candidate.name)}"  # noqa: S608  # names are quoted
    if together:
        query += f" order by {', '.join(quote(column) for column in together)}"
    connection.execute(sa.schema.CreateSchema(build_schema(publish_id), if_not_exists=True))
    connection.execute(sa.text(f"create table {target} as {query}"), dict(stamps))
    for columns in indexes:
        connection.execute(sa.text(f"create index on {target} ({', '.join(quote(column) for column in columns)})"))
    connection.execute(sa.text(f"analyze {target}"))
    stamped_columns = dict(candidate.columns) | {stamp: kind for stamp, (kind, _) in STAMPS.items()}
    comments = dict(candidate.comments) | {stamp: meaning for stamp, (_, meaning) in STAMPS.items()}
    describe(connection, f"table {target}", Relation(candidate.name, stamped_columns, comments))
    return count_rows(connection, build_schema(publish_id), candidate.name)


def put_under_rules(connection: sa.Connection, publish_id: int, name: str, model: PublishedModel) -> list[str]:
    """Give a copied table its model's rules as constraints: the key, the columns that are always filled, the values of
    lists. Returns which of them its rows break, without any value; where there are some, the table goes with its
    publish."""
    quote = connection.dialect.identifier_preparer.quote
    rules: list[tuple[str, str]] = []
    if model.filled:
        rules.append(("", ", ".join(f"alter {quote(column)} set not null" for column in model.filled)))
    if model.key:
        columns = ", ".join(quote(column) for column in model.key)
        rules.append((f"{', '.join(model.key)} is there twice", f"add unique nulls not distinct ({columns})"))
    rules += [(f"{column} is not of its list", f"add check ({check})") for column, check in model.checks.items()]
    broken = []
    for fault, rule in rules:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"alter table {build_schema(publish_id)}.{quote(name)} {rule}")
        except sa.exc.IntegrityError as error:
            # The database quotes the row that breaks the rule; of an empty column only the name goes any further.
            refusal: Any = error.orig
            broken.append(fault or f"{refusal.diag.column_name} is empty")
    return broken


def lock_views(connection: sa.Connection, views: Sequence[str], patience: float = LOCK_PATIENCE) -> None:
    """Keep readers out of the views until this transaction ends: all of them at once or none, so that no reader's
    transaction sees two publishes. A view that a reader holds is waited for in short steps, holding none of the others,
    so that nobody waits for somebody who waits for him.

    Raises :class:`ViewsHeld` when readers have held one for ``patience`` seconds.
    """
    if not views:
        return
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(f"{PUBLISHED}.{quote(view)}" for view in views)
    attempts = Retrying(
        retry=retry_if_exception_type(sa.exc.OperationalError),
        stop=stop_after_delay(patience),
        wait=wait_fixed(LOCK_PAUSE_SECONDS),
        reraise=True,
    )
    try:
        attempts(_lock_at_once, connection, names)
    except sa.exc.OperationalError as error:
        raise ViewsHeld(f"a reader has held a published view for {patience:g} s") from error


def _lock_at_once(connection: sa.Connection, names: str) -> None:
    with connection.begin_nested():
        connection.exec_driver_sql(f"set local lock_timeout = '{LOCK_STEP}'")
        connection.exec_driver_sql(f"lock table {names} in access exclusive mode")
        connection.exec_driver_sql("set local lock_timeout to default")


def switch_view(connection: sa.Connection, name: str, built: Relation | None, publish_id: int) -> None:
    """Point ``publish.<name>`` at a build, whose table is ``built``, with all comments. Columns that the view has keep
    their place, new ones come after them. What an older build has not yet is null there, and a view that it has not
    yet is empty. A view that begins with the stamps, as an older version made it, is recreated with its own columns
    first: BI tools take the first date of a view as its time."""
    quote = connection.dialect.identifier_preparer.quote
    view = relation(connection, PUBLISHED, name)
    known, there = view.columns if view else {}, built.columns if built else {}
    kinds = {**known, **there}
    if _begins_with_stamps(known) and there and not _begins_with_stamps(there):
        connection.execute(sa.text(f"drop view {PUBLISHED}.{quote(name)}"))
        kinds = {**there, **known}
    chosen = ", ".join(
        quote(column) if column in there else f"cast(null as {kind}) as {quote(column)}"
        for column, kind in kinds.items()
    )
    source = f"from {build_schema(publish_id)}.{quote(name)}" if built else "where false"
    published = f"{PUBLISHED}.{quote(name)}"
    query = f"select {chosen} {source}"  # names are quoted
    connection.execute(sa.text(f"create or replace view {published} with (security_invoker = true) as {query}"))
    if built is not None:
        describe(connection, f"view {published}", built)


def _begins_with_stamps(columns: Mapping[str, str]) -> bool:
    return next(iter(columns), None) in STAMPS


def describe(connection: sa.Connection, target: str, described: Relation) -> None:
    """Give a table or view (``table schema.name``) the comments of ``described``."""
    quote = connection.dialect.identifier_preparer.quote
    _comment(connection, target, described.comments[""])
    for column in described.columns:
        _comment(connection, f"column {target.partition(' ')[2]}.{quote(column)}", described.comments[column])


def _comment(connection: sa.Connection, target: str, text: str) -> None:
    connection.exec_driver_sql(f"comment on {target} is {_literal(connection, text)}")


def _literal(connection: sa.Connection, text: str) -> str:
    """Text where a statement takes no parameters, by the driver's own quoting."""
    literal = sa.literal(text).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    return str(literal)


def standing_builds(connection: sa.Connection) -> list[int]:
    """The builds that are kept, the latest first: each can be read, and switched back to."""
    names: sa.ScalarResult[str] = connection.execute(
        sa.text("select nspname from pg_namespace where nspname ~ :pattern"), {"pattern": f"^{PUBLISHED}_[0-9]+$"}
    ).scalars()
    return sorted((int(name.rpartition("_")[2]) for name in names), reverse=True)


def keep_from_switching_back(connection: sa.Connection) -> None:
    """Let nobody else drop an older build, or switch readers back to one, until this transaction ends."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SWITCH_BACK_LOCK)))


def drop_old_builds(engine: sa.Engine, keep: int) -> list[int]:
    """Drop all but the latest ``keep`` builds and the one that readers see. One that a reader still holds is left for
    the next time."""
    with engine.connect() as connection:
        present = standing_builds(connection)
    dropped = []
    for publish_id in present[keep:]:
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(f"set local lock_timeout = '{DROP_WAIT}'"))
                keep_from_switching_back(connection)
                current = manifests.current_publish(connection)
                if current is not None and publish_id == current.publish_id:
                    continue
                for schema in (build_schema(publish_id), rows_schema(publish_id)):
                    connection.execute(sa.schema.DropSchema(schema, cascade=True, if_exists=True))
                dropped.append(publish_id)
        except sa.exc.OperationalError:
            continue
    return dropped
