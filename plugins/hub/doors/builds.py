"""The door to what builds leave behind: their records, dbt's candidates, and the immutable published builds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.doors.warehouse_tables import BUILDS, PUBLISHES

BUILD_LOCK = 4_207_003
CANDIDATE = "candidate"
PUBLISHED = "publish"
STAMPS: Mapping[str, tuple[str, str]] = {
    "publish_id": ("bigint", "The publish that this row is part of; higher is later."),
    "data_as_of": ("timestamp with time zone", "Load of the latest delivery that this row can rest on."),
    "published_at": ("timestamp with time zone", "When the publish was switched in."),
}
DROP_WAIT = "2s"


@dataclass(frozen=True)
class Relation:
    """A table or view: its columns (name to type, in order), and its comments by column name ("" for its own)."""

    name: str
    columns: Mapping[str, str]
    comments: Mapping[str, str]


@contextmanager
def one_build_at_a_time(engine: sa.Engine) -> Iterator[None]:
    """Wait for any other build or publish of this warehouse, and keep others waiting until this one is done."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(BUILD_LOCK)))
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(BUILD_LOCK)))


def lock_builds(connection: sa.Connection) -> None:
    """The same lock, held to the end of this transaction."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(BUILD_LOCK)))


def seeds_of_last_load(engine: sa.Engine) -> str | None:
    """Hash of the code lists that stand in the schema ``reference``, or None where they are not all there."""
    query = (
        sa.select(BUILDS.c.seeds_sha256)
        .where(BUILDS.c.status == "succeeded", BUILDS.c.selection.is_(None))
        .order_by(BUILDS.c.build_id.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()


def tables_in(engine: sa.Engine, schema: str) -> frozenset[str]:
    """Names of the tables in a schema; none where the schema does not exist."""
    with engine.connect() as connection:
        return frozenset(sa.inspect(connection).get_table_names(schema=schema))


def must_start_from_nothing(engine: sa.Engine, code_sha256: str) -> bool:
    """Whether building only what is new would leave tables that other code or deliveries made: no build of everything
    has succeeded yet, one of other code has run since the last that did, a delivery that it took in is loaded no
    longer, or a key under which raw's tokens or hashes stand has changed."""
    query = sa.text("""
        with last_good as (
            select max(build_id) as build_id, max(started_at) as started_at from ledger.builds
            where status = 'succeeded' and selection is null
        )
        select last_good.build_id is null
            or exists (select from ledger.builds b where b.build_id >= last_good.build_id and b.code_sha256 <> :code)
            or exists (
                select from ledger.built_deliveries built
                left join ledger.deliveries d on d.delivery_id = built.delivery_id and d.status = 'loaded'
                where d.rows_accepted is null or d.rows_accepted < built.rows_accepted
            )
            or exists (
                select from vault.key_rotations r
                where r.purpose in ('person', 'text', 'record')
                    and coalesce(r.finished_at, now()) >= last_good.started_at
            )
        from last_good
    """)
    with engine.connect() as connection:
        return bool(connection.execute(query, {"code": code_sha256}).scalar_one())


def start_build(engine: sa.Engine, *, selection: str | None, code_sha256: str, seeds_sha256: str) -> int:
    """Write down that a build begins. Returns its number."""
    statement = (
        sa.insert(BUILDS)
        .values(selection=selection, code_sha256=code_sha256, seeds_sha256=seeds_sha256)
        .returning(BUILDS.c.build_id)
    )
    with engine.begin() as connection:
        return int(connection.execute(statement).scalar_one())


def note_linked(engine: sa.Engine, build_id: int) -> None:
    """Write down that what linkage has changed so far goes into this build: what changes later is for the next."""
    with engine.begin() as connection:
        linked = sa.update(BUILDS).where(BUILDS.c.build_id == build_id)
        connection.execute(linked.values(linked_at=sa.func.clock_timestamp()))


def finish_build(engine: sa.Engine, build_id: int, *, failed: Sequence[str], count_nodes: int, succeeded: bool) -> None:
    """Write down how a build ended; of one of everything that succeeded also which deliveries it took in."""
    values = {
        "status": "succeeded" if succeeded else "failed",
        "failed": list(failed),
        "count_nodes": count_nodes,
        "finished_at": sa.func.clock_timestamp(),
    }
    with engine.begin() as connection:
        ended = sa.update(BUILDS).where(BUILDS.c.build_id == build_id).values(values)
        is_of_everything = connection.execute(ended.returning(BUILDS.c.selection.is_(None))).scalar_one()
        if succeeded and is_of_everything:
            connection.execute(
                sa.text("""
                    insert into ledger.built_deliveries (delivery_id, rows_accepted, build_id)
                    select delivery_id, count_rows_accepted, :build_id from staging.stg_ledger__deliveries
                    where status = 'loaded'
                    on conflict (delivery_id) do update
                    set rows_accepted = excluded.rows_accepted, build_id = excluded.build_id
                    where built_deliveries.rows_accepted <> excluded.rows_accepted
                """),
                {"build_id": build_id},
            )
            # What is loaded no longer was left out by a build from nothing; the next must not start from nothing again.
            connection.execute(
                sa.text("""
                    delete from ledger.built_deliveries built
                    where not exists (
                        select from staging.stg_ledger__deliveries d
                        where d.delivery_id = built.delivery_id and d.status = 'loaded'
                    )
                """)
            )


def broken_rules(engine: sa.Engine, query: str) -> list[tuple[str, int]]:
    """What a failed test of rows gives: each broken rule in words, with the number of rows that break it."""
    statement = sa.text(query.replace(":", r"\:")).columns(broken=sa.Text(), count_broken=sa.BigInteger())
    with engine.connect() as connection:
        return [(row.broken, row.count_broken) for row in connection.execute(statement)]


def last_build(connection: sa.Connection) -> sa.Row[Any] | None:
    """The latest row of ``ledger.builds``, whatever became of it."""
    return connection.execute(sa.select(BUILDS).order_by(BUILDS.c.build_id.desc()).limit(1)).one_or_none()


def last_publish(connection: sa.Connection) -> sa.Row[Any] | None:
    """The latest row of ``ledger.publishes``."""
    return connection.execute(sa.select(PUBLISHES).order_by(PUBLISHES.c.publish_id.desc()).limit(1)).one_or_none()


def relations_in(connection: sa.Connection, schema: str) -> dict[str, Relation]:
    """All tables and views of a schema, with their columns and comments."""
    rows: Any = connection.execute(
        sa.text("""
            select c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                   col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where n.nspname = :schema and c.relkind in ('r', 'v')
            order by c.relname, a.attnum
        """),
        {"schema": schema},
    )
    columns: dict[str, dict[str, str]] = {}
    comments: dict[str, dict[str, str]] = {}
    for relation, column, kind, comment, own_comment in rows:
        columns.setdefault(relation, {})[column] = kind
        comments.setdefault(relation, {"": own_comment or ""})[column] = comment or ""
    return {name: Relation(name, columns[name], comments[name]) for name in columns}


def count_rows(connection: sa.Connection, schema: str, relation: str) -> int:
    """Rows of a relation."""
    return int(
        connection.execute(sa.select(sa.func.count()).select_from(sa.table(relation, schema=schema))).scalar_one()
    )


def deliveries_of_build(connection: sa.Connection) -> tuple[Sequence[Any], datetime | None, str]:
    """What the marts rest on: ids of the loaded deliveries, the latest load, a hash over all deliveries and feeds."""
    deliveries: Any = connection.execute(
        sa.text("""
            select array_agg(delivery_id order by delivery_id) filter (where status = 'loaded'),
                   max(loaded_at) filter (where status = 'loaded'),
                   md5(coalesce(string_agg(concat_ws('/', delivery_id, status, contract_version, count_rows_accepted,
                           count_rows_quarantined, count_rows_duplicate, loaded_at), E'\\n' order by delivery_id), ''))
            from marts.fct_deliveries
        """)
    ).one()
    loaded, as_of, state = deliveries
    feeds: str = connection.execute(
        sa.text("select md5(coalesce(string_agg(f::text, E'\\n' order by feed), '')) from marts.dim_feed f")
    ).scalar_one()
    return loaded or [], as_of, f"{state}{feeds}"


def forecasts_so_far(connection: sa.Connection) -> str:
    """A mark of what forecasts and people's decisions about them have written: both are published without a build."""
    query = sa.text("""
        select concat_ws('/', (select count(*) || '/' || max(made_at) from forecast.runs),
                         (select max(decision_id) from forecast.tasking_decisions))
    """)
    return str(connection.execute(query).scalar_one())


def new_publish(connection: sa.Connection, values: Mapping[str, Any]) -> tuple[int, datetime]:
    """Write the manifest. Returns its number and time."""
    statement = sa.insert(PUBLISHES).values(dict(values)).returning(PUBLISHES.c.publish_id, PUBLISHES.c.published_at)
    written: Any = connection.execute(statement).one()
    return int(written[0]), written[1]


def build_schema(publish_id: int) -> str:
    """Schema that holds a published build's tables."""
    return f"{PUBLISHED}_{publish_id}"


def describe_publish(
    connection: sa.Connection, publish_id: int, row_counts: Mapping[str, int], checks: Sequence[Mapping[str, Any]]
) -> None:
    """Add to the manifest what was copied and checked."""
    statement = sa.update(PUBLISHES).where(PUBLISHES.c.publish_id == publish_id)
    connection.execute(statement.values(row_counts=dict(row_counts), checks=list(checks)))


def copy_candidate(
    connection: sa.Connection,
    candidate: Relation,
    publish_id: int,
    stamps: Mapping[str, object],
    indexes: Sequence[Sequence[str]] = (),
) -> int:
    """Copy a candidate relation into the immutable build, with the publish's stamps in front and the indexes that are
    asked for. Returns how many rows it has."""
    quote = connection.dialect.identifier_preparer.quote
    target = f"{build_schema(publish_id)}.{quote(candidate.name)}"
    stamped = ", ".join(f"cast(:{stamp} as {kind}) as {stamp}" for stamp, (kind, _) in STAMPS.items())
    own = ", ".join(quote(column) for column in candidate.columns)
    query = f"select {stamped}, {own} from {CANDIDATE}.{quote(candidate.name)}"  # noqa: S608  # names are quoted
    connection.execute(sa.schema.CreateSchema(build_schema(publish_id), if_not_exists=True))
    connection.execute(sa.text(f"create table {target} as {query}"), dict(stamps))
    for columns in indexes:
        connection.execute(sa.text(f"create index on {target} ({', '.join(quote(column) for column in columns)})"))
    connection.execute(sa.text(f"analyze {target}"))
    return count_rows(connection, build_schema(publish_id), candidate.name)


def switch_view(connection: sa.Connection, candidate: Relation, view: Relation | None, publish_id: int) -> None:
    """Point ``publish.<name>`` at the build, with all comments. Columns that the view has keep their place, new ones
    come after them. The view's readers may read the build too."""
    quote = connection.dialect.identifier_preparer.quote
    published = f"{PUBLISHED}.{quote(candidate.name)}"
    built = f"{build_schema(publish_id)}.{quote(candidate.name)}"
    columns = list(dict.fromkeys([*(view.columns if view else ()), *STAMPS, *candidate.columns]))
    query = f"select {', '.join(quote(column) for column in columns)} from {built}"  # noqa: S608  # names are quoted
    connection.execute(sa.text(f"create or replace view {published} with (security_invoker = true) as {query}"))
    comments = dict(candidate.comments) | {stamp: meaning for stamp, (_, meaning) in STAMPS.items()}
    for kind, relation in (("view", published), ("table", built)):
        _comment(connection, f"{kind} {relation}", comments[""])
        for column in columns:
            _comment(connection, f"column {relation}.{quote(column)}", comments[column])
    _pass_on_grants(connection, candidate.name, publish_id)


def _comment(connection: sa.Connection, target: str, text: str) -> None:
    # COMMENT takes no parameters; the driver's own literal quoting does.
    literal = sa.literal(text).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql(f"comment on {target} is {literal!s}")


def _pass_on_grants(connection: sa.Connection, name: str, publish_id: int) -> None:
    """Who may read the view may read the build's table: a view with ``security_invoker`` asks for both."""
    quote = connection.dialect.identifier_preparer.quote
    schema = build_schema(publish_id)
    readers: sa.ScalarResult[str] = connection.execute(
        sa.text("""
            select distinct case granted.grantee when 0 then 'public' else quote_ident(roles.rolname) end
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            cross join lateral aclexplode(c.relacl) granted
            left join pg_roles roles on roles.oid = granted.grantee
            where n.nspname = :schema and c.relname = :name and granted.privilege_type = 'SELECT'
              and granted.grantee <> c.relowner
        """),
        {"schema": PUBLISHED, "name": name},
    ).scalars()
    for reader in list(readers):
        connection.exec_driver_sql(f"grant usage on schema {schema} to {reader}")
        connection.exec_driver_sql(f"grant select on {schema}.{quote(name)} to {reader}")


def drop_old_builds(engine: sa.Engine, keep: int) -> list[int]:
    """Drop all but the latest ``keep`` builds. One that a reader still holds is left for the next time."""
    with engine.connect() as connection:
        names: sa.ScalarResult[str] = connection.execute(
            sa.text("select nspname from pg_namespace where nspname ~ :pattern"), {"pattern": f"^{PUBLISHED}_[0-9]+$"}
        ).scalars()
        present = sorted((int(name.rpartition("_")[2]) for name in names), reverse=True)
    dropped = []
    for publish_id in present[keep:]:
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(f"set local lock_timeout = '{DROP_WAIT}'"))
                connection.execute(sa.schema.DropSchema(build_schema(publish_id), cascade=True))
                dropped.append(publish_id)
        except sa.exc.OperationalError:
            continue
    return dropped
