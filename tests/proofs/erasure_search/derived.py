"""What linkage, intermediate models and marts say of each report, row by row, and what a later build says otherwise."""

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from proofs.erasure_search.known_victims import EVENTS, MEASURES, may_count_fewer, with_the_erased
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
WHOSE_EVENT = frozenset({"victim_person_id", "journey_id"})
"""What an event of a report says of the report's victim, and loses with them."""
OF_TEXTS = {
    "linkage.report_keys": frozenset({"key", "position"}),
    "linkage.report_marks": frozenset({"keys", "positions"}),
}
"""What linkage makes of a text: hashes of its parts, each beside the text's length."""
ROWS_BY_WORDS = frozenset({"linkage.report_keys"})
"""Has as many rows of a report as the text has words and phrases."""


@dataclass(frozen=True)
class Allowed:
    """What the next build may say otherwise: all of records of the erased; of other records, that an event was of one
    of these ``victims``, by their ids, and what is made of the columns of a record that were ``masked``; of incidents,
    that these victims are known."""

    is_of_erased: Callable[[RowPlace], bool]
    victims: Collection[str] = ()
    masked: Mapping[RowPlace, Collection[str]] = field(default_factory=dict)

    def difference(self, table: str, place: RowPlace, was: Counter[str], now: Counter[str]) -> str:
        """In which columns rows differ that may not; empty where in none."""
        if place in self.masked:
            columns = OF_TEXTS.get(table, frozenset(f"{column}_token" for column in self.masked[place]))
            was, now = _without(columns, was), _without(columns, now)
            if table in ROWS_BY_WORDS:
                was, now = Counter(was.keys()), Counter(now.keys())
        was, now = self._without_victims(was - now, now - was)
        return _columns(was, now) if was != now else ""

    def _without_victims(self, was: Counter[str], now: Counter[str]) -> tuple[Counter[str], Counter[str]]:
        """An event of one of the victims may become nobody's, and nobody else's."""
        old: Counter[str] = Counter()
        for text, number in was.items():
            is_victims = json.loads(text).get("victim_person_id") in self.victims
            old[_row_without(WHOSE_EVENT, text) if is_victims else text] += number
        new: Counter[str] = Counter()
        for text, number in now.items():
            left = _row_without(WHOSE_EVENT, text)
            is_nobodys = json.loads(text).get("victim_person_id") is None
            new[left if is_nobodys and left in old else text] += number
        return old, new


@dataclass(frozen=True)
class Derived:
    """The rows of each relation about each record, and the records of each incident."""

    rows: Rows
    of_incident: Mapping[object, set[RowPlace]]

    @property
    def count(self) -> int:
        """How many rows there are to compare."""
        return sum(number for of_place in self.rows.values() for number in of_place.values())

    def changed(self, after: "Derived", allowed: Allowed) -> list[str]:
        """Rows about records that are nobody's of the erased, and share no incident with theirs, that are not as they
        were and as is allowed; of records that do, rows that are gone."""
        is_of_erased = allowed.is_of_erased
        beside = {place for places in self.of_incident.values() if any(map(is_of_erased, places)) for place in places}
        fewer = may_count_fewer(self._said_in(EVENTS), after._said_in(EVENTS), allowed.victims)
        found = []
        for (table, place), was in self.rows.items():
            now = after.rows.get((table, place), Counter())
            if was == now or is_of_erased(place):
                continue
            if table == MEASURES:
                now = with_the_erased(was, now, fewer)
            difference = allowed.difference(table, place, was, now)
            if difference and (place not in beside or sum(was.values()) > sum(now.values())):
                found.append(f"{table}: {place[0]}, delivery {place[1]}, row {place[2]}, {difference}")
        return sorted(found)

    def _said_in(self, table: str) -> Iterator[Mapping[str, object]]:
        """All rows of a relation."""
        for (name, _), rows in self.rows.items():
            if name == table:
                yield from map(json.loads, rows)


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
    columns = {column for old, new in pairs for column in _differing(json.loads(old), json.loads(new))}
    return ", ".join(sorted(columns))


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
    return {column for column in old.keys() | new.keys() if old.get(column) != new.get(column)}


def _without(columns: Collection[str], rows: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text, number in rows.items():
        found[_row_without(columns, text)] += number
    return found


def _row_without(columns: Collection[str], text: str) -> str:
    row = json.loads(text).items()
    return json.dumps({column: value for column, value in row if column not in columns}, sort_keys=True)
