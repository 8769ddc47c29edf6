"""Which columns the values of a query's columns are made of, as sqlglot reads it from the SQL.

Told is what a value is made of, and not what a query is joined, filtered or grouped by, which decides what rows there
are.
"""

from typing import NamedTuple

from sqlglot import exp, parse_one
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import Schema

DIALECT = "postgres"


class Column(NamedTuple):
    """A column of a relation."""

    schema: str
    relation: str
    name: str


def origins(sql: str, schema: Schema) -> dict[str, frozenset[Column]]:
    """Of each column of a query, the columns of tables and views that its values are made of; none where it is made of
    what the query says itself. Raises sqlglot's SqlglotError where the query cannot be followed."""
    parsed = parse_one(sql, dialect=DIALECT)
    for table in parsed.find_all(exp.Table):
        table.set("catalog", None)  # dbt writes the database's name; there is one
    query = qualify(parsed, schema=schema, dialect=DIALECT, identify=False, validate_qualify_columns=False)
    followed = lineage(None, query, schema=schema, dialect=DIALECT, scope=build_scope(query), copy=False)
    return {name: _leaves(node) for name, node in followed.items()}


def _leaves(of_column: Node) -> frozenset[Column]:
    found = set()
    for node in of_column.walk():
        table = node.source
        if not node.downstream and isinstance(table, exp.Table) and table.db:
            found.add(Column(table.db, table.name, node.name.rpartition(".")[-1]))
    return frozenset(found)
