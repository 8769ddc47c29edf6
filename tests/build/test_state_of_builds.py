"""What a build rests on: publishing compares it with what readers have."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.build import builds, code_hash


@pytest.fixture
def marts(engine: sa.Engine) -> sa.Engine:
    """Empty tables in place of the marts and models that the record of a build looks at."""
    with engine.begin() as connection:
        for statement in (
            "create schema if not exists marts",
            "create schema if not exists staging",
            """create table marts.fct_deliveries (delivery_id uuid, status text, contract_version text,
                count_rows_accepted int, count_rows_quarantined int, count_rows_duplicate int,
                loaded_at timestamptz)""",
            "create table marts.dim_feed (feed text)",
            """create table staging.stg_ledger__deliveries (delivery_id uuid, status text, count_rows_accepted int,
                count_rows_duplicate int, delivery_order bigint[], loaded_at timestamptz)""",
        ):
            connection.execute(sa.text(statement))
    return engine


def state_after(engine: sa.Engine, selection: str | None = None) -> str:
    build_id = builds.start_build(engine, selection=selection, code_sha256="c", seeds_sha256="s")
    builds.finish_build(engine, build_id, failed=[], count_nodes=1, succeeded=True)
    with engine.connect() as connection:
        row = builds.last_build(connection)
    assert row is not None
    return str(row.deliveries_state)


def link(engine: sa.Engine, incident: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            sa.text("insert into linkage.report_incidents (report_id, incident_id) values (:incident, :incident)"),
            {"incident": incident},
        )


def test_what_linkage_decided_anew_is_to_be_published_once_all_is_built_though_no_delivery_came(
    marts: sa.Engine,
) -> None:
    first = state_after(marts)
    assert state_after(marts) == first
    link(marts, "00000000-0000-0000-0000-000000000001")
    assert state_after(marts, selection="tag:forecasts+") == first
    assert state_after(marts) != first


def test_what_a_plain_dbt_build_leaves_beside_the_project_is_no_other_code(tmp_path: Path) -> None:
    for name in ("models/publish", "target/compiled/models", "logs"):
        (tmp_path / name).mkdir(parents=True)
    model = tmp_path / "models" / "publish" / "target.sql"
    model.write_text("select 1")
    code = code_hash(tmp_path)
    (tmp_path / "target" / "compiled" / "models" / "target.sql").write_text("select 1")
    (tmp_path / "logs" / "notes.md").write_text("x")
    assert code_hash(tmp_path) == code
    model.write_text("select 2")
    assert code_hash(tmp_path) != code
