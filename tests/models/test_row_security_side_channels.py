"""Side channels of row security: plans, counters, statistics and errors tell a reader nothing of others' rows."""

import pytest
import sqlalchemy as sa

from hub.publish import publish, published
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.grant_policy import read_policy

FORCE, PROVIDER = "force_E23000001", "provider_x"


@pytest.fixture
def warehouse(published: Settings) -> Settings:
    """It has been published once: to publish it without a change gives that publish."""
    return published


ASKED = (
    "select * from {relation}",
    "select count(*) from {relation}",
    "select * from {relation} where {code} = {other}",
    "select * from {relation} where {code} <> {own}",
    "select * from {relation} where published_at > timestamptz '2020-01-01'",
    "select {code}, count(*) from {relation} group by 1",
    "select * from {relation} join (values ({other}), ({own})) as these (code) on these.code = {code}",
    "select * from {relation} where 1 / ({code} = {own})::int = 1",
    "select * from {relation} where cast({code} as text) like '%E%' order by {code} limit 1",
)
PLANNED = ("", "set local enable_indexscan = off; set local enable_bitmapscan = off", "set local enable_seqscan = off")
EXPLAIN = "explain (analyze, verbose, buffers off, timing off, summary off) "
STATISTICS = (
    "select * from pg_stats where schemaname in ('{rows}', '{build}', 'publish')",
    "select * from pg_stat_user_tables",
    "select * from pg_stat_xact_user_tables",
    "select * from pg_statio_user_indexes",
    "select * from pg_stat_database",
    "select relname, reltuples, relpages from pg_class where relnamespace = '{rows}'::regnamespace",
    "select pg_total_relation_size(oid) from pg_class where relnamespace = '{rows}'::regnamespace",
    "select set_config('role', 'force_PSNI', true)",
    "select set_config('session_authorization', 'force_PSNI', true)",
)


def all_that_is_told(settings: Settings, role: str, by_row: dict[str, str]) -> dict[str, object]:
    """What a reader is told of relations by plans, counters, statistics and errors, statement by statement."""
    build, rows = published.build_schema(1), published.rows_schema(1)
    own = role.partition("_")[2]
    statements = [statement.format(build=build, rows=rows) for statement in STATISTICS]
    for view, code in by_row.items():
        for schema in ("publish", build, rows):
            asked = {"relation": f"{schema}.{view}", "code": code, "own": f"'{own}'", "other": "'BTP'"}
            statements += [EXPLAIN + one.format(**asked) for one in ASKED]
        statements.append(f"select count(*) from {rows}.own_{view}()")
    told: dict[str, object] = {}
    for planned in PLANNED:
        for statement in statements:
            with open_warehouse(settings, role).connect() as connection:
                if planned:
                    connection.exec_driver_sql(planned)
                try:
                    told[planned + statement] = [tuple(row) for row in connection.execute(sa.text(statement))]
                except sa.exc.DBAPIError as error:
                    told[planned + statement] = str(error.orig)
    return told


@pytest.mark.parametrize(("role", "group"), [(FORCE, "hub_force"), (PROVIDER, "hub_provider")])
def test_a_reader_is_told_the_same_whether_others_have_rows_or_none(
    warehouse: Settings, publisher: sa.Engine, role: str, group: str
) -> None:
    """By plans and what they count, by statistics, by errors: with all rows of others gone, nothing that it can ask
    gives another answer."""
    publish(warehouse, publisher)
    published_to = read_policy().published.items()
    by_row = {view: column for view, readers in published_to if (column := readers.get(group)) is not None}
    others = 0
    with publisher.begin() as connection:
        # What has been looked through is not looked through again by the server in between.
        for schema in (published.build_schema(1), published.rows_schema(1)):
            for table in sa.inspect(connection).get_table_names(schema):
                connection.execute(sa.text(f"analyze {schema}.{table}"))
    before = all_that_is_told(warehouse, role, by_row)
    for view, code in by_row.items():
        table = f"{published.rows_schema(1)}.{view}"
        with publisher.begin() as connection:
            own = {"own": role.partition("_")[2]}
            gone = sa.text(f"delete from {table} where {code} is distinct from :own")
            others += connection.execute(gone, own).rowcount
            connection.execute(sa.text(f"analyze {table}"))
    assert others > 0
    after = all_that_is_told(warehouse, role, by_row)
    assert {asked: (before[asked], after[asked]) for asked in before if before[asked] != after[asked]} == {}
    plans = [told for asked, told in before.items() if asked.startswith(EXPLAIN)]
    assert any("Function Scan" in str(told) for told in plans)
    refused = [
        str(told)
        for asked, told in before.items()
        if any(word in asked for word in ("pg_stat_", "pg_class", "set_config"))
    ]
    assert all("permission denied" in told for told in refused), refused


@pytest.mark.parametrize(("role", "group"), [(FORCE, "hub_force"), (PROVIDER, "hub_provider")])
def test_a_plan_tells_a_reader_of_no_more_pages_than_its_own_rows_take(
    warehouse: Settings, publisher: sa.Engine, role: str, group: str
) -> None:
    """Whatever way of reading the reader forbids its session, and however many rows others have."""
    by_row = {view: column for view, readers in read_policy().published.items() if (column := readers.get(group))}
    before = {view: pages_told(warehouse, role, view) for view in by_row}
    with publisher.begin() as connection:
        for view, code in by_row.items():
            rows = published.rows_schema(1)
            table, columns = f"{rows}.{view}", [one["name"] for one in sa.inspect(connection).get_columns(view, rows)]
            values = ", ".join("'BTP'" if name == code else name for name in columns)
            for constraint in keys_of(connection, table):
                connection.execute(sa.text(f"alter table {table} drop constraint {constraint}"))
            more = f"insert into {table} ({', '.join(columns)}) select {values} from {table}, generate_series(1, 20)"
            connection.execute(sa.text(more))
            connection.execute(sa.text(f"analyze {table}"))
    for view, told in before.items():
        for planned, pages in pages_told(warehouse, role, view).items():
            assert pages <= told[planned] + 5, (view, planned, "an index of more rows is a few pages deeper, no more")


def keys_of(connection: sa.Connection, table: str) -> list[str]:
    query = "select conname from pg_constraint where conrelid = cast(:table as regclass) and contype in ('u', 'p', 'c')"
    return list(connection.scalars(sa.text(query), {"table": table}))


def pages_told(settings: Settings, role: str, view: str) -> dict[str, int]:
    """How many pages a reader's question for all rows of a view says that it read, by what its session forbids."""
    pages = {}
    question = f"explain (analyze, format json) select * from publish.{view}"
    for planned in PLANNED:
        with open_warehouse(settings, role).connect() as connection:
            if planned:
                connection.exec_driver_sql(planned)
            for _ in range(2):  # the first time it reads the catalogue, too
                plan = connection.scalars(sa.text(question)).one()[0]["Plan"]
        pages[planned] = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages
