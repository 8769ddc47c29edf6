"""What the warehouse needs before the first delivery: schemas, the hub's own tables, those of each feed, rights."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts.model import Contract, read_catalogue
from hub.ingest import record_index
from hub.ingest.archive.fitness import refuse_unfit
from hub.settings import Settings
from hub.vault.tables import vault_table
from hub.warehouse import grants
from hub.warehouse.engine import WarehouseProblem, open_warehouse
from hub.warehouse.grant_policy import read_policy
from hub.warehouse.migrate import migrate
from hub.warehouse.roles import Role
from hub.warehouse.tables import FEEDS, raw_table

SET_UP_LOCK = 4_207_001
AUDIT, AUDIT_KEPT = "audit", "audit_kept"

_SCHEMAS_OF = """
    select nspname from pg_namespace
    where pg_get_userbyid(nspowner) = any(:owners) and nspname <> :kept
"""


def prepare_warehouse(engine: sa.Engine, contracts: Collection[Contract]) -> None:
    """Make the schemas, migrate the hub's own tables, and make each feed's raw and vault tables, with the rights that
    ``grants.yaml`` gives. ``engine`` is the owner's. A column that a newer contract brings is added, nothing of a feed
    is dropped. Two callers at once wait for each other.

    Raises :class:`~hub.warehouse.engine.WarehouseProblem` for a hub that is older than migrations begin with, and where
    raw holds in the clear what a contract calls personal now.
    """
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SET_UP_LOCK)))
        _prepare(connection, contracts)


def recreate(connection: sa.Connection, contracts: Collection[Contract]) -> None:
    """Drop all that the warehouse holds but the audit log, and make what a new one has. The connection is the owner's;
    nothing is dropped unless its transaction is committed."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SET_UP_LOCK)))
    connection.exec_driver_sql(f"alter schema {AUDIT} rename to {AUDIT_KEPT}")
    owners = [role.owner for role in read_policy().schemas.values()]
    for name in connection.scalars(sa.text(_SCHEMAS_OF), {"owners": owners, "kept": AUDIT_KEPT}).all():
        connection.exec_driver_sql(f"drop schema {connection.dialect.identifier_preparer.quote(name)} cascade")
    _prepare(connection, contracts)
    connection.exec_driver_sql(f"drop schema {AUDIT} cascade")
    connection.exec_driver_sql(f"alter schema {AUDIT_KEPT} rename to {AUDIT}")


def _prepare(connection: sa.Connection, contracts: Collection[Contract]) -> None:
    grants.make_schemas(connection)
    migrate(connection)
    of_feeds = []
    for contract in contracts:
        # A feed that holds nothing personal has no table in the vault.
        of_feeds += [table for table in (raw_table(contract), vault_table(contract)) if table is not None]
        _register_feed(connection, contract)
    _refuse_clear_values(connection, contracts)
    for contract in contracts:
        refuse_unfit(connection, contract)
    for table in of_feeds:
        table.create(connection, checkfirst=True)
    _add_new_columns(connection, of_feeds)
    record_index.prepare(connection)
    grants.apply_grants(connection)


def open_prepared(settings: Settings, role: Role) -> sa.Engine:
    """The warehouse as ``role``, after it is prepared for every feed of the catalogue."""
    prepare_warehouse(open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values())
    return open_warehouse(settings, role)


def _register_feed(connection: sa.Connection, contract: Contract) -> None:
    known = {
        "title": contract.title,
        "owner": contract.owner,
        "sender": contract.sender,
        "contract_version": contract.version,
        "every_days": contract.cadence.every_days,
        "grace_hours": contract.cadence.grace_hours,
        "is_snapshot": contract.is_snapshot,
    }
    fresh = insert(FEEDS).values(feed=contract.feed, **known)
    connection.execute(fresh.on_conflict_do_update(index_elements=["feed"], set_=known))


def _refuse_clear_values(connection: sa.Connection, contracts: Iterable[Contract]) -> None:
    """A column that becomes personal has tokens, and its values go to the vault; those that are in raw already have
    neither, and their records have hashes that could be guessed."""
    present = _columns_present(connection)
    for contract in contracts:
        raw = raw_table(contract)
        for column in contract.personal_columns:
            if column.name in present[str(raw.schema), raw.name]:
                clear = sa.exists().select_from(raw).where(sa.literal_column(f'"{column.name}"').is_not(None))
                if connection.scalar(sa.select(clear)):
                    raise WarehouseProblem(
                        f"{raw.fullname} holds {column.name} in the clear, which is personal in version"
                        f" {contract.version} of its contract: withdraw the deliveries of {contract.feed} under the"
                        " version before, then restore them under this one"
                    )


def _add_new_columns(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    quote = connection.dialect.identifier_preparer
    for column in _missing_columns(connection, tables):
        kind = column.type.compile(connection.dialect)
        name = quote.quote(column.name)
        connection.execute(sa.text(f"alter table {quote.format_table(column.table)} add column {name} {kind}"))


def _missing_columns(connection: sa.Connection, tables: Iterable[sa.Table]) -> list[sa.Column[Any]]:
    present = _columns_present(connection)
    return [
        column
        for table in tables
        for column in table.columns
        if column.name not in present[str(table.schema), table.name]
    ]


def _columns_present(connection: sa.Connection) -> dict[tuple[str, str], set[str]]:
    present: dict[tuple[str, str], set[str]] = defaultdict(set)
    rows: Iterable[Any] = connection.execute(sa.text(_COLUMNS))
    for row in rows:
        present[row.nspname, row.relname].add(row.attname)
    return present


_COLUMNS = """
    select schemas.nspname, tables.relname, columns.attname
    from pg_class as tables
    inner join pg_namespace as schemas on tables.relnamespace = schemas.oid
    inner join pg_attribute as columns on tables.oid = columns.attrelid and columns.attnum > 0
    where tables.relkind = 'r' and not columns.attisdropped
"""
