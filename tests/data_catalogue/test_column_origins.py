"""What a column's values are made of is read from the SQL, through whatever stands between."""

import pytest
from sqlglot.errors import SqlglotError
from sqlglot.schema import MappingSchema

from each import of_each
from hub.data_catalogue.column_origins import DIALECT, Column, origins

SCHEMA = MappingSchema(
    {
        "raw": {"reports": {"ref": "text", "force": "text", "strands": "text[]", "told_at": "timestamptz"}},
        "marts": {"forces": {"code": "text", "name": "text"}},
    },
    dialect=DIALECT,
)
REF, FORCE, STRANDS, TOLD = (Column("raw", "reports", name) for name in ("ref", "force", "strands", "told_at"))
NAME = Column("marts", "forces", "name")
QUERIES = {
    "a column as it is": ("select ref as x from hub.raw.reports", {REF}),
    "a column of a star": ("with r as (select *, force as x from raw.reports) select * from r", {FORCE}),
    "an expression of two": (
        "select case when force is null then ref else force || '!' end as x from raw.reports",
        {REF, FORCE},
    ),
    "another table's column, not what it is joined by": (
        "select f.name as x from raw.reports as r inner join marts.forces as f on r.force = f.code",
        {NAME},
    ),
    "either half of a union": ("select ref as x from raw.reports union all select name from marts.forces", {REF, NAME}),
    "an element of an array": ("select one as x from raw.reports cross join unnest(strands) as ones (one)", {STRANDS}),
    "a window": (
        "select max(told_at) over (partition by force order by ref) as x from raw.reports",
        {TOLD, FORCE, REF},
    ),
    "a subquery of its own": ("select (select max(name) from marts.forces) as x from raw.reports", {NAME}),
    "a count, which is of no column": ("select count(*) as x from raw.reports where force = 'a'", set()),
    "what the query says itself": ("select 'sent' as x from raw.reports", set()),
}


@of_each("case", list(QUERIES), str)
def test_a_column_comes_from_what_its_values_are_made_of(case: str) -> None:
    sql, expected = QUERIES[case]
    assert origins(sql, SCHEMA)["x"] == expected


def test_sql_that_is_none_is_refused() -> None:
    with pytest.raises(SqlglotError):
        origins("select from where", SCHEMA)
