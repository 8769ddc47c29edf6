"""Looks for words in every table of a database and every file of a folder: in clear, and in the bytes of a bytea."""

from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa

TABLES = """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p') and n.nspname not like 'pg\\_temp%'
        and n.nspname not in ('pg_toast', 'information_schema')
"""


def tables_holding(engine: sa.Engine, words: Iterable[str]) -> set[str]:
    """The tables and views, the system's own included, that have a row in which one of ``words`` stands, in whatever
    case; as text, or as bytes, which a row written as text shows in hexadecimal digits."""
    wanted = {word.lower() for word in words}
    wanted |= {form.encode().hex() for word in words for form in (word, word.lower(), word.upper())}
    found = set()
    with engine.connect() as connection:
        for schema, table in connection.execute(sa.text(TABLES)).all():
            if (schema, table) == ("pg_catalog", "pg_stat_activity"):
                continue  # it shows this very question
            query = sa.text(
                f'select exists (select from "{schema}"."{table}" as one where'
                " exists (select from unnest(cast(:words as text[])) as word where strpos(lower(one::text), word) > 0))"
            )
            with connection.begin_nested() as savepoint:
                try:
                    if connection.execute(query, {"words": sorted(wanted)}).scalar():
                        found.add(f"{schema}.{table}")
                except sa.exc.DBAPIError:
                    assert schema == "pg_catalog", f"{schema}.{table} could not be searched"
                    savepoint.rollback()
    return found


def files_holding(folder: Path, words: Iterable[str]) -> set[Path]:
    """The files in which one of ``words`` stands, in whatever case."""
    wanted = [word.lower().encode() for word in words]
    return {
        path
        for path in folder.rglob("*")
        if path.is_file() and any(word in path.read_bytes().lower() for word in wanted)
    }
