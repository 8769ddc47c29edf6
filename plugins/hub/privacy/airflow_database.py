"""Airflow's own database: what a person typed into a form, a note or an answer can name somebody there.

All its columns of text and JSON are looked through, whatever tables a version of Airflow has. Only the words that name
the person are written over, so that a JSON value stays one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.privacy.certificate import AIRFLOW, Store
from hub.privacy.identity import Identity
from hub.privacy.mention_search import MentionSearch, masked
from hub.privacy.plain_text import TextSearch
from hub.privacy.value_patterns import in_sql

TEXTS = ("text", "character varying", "character", "json", "jsonb", "bytea")
ROWS_A_FETCH = 1_000
TIMES = 3
"""A row that Airflow writes meanwhile is at another place, and is looked for again so often."""
MOST_WAIT = "10s"
"""How long a row that Airflow holds is waited for; it is named as left then."""
COLUMNS = """
    select columns.table_schema, columns.table_name, columns.column_name, columns.data_type
    from information_schema.columns as columns
    inner join information_schema.tables as tables using (table_schema, table_name)
    where tables.table_type = 'BASE TABLE' and columns.table_schema !~ '^pg_'
      and columns.table_schema <> 'information_schema' and columns.data_type = any (:types)
    order by columns.table_schema, columns.table_name, columns.ordinal_position
"""


@dataclass(frozen=True)
class _Table:
    """A table and its columns of text, with their types."""

    schema: str
    name: str
    columns: Mapping[str, str]

    @property
    def said(self) -> str:
        return f"{self.schema}.{self.name}"


def clean_airflow(airflow: sa.Engine | None, identity: Identity) -> Store | None:
    """Look for the person in all of Airflow's database, write over what names them, and look again. None where the
    database cannot be reached from here."""
    if airflow is None:
        return None
    try:
        with airflow.connect() as connection:
            tables = list(_tables(connection))
    except sa.exc.OperationalError:
        return None
    text, words = TextSearch.of(identity), MentionSearch.of(identity)
    found, left = 0, dict[str, int]()
    for table in tables:
        places = _search(airflow, table, text)
        found += len(places)
        for _ in range(TIMES):
            if places:
                _mask(airflow, table, places, words)
                places = _search(airflow, table, text)
        if places:
            left[table.said] = len(places)
    return Store(
        AIRFLOW,
        len(tables),
        found,
        max(found - sum(left.values()), 0),
        sum(left.values()),
        how="each row of every table, its text and JSON as text: e-mail addresses, telephone numbers, or a name with a"
        " date of birth, a postcode or a contact of the person",
        done="the words masked; rows counted",
        left_in=sorted(left),
    )


def _tables(connection: sa.Connection) -> Iterator[_Table]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(sa.text(COLUMNS), {"types": list(TEXTS)}):
        found.setdefault((row[0], row[1]), {})[row[2]] = row[3]
    return (_Table(schema, name, columns) for (schema, name), columns in found.items())


def _search(airflow: sa.Engine, table: _Table, text: TextSearch) -> list[str]:
    """The places of the rows that are about the person."""
    said = f"concat_ws(e'\\n|\\n', {', '.join(_as_text(airflow, *one) for one in table.columns.items())})"
    patterns = text.for_sql()
    query = sa.text(
        # Where something stands for another character, PostgreSQL cannot tell. Behind "offset 0" each form is made once
        # a row.
        f"select place, said from (select *, {in_sql('said')} as form"  # noqa: S608 - names
        f" from (select ctid::text as place, {said} as said from {_quoted(airflow, table)} offset 0) as rows"
        " offset 0) as one"
        " where form ~* any (cast(:alone as text[])) or said ~ :coded"
        " or (form ~* any (cast(:names as text[])) and form ~* any (cast(:beside as text[])))"
    )
    with airflow.connect() as connection:
        rows = connection.execute(query, patterns, execution_options={"yield_per": ROWS_A_FETCH})
        return [str(row.place) for row in rows if text.is_in(row.said)]


def _mask(airflow: sa.Engine, table: _Table, places: list[str], words: MentionSearch) -> None:
    """Write over the words that name the person in these rows. A row that cannot be changed stays as it is: its key is
    another table's too, or Airflow holds it."""
    quote = airflow.dialect.identifier_preparer.quote
    names = [name for name, kind in table.columns.items() if kind != "bytea"]
    cells = ", ".join(f"{quote(name)}::text as {quote(name)}" for name in names) or "null"
    own = _quoted(airflow, table)
    row_of = sa.text(f"select {cells} from {own} where ctid = cast(:place as tid) for update")  # noqa: S608 - names
    for place in places:
        try:
            with airflow.begin() as connection:
                connection.execute(sa.text(f"set local lock_timeout = '{MOST_WAIT}'"))
                rows = connection.execute(row_of, {"place": place}).mappings().all()
                row = dict(rows[0]) if rows else {}
                changed = {
                    name: now
                    for name in names
                    if (was := row.get(name)) is not None
                    and (now := _masked(was, words, is_json=table.columns[name].startswith("json"))) != was
                }
                if changed:
                    values = ", ".join(
                        f"{quote(name)} = cast(:value_{number} as {table.columns[name]})"
                        for number, name in enumerate(changed)
                    )
                    patterns = {f"value_{number}": value for number, value in enumerate(changed.values())}
                    query = sa.text(f"update {own} set {values} where ctid = cast(:place as tid)")  # noqa: S608 - names
                    connection.execute(query, {**patterns, "place": place})
        except sa.exc.DBAPIError:
            continue
    with airflow.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"vacuum {own}"))


def _masked(said: str, words: MentionSearch, *, is_json: bool) -> str:
    """A cell without the words that name the person."""
    if is_json or "\\u" in said:
        try:
            value = json.loads(said)
        except ValueError:
            pass
        else:
            now = _masked_value(value, words)
            return said if now == value else json.dumps(now, ensure_ascii=False)
    return _stars(said, words)


def _masked_value(value: Any, words: MentionSearch) -> Any:
    if isinstance(value, dict):
        return {_stars(key, words): _masked_value(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked_value(item, words) for item in value]
    if isinstance(value, str):
        # A text in JSON can be JSON itself: Airflow keeps an XCom so.
        return _masked(value, words, is_json=value[:1] in ("{", "["))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return stars if is_number and (stars := _stars(str(value), words)) != str(value) else value


def _stars(said: str, words: MentionSearch) -> str:
    return masked(said, [(one.start, one.end) for one in words.spans(said, is_named=True)])


def _as_text(airflow: sa.Engine, name: str, kind: str) -> str:
    column = airflow.dialect.identifier_preparer.quote(name)
    return f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"


def _quoted(airflow: sa.Engine, table: _Table) -> str:
    quote = airflow.dialect.identifier_preparer.quote
    return f"{quote(table.schema)}.{quote(table.name)}"
