"""Sessions of readers that have kept a publish waiting for as long as it waits: they are ended.

The timeouts of their roles do not suffice: a session may give itself others, and two readers that take turns would stop
every publish without either staying too long. The publisher may end the sessions of a role only as that role, which it
may set. An auditor reads more than a publisher may, and is ended by the role that builds.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from hub.publish.published import PUBLISHED
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role, login_roles

_HOLDERS = """
    select distinct a.pid, a.usename
    from pg_locks l
    join pg_class c on c.oid = l.relation
    join pg_namespace n on n.oid = c.relnamespace
    join pg_stat_activity a on a.pid = l.pid
    where n.nspname = :schema and l.granted and a.datname = current_database() and a.usename = any(:roles)
        and pg_has_role(a.usename, 'SET')
"""
_END = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid = :pid and usename = :role"


def end_holding_readers(connection: sa.Connection, settings: Settings) -> int:
    """End the sessions of readers that hold a published view. Returns how many ended. ``connection`` is the
    publisher's."""
    ended = _end(connection, login_roles(settings))
    with begin(open_warehouse(settings, Role.TRANSFORMER)) as builder:
        return ended + _end(builder, [Role.AUDITOR])


def _end(connection: sa.Connection, roles: Sequence[str]) -> int:
    ended = 0
    holders = connection.execute(sa.text(_HOLDERS), {"schema": PUBLISHED, "roles": list(roles)})
    become = sa.text("select set_config('role', :role, true)")
    for holder in holders.all():
        pid, role = int(holder.pid), str(holder.usename)
        connection.execute(become, {"role": role})
        ended += bool(connection.scalar(sa.text(_END), {"pid": pid, "role": role}))
        connection.execute(become, {"role": "none"})
    return ended
