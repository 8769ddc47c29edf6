"""What a role may take of the server has an end, and no reader keeps the hub's own parts from their work."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hub.contracts.model import Catalogue
from hub.monitoring.watch import watch_deliveries, watch_safeguards
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse import grants, roles
from hub.warehouse.embedded_postgres import binaries
from hub.warehouse.engine import open_warehouse, role_address, set_up_roles
from hub.warehouse.grant_policy import read_policy
from hub.warehouse.roles import ROLE_FAMILIES, Role, family_roles, login_roles, server_differences

READERS = ["hub_analyst", "hub_bi", "hub_auditor", "force_BTP", "provider_x"]
STOPPED_THE_HUB = [
    "select pg_advisory_lock(4207004)",
    "select pg_try_advisory_lock_shared(4207003)",
    "select pg_advisory_xact_lock(4207002, 1)",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "select idx_tup_fetch from pg_stat_user_indexes",
    "select n_live_tup from pg_stat_user_tables",
    "select tup_fetched from pg_stat_database",
    "select pg_stat_get_backend_wal(pg_backend_pid())",
    "select relation from pg_locks",
]
WITHOUT_COUNTS = ["hub_bi", "force_BTP", "provider_x"]


def session(settings: Settings, role: str, database: str | None = None) -> sa.Engine:
    address = role_address(settings, role).set(drivername="postgresql+psycopg")
    return sa.create_engine(address.set(database=database or address.database), poolclass=sa.NullPool)


@pytest.mark.parametrize("statement", STOPPED_THE_HUB)
def test_no_reader_takes_a_lock_of_the_hubs_makes_a_large_object_or_counts_what_others_read(
    settings: Settings, statement: str
) -> None:
    for role in READERS:
        refused = pytest.raises(sa.exc.ProgrammingError, match="permission denied for function")
        with open_warehouse(settings, role).connect() as connection, refused:
            connection.execute(sa.text(statement))


@pytest.mark.parametrize("role", WITHOUT_COUNTS)
def test_a_reader_of_protected_figures_or_own_rows_learns_the_size_of_no_relation(
    settings: Settings, role: str
) -> None:
    """The planner's number of rows is that of the reports: from day to day, when each of them came."""
    counts = read_policy().server_columns["pg_class"].columns
    sizes = ("pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size")
    asked = [f"select {column} from pg_class where relname = 'true_vision_reports'" for column in counts]
    asked += [f"select {size}('pg_class')" for size in sizes]
    asked += ["select * from pg_class", "select c from pg_class c", "select pg_database_size(current_database())"]
    with session(settings, role).connect() as connection:
        for statement in asked:
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                connection.execute(sa.text(statement))
            connection.rollback()


LISTED = [
    "\\d",
    "\\dn",
    "\\dv publish.*",
    "\\dt ledger.*",
    "\\d ledger.deliveries",
    "\\d pg_class",
    "\\df",
    "\\du",
    "\\dd",
    "\\dp",
]


@pytest.mark.parametrize("role", ["hub_bi", "force_BTP"])
def test_a_client_lists_what_there_is_without_its_size(settings: Settings, role: str) -> None:
    address = role_address(settings, role)
    psql = [str(binaries() / "psql"), "-XAt", "-h", str(address.host), "-p", str(address.port), "-U", role]
    psql += ["-v", "ON_ERROR_STOP=1", str(address.database), *(part for one in LISTED for part in ("-c", one))]
    listed = subprocess.run(psql, env={"PGPASSWORD": str(address.password)}, capture_output=True, text=True, check=True)
    assert "delivery_id" in listed.stdout
    assert "ERROR" not in listed.stderr
    with session(settings, role).connect() as connection:
        inspector = sa.inspect(connection)
        assert "deliveries" in inspector.get_table_names("ledger")
        assert "delivery_id" in [one["name"] for one in inspector.get_columns("deliveries", "ledger")]
        assert connection.scalar(sa.text("select count(*) from pg_class where age(xmin) >= 0 and tableoid > 0"))


def test_no_role_reaches_another_database_of_the_server(settings: Settings) -> None:
    for role in (*READERS, Role.LOADER, Role.OWNER):
        for database in ("postgres", "template1"):
            with pytest.raises(sa.exc.OperationalError, match="permission denied for database"):
                session(settings, role, database).connect()


def test_every_role_has_the_bounds_of_the_file_and_every_session_begins_with_them(settings: Settings) -> None:
    policy = read_policy()
    with open_warehouse(settings, Role.OWNER).connect() as connection:
        assert server_differences(settings, connection) == []
        bounded = "select rolname from pg_roles where rolconnlimit > 0"
        assert set(connection.scalars(sa.text(bounded))) == set(login_roles(settings))
    for role, bounds in (("force_BTP", "outside_reader"), ("hub_bi", "reader"), ("hub_recorder", "recorder")):
        with session(settings, role).connect() as connection:
            for name, value in policy.bounds[bounds].settings.items():
                assert connection.scalar(sa.text(f"select current_setting('{name}')")) == value, (role, name)


def test_no_session_takes_more_room_for_temporary_files_than_its_role_may(settings: Settings) -> None:
    with session(settings, "force_BTP").connect() as connection:
        refused = pytest.raises(sa.exc.ProgrammingError, match='permission denied to set parameter "temp_file_limit"')
        with refused:
            connection.execute(sa.text("set temp_file_limit = -1"))


def test_a_provider_holds_no_more_connections_than_it_may(settings: Settings) -> None:
    engine = session(settings, "provider_x")
    held = [engine.connect() for _ in range(read_policy().bounds["outside_reader"].connections)]
    try:
        with pytest.raises(sa.exc.OperationalError, match="too many connections for role"):
            engine.connect()
    finally:
        for one in held:
            one.close()


def test_all_readers_together_leave_a_third_of_the_connections_to_the_hub(
    settings: Settings, administration: sa.Engine
) -> None:
    bounds = roles.bounds_of_logins(settings)
    outside = [role for family in ROLE_FAMILIES for role in family_roles(settings, family)]
    readers = sum(bounds[role].connections for role in (*outside, Role.ANALYST, Role.BI, Role.AUDITOR))
    with administration.connect() as connection:
        most = int(connection.scalar(sa.text("show max_connections")) or 0)
    assert readers <= most * 2 // 3


def watch(loader: sa.Engine, settings: Settings) -> dict[str, str]:
    """Cause and detail of each open alert about the hub's safeguards."""
    return {one.cause.key: one.cause.detail for one in watch_safeguards(loader, settings, datetime.now(UTC))}


def administrator(settings: Settings) -> sa.Engine:
    address = make_url(settings.warehouse_url or "").set(drivername="postgresql+psycopg")
    return sa.create_engine(address, poolclass=sa.NullPool)


def put_right(settings: Settings) -> None:
    with administrator(settings).begin() as connection:
        password = (settings.secrets / "roles" / "hub_bi").read_text().strip()
        connection.exec_driver_sql(f"alter role hub_bi password '{password}'")
    set_up_roles(settings)


@pytest.fixture
def spoilt(settings: Settings) -> Iterator[sa.Engine]:
    """The server's roles are shared by all tests: what a test does to one is put right again."""
    yield open_warehouse(settings, Role.LOADER)
    put_right(settings)


def test_what_a_role_does_to_its_own_bounds_and_password_is_an_alert_until_it_is_put_right(
    settings: Settings, spoilt: sa.Engine, catalogue: Catalogue
) -> None:
    assert watch(spoilt, settings) == {}
    with session(settings, "hub_bi").begin() as connection:
        connection.exec_driver_sql("alter role hub_bi set statement_timeout = 0")
        database = connection.engine.url.database
        connection.exec_driver_sql(
            f"alter role hub_bi in database {database} set idle_in_transaction_session_timeout = 0"
        )
    found = watch(spoilt, settings)
    assert found.keys() == {"role_bounds"}
    assert "alter role hub_bi set statement_timeout = '5min'" in found["role_bounds"]
    assert f"alter role hub_bi in database {database} reset" in found["role_bounds"]
    with session(settings, "hub_bi").begin() as connection:
        connection.exec_driver_sql("alter role hub_bi password 'mine'")
    found = watch(spoilt, settings)
    assert found.keys() == {"role_bounds", "role_password:hub_bi"}
    assert "mine" not in str(found)
    assert "hub roles renew" in found["role_password:hub_bi"]
    # The watch of deliveries leaves these alone.
    watch_deliveries(spoilt, catalogue, settings, datetime.now(UTC))
    with spoilt.connect() as connection:
        query = "select count(*) from ledger.alerts where closed_at is null and kind like 'role%'"
        assert connection.scalar(sa.text(query)) == 2
    put_right(settings)
    assert watch(spoilt, settings) == {}


def test_an_audit_log_that_is_not_whole_is_an_alert(settings: Settings, engine: sa.Engine) -> None:
    loader = open_warehouse(settings, Role.LOADER)
    for _ in range(2):
        audit.append(settings, audit.Entry("a.person", "vault read", "a test"))
    assert watch(loader, settings) == {}
    with engine.begin() as connection:
        connection.exec_driver_sql("alter table audit.log disable trigger only_ever_added")
        connection.exec_driver_sql("update audit.log set who = 'another' where entry_id = 1")
    assert watch(loader, settings) == {"audit_log": "entry 1 was changed"}


def test_a_right_to_a_table_of_postgresqls_that_is_given_by_hand_is_found_and_taken_again(
    settings: Settings, spoilt: sa.Engine
) -> None:
    with administrator(settings).begin() as connection:
        connection.exec_driver_sql("grant select on pg_class to public")
        connection.exec_driver_sql("grant select (reltuples) on pg_class to hub_bi")
    found = watch(spoilt, settings)
    assert found.keys() == {"role_bounds"}
    put_right(settings)
    assert watch(spoilt, settings) == {}
    with session(settings, "hub_bi").connect() as connection:
        assert connection.scalar(sa.text("select relname from pg_class limit 1"))
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.execute(sa.text("select reltuples from pg_class"))


BEYOND = {
    "grant hub_privacy to hub_bi": "revoke hub_privacy from hub_bi",
    "grant pg_read_all_data to hub_bi": "revoke pg_read_all_data from hub_bi",
    "grant hub_auditor to hub_transformer with inherit true, admin true": "revoke hub_auditor from hub_transformer",
    "alter role hub_bi bypassrls createrole": "alter role hub_bi nobypassrls nocreaterole",
    "alter role hub_force createdb replication superuser": "alter role hub_force nosuperuser nocreatedb noreplication",
}


@pytest.mark.parametrize(("given", "taken"), BEYOND.items())
def test_a_membership_or_an_attribute_beyond_the_file_is_an_alert_until_it_is_put_right(
    settings: Settings, spoilt: sa.Engine, given: str, taken: str
) -> None:
    with administrator(settings).begin() as connection:
        connection.exec_driver_sql(given)
    found = watch(spoilt, settings)
    assert found.keys() == {"role_bounds"}
    assert taken in found["role_bounds"]
    put_right(settings)
    assert watch(spoilt, settings) == {}


def test_a_membership_that_the_file_gives_is_given_again(settings: Settings, spoilt: sa.Engine) -> None:
    with administrator(settings).begin() as connection:
        connection.exec_driver_sql("revoke hub_auditor from hub_transformer")
    given = "grant hub_auditor to hub_transformer with inherit false, set true"
    assert given in watch(spoilt, settings)["role_bounds"]
    put_right(settings)
    assert watch(spoilt, settings) == {}


def test_a_role_that_is_not_the_hubs_keeps_what_it_is(settings: Settings, spoilt: sa.Engine) -> None:
    with administrator(settings).connect() as connection, connection.begin() as all_of_it:
        connection.exec_driver_sql("create role of_somebody_else createdb")
        connection.exec_driver_sql("grant hub_analyst to of_somebody_else")
        assert server_differences(settings, connection) == []
        all_of_it.rollback()
    assert watch(spoilt, settings) == {}


def test_a_right_to_a_column_beyond_the_file_is_an_alert_until_it_is_taken_back(
    settings: Settings, engine: sa.Engine, spoilt: sa.Engine
) -> None:
    with administrator(settings).begin() as connection:
        connection.exec_driver_sql("grant select (encrypted) on vault.quarantined_rows to hub_transformer")
        connection.exec_driver_sql("grant update (status) on ledger.deliveries to public")
    assert watch(spoilt, settings).keys() == {"role_bounds"}
    with engine.begin() as connection:
        assert grants.differences(connection) == [
            "revoke update (status) on ledger.deliveries from public",
            "revoke select (encrypted) on vault.quarantined_rows from hub_transformer",
        ]
        grants.apply_grants(connection)
    assert watch(spoilt, settings) == {}
