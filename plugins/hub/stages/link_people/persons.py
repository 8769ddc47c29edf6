"""From pairs of portraits to persons with lasting ids."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hub.doors import people_persons, people_results, people_store
from hub.stages.link_people.clustering import Evidence, Node, Pair, Sitter, join_persons
from hub.stages.link_people.comparable import open_memory
from hub.stages.link_people.comparisons import BIRTH_DATE, FIRST_NAME, Comparison
from hub.stages.link_people.portraits import Gallery

PORTRAITS_A_PART = 50_000


def find_persons(connection: sa.Connection, gallery: Gallery) -> pa.Table:
    """Persons of all reached portraits: columns mention_id (the portrait's first) and one_of_them, the same for all
    portraits of a person."""
    together = people_persons.read_pins(connection, is_together=True)
    apart = people_persons.read_pins(connection, is_together=False)
    edges = people_persons.read_edges(connection, gallery.studio.parameters.confirmed)
    pairs = dict(
        zip(
            zip(edges["mention_a"].to_pylist(), edges["mention_b"].to_pylist(), strict=True),
            edges["probability"].to_pylist(),
            strict=True,
        )
    )
    nodes = sorted({node for pair in (*pairs, *together) for node in pair})
    anchors = pa.array(_reached(connection), pa.string())
    alone = pc.filter(anchors, pc.invert(pc.is_in(anchors, value_set=pa.array(nodes, pa.string()))))
    persons = [[node] for node in alone.to_pylist()]
    if nodes:
        faces = _faces(connection, gallery, nodes)
        rivals = people_persons.read_rivals(connection, pa.array(nodes, pa.string()))
        apart |= set(zip(rivals["mention_a"].to_pylist(), rivals["mention_b"].to_pylist(), strict=True))
        persons += join_persons(_sitters(faces), _evidence(faces, pairs, together, apart))
    rows = [(node, person[0]) for person in persons for node in person]
    return pa.table(
        {"mention_id": [row[0] for row in rows], "one_of_them": [row[1] for row in rows]},
        schema=pa.schema([("mention_id", pa.string()), ("one_of_them", pa.string())]),
    )


def _reached(connection: sa.Connection) -> list[str]:
    query = sa.text("select cast(mention_id as text) from reached order by mention_id")
    return list(connection.execute(query).scalars())


def _faces(connection: sa.Connection, gallery: Gallery, nodes: list[Node]) -> pa.Table:
    """Of each node what the guards look at: mention_id, first_name, surname, first_forms, birth_date, birth_swapped."""
    people_store.put_ids(connection, "faces", pa.array(nodes, pa.string()), "uuid")
    connection.execute(
        sa.text(
            "create temporary table if not exists face_portraits on commit drop as"
            " select portrait_id as id from reached inner join faces on reached.mention_id = faces.id"
        )
    )
    tables = []
    for part in people_results.read_parts(connection, "face_portraits", PORTRAITS_A_PART):
        loaded = gallery.load(pa.array(part, pa.int64()))
        tables.append(
            loaded.select(["first_mention_id", "first_name", "surname", "first_forms", "birth_date", "birth_swapped"])
        )
    return pa.concat_tables(tables)


def _sitters(faces: pa.Table) -> dict[Node, Sitter]:
    columns = (faces["first_mention_id"], _names(faces), faces["birth_date"])
    return {
        node: Sitter(name, birth_date)
        for node, name, birth_date in zip(*(column.to_pylist() for column in columns), strict=True)
    }


def _names(faces: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(faces["first_name"], pc.fill_null(faces["surname"], ""), " ")


def _evidence(faces: pa.Table, pairs: dict[Pair, float], together: set[Pair], apart: set[Pair]) -> Evidence:
    groups = _groups(faces["first_mention_id"].to_pylist(), [*pairs, *together])
    faces = faces.append_column("component", groups).append_column("name", _names(faces))
    return Evidence(
        pairs=pairs,
        together=together,
        apart=apart,
        names_differ=_differing(faces, "name", FIRST_NAME),
        births_differ=_differing(faces, "birth_date", BIRTH_DATE),
    )


def _groups(nodes: list[Node], pairs: list[Pair]) -> pa.Array:
    """A number for each node, the same for all that hang together."""
    place = {node: number for number, node in enumerate(nodes)}
    ends = np.array([(place[one], place[other]) for one, other in pairs], dtype=np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(nodes), len(nodes)))
    return pa.array(connected_components(graph, directed=False)[1].astype(np.int64))


def _differing(faces: pa.Table, value: str, comparison: Comparison) -> frozenset[tuple[str, str]]:
    """Pairs of values within a component that a comparison calls different."""
    levels = comparison["comparison_levels"]
    close = " or ".join(f"({level['sql_condition']})" for level in levels if level["sql_condition"] != "ELSE")
    sides = ", ".join(
        f"one.{column} as {column}_l, other.{column} as {column}_r"
        for column in ("first_name", "surname", "first_forms", "birth_date", "birth_swapped")
    )
    with open_memory() as memory:
        memory.register("faces", faces.drop_columns(["first_mention_id"]))
        rows = memory.sql(
            f"""
            with seen as (
                select distinct on (component, {value}) * from faces where {value} is not null
            ),
            sides as (
                select distinct one.{value} as one_value, other.{value} as other_value, {sides}
                from seen as one inner join seen as other
                    on one.component = other.component and one.{value} < other.{value}
            )
            select one_value, other_value from sides where not coalesce({close}, false)
            """  # noqa: S608 - the statement holds no value
        ).fetchall()
    return frozenset(rows)
