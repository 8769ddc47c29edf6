"""Every row of every table of a database, as text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from proofs.erasure_search.decode_files import text_of
from proofs.erasure_search.finder import Finder, Hit

TABLES = """
    select space.nspname, class.relname from pg_class as class
    inner join pg_namespace as space on class.relnamespace = space.oid
    where class.relkind in ('r', 'm', 'p') and space.nspname not in ('pg_catalog', 'information_schema')
    and space.nspname not like 'pg\\_toast%' and space.nspname not like 'pg\\_temp%'
    union all select 'pg_catalog', 'pg_stats'
    order by 1, 2
"""
"""``pg_stats``: what the planner has noted of columns are values of rows."""


@dataclass(frozen=True)
class TableHit:
    """An identifier in a row of a table."""

    table: str
    column: str
    hit: Hit


def hits_in_tables(engine: sa.Engine, finder: Finder) -> set[TableHit]:
    """Who is in which table and column. Name and birth date or postcode count together in one row."""
    found = set()
    for table, row in rows_of_tables(engine):
        if hits := finder.hits(" | ".join(row.values())):
            in_columns = {(column, hit) for column, text in row.items() for hit in finder.hits(text)}
            found |= {TableHit(table, column, hit) for column, hit in in_columns}
            found |= {TableHit(table, "a row", hit) for hit in hits - {hit for _, hit in in_columns}}
    return found


def rows_that_name(engine: sa.Engine, finder: Finder) -> list[str]:
    """Each row of any table that somebody is in, as text."""
    texts = (" | ".join(row.values()) for _, row in rows_of_tables(engine))
    return [text for text in texts if finder.hits(text)]


def rows_of_tables(engine: sa.Engine) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of each table: the values that hold text, by column."""
    with engine.connect() as connection:
        for schema, table in connection.execute(sa.text(TABLES)).all():
            query = sa.text(f'select to_json(one)::text from "{schema}"."{table}" as one')
            texts: sa.ScalarResult[str] = connection.execute(query, execution_options={"yield_per": 5_000}).scalars()
            for text in texts:
                yield f"{schema}.{table}", dict(_texts(json.loads(text)))


def _texts(row: dict[str, object]) -> Iterator[tuple[str, str]]:
    for column, value in row.items():
        if isinstance(value, str):
            is_bytes = value.startswith("\\x")
            yield column, text_of(bytes.fromhex(value[2:])) if is_bytes else value
        elif isinstance(value, dict | list):
            yield column, json.dumps(value, ensure_ascii=False)
