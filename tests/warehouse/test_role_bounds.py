"""What a role may take of the server has an end, and no reader keeps the hub's own parts from their work."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from hub.contracts.model import Catalogue
from hub.monitoring.watch import watch_deliveries, watch_safeguards
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse import roles
from hub.warehouse.engine import open_warehouse, role_address, set_up_roles
from hub.warehouse.grant_policy import read_policy
from hub.warehouse.roles import FAMILIES, Role, family_roles, login_roles, server_differences

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
]


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
    outside = [role for family in FAMILIES for role in family_roles(settings, family)]
    readers = sum(bounds[role].connections for role in (*outside, Role.ANALYST, Role.BI, Role.AUDITOR))
    with administration.connect() as connection:
        most = int(connection.scalar(sa.text("show max_connections")) or 0)
    assert readers <= most * 2 // 3


def watch(loader: sa.Engine, settings: Settings) -> dict[str, str]:
    """Cause and detail of each open alert about the hub's safeguards."""
    return {one.cause.key: one.cause.detail for one in watch_safeguards(loader, settings, datetime.now(UTC))}


def put_right(settings: Settings) -> None:
    address = make_url(settings.warehouse_url or "").set(drivername="postgresql+psycopg")
    with sa.create_engine(address, poolclass=sa.NullPool).begin() as administrator:
        password = (settings.secrets / "roles" / "hub_bi").read_text().strip()
        administrator.exec_driver_sql(f"alter role hub_bi password '{password}'")
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
