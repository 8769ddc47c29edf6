"""SQL in names of files, headers, values and arguments is only ever text."""

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import ledger_rows, take_in
from ingest.small_feeds import column, feed

HOSTILE = [
    "'; drop table ledger.deliveries; --",
    '"; drop schema raw cascade; --',
    "$$; select pg_terminate_backend(pid) from pg_stat_activity; $$",
    "%s %(delivery_id)s :feed {feed}",
    "\\'; copy ledger.feeds to program 'true'; --",
]
ARGUMENTS = [
    ["quarantine", "list", "--feed"],
    ["quarantine", "reject"],
    ["url"],
    ["psql", "--role"],
    ["publish", "rollback", "--because", "x"],
    ["trace", "1"],
    ["trace", "1", "freshness_v1"],
]
PLACES = feed(column("place", header=HOSTILE[1]), column("note"), name="places")


@pytest.fixture(autouse=True)
def surroundings(settings: Settings, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_warehouse(engine, [PLACES])
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", str(settings.warehouse_url))


def tables(engine: sa.Engine) -> set[tuple[str | None, str]]:
    """Every table, with its schema."""
    found = sa.inspect(engine)
    return {(schema, name) for schema in found.get_schema_names() for name in found.get_table_names(schema)}


def test_a_name_a_header_and_a_value_are_kept_as_text(settings: Settings, engine: sa.Engine) -> None:
    before, names = tables(engine), set()
    loader, header = open_warehouse(settings, Role.LOADER), HOSTILE[1].replace('"', '""')
    for text in HOSTILE:
        value, name = text.replace('"', '""'), text.replace("/", "").replace("\\", "") + ".csv"
        names.add(name)
        result = take_in(settings, loader, PLACES, f'"{header}",note\n"{value}",x\n'.encode(), name)
        assert result.rows_accepted == 1
    with engine.connect() as connection:
        assert set(connection.execute(sa.text("select place from raw.places")).scalars()) == set(HOSTILE)
    came = ledger_rows(engine)
    assert [row.status for row in came] == ["loaded"] * len(HOSTILE)
    assert {row.file_name for row in came} == names
    assert tables(engine) == before


def test_a_hostile_argument_is_refused_and_drops_nothing(engine: sa.Engine) -> None:
    before = tables(engine)
    for arguments in ARGUMENTS:
        for text in HOSTILE:
            done = CliRunner().invoke(app, [*arguments, text])
            assert not isinstance(done.exception, sa.exc.SQLAlchemyError), (arguments, done.exception)
            assert (arguments[:2] == ["quarantine", "list"]) or done.exit_code != 0
    assert tables(engine) == before
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from ledger.feeds")) > 0
