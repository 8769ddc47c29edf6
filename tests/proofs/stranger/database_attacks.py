"""What a stranger with the login of a reader tries against the database."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from hub.settings import Settings
from hub.warehouse.engine import role_address

READERS = ("hub_analyst", "hub_bi", "hub_auditor", "hub_recorder", "force_BTP", "provider_facebook")
REFUSED = (
    *("select pg_advisory_lock(1)", "select pg_try_advisory_xact_lock_shared(1, 2)", "select pg_advisory_unlock_all()"),
    *("select lo_create(0)", "select lo_from_bytea(0, 'x')", "select lo_import('/etc/passwd')", "select lo_open(1, 1)"),
    *("select pg_read_file('/etc/passwd')", "select pg_ls_dir('.')", "select pg_stat_file('base')"),
    *("copy (select 1) to program 'id'", "copy (select 1) to '/tmp/x'", "load 'auto_explain'"),
    *("set role hub_owner", "set role hub_force", 'set role "force_E23000001"', "set session authorization hub_owner"),
    *("alter role current_user createdb", "alter role current_user connection limit -1", "alter role hub_owner login"),
    *("set temp_file_limit = -1", "set session_replication_role = replica", "set log_min_messages = debug1"),
    *("alter system set work_mem = '1GB'", "alter database hub set role = hub_owner", "checkpoint"),
    *(
        "create temporary table t (x int)",
        "create schema s",
        "create table public.t (x int)",
        "create extension vector schema pg_catalog",
    ),
    "create function public.f() returns int language sql as 'select 1'",
    "create function pg_temp.f() returns int language sql as 'select 1'",
    *("create publication p for all tables", "select pg_create_physical_replication_slot('s')"),
    *(
        "select * from pg_authid",
        "select * from pg_shadow",
        "select * from pg_hba_file_rules",
        "select * from pg_statistic",
    ),
    *("select * from pg_largeobject", "select * from pg_backend_memory_contexts", "select * from pg_file_settings"),
    *("select * from pg_stat_user_tables", "select * from pg_stat_database", "select * from pg_statio_all_tables"),
    *("select * from pg_locks", "select pg_stat_get_backend_io(pg_backend_pid())"),
    *("select pg_stat_get_live_tuples('pg_class'::regclass)", "select * from pg_stat_progress_copy"),
    "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user",
    "select pg_cancel_backend(pid) from pg_stat_activity where usename <> current_user",
    "select pg_logical_emit_message(false, 'x', repeat('x', 1000))",
    *("select pg_switch_wal()", "select pg_reload_conf()", "select pg_rotate_logfile()", "select pg_promote()"),
    *("select * from vault.subject_keys", "select * from vault.erasures", "insert into audit.log default values"),
    *(
        "update ledger.deliveries set status = 'loaded'",
        "delete from quarantine.rows",
        "drop table raw.programme_spend",
    ),
    *(
        "do $$ begin lock table audit.log in exclusive mode; end $$",
        "truncate audit.log",
        "alter table audit.log disable trigger all",
    ),
    *("grant hub_owner to current_user", "reassign owned by hub_owner to current_user", "drop owned by hub_owner"),
)
"""Each is to be refused to each reader, whatever else it may."""

OTHER_DATABASES = ("postgres", "template1")
OPTIONS = ("-c role=force_E23000001", "-c session_authorization=hub_owner", "-c log_min_messages=debug1")
"""With which a login is to fail."""


@contextmanager
def logged_in(settings: Settings, role: str, database: str | None = None, options: str = "") -> Iterator[sa.Connection]:
    """A session of a role, in which each statement stands by itself."""
    address = role_address(settings, role).set(drivername="postgresql+psycopg")
    address = address.set(database=database or address.database)
    engine = sa.create_engine(
        address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, connect_args={"options": options}
    )
    with engine.connect() as connection:
        yield connection


def answer(connection: sa.Connection, statement: str) -> str | None:
    """The kind of the error with which a statement ends; None where it is carried out."""
    try:
        connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError as error:
        return type(error.orig).__name__
    return None
