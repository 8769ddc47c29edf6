"""From what broke a build back to the rows of deliveries behind it: feed, delivery and row number, never a value.

A query gives the rows that break something. Where they carry their lineage, it is read off them; where they are known
by an id alone, the id leads to the reports behind it. Queries are put together from the project's own models.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

NAMED_AT_MOST = 10
PATIENCE = "30s"
NO_DELIVERY = uuid.UUID(int=0)
LINEAGE = ("delivery_id", "row_number")
RAW_LINEAGE = ("_delivery_id", "_row_number")
_OF_INCIDENTS = """
    select linked.incident_id as id, reports.delivery_id, reports.row_number
    from linkage.report_incidents as linked
    inner join intermediate.int_reports__unioned as reports on linked.report_id = reports.report_id
"""
BEHIND: Mapping[str, tuple[str, str]] = {
    "report_id": (
        "intermediate.int_reports__unioned",
        "select report_id as id, delivery_id, row_number from intermediate.int_reports__unioned",
    ),
    "event_id": (
        "intermediate.int_journey_records",
        "select event_id as id, delivery_id, row_number from intermediate.int_journey_records",
    ),
    "incident_id": ("intermediate.int_reports__unioned", _OF_INCIDENTS),
    "allocation_id": (
        "marts.fct_allocations",
        f"""
            select a.allocation_id as id, r.delivery_id, r.row_number
            from marts.fct_allocations as a inner join ({_OF_INCIDENTS}) as r on a.incident_id = r.id
        """,  # noqa: S608
    ),
}
"""Id → the relation that must be there, and a query of ``id``, delivery and row number of the rows behind it."""


@dataclass(frozen=True)
class RowPlace:
    """Where a row is: a record of a delivery."""

    feed: str
    delivery_id: uuid.UUID
    row_number: int


@dataclass(frozen=True)
class Broken:
    """The rows behind what broke, :data:`NAMED_AT_MOST` of them; and, where no row is known, ids that lead to it."""

    places: tuple[RowPlace, ...] = ()
    ids: tuple[str, ...] = ()

    def in_words(self) -> str:
        """``true_vision_reports delivery … rows 3, 7; …``; nothing where nothing was found."""
        rows: dict[tuple[str, uuid.UUID], list[int]] = {}
        for place in self.places:
            rows.setdefault((place.feed, place.delivery_id), []).append(place.row_number)
        named = [
            f"{feed} delivery {delivery_id} {'row' if len(numbers) == 1 else 'rows'} {', '.join(map(str, numbers))}"
            for (feed, delivery_id), numbers in rows.items()
        ]
        return "; ".join([*named, *self.ids])


def rows_behind(engine: sa.Engine, query: str) -> Broken:
    """The rows of deliveries behind the rows that ``query`` gives. Finds nothing where the query cannot be run."""
    try:
        with engine.connect() as connection, connection.begin():
            connection.execute(sa.text(f"set local statement_timeout = '{PATIENCE}'"))
            columns = tuple(connection.execute(_text(f"select * from ({query}) as broken limit 0")).keys())  # noqa: S608
            if set(LINEAGE) <= set(columns):
                found = "select delivery_id, row_number from broken"
            elif way := next((one for one in BEHIND if one in columns and _is_there(connection, BEHIND[one][0])), None):
                found = f"""
                    select behind.delivery_id, behind.row_number
                    from ({BEHIND[way][1]}) as behind where behind.id in (select {way} from broken)
                """  # noqa: S608
            else:
                return Broken(ids=_ids(connection, query, columns))
            places = _places(connection, f"with broken as ({query}) {found}")
            return places if places.places else Broken(ids=_ids(connection, query, columns))
    except sa.exc.SQLAlchemyError:
        return Broken()


def first_row_that_fails(engine: sa.Engine, query: str, parents: Iterable[str]) -> Broken:
    """A row of a delivery without which ``query`` could be run: found by halving what it reads of one of its
    ``parents`` (relations as they stand in it) that carries lineage. Finds nothing where no row alone is at fault."""
    try:
        for relation in parents:
            lineage = _lineage_of(engine, relation)
            if lineage is not None and relation in query:
                place = _failing_place(_Halving(engine, query, relation), *lineage)
                if place is not None:
                    return rows_behind(engine, place)
    except sa.exc.SQLAlchemyError:
        pass  # what failed is named all the same
    return Broken()


def _failing_place(halving: "_Halving", delivery: str, number: str) -> str | None:
    """A query of delivery and row number of the one row of the relation with which alone its query fails."""
    if not halving.fails("true") or halving.fails(f"{delivery} = '{NO_DELIVERY}'"):
        return None
    relation = halving.relation
    ids = _values(halving.engine, f"select distinct {delivery} from {relation} order by 1")  # noqa: S608
    one = halving.first(ids, lambda some: f"{delivery} = any('{{{','.join(map(str, some))}}}'::uuid[])")
    if one is None:
        return None
    of_one = f"{delivery} = '{one}'"
    numbers = _values(halving.engine, f"select distinct {number} from {relation} where {of_one} order by 1")  # noqa: S608
    row = halving.first(numbers, lambda some: f"{of_one} and {number} between {some[0]} and {some[-1]}")
    return None if row is None else f"select cast('{one}' as uuid) as delivery_id, cast({row} as bigint) as row_number"


@dataclass(frozen=True)
class _Halving:
    """Runs a query with less and less of one of the relations that it reads."""

    engine: sa.Engine
    query: str
    relation: str

    def first[T](self, among: Sequence[T], condition: Callable[[Sequence[T]], str]) -> T | None:
        """One of these values with which alone the query fails; None where it takes several."""
        while len(among) > 1:
            half = len(among) // 2
            failing = (part for part in (among[:half], among[half:]) if self.fails(condition(part)))
            found = next(failing, None)
            if found is None:
                return None
            among = found
        return among[0] if among else None

    def fails(self, condition: str) -> bool:
        """Whether the query, made of the rows of its relation for which ``condition`` is true, is one that the data
        break. Nothing that it gives is kept."""
        rows = f"(select * from {self.relation} where {condition})"  # noqa: S608  # from the project's own models
        part = self.query.replace(self.relation, rows)
        try:
            with self.engine.connect() as connection, connection.begin():
                connection.execute(sa.text(f"set local statement_timeout = '{PATIENCE}'"))
                connection.execute(_text(f"explain (analyze, timing off, costs off) {part}"))
        except sa.exc.DataError:
            return True
        except sa.exc.SQLAlchemyError:
            return False
        return False


def _places(connection: sa.Connection, query: str) -> Broken:
    named = f"""
        select distinct d.feed, found.delivery_id, found.row_number
        from ({query}) as found inner join ledger.deliveries as d on found.delivery_id = d.delivery_id
        order by d.feed, found.delivery_id, found.row_number limit {NAMED_AT_MOST}
    """  # noqa: S608  # both come from the project's own models
    found = connection.execute(_text(named))
    return Broken(tuple(RowPlace(row.feed, row.delivery_id, row.row_number) for row in found))


def _ids(connection: sa.Connection, query: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Columns of ids: they are the hub's own, and no value of a row."""
    ids = [column for column in columns if column.endswith("_id")]
    if not ids:
        return ()
    chosen = ", ".join(ids)
    query = f"select distinct {chosen} from ({query}) as broken order by {chosen} limit {NAMED_AT_MOST}"  # noqa: S608
    return tuple(
        " ".join(f"{name} {value}" for name, value in row._mapping.items()) for row in connection.execute(_text(query))
    )


def _lineage_of(engine: sa.Engine, relation: str) -> tuple[str, str] | None:
    with engine.connect() as connection:
        query = sa.text("select attname from pg_attribute where attrelid = to_regclass(:name) and attnum > 0")
        names: set[str] = set(connection.execute(query, {"name": relation}).scalars())
    return next((pair for pair in (LINEAGE, RAW_LINEAGE) if set(pair) <= names), None)


def _values(engine: sa.Engine, query: str) -> Sequence[object]:
    with engine.connect() as connection:
        return list(connection.execute(_text(query)).scalars())


def _is_there(connection: sa.Connection, relation: str) -> bool:
    return connection.execute(sa.text("select to_regclass(:name)"), {"name": relation}).scalar_one() is not None


def _text(query: str) -> sa.TextClause:
    """A query as it is: a colon in it begins no parameter."""
    return sa.text(query.replace(":", r"\:"))
