"""Who reads what of a published build: the grants of ``grants.yaml``, and what each role then sees."""

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from hub.publish import own_rows
from hub.publish.published import DROP_WAIT, PUBLISHED, build_schema, relations_in, rows_schema, standing_builds
from hub.settings import Settings
from hub.warehouse import grants
from hub.warehouse.grant_policy import Policy
from hub.warehouse.roles import ROLE_FAMILIES, RoleFamily, family_roles

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
"""One statement for all roles: some 500 counts at a tenth of a millisecond each, where a round trip for each would take
three."""


def grant_build(connection: sa.Connection, policy: Policy, publish_id: int, views: Iterable[str]) -> None:
    """Let each role that the policy names read the relations of a build, and of each relation only its own rows."""
    schema, of_views = build_schema(publish_id), policy.schemas[PUBLISHED]
    split = own_rows.split(connection, policy, publish_id, views)
    of_rows = dataclasses.replace(
        of_views,
        tables={view: of_views.rights(view) for view in split},
        functions={own_rows.function_of(view): tuple(of_views.rights(view)) for view in split},
    )
    schemas = {schema: of_views, **({rows_schema(publish_id): of_rows} if split else {})}
    grants.apply_grants(connection, dataclasses.replace(policy, schemas=schemas))


def grant_kept_builds(engine: sa.Engine, policy: Policy, current: int) -> None:
    """Split the older builds that are still kept by reader, where an earlier version of the hub did not. A build that a
    reader has locked is tried again at the next publish."""
    with engine.connect() as connection:
        kept = [one for one in standing_builds(connection) if one != current]
    for publish_id in kept:
        with suppress(sa.exc.OperationalError), engine.begin() as connection:
            if own_rows.undivided(connection, policy, publish_id):
                connection.exec_driver_sql(f"set local lock_timeout = '{DROP_WAIT}'")
                grant_build(connection, policy, publish_id, sorted(relations_in(connection, build_schema(publish_id))))


def grant_views(connection: sa.Connection, policy: Policy) -> None:
    """Grant the published views themselves, as the policy says."""
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
            seen[role, view] = count if policy.with_inherited(role) & readers.keys() else None
        for family in ROLE_FAMILIES:
            column = readers.get(family.group)
            # Without a column every row is for every role of the family.
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
    counts: str = connection.execute(sa.text("select current_setting('hub.seen')")).scalar_one()
    counted = iter(json.loads(counts))
    return {(role, view): next(counted) if may[role, view] else None for role in roles for view in views}


def readers_meant(settings: Settings, policy: Policy, views: Sequence[str]) -> set[tuple[str, str]]:
    """(role, view) for each reader whom the policy lets look at a view."""
    of_family = {role: family.group for family in ROLE_FAMILIES for role in family_roles(settings, family)}
    return {
        (role, view)
        for role in _readers(settings, policy)
        for view in views
        if policy.with_inherited(of_family.get(role, role)) & policy.published.get(view, {}).keys()
    }


def readers_of_views(
    connection: sa.Connection, settings: Settings, policy: Policy, views: Sequence[str]
) -> set[tuple[str, str]]:
    """(role, view) for each reader who may look at the view itself."""
    allowed = _may_select(connection, _readers(settings, policy), PUBLISHED, views)
    return {key for key, may in allowed.items() if may}


def _readers(settings: Settings, policy: Policy) -> list[str]:
    return [*_plain_readers(policy), *(role for family in ROLE_FAMILIES for role in family_roles(settings, family))]


def _plain_readers(policy: Policy) -> list[str]:
    """Roles of people and programs: not those made for each force or provider, nor the owners of what is published."""
    groups = {family.group for family in ROLE_FAMILIES}
    owner = policy.schemas[PUBLISHED].owner
    return [role for role in policy.roles if role not in groups and owner not in policy.with_inherited(role)]


def _stands_for(policy: Policy, role: str) -> str:
    """The role in whose place rows are counted, for one that the publisher may not switch to: the one it inherits from.
    A role that inherits from none should be able to read nothing. It is counted as the publisher (``none``), who sees
    every row, so the check fails if that role can read."""
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


def _by_code(connection: sa.Connection, family: RoleFamily, publish_id: int, view: str, column: str) -> dict[str, int]:
    quote = connection.dialect.identifier_preparer.quote
    table = f"{build_schema(publish_id)}.{quote(view)}"
    query = f"select {quote(column)}, count(*) from {table} group by 1"  # noqa: S608  # names are quoted
    rows: Sequence[Any] = connection.execute(sa.text(query)).all()
    return {family.role(code): count for code, count in rows}
