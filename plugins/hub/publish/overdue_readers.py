"""Sessions of readers that keep a publish waiting: those that have outlasted the bounds of their role are ended.

PostgreSQL ends such a session by itself unless it has given itself other timeouts, which every session may. The
publisher ends it then, as the reader that it may become; it has no right over sessions otherwise.
"""

import sqlalchemy as sa

from hub.publish.published import PUBLISHED
from hub.settings import Settings
from hub.warehouse.roles import bounds_of_logins

_HOLDERS = """
    select distinct a.pid, a.usename
    from pg_locks l
    join pg_class c on c.oid = l.relation
    join pg_namespace n on n.oid = c.relnamespace
    join pg_stat_activity a on a.pid = l.pid
    where n.nspname = :schema and l.granted and a.datname = current_database() and a.usename = any(:roles)
        and pg_has_role(a.usename, 'SET')
"""
_END = """
    select pg_terminate_backend(pid, 5000)
    from pg_stat_activity
    where pid = :pid and usename = :role and (
        xact_start < clock_timestamp() - cast(:transaction_timeout as interval)
        or state like 'idle in transaction%'
            and state_change < clock_timestamp() - cast(:idle_in_transaction_session_timeout as interval)
        or state = 'active' and query_start < clock_timestamp() - cast(:statement_timeout as interval)
    )
"""


def end_overdue_readers(connection: sa.Connection, settings: Settings) -> int:
    """End the sessions of readers that hold a published view for longer than ``grants.yaml`` lets their role do
    anything. Returns how many there were. ``connection`` is the publisher's."""
    bounds = bounds_of_logins(settings)
    ended = 0
    holders = connection.execute(sa.text(_HOLDERS), {"schema": PUBLISHED, "roles": list(bounds)}).all()
    become = sa.text("select set_config('role', :role, true)")
    for holder in holders:
        pid, role = int(holder.pid), str(holder.usename)
        connection.execute(become, {"role": role})
        try:
            asked = {"pid": pid, "role": role, **bounds[role].settings}
            ended += bool(connection.scalar(sa.text(_END), asked))
        finally:
            connection.execute(become, {"role": "none"})
    return ended
