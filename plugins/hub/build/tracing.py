"""What a failed model or test says of the rows behind it: a query of the rows that break it, from what dbt and the
database told, and from that the deliveries and rows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from hub.build.broken_rows import Broken, first_row_that_fails, rows_behind

NULL_IN = re.compile(r'null value in column "([^"]+)" of relation')
REPEATED_KEY = re.compile(r"DETAIL:\s+Key \(([^)]*)\)=")
BROKEN_CHECK = re.compile(r'violates check constraint "([^"]+)"')
NAMED_MODEL = re.compile(r"ref\(\s*['\"]([a-z0-9_]+)['\"]\s*\)")
QUERIES_AT_MOST = 12


def rows_of_failure(engine: sa.Engine, nodes: Mapping[str, Any], node: Any, message: str) -> str:
    """The rows behind a failed node of dbt's, in words; empty where none was found. ``nodes`` are the project's by
    their ids, ``message`` is what the database said, with all that it quotes."""
    if str(node.resource_type) == "test":
        queries = list(_of_test(nodes, node))
    elif str(node.resource_type) == "model":
        queries = list(_of_model(node, message))
    else:
        return ""
    found: dict[str, None] = {}
    for query in queries[:QUERIES_AT_MOST]:
        found |= dict.fromkeys(filter(None, [rows_behind(engine, query).in_words()]))
    if not found and str(node.resource_type) == "model":
        broken = first_row_that_fails(engine, *_with_views_inside(nodes, node))
        found |= dict.fromkeys(filter(None, [_first(broken)]))
    return "; ".join(found)


def _first(broken: Broken) -> str:
    return f"first at {broken.in_words()}" if broken.places else ""


def _of_model(node: Any, message: str) -> Iterator[str]:
    """Of a model whose rows the database refused: those with a null where there is to be none, with a key that another
    has, or for which a check of the contract is false."""
    rows = f"({node.compiled_code}) as made"
    if null := NULL_IN.search(message):
        yield f'select * from {rows} where "{null[1]}" is null'  # noqa: S608  # the column's name, as the database has it
    if key := REPEATED_KEY.search(message):
        yield _repeated(rows, key[1])
    if BROKEN_CHECK.search(message):
        checks = [one.expression for one in _constraints(node) if str(one.type) == "check"]
        yield f"select * from {rows} where {' or '.join(f'not ({check})' for check in checks)}"  # noqa: S608


def _constraints(node: Any) -> Iterator[Any]:
    yield from node.constraints
    for column in node.columns.values():
        yield from column.constraints


def _of_test(nodes: Mapping[str, Any], node: Any) -> Iterator[str]:
    metadata = getattr(node, "test_metadata", None)
    attached = nodes.get(str(getattr(node, "attached_node", None)))
    if metadata is None or attached is None or attached.relation_name is None:
        yield str(node.compiled_code)
        return
    relation, kwargs = str(attached.relation_name), metadata.kwargs
    column = kwargs.get("column_name")
    match metadata.name:
        case "not_null":
            yield f"select * from {relation} where {column} is null"  # noqa: S608
        case "unique":
            yield _repeated(relation, str(column))
        case "unique_combination_of_columns":
            yield _repeated(relation, ", ".join(kwargs["combination_of_columns"]))
        case "accepted_values":
            values = ", ".join("'" + str(value).replace("'", "''") + "'" for value in kwargs["values"])
            yield f"select * from {relation} where cast({column} as text) not in ({values})"  # noqa: S608
        case "relationships":
            parent = _relation(nodes, str(kwargs.get("to")))
            if parent is not None:
                yield (
                    f"select child.* from {relation} as child where child.{column} is not null and not exists ("  # noqa: S608
                    f"select 1 from {parent} as parent where parent.{kwargs['field']} = child.{column})"
                )
        case _:
            yield str(node.compiled_code)


def _repeated(rows: str, key: str) -> str:
    filled = " and ".join(f"{column} is not null" for column in key.split(", "))
    return (
        f"select * from {rows} where ({key}) in (select {key} from {rows}"  # noqa: S608
        f" where {filled} group by {key} having count(*) > 1)"
    )


def _with_views_inside(nodes: Mapping[str, Any], node: Any) -> tuple[str, list[str]]:
    """A model's query with those of the views that it reads written into it, and the tables that it then reads: what is
    left out of a table is never computed, what is left out of a view can have been."""
    query, tables = str(node.compiled_code or ""), []
    coming = list(node.depends_on.nodes)
    while coming:
        parent = nodes.get(coming.pop(0))
        if parent is None or not parent.relation_name:
            continue
        compiled = getattr(parent, "compiled_code", None)
        if compiled and parent.config.materialized == "view":
            query = query.replace(str(parent.relation_name), f"({compiled})")
            coming += parent.depends_on.nodes
        else:
            tables.append(str(parent.relation_name))
    return query, list(dict.fromkeys(tables))


def _relation(nodes: Mapping[str, Any], reference: str) -> str | None:
    named = NAMED_MODEL.search(reference)
    found = (
        one for key, one in nodes.items() if named and key.split(".")[0] in ("model", "seed") and one.name == named[1]
    )
    parent = next(found, None)
    return None if parent is None else str(parent.relation_name)
