"""Bringing the database to what ``grants.yaml`` says, and saying where it differs."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from hub.warehouse.grant_policy import ALL_OTHERS, Policy, Rights, read_policy

Held = dict[str, frozenset[str]]

_SCHEMAS = """
    select n.nspname, pg_get_userbyid(n.nspowner) as owner,
           coalesce(quote_ident(g.rolname), 'public') as grantee, lower(a.privilege_type) as privilege
    from pg_namespace n
    left join lateral aclexplode(n.nspacl) a on a.grantee <> n.nspowner
    left join pg_roles g on g.oid = a.grantee
    where n.nspname = any(:schemas)
"""
_RELATIONS = """
    select n.nspname, c.relname, pg_get_userbyid(c.relowner) as owner,
           coalesce(quote_ident(g.rolname), 'public') as grantee, lower(a.privilege_type) as privilege
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    left join lateral aclexplode(c.relacl) a on a.grantee <> c.relowner
    left join pg_roles g on g.oid = a.grantee
    where n.nspname = any(:schemas) and c.relkind in ('r', 'v', 'm', 'p')
    order by 1, 2
"""
_COLUMNS = """
    select n.nspname, c.relname, t.attname, coalesce(quote_ident(g.rolname), 'public') as grantee,
           lower(a.privilege_type) as privilege
    from pg_attribute t
    join pg_class c on c.oid = t.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(t.attacl) a
    left join pg_roles g on g.oid = a.grantee
    where n.nspname = any(:schemas) and c.relkind in ('r', 'v', 'm', 'p') and not t.attisdropped
        and a.grantee <> c.relowner
    order by n.nspname, c.relname, t.attnum, 4, 5
"""
_FUNCTIONS = """
    select n.nspname, p.proname, p.oid::regprocedure::text as function,
           coalesce(quote_ident(g.rolname), 'public') as grantee, lower(a.privilege_type) as privilege
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    left join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a on a.grantee <> p.proowner
    left join pg_roles g on g.oid = a.grantee
    where n.nspname = any(:schemas)
    order by 1, 3
"""
_DEFAULTS = """
    select n.nspname, pg_get_userbyid(d.defaclrole) as owner,
           coalesce(quote_ident(g.rolname), 'public') as grantee, lower(a.privilege_type) as privilege
    from pg_default_acl d
    join pg_namespace n on n.oid = d.defaclnamespace
    cross join lateral aclexplode(d.defaclacl) a
    left join pg_roles g on g.oid = a.grantee
    where n.nspname = any(:schemas) and d.defaclobjtype = 'r'
"""


def make_schemas(connection: sa.Connection) -> None:
    """Make the schemas that are missing, each its owner's."""
    for name, schema in read_policy().schemas.items():
        connection.exec_driver_sql(f"create schema if not exists {name} authorization {schema.owner}")


def apply_grants(connection: sa.Connection, policy: Policy | None = None) -> None:
    """Give and take rights until none differs from ``grants.yaml``, or from this part of it."""
    for statement in differences(connection, policy):
        connection.exec_driver_sql(statement)


def differences(connection: sa.Connection, policy: Policy | None = None) -> list[str]:
    """The statements that would bring schemas, relations, columns, functions and what new tables start with to the
    policy; none where nothing differs."""
    policy = policy or read_policy()
    return [
        *_of_schemas(connection, policy),
        *_of_relations(connection, policy),
        *_of_columns(connection, policy),
        *_of_functions(connection, policy),
        *_of_new_tables(connection, policy),
    ]


def _of_schemas(connection: sa.Connection, policy: Policy) -> Iterator[str]:
    owners: dict[str, str] = {}
    held: dict[str, Held] = {}
    for row in connection.execute(sa.text(_SCHEMAS), {"schemas": list(policy.schemas)}):
        owners[row.nspname] = row.owner
        add_right(held.setdefault(row.nspname, {}), row.grantee, row.privilege)
    for name, owner in owners.items():
        schema = policy.schemas[name]
        if owner != schema.owner:
            yield f"alter schema {name} owner to {schema.owner}"
        wanted = {role: frozenset({"usage"}) for role in schema.users}
        yield from statements(f"on schema {name}", held[name], wanted)


def _of_relations(connection: sa.Connection, policy: Policy) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote
    owners: dict[tuple[str, str], str] = {}
    held: dict[tuple[str, str], Held] = {}
    for row in connection.execute(sa.text(_RELATIONS), {"schemas": list(policy.schemas)}):
        key = (row.nspname, row.relname)
        owners[key] = row.owner
        add_right(held.setdefault(key, {}), row.grantee, row.privilege)
    for (name, relation), owner in owners.items():
        schema = policy.schemas[name]
        target = f"{name}.{quote(relation)}"
        if owner != schema.owner:
            yield f"alter table {target} owner to {schema.owner}"
        yield from statements(f"on {target}", held[name, relation], schema.rights(relation))


def _of_columns(connection: sa.Connection, policy: Policy) -> Iterator[str]:
    """The file gives rights to whole relations: one to a column alone is beyond it."""
    quote = connection.dialect.identifier_preparer.quote
    for row in connection.execute(sa.text(_COLUMNS), {"schemas": list(policy.schemas)}):
        on = f"{row.nspname}.{quote(row.relname)}"
        yield f"revoke {row.privilege} ({quote(row.attname)}) on {on} from {row.grantee}"


def _of_functions(connection: sa.Connection, policy: Policy) -> Iterator[str]:
    names: dict[str, tuple[str, str]] = {}
    held: dict[str, Held] = {}
    for row in connection.execute(sa.text(_FUNCTIONS), {"schemas": list(policy.schemas)}):
        names[row.function] = (row.nspname, row.proname)
        add_right(held.setdefault(row.function, {}), row.grantee, row.privilege)
    for function, (schema, name) in names.items():
        wanted = dict.fromkeys(policy.schemas[schema].functions.get(name, ()), frozenset({"execute"}))
        yield from statements(f"on function {function}", held[function], wanted)


def _of_new_tables(connection: sa.Connection, policy: Policy) -> Iterator[str]:
    held: dict[tuple[str, str], Held] = {}
    for row in connection.execute(sa.text(_DEFAULTS), {"schemas": list(policy.schemas)}):
        add_right(held.setdefault((row.nspname, row.owner), {}), row.grantee, row.privilege)
    wanted = {
        (name, schema.owner): schema.tables[ALL_OTHERS]
        for name, schema in policy.schemas.items()
        if ALL_OTHERS in schema.tables
    }
    for name, owner in sorted(held.keys() | wanted.keys()):
        for statement in statements("on tables", held.get((name, owner), {}), wanted.get((name, owner), {})):
            yield f"alter default privileges for role {owner} in schema {name} {statement}"


def add_right(held: Held, role: str, privilege: str | None) -> None:
    """Note a privilege that a role (as it is quoted, or ``public``) has; None is none."""
    if privilege is not None:
        held[role] = held.get(role, frozenset()) | {privilege}


def statements(on: str, held: Mapping[str, frozenset[str]], wanted: Rights) -> Iterator[str]:
    """What takes the rights that are held but not wanted, and gives those that are wanted but not held."""
    for role in sorted(held.keys() | wanted.keys()):
        has, should = held.get(role, frozenset()), wanted.get(role, frozenset())
        if extra := sorted(has - should):
            yield f"revoke {', '.join(extra)} {on} from {role}"
        if missing := sorted(should - has):
            yield f"grant {', '.join(missing)} {on} to {role}"
