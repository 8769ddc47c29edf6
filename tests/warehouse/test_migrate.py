"""A new hub and one that is upgraded have the tables that this code declares."""

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.build.warehouse_build import build_warehouse
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.disclosure import tables_kept
from hub.dispatch import tables as dispatch_tables
from hub.exchange import tables as exchange_tables
from hub.forecast import tables as forecast_tables
from hub.ingest import rewritten_files, samples
from hub.ingest.archive import tables as archive_tables
from hub.ingest.prepare import prepare_warehouse
from hub.linkage import person_tables
from hub.linkage import tables as linkage_tables
from hub.monitoring import tables as monitoring_tables
from hub.notifications import tables as notification_tables
from hub.orchestration import tables as approval_tables
from hub.reporters import tables as reporter_tables
from hub.settings import Settings
from hub.vault import tables as vault_tables
from hub.warehouse import grants, tables
from hub.warehouse.engine import WarehouseProblem
from hub.warehouse.migrate import FIRST, migrate

OWN_TABLES = (
    tables,
    samples,
    rewritten_files,
    archive_tables,
    monitoring_tables,
    notification_tables,
    approval_tables,
    dispatch_tables,
    reporter_tables,
    exchange_tables,
    vault_tables,
    linkage_tables,
    person_tables,
    forecast_tables,
    tables_kept,
)
SCHEMAS = sorted({str(table.schema) for owned in OWN_TABLES for table in owned.METADATA.sorted_tables})
CATALOGUE = """
    with own as (
        select c.oid, n.nspname || '.' || c.relname as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any(:schemas) and c.relkind = 'r' and c.relname <> 'alembic_version'
            and (n.nspname <> 'vault' or c.relname <> all(:feeds))
    )
    select name, 'table', '', obj_description(own.oid, 'pg_class') from own
    union all
    select name, 'column', a.attname,
        concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                  pg_get_expr(d.adbin, d.adrelid), a.attcollation, col_description(own.oid, a.attnum))
    from own
    join pg_attribute a on a.attrelid = own.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = own.oid and d.adnum = a.attnum
    union all
    select name, 'constraint', c.conname, pg_get_constraintdef(c.oid)
    from own join pg_constraint c on c.conrelid = own.oid
    union all
    select name, 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    from own join pg_index i on i.indrelid = own.oid
    order by 1, 2, 3
"""
NEWEST = "0049"
ONE, OTHER = f"{uuid.UUID(int=1)}", f"{uuid.UUID(int=2)}"
ROWS_UNDER_THE_NAMES_OF_0003 = (
    "insert into linkage.mention_portraits (mention_id, record_id, appearance_id, portrait_id, feed, role, delivery_id,"
    f" row_number, pins) values ('{ONE}', '{ONE}', '{ONE}', 7, 'a_feed', 'victim', '{ONE}', 1, 'a digest')",
    "insert into linkage.portrait_keys (key, portrait_id) values (5, 7)",
    "insert into linkage.incident_pins (report_a, report_b, is_together, because, decided_by)"
    f" values ('{ONE}', '{OTHER}', true, 'read both', 'a.person')",
    "insert into linkage.person_pins (mention_a, mention_b, is_together, because, decided_by)"
    f" values ('{ONE}', '{OTHER}', false, 'told so', 'a.person')",
    "create table linkage.followed_pins (report_a uuid not null, report_b uuid not null, is_together boolean not null,"
    " decided_at timestamptz not null, primary key (report_a, report_b))",
    f"insert into linkage.followed_pins values ('{ONE}', '{OTHER}', true, now())",
    "insert into ledger.judged_days (feed, day, count_rows, is_last) values ('a_feed', '2026-11-01', 3, false)",
    f"insert into vault.quarantined_rows (quarantine_id, sealed) values ('{ONE}', 'a row')",
    "insert into vault.legal_holds (person_id, because, placed_by, placed_at)"
    f" values ('{ONE}', 'a trial is coming', 'a.person', '2026-11-01')",
    "insert into linkage.person_changes (kind, old_person_id, new_person_id, changed_at)"
    f" values ('re_anchored', '{ONE}', '{OTHER}', '2026-11-02')",
    f"insert into linkage.mention_persons (mention_id, person_id) values ('{ONE}', '{OTHER}')",
)
KEPT = {
    "select identity_id, overrides from linkage.mention_identities": ("7", "a digest"),
    "select key, identity_id from linkage.identity_keys": ("5", "7"),
    "select report_a, report_b, is_together from linkage.incident_overrides": (ONE, OTHER, "True"),
    "select mention_a, mention_b, is_together from linkage.person_overrides": (ONE, OTHER, "False"),
    "select report_a, report_b, is_together from linkage.followed_overrides": (ONE, OTHER, "True"),
    "select feed, day, count_rows from ledger.compared_days where compared_at is not null": (
        "a_feed",
        "2026-11-01",
        "3",
    ),
    "select quarantine_id, convert_from(encrypted, 'UTF8') from vault.quarantined_rows": (ONE, "a row"),
    "select hold_id, mention_id from vault.held_mentions": ("1", ONE),
}
TRIGGERS = "select tgrelid::regclass::text from pg_trigger where not tgisinternal order by 1"


def described(connection: sa.Connection, catalogue: Catalogue) -> list[tuple[object, ...]]:
    """Every table, column, constraint and index of the hub's own schemas."""
    asked = {"schemas": SCHEMAS, "feeds": list(catalogue.contracts)}
    return [tuple(row) for row in connection.execute(sa.text(CATALOGUE), asked)]


def empty(connection: sa.Connection) -> None:
    """Leave the schemas without a table."""
    for schema in SCHEMAS:
        connection.execute(sa.text(f"drop schema {schema} cascade"))
    grants.make_schemas(connection)


def make_first_schema(connection: sa.Connection) -> None:
    """The schema of a hub that was made before the hub had migrations, and was not opened since."""
    empty(connection)
    migrate(connection, to=FIRST)
    connection.execute(sa.text("drop table ledger.alembic_version"))


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as one:
        yield one


def test_migrations_make_what_the_tables_in_the_code_say(connection: sa.Connection, catalogue: Catalogue) -> None:
    migrated = described(connection, catalogue)
    empty(connection)
    assert described(connection, catalogue) == []
    for owned in OWN_TABLES:
        owned.METADATA.create_all(connection)
    declared = described(connection, catalogue)
    assert sorted(set(migrated) ^ set(declared), key=str) == [], "write a revision in warehouse/migrations/versions"
    assert len(migrated) == len(declared) > 300


def test_a_new_hub_has_the_triggers_that_keep_tables_append_only(connection: sa.Connection) -> None:
    assert connection.scalars(sa.text(TRIGGERS)).all() == [
        "audit.log",
        "forecast.tasking_decisions",
        "ledger.dispatch_moves",
    ]


def test_a_hub_from_before_there_were_migrations_is_marked_and_keeps_its_rows(
    engine: sa.Engine, catalogue: Catalogue
) -> None:
    with engine.connect() as connection:
        newest = described(connection, catalogue)
    with engine.begin() as connection:
        make_first_schema(connection)
        connection.execute(
            sa.text(
                "insert into ledger.deliveries (delivery_id, feed, file_name, sha256, bytes, status)"
                " values (gen_random_uuid(), 'a_feed', 'a.csv', '00', 1, 'refused')"
            )
        )
    for _ in range(2):
        prepare_warehouse(engine, [])
        with engine.connect() as connection:
            assert described(connection, catalogue) == newest
            assert connection.scalars(sa.text("select file_name from ledger.deliveries")).all() == ["a.csv"]
            assert connection.scalars(sa.text("select version_num from ledger.alembic_version")).all() == [NEWEST]


def test_decisions_and_what_linkage_remembers_are_kept_under_the_new_names(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        empty(connection)
        migrate(connection, to="0003")
        for statement in ROWS_UNDER_THE_NAMES_OF_0003:
            connection.execute(sa.text(statement))
    prepare_warehouse(engine, [])
    with engine.connect() as connection:
        for query, kept in KEPT.items():
            assert [tuple(map(str, row)) for row in connection.execute(sa.text(query))] == [kept], query
        gone = "select relname from pg_class where relname similar to '%(portrait|pins|pinned|judged)%'"
        assert connection.scalars(sa.text(gone)).all() == []


def test_a_hub_older_than_the_first_migration_is_refused_unchanged_with_advice(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        make_first_schema(connection)
        connection.execute(sa.text("alter table ledger.deliveries drop column withdrawn_by"))
    with pytest.raises(WarehouseProblem, match=r"no deliveries\.withdrawn_by: .*hub prepare"):
        prepare_warehouse(engine, [])
    with engine.connect() as connection:
        assert not sa.inspect(connection).has_table("alembic_version", "ledger")


def test_a_build_can_be_the_first_command_after_an_upgrade(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.begin() as connection:
        make_first_schema(connection)
    monkeypatch.setattr("hub.build.warehouse_build.run_step", lambda *_: ())
    assert build_warehouse(settings, select="fct_reports").build_id == 1


@pytest.mark.parametrize("command", [["publish"], ["publish", "rollback", "--because", "upgraded"]])
def test_a_publish_as_the_first_command_after_an_upgrade_is_refused_with_a_message(
    settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    with engine.begin() as connection:
        make_first_schema(connection)
    monkeypatch.setattr("hub.cli.publish.read_settings", lambda: settings)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert "not published" in done.output
