"""What linkage, intermediate models and marts say of each report, row by row, and what a later build says otherwise."""

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from proofs.erasure_search.snapshots import RowPlace

TABLES = """
    select space.nspname || '.' || class.relname as name,
    bool_or(att.attname = 'row_number') and bool_or(att.attname = 'feed') as has_place
    from pg_class as class
    inner join pg_namespace as space on class.relnamespace = space.oid
    inner join pg_attribute as att on class.oid = att.attrelid and att.attnum > 0 and not att.attisdropped
    where class.relkind in ('r', 'm') and space.nspname in ('intermediate', 'marts', 'linkage')
    group by 1
    having bool_or(att.attname = 'row_number') and bool_or(att.attname = 'delivery_id')
    and bool_or(att.attname = 'feed') or bool_or(att.attname = 'report_id')
    order by 1
"""
"""Relations whose rows are about one report or record, by its place or its id."""
REPORTS = "select report_id, feed, delivery_id, row_number, incident_id from marts.fct_reports"
Rows = Mapping[tuple[str, RowPlace], Counter[str]]


@dataclass(frozen=True)
class Derived:
    """The rows of each relation about each record, and the records of each incident."""

    rows: Rows
    of_incident: Mapping[object, set[RowPlace]]

    @property
    def count(self) -> int:
        """How many rows there are to compare."""
        return sum(number for of_place in self.rows.values() for number in of_place.values())

    def changed(self, after: "Derived", is_of_erased: Callable[[RowPlace], bool]) -> list[str]:
        """Rows about records that are nobody's of the erased, and share no incident with theirs, that are not as they
        were; of records that do, rows that are gone."""
        beside = {place for places in self.of_incident.values() if any(map(is_of_erased, places)) for place in places}
        found = []
        for (table, place), was in self.rows.items():
            now = after.rows.get((table, place), Counter())
            if was == now or is_of_erased(place):
                continue
            if place not in beside or sum(was.values()) > sum(now.values()):
                found.append(f"{table}: {place[0]}, delivery {place[1]}, row {place[2]}, {_columns(was, now)}")
        return sorted(found)


def read_derived(engine: sa.Engine) -> Derived:
    """All of it, as the last build left it; nothing where there was none."""
    rows: dict[tuple[str, RowPlace], Counter[str]] = defaultdict(Counter)
    of_incident: dict[object, set[RowPlace]] = defaultdict(set)
    with engine.connect() as connection:
        if connection.execute(sa.text("select to_regclass('marts.fct_reports')")).scalar_one() is None:
            return Derived(rows, of_incident)
        places: dict[str, RowPlace] = {}
        for report in connection.execute(sa.text(REPORTS)):
            places[str(report.report_id)] = (report.feed, report.delivery_id, report.row_number)
            of_incident[report.incident_id].add(places[str(report.report_id)])
        for table in connection.execute(sa.text(TABLES)).all():
            for row in _rows(connection, table.name):
                place = _place(row) if table.has_place else places.get(str(row["report_id"]))
                if place is not None:
                    rows[table.name, place][json.dumps(row, sort_keys=True)] += 1
    return Derived(rows, of_incident)


def _rows(connection: sa.Connection, table: str) -> Iterator[dict[str, object]]:
    query = sa.text(f"select to_jsonb(one)::text from {table} as one")
    texts: sa.ScalarResult[str] = connection.execute(query, execution_options={"yield_per": 5_000}).scalars()
    for text in texts:
        yield json.loads(text)


def _place(row: Mapping[str, object]) -> RowPlace:
    return str(row["feed"]), uuid.UUID(str(row["delivery_id"])), int(str(row["row_number"]))


def _columns(was: Counter[str], now: Counter[str]) -> str:
    """In which columns rows differ; that one is gone where there are fewer."""
    if sum(was.values()) != sum(now.values()):
        return f"{sum(now.values())} rows instead of {sum(was.values())}"
    pairs = zip(sorted((was - now).elements()), sorted((now - was).elements()), strict=True)
    columns = {
        column
        for old, new in pairs
        for column, value in json.loads(old).items()
        if json.loads(new).get(column) != value
    }
    return ", ".join(sorted(columns))
