"""The warehouse's roles: their names, their passwords under ``$HUB_HOME/secrets/roles``, and their creation.

Roles belong to a whole PostgreSQL server: hubs on one server share its roles and need the same folder of passwords.
"""

import csv
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

import psycopg
import sqlalchemy as sa

from hub.settings import Settings
from hub.warehouse import role_bounds, role_powers
from hub.warehouse.grant_policy import Bounds, Policy, read_policy
from hub.warehouse.role_powers import Membership, Options
from hub.warehouse.secret_files import kept_secret

ROLES_LOCK = 4_207_010


class Role(StrEnum):
    """The role that each part of the hub connects as. What each may do is in ``grants.yaml``."""

    OWNER = "hub_owner"
    LOADER = "hub_loader"
    LINKER = "hub_linker"
    TRANSFORMER = "hub_transformer"
    FORECASTER = "hub_forecaster"
    PUBLISHER = "hub_publisher"
    ANALYST = "hub_analyst"
    BI = "hub_bi"
    PRIVACY = "hub_privacy"
    AUDITOR = "hub_auditor"
    DISPATCHER = "hub_dispatcher"
    DISCLOSER = "hub_discloser"
    EXCHANGE = "hub_exchange"
    RECORDER = "hub_recorder"
    AIRFLOW = "hub_airflow"


@dataclass(frozen=True)
class RoleFamily:
    """One role per code of a code list, named ``<name>_<code>`` and a member of ``group``. Codes whose column ``kind``
    is ``excluded`` get no role."""

    name: str
    group: str
    seed: str
    code: str
    kind: str
    excluded: str

    def role(self, code: str) -> str:
        return f"{self.name}_{code}"


ROLE_FAMILIES = (
    RoleFamily("force", "hub_force", "police_forces.csv", "force_code", "force_kind", "abroad"),
    RoleFamily("provider", "hub_provider", "platforms.csv", "provider_code", "provider_kind", "not_a_provider"),
)


class RolesProblem(RuntimeError):
    """A role is missing, or was created by another hub; the message says what to do."""


def family_roles(settings: Settings, family: RoleFamily) -> list[str]:
    """One role per force or provider."""
    rows = _seed(settings, family)
    return [family.role(row[family.code]) for row in rows if row[family.kind] != family.excluded]


def names_of_targets(settings: Settings) -> dict[str, dict[str, str]]:
    """What forces and providers are called, by kind and code."""
    return {one.name: {row[one.code]: row[f"{one.name}_name"] for row in _seed(settings, one)} for one in ROLE_FAMILIES}


def _seed(settings: Settings, family: RoleFamily) -> list[dict[str, str]]:
    with (settings.dbt_project / "seeds" / family.seed).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def login_roles(settings: Settings) -> list[str]:
    """Every role that somebody can connect as."""
    return [*Role, *(role for family in ROLE_FAMILIES for role in family_roles(settings, family))]


def password_of(settings: Settings, role: str) -> str | None:
    """The password of a role; None if it has no password file here. Raises :class:`RolesProblem` for an unknown
    role."""
    # The hub's own roles first: they are known where there are no code lists.
    if role not in list(Role) and role not in login_roles(settings):
        families = ", ".join(f"{family.name}_<code>" for family in ROLE_FAMILIES)
        raise RolesProblem(f"there is no role {role!r}; the warehouse has {', '.join(Role)}, {families}")
    path = _password_file(settings, role)
    return path.read_text().strip() if path.exists() else None


def without_password(settings: Settings) -> list[Role]:
    """Those of the hub's own roles whose password is not here: they are to be made yet."""
    return [role for role in Role if not _password_file(settings, role).exists()]


def set_up_roles(settings: Settings, administrator: sa.Engine, *, renew: bool = False) -> None:
    """Make the roles that are missing, with their memberships and their rights to this database. ``renew`` gives every
    role a new password.

    Raises :class:`RolesProblem` where the server has a role whose password is not here: another hub made it.
    """
    if settings.secrets_folder is not None:
        raise RolesProblem(f"roles are made where the hub's home is, and their passwords put into {settings.secrets}")
    policy = read_policy()
    logins = login_roles(settings)
    with administrator.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ROLES_LOCK)))
        present: set[str] = set(connection.execute(sa.text("select rolname from pg_roles")).scalars())
        if renew:
            for role in logins:
                _password_file(settings, role).unlink(missing_ok=True)
        elif foreign := [role for role in logins if role in present and not _password_file(settings, role).exists()]:
            raise RolesProblem(
                f"the server has the role {foreign[0]}, whose password is not in {settings.secrets / 'roles'}: copy "
                "that folder from the hub that made it, or run hub roles renew to give all roles new passwords"
            )
        for role in policy.roles:
            if role not in present:
                connection.exec_driver_sql(f"create role {_quote(connection, role)} nologin")
        for role in logins:
            if role not in present or renew:
                _give_password(connection, settings, role, is_new=role not in present and role not in policy.roles)
        for statement in (*_database_rights(connection, policy), *server_differences(settings, connection)):
            connection.exec_driver_sql(statement)


def bounds_of_logins(settings: Settings) -> dict[str, Bounds]:
    """The bounds of each role that can log in; a member of a family has those of its group."""
    policy = read_policy()
    declared = {str(role): str(role) for role in Role}
    declared |= {role: family.group for family in ROLE_FAMILIES for role in family_roles(settings, family)}
    return {role: policy.bounds[policy.roles[one].bounds] for role, one in declared.items()}


def server_differences(settings: Settings, connection: sa.Connection) -> list[str]:
    """The statements with which the administrator would bring roles and server to ``grants.yaml``."""
    policy = read_policy()
    roles = [*policy.roles, *(role for family in ROLE_FAMILIES for role in family_roles(settings, family))]
    return [
        *role_powers.differences(connection, roles, dict(_memberships(settings, policy))),
        *role_bounds.differences(connection, policy, bounds_of_logins(settings)),
    ]


def give_kept_passwords(settings: Settings, administrator: sa.Engine) -> None:
    """Give the roles that are there the passwords that are kept here: a restored server knows older ones."""
    with administrator.begin() as connection:
        present: set[str] = set(connection.execute(sa.text("select rolname from pg_roles")).scalars())
        for role in login_roles(settings):
            if role in present:
                _give_password(connection, settings, role, is_new=False)


def _give_password(connection: sa.Connection, settings: Settings, role: str, *, is_new: bool) -> None:
    password = kept_secret(_password_file(settings, role), lambda: secrets.token_urlsafe(24))
    # Only its hash is sent: a statement can end up in the server's log or its list of activities.
    driver = cast("psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection)
    verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "create" if is_new else "alter"
    connection.exec_driver_sql(f"{verb} role {_quote(connection, role)} login password '{verifier}'")


def _memberships(settings: Settings, policy: Policy) -> Iterator[tuple[Membership, Options]]:
    for role, one in policy.roles.items():
        for other in one.inherits:
            yield Membership(other, role), Options(inherit=True, set=True)
        for other in one.acts_as:
            yield Membership(other, role), Options(inherit=False, set=True)
    for family in ROLE_FAMILIES:
        acting = [role for role, one in policy.roles.items() if family.group in one.acts_as]
        for member in family_roles(settings, family):
            yield Membership(family.group, member), Options(inherit=True, set=False)
            for role in acting:
                yield Membership(member, role), Options(inherit=False, set=True)


def _database_rights(connection: sa.Connection, policy: Policy) -> Iterable[str]:
    database = _quote(connection, str(connection.engine.url.database))
    yield f"revoke all on database {database} from public"
    yield "revoke all on schema public from public"
    for right, roles in policy.database.items():
        yield f"grant {right} on database {database} to {', '.join(roles)}"


def _password_file(settings: Settings, role: str) -> Path:
    return settings.secrets / "roles" / role


def _quote(connection: sa.Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
