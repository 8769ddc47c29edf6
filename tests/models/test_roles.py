"""Roles: each part of the hub has the rights that ``grants.yaml`` gives it, and no others."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from hub.settings import Settings
from hub.warehouse import grants
from hub.warehouse.engine import WarehouseProblem, open_warehouse, role_address, set_up_roles
from hub.warehouse.grant_policy import read_policy
from hub.warehouse.roles import ROLE_FAMILIES, Role, family_roles, login_roles
from models.conftest import Built
from models.rows import fetch

REFUSED = [
    (Role.TRANSFORMER, "select * from vault.true_vision_reports"),
    (Role.TRANSFORMER, "select * from vault.quarantined_rows"),
    (Role.TRANSFORMER, "delete from raw.true_vision_reports"),
    (Role.TRANSFORMER, "create table publish.mine (a int)"),
    (Role.LOADER, "select * from vault.true_vision_reports"),
    (Role.LOADER, "select * from marts.fct_incidents"),
    (Role.LOADER, "select * from linkage.report_incidents"),
    (Role.LOADER, "update raw.true_vision_reports set report_ref = ''"),
    (Role.LOADER, "create table raw.mine (a int)"),
    (Role.LINKER, "insert into raw.true_vision_reports select * from raw.true_vision_reports"),
    (Role.LINKER, "select * from vault.quarantined_rows"),
    (Role.LINKER, "select * from marts.fct_incidents"),
    (Role.PUBLISHER, "select * from marts.fct_incidents"),
    (Role.PUBLISHER, "select * from vault.true_vision_reports"),
    (Role.PUBLISHER, "select * from raw.true_vision_reports"),
    (Role.PUBLISHER, "drop view candidate.incidents_v1"),
    (Role.FORECASTER, "select * from vault.true_vision_reports"),
    (Role.ANALYST, "select * from marts.fct_incidents"),
    (Role.ANALYST, "select * from ledger.deliveries"),
    (Role.AUDITOR, "select * from vault.true_vision_reports"),
    (Role.AUDITOR, "select * from vault.subject_keys"),
    (Role.AUDITOR, "delete from ledger.deliveries"),
    (Role.OWNER, "create role another"),
    (Role.OWNER, "copy raw.true_vision_reports to '/tmp/out.csv'"),
    (Role.OWNER, "select pg_read_file('/etc/passwd')"),
    (Role.BI, "create temporary table mine (a int)"),
    ("force_BTP", "select * from marts.fct_allocations"),
    ("provider_facebook", "select * from ledger.publishes"),
]


@pytest.mark.parametrize(("role", "statement"), REFUSED)
def test_what_a_role_is_not_given_is_refused(built: Built, role: str, statement: str) -> None:
    refused = pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner")
    with open_warehouse(built.settings, role).connect() as connection, refused:
        connection.execute(sa.text(statement))


def test_after_a_build_every_right_is_the_one_that_the_file_gives(built: Built) -> None:
    with open_warehouse(built.settings, Role.OWNER).connect() as connection:
        assert grants.differences(connection) == []


def test_a_right_that_the_file_does_not_give_is_taken_back(warehouse: Settings) -> None:
    with open_warehouse(warehouse, Role.OWNER).begin() as connection:
        connection.exec_driver_sql("grant select on vault.true_vision_reports to hub_bi")
        connection.exec_driver_sql("grant usage on schema vault to hub_bi")
        connection.exec_driver_sql("revoke select on raw.true_vision_reports from hub_transformer")
        assert len(grants.differences(connection)) == 3
        grants.apply_grants(connection)
        assert grants.differences(connection) == []


def test_no_role_is_more_than_its_rights_and_the_public_has_none(built: Built, administration: sa.Engine) -> None:
    roles = login_roles(built.settings)
    query = """
        select rolname, rolcanlogin,
               rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication as is_more
        from pg_roles where rolname like 'hub\\_%' or rolname like 'force\\_%' or rolname like 'provider\\_%'
    """
    found = {name: (logs_in, is_more) for name, logs_in, is_more in fetch(administration, query)}
    assert set(found) == {*roles, *read_policy().roles}
    assert not any(is_more for _, is_more in found.values())
    assert {name for name, (logs_in, _) in found.items() if logs_in} == set(roles)
    open_to_all = """
        select nspname from pg_namespace, lateral aclexplode(nspacl)
        where grantee = 0 and nspname !~ '^pg_|^information'
    """
    assert fetch(open_warehouse(built.settings, Role.OWNER), open_to_all) == []


def test_every_force_and_provider_that_can_be_sent_something_has_a_role(built: Built) -> None:
    forces, providers = (family_roles(built.settings, family) for family in ROLE_FAMILIES)
    assert {"force_E23000001", "force_BTP", "force_PSNI"} <= set(forces)
    assert "force_ABROAD" not in forces
    assert {"provider_x", "provider_mastodon"} <= set(providers)
    assert "provider_email" not in providers


def test_a_password_is_read_by_the_hub_alone_and_the_server_keeps_only_its_hash(
    built: Built, administration: sa.Engine
) -> None:
    roles = login_roles(built.settings)
    files = [built.settings.secrets / "roles" / role for role in roles]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert len({path.read_text() for path in files}) == len(roles)
    hashes = fetch(administration, "select left(rolpassword, 14) from pg_authid where rolpassword is not null")
    assert set(hashes) == {"SCRAM-SHA-256$"}
    said = fetch(administration, "select query from pg_stat_activity where query ilike '%password%'")
    assert not any(path.read_text() in query for path in files for query in said)


def test_roles_that_are_set_up_by_several_at_once_are_made_once(warehouse: Settings) -> None:
    with ThreadPoolExecutor(3) as callers:
        list(callers.map(lambda _: set_up_roles(warehouse), range(3)))
    with sa.create_engine(role_address(warehouse, Role.BI).set(drivername="postgresql+psycopg")).connect() as one:
        assert one.scalar(sa.text("select current_user")) == "hub_bi"


def test_roles_of_another_hub_on_the_server_are_not_taken_over(warehouse: Settings) -> None:
    (warehouse.secrets / "roles").unlink()
    with pytest.raises(WarehouseProblem, match="the server has the role hub_owner, whose password is not in"):
        role_address(warehouse, Role.OWNER)
