"""What stands in the warehouse's tables, in a form in which two builds can be compared."""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa

type Rows = tuple[str, ...]
MOST_SHOWN = 6

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
OF_BUILDS = ("found_at",)
"""Columns that tell which build found something."""


def contents(engine: sa.Engine, *schemas: str, without: tuple[str, ...] = ()) -> dict[str, Rows]:
    """The rows of each table and view of the schemas as JSON, in whatever order they stand; columns named in
    ``without`` are left out."""
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
            query = f"""
                select (to_jsonb(r) - cast(:without as text[]))::text collate "C" as row
                from "{schema}"."{name}" r order by 1
            """
            found[f"{schema}.{name}"] = tuple(connection.scalars(sa.text(query), {"without": list(without)}))
    return found


def differing(one: Mapping[str, Rows], other: Mapping[str, Rows]) -> dict[str, list[str]]:
    """What is not the same in both: for each such table a few of the rows that only one of the two has (``-`` the
    first, ``+`` the second), or has more often."""
    found = {}
    for name in sorted(one.keys() | other.keys()):
        first, second = Counter(one.get(name, ())), Counter(other.get(name, ()))
        if first != second or (name in one) != (name in other):
            lost, came = [f"- {row}" for row in first - second], [f"+ {row}" for row in second - first]
            found[name] = lost[:MOST_SHOWN] + came[:MOST_SHOWN]
    return found
