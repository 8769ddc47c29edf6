"""What guards the hub itself: the audit log is whole, every role has its own password and its bounds, no erasure was
left half done. Nothing here writes, but for the copy of a whole log's head."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.monitoring.watch.causes import HUB_OWNER, Cause
from hub.settings import Settings
from hub.vault import audit
from hub.vault.tables import ERASURES
from hub.warehouse.engine import open_warehouse, refused_logins
from hub.warehouse.grants import differences
from hub.warehouse.roles import Role, server_differences

KINDS = ("audit_log", "role_password", "role_bounds", "unfinished_erasure")
SHOWN = 5
ERASURE_TAKES = timedelta(hours=1)
"""At most; one that is not finished by then was cut short."""


def broken_audit_log(settings: Settings) -> Iterator[Cause]:
    """One cause for all that is wrong with the audit log."""
    _, problems = audit.verify(settings, open_warehouse(settings, Role.AUDITOR))
    if problems:
        yield Cause("audit_log", "audit_log", HUB_OWNER, _some(problems))


def foreign_passwords(settings: Settings) -> Iterator[Cause]:
    """Roles whose password is no longer the hub's: PostgreSQL lets each role change its own."""
    for role, reason in refused_logins(settings).items():
        detail = f"{reason}; where its password was changed, hub roles renew gives every role a new one"
        yield Cause(f"role_password:{role}", "role_password", HUB_OWNER, detail)


def wrong_rights(settings: Settings, connection: sa.Connection) -> Iterator[Cause]:
    """One cause for all rights and bounds that differ from ``grants.yaml``."""
    if wrong := [*server_differences(settings, connection), *differences(connection)]:
        detail = f"rights or bounds differ from grants.yaml, and hub prepare sets them right: {_some(wrong)}"
        yield Cause("role_bounds", "role_bounds", HUB_OWNER, detail)


def unfinished_erasures(settings: Settings, now: datetime) -> Iterator[Cause]:
    """One cause for each erasure that destroyed the keys of a person and was cut short before it had searched files and
    tables."""
    columns = ERASURES.c
    query = sa.select(columns.erasure_id, columns.erased_at).order_by(columns.erased_at)
    with open_warehouse(settings, Role.PRIVACY).connect() as connection:
        late = connection.execute(query.where(columns.finished_at.is_(None), columns.erased_at < now - ERASURE_TAKES))
        for one in late:
            detail = (
                f"the erasure {one.erasure_id} of {one.erased_at:%Y-%m-%d %H:%M} UTC was cut short, and files may "
                "still name the person; ask for it again (hub person erase) as vault.erasures has it in asked_for"
            )
            yield Cause(f"unfinished_erasure:{one.erasure_id}", "unfinished_erasure", HUB_OWNER, detail)


def _some(texts: list[str]) -> str:
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return "; ".join(texts[:SHOWN]) + more
