"""Who reads what of a published build: grants and row security from ``grants.yaml``, and what each role then sees."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from hub.publish.published import PUBLISHED, build_schema
from hub.settings import Settings
from hub.warehouse import grants
from hub.warehouse.grant_policy import Policy
from hub.warehouse.roles import FAMILIES, Family, family_roles

Seen = Mapping[tuple[str, str], int | None]
"""(role, view) → how many rows it sees; None where it may not look."""

_COUNT_AS = """
do $$
declare
    asked jsonb;
    found jsonb := '[]';
    counted bigint;
begin
    for asked in select value from jsonb_array_elements(current_setting('hub.asked')::jsonb) loop
        perform set_config('role', asked ->> 0, true);
        execute format('select count(*) from %I.%I', asked ->> 1, asked ->> 2) into counted;
        perform set_config('role', 'none', true);
        found := found || to_jsonb(counted);
    end loop;
    perform set_config('hub.seen', found::text, true);
end $$
"""
"""One statement for all roles: of some 500 questions each takes a tenth of a millisecond here, and one of its own would
take three to the server and back."""


def secure(connection: sa.Connection, policy: Policy, publish_id: int, views: Iterable[str]) -> None:
    """Let the tables of a build be read by those whom the policy names, and by each only its rows."""
    quote = connection.dialect.identifier_preparer.quote
    schema = build_schema(publish_id)
    of_views = policy.schemas[PUBLISHED]
    grants.apply_grants(connection, dataclasses.replace(policy, schemas={schema: of_views}))
    for view in views:
        readers = policy.published.get(view, {})
        table = f"{schema}.{quote(view)}"
        for name in _policies(connection, schema, view):
            connection.exec_driver_sql(f"drop policy {quote(name)} on {table}")
        is_by_row = any(column is not None for column in readers.values())
        connection.exec_driver_sql(f"alter table {table} {'enable' if is_by_row else 'disable'} row level security")
        if is_by_row:
            for statement in _row_security(table, readers, quote):
                connection.exec_driver_sql(statement)


def _row_security(table: str, readers: Mapping[str, str | None], quote: Callable[[str], str]) -> Iterator[str]:
    if everything := sorted(role for role, column in readers.items() if column is None):
        yield f"create policy every_row on {table} for select to {', '.join(everything)} using (true)"
    for family in FAMILIES:
        if (column := readers.get(family.group)) is not None:
            own = f"{quote(column)} = substr(cast(current_user as text), {len(family.name) + 2})"
            yield f"create policy own_rows_of_{family.name} on {table} for select to {family.group} using ({own})"


def let_read(connection: sa.Connection, policy: Policy) -> None:
    """Let the views themselves be read by those who may read what is behind them."""
    grants.apply_grants(connection, dataclasses.replace(policy, schemas={PUBLISHED: policy.schemas[PUBLISHED]}))


def expected(
    connection: sa.Connection, settings: Settings, policy: Policy, publish_id: int, counts: Mapping[str, int]
) -> Seen:
    """What every reader should see of a build, worked out from its rows without looking at its grants. ``counts`` are
    the rows of each view."""
    seen: dict[tuple[str, str], int | None] = {}
    for view, count in counts.items():
        readers = policy.published.get(view, {})
        for role in _plain_readers(policy):
            seen[role, view] = count if policy.all_that(role) & readers.keys() else None
        for family in FAMILIES:
            column = readers.get(family.group)
            own = {} if column is None else _by_code(connection, family, publish_id, view, column)
            for role in family_roles(settings, family):
                seen[role, view] = None if family.group not in readers else own.get(role, 0) if column else count
    return seen


def seen_by_all(
    connection: sa.Connection, settings: Settings, policy: Policy, publish_id: int, views: Sequence[str]
) -> Seen:
    """What every reader sees of a build: rows counted as that role. Roles that the publisher cannot become see what
    those see whose rights they have."""
    schema = build_schema(publish_id)
    roles = _readers(settings, policy)
    may = _may_select(connection, roles, schema, views)
    can_become = _can_become(connection, roles)
    asked = [
        (role if role in can_become else _stands_for(policy, role), schema, view)
        for role in roles
        for view in views
        if may[role, view]
    ]
    connection.execute(sa.select(sa.func.set_config("hub.asked", json.dumps(asked), True)))
    connection.exec_driver_sql(_COUNT_AS, execution_options={"no_parameters": True})
    told: str = connection.execute(sa.text("select current_setting('hub.seen')")).scalar_one()
    counted = iter(json.loads(told))
    return {(role, view): next(counted) if may[role, view] else None for role in roles for view in views}


def readers_meant(settings: Settings, policy: Policy, views: Sequence[str]) -> set[tuple[str, str]]:
    """(role, view) for each reader whom the policy lets look at a view."""
    of_family = {role: family.group for family in FAMILIES for role in family_roles(settings, family)}
    return {
        (role, view)
        for role in _readers(settings, policy)
        for view in views
        if policy.all_that(of_family.get(role, role)) & policy.published.get(view, {}).keys()
    }


def readers_of_views(
    connection: sa.Connection, settings: Settings, policy: Policy, views: Sequence[str]
) -> set[tuple[str, str]]:
    """(role, view) for each reader who may look at the view itself."""
    allowed = _may_select(connection, _readers(settings, policy), PUBLISHED, views)
    return {key for key, may in allowed.items() if may}


def _readers(settings: Settings, policy: Policy) -> list[str]:
    return [*_plain_readers(policy), *(role for family in FAMILIES for role in family_roles(settings, family))]


def _plain_readers(policy: Policy) -> list[str]:
    """Roles of people and programs that are neither one of a family nor the owners of what is published."""
    groups = {family.group for family in FAMILIES}
    owner = policy.schemas[PUBLISHED].owner
    return [role for role in policy.roles if role not in groups and owner not in policy.all_that(role)]


def _stands_for(policy: Policy, role: str) -> str:
    """Whom a role that the publisher cannot become reads as: the one whose rights it has. One that has nobody's should
    not read at all, and is taken to see everything."""
    return next(iter(policy.roles[role].inherits), "none")


def _can_become(connection: sa.Connection, roles: Sequence[str]) -> set[str]:
    query = sa.text("select r from unnest(cast(:roles as text[])) r where pg_has_role(r, 'SET')")
    return set(connection.execute(query, {"roles": list(roles)}).scalars())


def _may_select(
    connection: sa.Connection, roles: Sequence[str], schema: str, relations: Sequence[str]
) -> dict[tuple[str, str], bool]:
    query = sa.text("""
        select r, t, has_schema_privilege(r, :schema, 'usage')
                     and has_table_privilege(r, format('%I.%I', cast(:schema as text), t), 'select')
        from unnest(cast(:roles as text[])) r cross join unnest(cast(:relations as text[])) t
    """)
    given = {"schema": schema, "roles": list(roles), "relations": list(relations)}
    rows: Sequence[Any] = connection.execute(query, given).all()
    return {(role, relation): allowed for role, relation, allowed in rows}


def _by_code(connection: sa.Connection, family: Family, publish_id: int, view: str, column: str) -> dict[str, int]:
    quote = connection.dialect.identifier_preparer.quote
    table = f"{build_schema(publish_id)}.{quote(view)}"
    query = f"select {quote(column)}, count(*) from {table} group by 1"  # noqa: S608  # names are quoted
    rows: Sequence[Any] = connection.execute(sa.text(query)).all()
    return {family.role(code): count for code, count in rows}


def _policies(connection: sa.Connection, schema: str, table: str) -> list[str]:
    query = sa.text("select policyname from pg_policies where schemaname = :schema and tablename = :table")
    return list(connection.execute(query, {"schema": schema, "table": table}).scalars())
