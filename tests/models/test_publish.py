"""Publishing: all views at once or none, only additions, and readers that never see an error."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.samples import FEEDS
from hub.publish import PublishRefused, publish, published, published_rights, switch_back
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch

KEPT = 2
"""How many builds stay where a test says so; a hub keeps more."""


def change(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def fix(engine: sa.Engine, name: str) -> None:
    """Make a candidate a table with the rows and comments that the view has, so that a test can spoil it."""
    columns = fetch(
        engine,
        f"""select attname, col_description(attrelid, attnum) from pg_attribute
            where attrelid = 'candidate.{name}'::regclass and attnum > 0""",
    )
    change(
        engine,
        "set local role hub_transformer",
        f"alter view candidate.{name} rename to replaced",
        f"create table candidate.{name} as select * from candidate.replaced",
        "drop view candidate.replaced",
        f"comment on table candidate.{name} is 'One row per row.'",
        *(f"comment on column candidate.{name}.{column} is $${text}$$" for column, text in columns),
    )


def touch(engine: sa.Engine) -> None:
    """Something has changed since the last publish."""
    change(engine, "update ledger.builds set deliveries_state = deliveries_state || '.'")


def published_views(engine: sa.Engine) -> list[str]:
    return fetch(engine, "select viewname from pg_views where schemaname = 'publish' order by viewname")


def ids_of(views: Sequence[str]) -> str:
    return " union ".join(f"select publish_id from publish.{view}" for view in views)


def published_ids(engine: sa.Engine) -> list[int]:
    return fetch(engine, ids_of(published_views(engine)))


@pytest.fixture
def warehouse(published: Settings) -> Settings:
    """It has been published once: to publish it without a change gives that publish."""
    return published


@pytest.fixture
def engine(warehouse: Settings) -> sa.Engine:
    return open_warehouse(warehouse, Role.OWNER)


def test_nothing_is_published_before_a_build(settings: Settings) -> None:
    with pytest.raises(PublishRefused, match="nothing has been built"):
        publish(settings, open_warehouse(settings, Role.PUBLISHER))


def test_every_row_says_which_publish_it_is_part_of(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine
) -> None:
    result = publish(warehouse, publisher)
    assert published_ids(engine) == [result.publish_id]
    [manifest] = fetch(engine, "select to_jsonb(p) from ledger.publishes p")
    views = published_views(engine)
    assert views == fetch(engine, "select viewname from pg_views where schemaname = 'candidate' order by viewname")
    assert manifest["row_counts"] == {view: fetch(engine, f"select count(*) from publish.{view}")[0] for view in views}
    assert all(check["passed"] for check in manifest["checks"])
    assert len(manifest["delivery_ids"]) == fetch(engine, "select count(*) from ledger.deliveries")[0] > 0
    as_of = fetch(engine, "select distinct data_as_of from publish.freshness_v1")
    assert as_of == fetch(engine, "select max(loaded_at) from ledger.deliveries") == [result.data_as_of]


def test_the_switch_is_noted_with_its_own_moment_and_so_a_publish_has_a_duration(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine
) -> None:
    publish(warehouse, publisher)
    query = """
        select switches.switched_at > publishes.published_at from ledger.publish_switches as switches
        inner join ledger.publishes using (publish_id)
    """
    assert fetch(engine, query) == [True]


def test_publishing_again_without_a_change_gives_the_first_publish(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine
) -> None:
    first = publish(warehouse, publisher)
    second = publish(warehouse, publisher)
    assert (second.publish_id, second.is_new, second.row_counts) == (first.publish_id, False, first.row_counts)
    touch(engine)
    third = publish(warehouse, publisher)
    assert third.is_new
    assert third.publish_id > first.publish_id
    assert published_ids(engine) == [third.publish_id]


def test_new_code_is_published_though_no_row_came(warehouse: Settings, engine: sa.Engine, publisher: sa.Engine) -> None:
    first = publish(warehouse, publisher)
    change(engine, "update ledger.builds set code_sha256 = 'another'")
    assert publish(warehouse, publisher).publish_id > first.publish_id


def test_the_old_builds_go_and_the_latest_stay(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []
    monkeypatch.setattr("hub.publish.KEPT_BUILDS", KEPT)
    for _ in range(KEPT + 2):
        ids.append(publish(warehouse, publisher).publish_id)
        touch(engine)
    kept = fetch(engine, "select nspname from pg_namespace where nspname like 'publish\\_%'")
    assert sorted(kept) == sorted(published.build_schema(one) for one in ids[-KEPT:])


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("drop view candidate.incidents_v1", r"incidents_v1\.built: was not built"),
        (
            "alter table candidate.incidents_v1 drop column force_code",
            r"force_code is gone; publish it under",
        ),
        (
            "alter table candidate.incidents_v1 alter count_reports type bigint",
            r"count_reports from integer to bigint; publish it under a new version",
        ),
        (
            "alter table candidate.incidents_v1 add column reporter_email text",
            r"personal: reporter_email",
        ),
        ("alter table candidate.incidents_v1 add column reason text", r"incidents_v1\.described: reason"),
        (
            "insert into candidate.incidents_v1 select * from candidate.incidents_v1 limit 1",
            r"incidents_v1\.rules: incident_id is there twice$",
        ),
        (
            "update candidate.incidents_v1 set is_online = 'perhaps', count_reports = null",
            r"incidents_v1\.rules: count_reports is empty; is_online is not of its list$",
        ),
        ("delete from candidate.freshness_v1", rf"freshness_v1\.rows: 0 rows, {len(FEEDS)} before"),
        (
            "create view publish.old_v1 as select publish_id from publish.freshness_v1",
            r"old_v1\.kept: is published, but no model makes it",
        ),
    ],
)
def test_a_failed_check_leaves_what_readers_see(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine, statement: str, reason: str
) -> None:
    first = publish(warehouse, publisher)
    before = fetch(engine, "select to_jsonb(i) from publish.incidents_v1 i order by incident_id")
    touch(engine)
    for name in ("incidents_v1", "freshness_v1"):
        if not statement.startswith("drop view"):
            fix(engine, name)
    change(engine, statement)
    with pytest.raises(PublishRefused, match=reason):
        publish(warehouse, publisher)
    assert published_ids(engine) == [first.publish_id]
    assert fetch(engine, "select to_jsonb(i) from publish.incidents_v1 i order by incident_id") == before
    assert fetch(engine, "select count(*) from ledger.publishes") == [1]


def test_a_person_may_accept_that_a_view_has_shrunk(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine
) -> None:
    publish(warehouse, publisher)
    touch(engine)
    fix(engine, "incidents_v1")
    change(engine, "delete from candidate.incidents_v1")
    assert publish(warehouse, publisher, accept_shrinking=True).row_counts["incidents_v1"] == 0


def test_a_new_column_comes_after_those_that_readers_know(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine
) -> None:
    publish(warehouse, publisher)
    order = """
        select attname from pg_attribute
        where attrelid = 'publish.freshness_v1'::regclass and attnum > 0 order by attnum
    """
    before = fetch(engine, order)
    touch(engine)
    change(
        engine,
        "set local role hub_transformer",
        "create table candidate.wider as select feed, 'x'::text as region, f.* from candidate.freshness_v1 f".replace(
            "f.*", ", ".join(f"f.{name}" for name in before[:-3] if name != "feed")
        ),
        "drop view candidate.freshness_v1",
        "alter table candidate.wider rename to freshness_v1",
        "comment on table candidate.freshness_v1 is 'One row per feed.'",
        *(f"comment on column candidate.freshness_v1.{name} is 'described'" for name in [*before[:-3], "region"]),
    )
    publish(warehouse, publisher)
    assert fetch(engine, order) == [*before, "region"]


def test_descriptions_come_along(warehouse: Settings, engine: sa.Engine, publisher: sa.Engine) -> None:
    publish(warehouse, publisher)
    comment = "select col_description('publish.incidents_v1'::regclass, attnum) from pg_attribute where attname = '{}'"
    where = " and attrelid = 'publish.incidents_v1'::regclass"
    assert fetch(engine, comment.format("strands") + where)[0].startswith("Monitored strands")
    assert fetch(engine, comment.format("publish_id") + where)[0].startswith("The publish")
    assert fetch(engine, "select obj_description('publish.incidents_v1'::regclass)")[0].startswith(
        "One row per incident"
    )
    undescribed = """
        select relation_name, column_name from publish.data_dictionary_v1
        where column_description is null or column_description = '' or relation_description is null
    """
    assert fetch(engine, undescribed) == []


def test_the_dictionary_has_every_published_column_in_its_place(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine
) -> None:
    publish(warehouse, publisher)
    real = """
        select table_name::text, column_name::text, ordinal_position::int from information_schema.columns
        where table_schema = 'publish' order by 1, 3
    """
    told = """
        select relation_name, column_name, column_position from publish.data_dictionary_v1
        where schema_name = 'publish' order by 1, 3
    """
    assert fetch(engine, told) == fetch(engine, real)


def test_two_publishers_at_once_make_one_publish(warehouse: Settings, engine: sa.Engine, publisher: sa.Engine) -> None:
    touch(engine)
    with ThreadPoolExecutor(2) as pool:
        results = [one.result() for one in [pool.submit(publish, warehouse, publisher) for _ in range(2)]]
    assert sorted(result.is_new for result in results) == [False, True]
    assert len({result.publish_id for result in results}) == 1


def test_a_view_has_the_indexes_that_its_model_asks_for(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine
) -> None:
    result = publish(warehouse, publisher)
    made = f"select indexdef from pg_indexes where schemaname = '{published.build_schema(result.publish_id)}'"
    assert any("incidents_v1" in one and "(force_code, first_reported_at)" in one for one in fetch(engine, made))


def test_a_published_table_keeps_its_models_rules(warehouse: Settings, engine: sa.Engine, publisher: sa.Engine) -> None:
    schema = published.build_schema(publish(warehouse, publisher).publish_id)
    held = "select pg_get_constraintdef(oid) from pg_constraint where conrelid = '{}.{}'::regclass"
    of_incidents = fetch(engine, held.format(schema, "incidents_v1"))
    assert "UNIQUE NULLS NOT DISTINCT (incident_id)" in of_incidents
    assert "NOT NULL count_reports" in of_incidents
    assert [one for one in of_incidents if one.startswith("CHECK") and "is_online" in one and "'unknown'" in one]
    # A row for the whole time has no month: there is one of each all the same.
    key = "UNIQUE NULLS NOT DISTINCT (force_code, period_kind, month)"
    rows = published.rows_schema(1)
    assert key in fetch(engine, held.format(rows, "force_scorecard_v1"))


def test_the_build_that_readers_were_switched_back_to_while_a_publish_ended_stays(
    warehouse: Settings, engine: sa.Engine, publisher: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(warehouse, publisher).publish_id
    touch(engine)
    publish(warehouse, publisher)
    touch(engine)
    monkeypatch.setattr("hub.publish.KEPT_BUILDS", KEPT)

    def back(*_: Any) -> None:
        switch_back(warehouse, publisher, first, decided_by="a.person", because="wrong figures")

    monkeypatch.setattr(published_rights, "grant_kept_builds", back)
    before = published_views(engine)
    publish(warehouse, publisher)
    assert published_views(engine) == before
    assert published_ids(engine) == [first]
