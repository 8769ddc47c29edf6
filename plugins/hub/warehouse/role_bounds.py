"""What a role may take of the server, and what PostgreSQL itself would let everybody do: brought to ``grants.yaml`` by
the server's administrator, and compared with it by anybody.

A role can give its own sessions other timeouts, and itself another password: PostgreSQL knows no right to forbid that.
Both are found by the watch of safeguards; the numbers of connections and of temporary files are out of its reach.
"""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from hub.warehouse.grant_policy import Bounds, Policy
from hub.warehouse.grants import Held, add_right, statements

_ROLES = "select rolname, rolconnlimit from pg_roles where rolname = any(:roles)"
_ROLE_SETTINGS = """
    select r.rolname, d.datname, split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as value
    from pg_db_role_setting s
    join pg_roles r on r.oid = s.setrole
    left join pg_database d on d.oid = s.setdatabase
    cross join lateral unnest(s.setconfig) as setting
    where r.rolname = any(:roles)
    order by 1, 2, 3
"""
_FUNCTIONS = """
    select p.oid::regprocedure::text as function,
           coalesce(quote_ident(g.rolname), 'public') as grantee, lower(a.privilege_type) as privilege
    from pg_proc p
    left join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a on a.grantee <> p.proowner
    left join pg_roles g on g.oid = a.grantee
    where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ ('^(' || :pattern || ')$')
    order by 1
"""
_TABLE_RIGHTS = """
    select coalesce(quote_ident(g.rolname), 'public') as grantee, lower(a.privilege_type) as privilege
    from pg_class c
    cross join lateral aclexplode(c.relacl) a
    left join pg_roles g on g.oid = a.grantee
    where c.oid = to_regclass('pg_catalog.' || :table) and a.grantee <> c.relowner
"""
_COLUMN_RIGHTS = """
    select t.attname, array(
        select coalesce(quote_ident(g.rolname), 'public')
        from aclexplode(t.attacl) a
        left join pg_roles g on g.oid = a.grantee
    ) as grantees
    from pg_attribute t
    where t.attrelid = to_regclass('pg_catalog.' || :table)
    order by t.attnum
"""
_OPEN_DATABASES = """
    select d.datname
    from pg_database d
    cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    where d.datname in ('postgres', 'template1') and a.grantee = 0 and a.privilege_type = 'CONNECT'
    order by 1
"""


def differences(connection: sa.Connection, policy: Policy, bounds: Mapping[str, Bounds]) -> list[str]:
    """The statements with which the administrator would bring the server to the policy; none where nothing differs.
    ``bounds`` are those of each role that can log in."""
    return [
        *_of_roles(connection, bounds),
        *_of_functions(connection, policy),
        *_of_columns(connection, policy),
        *(f"revoke connect on database {name} from public" for name in connection.scalars(sa.text(_OPEN_DATABASES))),
    ]


def _of_roles(connection: sa.Connection, bounds: Mapping[str, Bounds]) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote
    limits = {row.rolname: row.rolconnlimit for row in connection.execute(sa.text(_ROLES), {"roles": list(bounds)})}
    held: dict[str, dict[str, str]] = {}
    for row in connection.execute(sa.text(_ROLE_SETTINGS), {"roles": list(bounds)}):
        if row.datname is None:
            held.setdefault(row.rolname, {})[row.name] = row.value
        else:
            yield f"alter role {quote(row.rolname)} in database {quote(row.datname)} reset {quote(row.name)}"
    for role, limit in limits.items():
        has, should = held.get(role, {}), bounds[role]
        if limit != should.connections:
            yield f"alter role {quote(role)} connection limit {should.connections}"
        for name in sorted(has.keys() - should.settings.keys()):
            yield f"alter role {quote(role)} reset {quote(name)}"
        for name, value in should.settings.items():
            if has.get(name) != value:
                yield f"alter role {quote(role)} set {name} = '{value}'"


def _of_functions(connection: sa.Connection, policy: Policy) -> Iterator[str]:
    for pattern, roles in policy.server_functions.items():
        held: dict[str, Held] = {}
        for row in connection.execute(sa.text(_FUNCTIONS), {"pattern": pattern}):
            add_right(held.setdefault(row.function, {}), row.grantee, row.privilege)
        wanted = dict.fromkeys(roles, frozenset({"execute"}))
        for function, rights in held.items():
            yield from statements(f"on function pg_catalog.{function}", rights, wanted)


def _of_columns(connection: sa.Connection, policy: Policy) -> Iterator[str]:
    """Rights to columns alone: one to the table would hold for each of them."""
    for table, withheld in policy.server_columns.items():
        on = f"on pg_catalog.{table}"
        of_table: Held = {}
        for row in connection.execute(sa.text(_TABLE_RIGHTS), {"table": table}):
            add_right(of_table, row.grantee, row.privilege)
        yield from statements(on, of_table, {})
        for column in connection.execute(sa.text(_COLUMN_RIGHTS), {"table": table}):
            right = f"select ({column.attname})"
            readers = withheld.readers if column.attname in withheld.columns else ("public",)
            # Who loses a right to the table loses those to its columns with it.
            held = {role: frozenset({right}) for role in column.grantees if role not in of_table}
            yield from statements(on, held, dict.fromkeys(readers, frozenset({right})))
