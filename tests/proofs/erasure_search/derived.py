"""What linkage, intermediate models and marts say of each report, row by row, and what a later build says otherwise."""

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from proofs.erasure_search.known_victims import EVENTS, MEASURES, may_count_fewer, with_the_erased
from proofs.erasure_search.linked_anew import ONE_IN, Build, Linkage, LinkedAnew, read_linkage, states_the_same
from proofs.erasure_search.row_texts import row_without, without
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

    def left(
        self, table: str, place: RowPlace, was: Counter[str], now: Counter[str]
    ) -> tuple[Counter[str], Counter[str]]:
        """The rows that differ otherwise than they may; none where none do."""
        if place in self.masked:
            columns = OF_TEXTS.get(table, frozenset(f"{column}_token" for column in self.masked[place]))
            was, now = without(columns, was), without(columns, now)
            if table in ROWS_BY_WORDS:
                was, now = Counter(was.keys()), Counter(now.keys())
        was, now = self._without_victims(was - now, now - was)
        return was - now, now - was

    def _without_victims(self, was: Counter[str], now: Counter[str]) -> tuple[Counter[str], Counter[str]]:
        """An event of one of the victims may become nobody's, and nobody else's."""
        old: Counter[str] = Counter()
        for text, number in was.items():
            is_victims = json.loads(text).get("victim_person_id") in self.victims
            old[row_without(WHOSE_EVENT, text) if is_victims else text] += number
        new: Counter[str] = Counter()
        for text, number in now.items():
            left = row_without(WHOSE_EVENT, text)
            is_nobodys = json.loads(text).get("victim_person_id") is None
            new[left if is_nobodys and left in old else text] += number
        return old, new


@dataclass
class Changes:
    """What a build says otherwise: ``wrong``, in words; the records of others that are ``linked_anew``; and ``beside``,
    those that share an incident with the erased and got another incident or person."""

    wrong: list[str] = field(default_factory=list)
    linked_anew: set[RowPlace] = field(default_factory=set)
    beside: set[RowPlace] = field(default_factory=set)


@dataclass(frozen=True)
class Derived:
    """The rows of each relation about each record, the records of each incident, and what linkage says of them."""

    rows: Rows
    of_incident: Mapping[object, set[RowPlace]]
    linkage: Linkage = field(default_factory=Linkage)

    @property
    def count(self) -> int:
        """How many rows there are to compare."""
        return sum(number for of_place in self.rows.values() for number in of_place.values())

    def changed(self, after: "Derived", allowed: Allowed) -> Changes:
        """What of the rows about records that are nobody's of the erased is not as it was and as is allowed. A record
        that is linked anew may differ in what comes from its incident or person; one that shares an incident with the
        erased, in all but what it states, and whether it is there."""
        is_of_erased = allowed.is_of_erased
        places = {place for _, place in self.rows.keys() | after.rows.keys()}
        of_erased = set(filter(is_of_erased, places))
        beside = {place for group in self.of_incident.values() if any(map(is_of_erased, group)) for place in group}
        builds = Build(self.linkage, self.rows), Build(after.linkage, after.rows)
        anew = LinkedAnew(*builds, of_erased)
        found = Changes(linked_anew=anew.given - beside, beside=anew.given & beside)
        for table, place, was, now in self._differing(after, allowed, of_erased):
            if place in beside and states_the_same(table, was, now):
                continue
            difference = anew.difference(table, place, was, now)
            if difference:
                found.wrong.append(f"{table}: {_in_words(place)}, {difference}")
            elif place not in beside:
                found.linked_anew.add(place)
        for place, number in anew.without_measures():
            found.wrong.append(f"{MEASURES}: {_in_words(place)}, its incident has {number} rows")
        others = len(places - of_erased - beside)
        if len(found.linked_anew) * ONE_IN > others:
            found.wrong.append(f"{len(found.linked_anew)} of {others} records are linked anew: over one in {ONE_IN}")
        found.wrong.sort()
        return found

    def _differing(
        self, after: "Derived", allowed: Allowed, of_erased: Collection[RowPlace]
    ) -> Iterator[tuple[str, RowPlace, Counter[str], Counter[str]]]:
        """The rows that differ, by relation and record, also where there are none before or after."""
        fewer = may_count_fewer(self._said_in(EVENTS), after._said_in(EVENTS), allowed.victims)
        for table, place in self.rows.keys() | after.rows.keys():
            was, now = (build.rows.get((table, place), Counter()) for build in (self, after))
            if was == now or place in of_erased:
                continue
            if table == MEASURES:
                now = with_the_erased(was, now, fewer)
            was, now = allowed.left(table, place, was, now)
            if was or now:
                yield table, place, was, now

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
        linkage = read_linkage(connection)
        places: dict[str, RowPlace] = {}
        for report in connection.execute(sa.text(REPORTS)):
            places[str(report.report_id)] = (report.feed, report.delivery_id, report.row_number)
            of_incident[report.incident_id].add(places[str(report.report_id)])
        for table in connection.execute(sa.text(TABLES)).all():
            for row in _rows(connection, table.name):
                place = _place(row) if table.has_place else places.get(str(row["report_id"]))
                if place is not None:
                    rows[table.name, place][json.dumps(row, sort_keys=True)] += 1
    return Derived(rows, of_incident, linkage)


def _rows(connection: sa.Connection, table: str) -> Iterator[dict[str, object]]:
    query = sa.text(f"select to_jsonb(one)::text from {table} as one")
    texts: sa.ScalarResult[str] = connection.execute(query, execution_options={"yield_per": 5_000}).scalars()
    for text in texts:
        yield json.loads(text)


def _place(row: Mapping[str, object]) -> RowPlace:
    return str(row["feed"]), uuid.UUID(str(row["delivery_id"])), int(str(row["row_number"]))


def _in_words(place: RowPlace) -> str:
    return f"{place[0]}, delivery {place[1]}, row {place[2]}"
