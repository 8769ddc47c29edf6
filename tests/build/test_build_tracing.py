"""A failed model or test names the rows behind it, whatever dbt and the database say of it."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build.tracing import rows_of_failure
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from ingest.deliveries import ledger_rows, take_in
from ingest.small_feeds import column, feed

PLACES = feed(column("place"), column("count"), name="places")
LINEAGE = "_delivery_id as delivery_id, _row_number as row_number"
ROWS = b"place,count\nBow,1\nHam,\nBow,3\nKew,four\n"


@pytest.fixture
def delivery(settings: Settings, engine: sa.Engine) -> uuid.UUID:
    """Four rows: the second without a count, the first and third of one place, the fourth with a count that is none."""
    prepare_warehouse(engine, [PLACES])
    take_in(settings, engine, PLACES, ROWS)
    (row,) = ledger_rows(engine)
    return uuid.UUID(str(row.delivery_id))


def model(
    name: str, query: str, *parents: str, view: bool = False, relation: str | None = None, expression: str = "true"
) -> Any:
    return SimpleNamespace(
        name=name,
        constraints=[SimpleNamespace(type="check", expression=expression)],
        columns={},
        resource_type="model",
        compiled_code=query,
        relation_name=relation or f"({query})",
        config=SimpleNamespace(materialized="view" if view else "table"),
        depends_on=SimpleNamespace(nodes=list(parents)),
    )


def check(kind: str, *, attached: str | None = "model.hub.places", query: str = "", **kwargs: Any) -> Any:
    metadata = SimpleNamespace(name=kind, kwargs=kwargs)
    return SimpleNamespace(resource_type="test", test_metadata=metadata, attached_node=attached, compiled_code=query)


SOURCE = SimpleNamespace(name="places", relation_name="raw.places", resource_type="source")
NODES = {
    "source.hub.raw.places": SOURCE,
    "model.hub.places": model("places", "", relation=f"(select {LINEAGE}, place, count from raw.places) as one"),
    "model.hub.dim_place": model("dim_place", "", relation="(values ('Bow'), ('Ham')) as dim (place)"),
    "model.hub.stg": model(
        "stg", "select * from raw.places", "source.hub.raw.places", view=True, relation="staging.stg"
    ),
}


@pytest.mark.parametrize(
    ("node", "rows"),
    [
        (check("not_null", column_name="count"), "row 2"),
        (check("unique", column_name="place"), "rows 1, 3"),
        (check("unique_combination_of_columns", combination_of_columns=["place", "place"]), "rows 1, 3"),
        (check("accepted_values", column_name="place", values=["Bow", "Kew"]), "row 2"),
        (check("unique", query="select 1", attached=None), ""),
        (check("expression_is_true", query=f"select {LINEAGE} from raw.places where place = 'Kew'"), "row 4"),
    ],
)
def test_a_failed_test_names_its_rows(engine: sa.Engine, delivery: uuid.UUID, node: Any, rows: str) -> None:
    expected = f"places delivery {delivery} {rows}" if rows else ""
    assert rows_of_failure(engine, NODES, node, "Got 1 result, configured to fail if != 0") == expected


@pytest.mark.parametrize(
    ("query", "message", "rows"),
    [
        (
            f"select {LINEAGE}, count as due from raw.places",
            'null value in column "due" of relation "x"',
            "row 2",
        ),
        (f"select {LINEAGE}, place from raw.places", "could not be made\n  DETAIL:  Key (place)=(Bow) is", "rows 1, 3"),
        ("select cast(count as integer) as n from staging.stg as s", "invalid input syntax", "row 4"),
        (
            f"select {LINEAGE}, place from raw.places",
            'new row for relation "x" violates check constraint "known"\n  DETAIL:  Failing row contains (Ham)',
            "row 2",
        ),
    ],
)
def test_a_model_that_the_database_refuses_names_its_rows(
    engine: sa.Engine, delivery: uuid.UUID, query: str, message: str, rows: str
) -> None:
    told = rows_of_failure(engine, NODES, model("fct", query, "model.hub.stg", expression="place <> 'Ham'"), message)
    assert told.removeprefix("first at ") == f"places delivery {delivery} {rows}"
    assert "Bow" not in told
