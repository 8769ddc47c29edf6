"""What stands in the warehouse's tables, in a form in which two builds can be compared."""

from typing import Any

import sqlalchemy as sa

type Rows = tuple[int, object]


def contents(engine: sa.Engine, *schemas: str) -> dict[str, Rows]:
    """For each table and view of the schemas how many rows there are and a hash over them, in whatever order they
    stand."""
    found: dict[str, Rows] = {}
    with engine.connect() as connection:
        names = connection.execute(
            sa.text("""
                select table_schema, table_name from information_schema.tables
                where table_schema = any(:schemas) order by 1, 2
            """),
            {"schemas": list(schemas)},
        ).all()
        for schema, name in names:
            query = f'select count(*), md5(string_agg(r::text, chr(10) order by r::text)) from "{schema}"."{name}" r'
            rows: Any = connection.execute(sa.text(query)).one()
            found[f"{schema}.{name}"] = (int(rows[0]), rows[1])
    return found
