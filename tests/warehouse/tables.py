"""What stands in the warehouse's tables, in a form in which two builds can be compared."""

from typing import Any

import sqlalchemy as sa

type Rows = tuple[int, object]

LINEAGE = (
    "delivery_id",
    "first_delivery_id",
    "row_number",
    "loaded_at",
    "received_at",
    "known_at",
    "known_from",
    "known_to",
    "changed_at",
)
"""Columns that tell which delivery brought a row, and when: two histories of arrival differ in them."""


def contents(engine: sa.Engine, *schemas: str, without: tuple[str, ...] = ()) -> dict[str, Rows]:
    """For each table and view of the schemas how many rows there are and a hash over them, in whatever order they
    stand; columns named in ``without`` are left out."""
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
            row = "to_jsonb(r) - cast(:without as text[])"
            query = f"""
                select count(*), md5(string_agg(({row})::text, chr(10) order by ({row})::text))
                from "{schema}"."{name}" r
            """
            rows: Any = connection.execute(sa.text(query), {"without": list(without)}).one()
            found[f"{schema}.{name}"] = (int(rows[0]), rows[1])
    return found
