"""A relation that is divided by reader, on the smallest build that shows it."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from hub.publish import own_rows, published, published_rights
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.grant_policy import read_policy
from hub.warehouse.roles import Role
from models.rows import fetch

VIEW = "allocations_v1"
BUILD, ROWS = published.build_schema(1), published.rows_schema(1)


@pytest.fixture
def publisher(settings: Settings) -> sa.Engine:
    """The publisher of a build with one relation: three rows of BTP, two of PSNI and one of nobody."""
    with open_warehouse(settings, Role.TRANSFORMER).begin() as connection:
        connection.exec_driver_sql(f"create table candidate.{VIEW} (target_code text, because text)")
        connection.exec_driver_sql(
            f"insert into candidate.{VIEW}"
            " values ('BTP', 'a'), ('BTP', 'b'), ('BTP', 'c'), ('PSNI', 'd'), ('PSNI', 'e'), (null, 'f')"
        )
        connection.exec_driver_sql(f"comment on column candidate.{VIEW}.because is 'Why.'")
    engine = open_warehouse(settings, Role.PUBLISHER)
    now = datetime(2026, 11, 1, tzinfo=UTC)
    stamps = {"publish_id": 1, "data_as_of": now, "published_at": now}
    with engine.begin() as connection:
        candidate = published.relations_in(connection, published.CANDIDATE)[VIEW]
        assert published.copy_candidate(connection, candidate, 1, stamps, [("target_code",)]) == 6
        published_rights.grant_build(connection, read_policy(), 1, [VIEW])
    return engine


@pytest.mark.parametrize(
    ("role", "count"),
    [("force_BTP", 3), ("force_PSNI", 2), ("force_E23000001", 0), ("hub_analyst", 6), ("hub_auditor", 6)],
)
def test_each_reader_has_its_rows_once(settings: Settings, publisher: sa.Engine, role: str, count: int) -> None:
    reader = open_warehouse(settings, role)
    assert fetch(reader, f"select count(*) from {BUILD}.{VIEW}") == [count]
    assert fetch(reader, f"select count(*) from {ROWS}.{VIEW}") == [count if role.startswith("hub") else 0]
    with publisher.begin() as connection:
        assert published.relations_in(connection, BUILD)[VIEW].comments["because"] == "Why."
        # The publisher looks through every reader's eyes.
        if role != "hub_auditor":
            connection.execute(sa.text("select set_config('role', :role, true)"), {"role": role})
            assert connection.scalar(sa.text(f"select count(*) from {BUILD}.{VIEW}")) == count


@pytest.mark.usefixtures("publisher")
@pytest.mark.parametrize("role", ["hub_bi", "provider_x", "hub_loader"])
def test_who_may_not_read_a_relation_may_read_no_part_of_it(settings: Settings, role: str) -> None:
    for asked in (f"{BUILD}.{VIEW}", f"{ROWS}.{VIEW}", f"{ROWS}.{own_rows.function_of(VIEW)}()"):
        with open_warehouse(settings, role).connect() as connection, pytest.raises(sa.exc.ProgrammingError):
            connection.exec_driver_sql(f"select * from {asked}")


@pytest.mark.usefixtures("publisher")
def test_a_plan_never_counts_the_rows_of_others(settings: Settings) -> None:
    reader = open_warehouse(settings, "force_PSNI")
    for condition in ("true", "target_code = 'BTP'", "target_code <> 'PSNI'", "because > 'a'"):
        plan = fetch(reader, f"explain (analyze, verbose) select * from {BUILD}.{VIEW} where {condition}")
        told = "\n".join(map(str, plan))
        assert "Function Scan" in told
        assert f"Scan on {ROWS}.{VIEW}" not in told
        removed = [int(line.rsplit(":", 1)[1]) for line in map(str, plan) if "Rows Removed" in line]
        assert sum(removed) <= 2, told


@pytest.mark.usefixtures("publisher")
def test_an_analyst_finds_a_row_by_an_index(settings: Settings) -> None:
    with open_warehouse(settings, "hub_analyst").connect() as connection:
        connection.exec_driver_sql("set local enable_seqscan = off")
        plan = connection.scalars(sa.text(f"explain select * from {BUILD}.{VIEW} where target_code = 'BTP'")).all()
    assert any("Index" in line and VIEW in line for line in plan), plan


def test_a_divided_build_follows_the_policy_of_today(settings: Settings, publisher: sa.Engine) -> None:
    with publisher.begin() as connection:
        assert not own_rows.undivided(connection, read_policy(), 1)
        published_rights.grant_build(connection, read_policy(), 1, [VIEW])
    assert fetch(open_warehouse(settings, "force_BTP"), f"select count(*) from {BUILD}.{VIEW}") == [3]
