"""What a role is to the server beyond its rights: its attributes, and the roles whose rights it has or that it may act
as. Compared for the hub's own roles alone; what other roles are is none of the hub's business."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import sqlalchemy as sa

_ATTRIBUTES = """
    select rolname, array_remove(array[
        case when rolsuper then 'nosuperuser' end,
        case when rolbypassrls then 'nobypassrls' end,
        case when rolcreaterole then 'nocreaterole' end,
        case when rolcreatedb then 'nocreatedb' end,
        case when rolreplication then 'noreplication' end
    ], null) as to_lose
    from pg_roles
    where rolname = any(:roles)
    order by 1
"""
_MEMBERSHIPS = """
    select g.rolname, m.rolname as member, a.inherit_option, a.set_option, a.admin_option,
           pg_get_userbyid(a.grantor) as grantor
    from pg_auth_members a
    join pg_roles g on g.oid = a.roleid
    join pg_roles m on m.oid = a.member
    where m.rolname = any(:roles)
    order by 1, 2, 6
"""


class Membership(NamedTuple):
    """``member`` is a member of ``role``."""

    role: str
    member: str


class Options(NamedTuple):
    """Whether a member has the rights of the role, may act as it, and may hand it on."""

    inherit: bool
    set: bool
    admin: bool = False


def differences(
    connection: sa.Connection, roles: Collection[str], wanted: Mapping[Membership, Options]
) -> Iterator[str]:
    """The statements that leave the hub's ``roles`` no attribute and no membership but those wanted. A wanted one of a
    role that is not there is passed over."""
    yield from _of_attributes(connection, roles)
    yield from _of_memberships(connection, roles, wanted)


def _of_attributes(connection: sa.Connection, roles: Collection[str]) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote
    for row in connection.execute(sa.text(_ATTRIBUTES), {"roles": list(roles)}):
        if row.to_lose:
            yield f"alter role {quote(row.rolname)} {' '.join(row.to_lose)}"


def _of_memberships(
    connection: sa.Connection, roles: Collection[str], wanted: Mapping[Membership, Options]
) -> Iterator[str]:
    quote = connection.dialect.identifier_preparer.quote
    as_wanted: set[Membership] = set()
    for row in connection.execute(sa.text(_MEMBERSHIPS), {"roles": list(roles)}):
        membership = Membership(row.rolname, row.member)
        if wanted.get(membership) == Options(row.inherit_option, row.set_option, row.admin_option):
            as_wanted.add(membership)
        else:
            # With the right to hand a role on goes what was handed on.
            names = f"{quote(row.rolname)} from {quote(row.member)}"
            yield f"revoke {names} granted by {quote(row.grantor)} cascade"
    present = set(connection.scalars(sa.text("select rolname from pg_roles")))
    for membership, options in wanted.items():
        if membership not in as_wanted and present.issuperset(membership):
            given = f"with inherit {str(options.inherit).lower()}, set {str(options.set).lower()}"
            yield f"grant {quote(membership.role)} to {quote(membership.member)} {given}"
