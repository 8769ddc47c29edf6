"""Bringing the hub's own tables to what this code declares, by Alembic (``docs/decisions/0097``).

Feeds' raw and vault tables follow their contracts and are no part of this.
"""

from pathlib import Path

import sqlalchemy as sa

from hub.warehouse.engine import WarehouseProblem

FIRST = "0001"
LAST_BEFORE = "ac4788be"
NEWEST_BEFORE = (("deliveries", "withdrawn_by"), ("approvals", "answered_by"))
"""What the last versions before migrations added to ``ledger``: a hub without it has not the first schema."""
VERSION = sa.table("alembic_version", sa.column("version_num", sa.Text), schema="ledger")


def migrate(connection: sa.Connection, *, to: str = "head") -> None:
    """Run the migrations that this database has not seen, up to a revision, in the caller's transaction. The schemas
    must be there.

    A hub from before there were migrations has the first schema; it is marked so. Raises
    :class:`WarehouseProblem` for one that is older.
    """
    # Here and not above: they take a fifth of a second, also of commands that never come near a database.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    inspector = sa.inspect(connection)
    if inspector.has_table(VERSION.name, "ledger"):
        newest = ScriptDirectory.from_config(config).get_current_head()
        if connection.scalar(sa.select(VERSION.c.version_num)) == newest:
            return
    elif inspector.has_table("deliveries", "ledger"):
        for table, column in NEWEST_BEFORE:
            found = inspector.get_columns(table, "ledger") if inspector.has_table(table, "ledger") else []
            if column not in {one["name"] for one in found}:
                raise WarehouseProblem(
                    f"this hub has no {table}.{column}: a version made it that is older than what can be upgraded; "
                    f"run the last version before migrations (commit {LAST_BEFORE}) once (hub prepare), then this one"
                )
        command.stamp(config, FIRST)
    command.upgrade(config, to)
