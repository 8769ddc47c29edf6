"""The unique index over a feed's record hashes, which is made at the end of the feed's first load.

To make it of all rows at once costs half of what it takes to keep it row by row. Making an index is for the table's
owner; a function that does this and nothing else lends that right to the loader.
"""

import sqlalchemy as sa

FUNCTION = "raw.index_records(text)"
MAKE_FUNCTION = """
    create function raw.index_records(feed text) returns void language plpgsql security definer
    set search_path = pg_catalog, pg_temp as $$
    begin
        execute 'create unique index if not exists ' || quote_ident(feed || '_record_hash')
            || ' on raw.' || quote_ident(feed) || ' (_record_hash)';
    end $$
"""


def prepare(connection: sa.Connection) -> None:
    """Make the function where it is missing. ``connection`` is the owner's; who may call it is in ``grants.yaml``."""
    if connection.execute(sa.select(sa.func.to_regprocedure(FUNCTION))).scalar() is None:
        connection.exec_driver_sql(MAKE_FUNCTION)


def is_indexed(connection: sa.Connection, feed: str) -> bool:
    """Whether there is the index."""
    name = connection.dialect.identifier_preparer.quote(f"{feed}_record_hash")
    return connection.execute(sa.select(sa.func.to_regclass(f"raw.{name}"))).scalar() is not None


def index_records(connection: sa.Connection, feed: str) -> None:
    """Make the index in this transaction; nothing happens where it exists. Raises SQLAlchemy's IntegrityError where two
    records are the same."""
    connection.execute(sa.select(sa.func.raw.index_records(feed)))
