"""Relations of which a police force or provider sees its own rows alone, and learns nothing of the others.

Under row security that compares a column, a reader's ``EXPLAIN ANALYZE`` counts the rows that are not its own. So such
a table has a schema of its own, and ``publish_<id>.<view>`` is made of two parts: the table, whose row security gives
a reader every row or is false before any row is looked at; and a function that gives the reader its own rows. What
happens inside of the function is neither planned with nor shown to who calls it. It goes by an index whatever the
reader set, since a plan also says how many pages were read: those of all readers, where the whole table is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import sqlalchemy as sa

from hub.publish.published import build_schema, describe, relation, relations_in, rows_schema
from hub.warehouse.grant_policy import Policy
from hub.warehouse.roles import ROLE_FAMILIES

_READER = (
    """case current_setting('role') when 'none' then cast(session_user as text) collate "default" """
    """else current_setting('role') end"""
)
"""Who asks: inside of the function, ``current_user`` is the publisher. Only who may become a role can set it. Names of
roles have a collation of their own, in which no index of a code is ordered."""

_BY_INDEX = "set enable_seqscan = off set enable_indexscan = on set enable_bitmapscan = on"


def function_of(view: str) -> str:
    """The function that gives a reader its own rows of a view."""
    return f"own_{view}"


def split(connection: sa.Connection, policy: Policy, publish_id: int, views: Iterable[str]) -> list[str]:
    """Divide by reader those relations of a build of which the policy gives readers different rows. A build that is
    divided already follows the policy of today. Returns which are divided."""
    rows, build = rows_schema(publish_id), build_schema(publish_id)
    divided = relations_in(connection, rows).keys()
    wanted = [view for view in views if view in divided or _is_by_row(policy.published.get(view, {}))]
    if wanted:
        connection.execute(sa.schema.CreateSchema(rows, if_not_exists=True))
    quote = connection.dialect.identifier_preparer.quote
    for view in wanted:
        table, published = f"{rows}.{quote(view)}", f"{build}.{quote(view)}"
        function = f"{rows}.{quote(function_of(view))}()"
        readers = policy.published.get(view, {})
        if view not in divided:
            connection.exec_driver_sql(f"alter table {published} set schema {rows}")
        _give_every_row(connection, rows, view, sorted(role for role, column in readers.items() if column is None))
        own = f"select * from {table} where {_own(readers, quote)}"  # noqa: S608  # names are quoted
        connection.exec_driver_sql(
            f"create or replace function {function} returns setof {table} language sql stable parallel restricted"
            f" security definer set search_path = pg_catalog, pg_temp {_BY_INDEX} as $$ {own} $$"
        )
        both = f"select * from {table} union all select * from {function}"  # noqa: S608  # names are quoted
        connection.exec_driver_sql(f"create or replace view {published} with (security_invoker = true) as {both}")
        if described := relation(connection, rows, view):
            describe(connection, f"view {published}", described)
    return wanted


def undivided(connection: sa.Connection, policy: Policy, publish_id: int) -> bool:
    """Whether a build has a relation that is to be divided and is not: a version made it that did not divide."""
    whole = relations_in(connection, build_schema(publish_id)).keys()
    divided = relations_in(connection, rows_schema(publish_id)).keys()
    return any(_is_by_row(policy.published.get(view, {})) for view in whole - divided)


def _is_by_row(readers: Mapping[str, str | None]) -> bool:
    return any(column is not None for column in readers.values())


def _give_every_row(connection: sa.Connection, schema: str, table: str, roles: Sequence[str]) -> None:
    """Row security without a policy for anybody else: to them its condition is false, and nothing is scanned."""
    quote = connection.dialect.identifier_preparer.quote
    name = f"{schema}.{quote(table)}"
    policies = sa.text("select policyname from pg_policies where schemaname = :schema and tablename = :table")
    for policy in connection.scalars(policies, {"schema": schema, "table": table}).all():
        connection.exec_driver_sql(f"drop policy {quote(policy)} on {name}")
    connection.exec_driver_sql(f"alter table {name} enable row level security")
    if roles:
        connection.exec_driver_sql(f"create policy every_row on {name} for select to {', '.join(roles)} using (true)")


def _own(readers: Mapping[str, str | None], quote: Callable[[str], str]) -> str:
    """The condition of the rows that are the reader's own."""
    own = [
        f"(starts_with({_READER}, '{family.name}_') and {quote(column)} = substr({_READER}, {len(family.name) + 2}))"
        for family in ROLE_FAMILIES
        if (column := readers.get(family.group)) is not None
    ]
    return " or ".join(own) or "false"
