"""Row security of what is published: each role sees its rows, and a publish that would show others is refused."""

import dataclasses
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from hub.publish import PublishRefused, publish, published, published_rights, switch_back
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.grant_policy import Policy, read_policy
from hub.warehouse.roles import ROLE_FAMILIES, Role, family_roles, login_roles
from models.rows import fetch

FORCE = "force_E23000001"


@pytest.fixture
def warehouse(published: Settings) -> Settings:
    """It has been published once: to publish it without a change gives that publish."""
    return published


@pytest.fixture
def change(warehouse: Settings) -> Iterator[sa.Connection]:
    with open_warehouse(warehouse, Role.OWNER).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        yield connection


def touch(change: sa.Connection) -> None:
    change.exec_driver_sql("update ledger.builds set deliveries_state = deliveries_state || '.'")


def sees(settings: Settings, role: str, query: str) -> list[object] | None:
    """What a role is given for a query; None where it is refused."""
    try:
        return fetch(open_warehouse(settings, role), query)
    except sa.exc.ProgrammingError as error:
        if "permission denied" not in str(error):
            raise
        return None


def test_after_a_rebuild_and_a_publish_every_role_sees_the_rows_that_are_meant_for_it(
    warehouse: Settings, publisher: sa.Engine
) -> None:
    """Each role connects by itself and counts; what it should see is worked out from ``grants.yaml`` and all rows."""
    counts = publish(warehouse, publisher).row_counts
    policy, owner = read_policy(), open_warehouse(warehouse, Role.OWNER)
    of_family = {role: family for family in ROLE_FAMILIES for role in family_roles(warehouse, family)}
    with_rows = {"hub_analyst", "hub_bi", "hub_auditor", "hub_privacy", "hub_loader", "hub_transformer", "hub_linker"}
    codes = fetch(owner, "select distinct target_code from publish.allocations_v1 where target_kind = 'force'")
    with_rows |= {f"force_{code}" for code in codes[:4]} | {"force_BTP", "provider_x", "provider_mastodon"}
    assert with_rows <= set(login_roles(warehouse))
    for role in sorted(with_rows):
        family = of_family.get(role)
        rights = {family.group} if family else policy.with_inherited(role)
        for view, total in counts.items():
            readers = policy.published[view]
            columns = [readers[name] for name in rights if name in readers]
            should: list[object] | None = [total]
            if not columns:
                should = None
            elif family and columns[0]:
                own = (
                    f"select count(*) from publish.{view} where {columns[0]} = '{role.removeprefix(family.name + '_')}'"
                )
                should = fetch(owner, own)
            for relation in (f"publish.{view}", f"{published.build_schema(1)}.{view}"):
                assert sees(warehouse, role, f"select count(*) from {relation}") == should, (role, relation)


def test_every_published_view_is_named_in_the_file_of_grants(warehouse: Settings) -> None:
    models = {path.stem for path in (warehouse.dbt_project / "models" / "publish").glob("*.sql")}
    assert models - read_policy().published.keys() == set()


def test_a_force_sees_its_own_rows_alone_whatever_it_asks(warehouse: Settings, publisher: sa.Engine) -> None:
    publish(warehouse, publisher)
    assert set(sees(warehouse, FORCE, "select target_code from publish.allocations_v1") or []) <= {"E23000001"}
    assert set(sees(warehouse, FORCE, "select force_code from publish.victim_journeys_v1") or []) <= {"E23000001"}
    assert sees(warehouse, FORCE, "select 1 from publish.allocations_v1 where target_code = 'BTP'") == []
    leak = "select 1 from publish.allocations_v1 where 1 / (target_code = 'E23000001')::int = 0"
    assert sees(warehouse, FORCE, leak) == []
    refused = pytest.raises(sa.exc.ProgrammingError, match="permission denied to set role")
    with open_warehouse(warehouse, FORCE).connect() as connection, refused:
        connection.execute(sa.text('set role "force_BTP"'))


def test_builds_that_an_older_version_kept_are_divided_by_the_next_publish(
    warehouse: Settings, publisher: sa.Engine, change: sa.Connection
) -> None:
    first = publish(warehouse, publisher).publish_id
    build, rows = published.build_schema(first), published.rows_schema(first)
    change.exec_driver_sql(f"drop view {build}.victim_journeys_v1 cascade")
    change.exec_driver_sql(f"drop function {rows}.own_victim_journeys_v1")
    change.exec_driver_sql(f"alter table {rows}.victim_journeys_v1 set schema {build}")
    change.exec_driver_sql(
        f"create policy own_rows_of_force on {build}.victim_journeys_v1 for select to hub_force"
        " using (force_code = substr(cast(current_user as text), 7))"
    )
    counted = sees(warehouse, FORCE, f"select count(*) from {build}.victim_journeys_v1")
    touch(change)
    publish(warehouse, publisher)
    told = sees(warehouse, FORCE, f"explain (analyze) select * from {build}.victim_journeys_v1")
    assert "Rows Removed" not in str(told)
    assert "Function Scan" in str(told)
    assert sees(warehouse, FORCE, f"select count(*) from {build}.victim_journeys_v1") == counted


OWN = "create or replace function {rows}.own_allocations_v1() returns setof {rows}.allocations_v1 language sql"
REMOVED = {
    "rows of a family": OWN + " as 'select * from {rows}.allocations_v1 where false'",
    "rows of others": OWN + " security definer as 'select * from {rows}.allocations_v1'",
    "policy of all others": "drop policy every_row on {rows}.allocations_v1",
    "row security": "alter table {rows}.allocations_v1 disable row level security",
    "condition": "create policy more on {rows}.allocations_v1 for select to hub_force using (true)",
    "grant": "revoke select on {build}.allocations_v1 from hub_analyst",
    "refusal": "grant select on {build}.allocations_v1 to hub_loader; grant usage on schema {build} to hub_loader",
}


@pytest.mark.parametrize("what", REMOVED)
def test_a_publish_in_which_a_right_is_wrong_is_refused(
    warehouse: Settings, publisher: sa.Engine, change: sa.Connection, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    first = publish(warehouse, publisher)
    touch(change)
    grant_build = published_rights.grant_build

    def one_is_missing(connection: sa.Connection, policy: Policy, publish_id: int, views: list[str]) -> None:
        grant_build(connection, policy, publish_id, views)
        build, rows = published.build_schema(publish_id), published.rows_schema(publish_id)
        connection.exec_driver_sql(REMOVED[what].format(build=build, rows=rows))

    monkeypatch.setattr(published_rights, "grant_build", one_is_missing)
    with pytest.raises(PublishRefused, match=r"allocations_v1\.roles: \w+ sees (nothing|\d+ rows), not"):
        publish(warehouse, publisher)
    assert fetch(publisher, "select distinct publish_id from publish.incidents_v1") == [first.publish_id]


def test_who_reads_a_view_is_what_the_file_says_whatever_was_granted_by_hand(
    warehouse: Settings, publisher: sa.Engine, change: sa.Connection
) -> None:
    publish(warehouse, publisher)
    change.exec_driver_sql("grant select on publish.incidents_v1 to hub_bi")
    change.exec_driver_sql("revoke select on publish.freshness_protected_v1 from hub_bi")
    touch(change)
    publish(warehouse, publisher)
    assert sees(warehouse, "hub_bi", "select count(*) from publish.incidents_v1") is None
    assert sees(warehouse, "hub_bi", "select count(*) > 0 from publish.freshness_protected_v1") == [True]


def test_other_rights_are_something_new_to_publish(
    warehouse: Settings, publisher: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(warehouse, publisher)
    policy = read_policy()
    freshness = {role: rows for role, rows in policy.published["freshness_protected_v1"].items() if role != "hub_bi"}
    of_views = dataclasses.replace(
        policy.schemas["publish"],
        tables={
            **policy.schemas["publish"].tables,
            "freshness_protected_v1": dict.fromkeys(freshness, frozenset({"select"})),
        },
    )
    other = dataclasses.replace(
        policy,
        published={**policy.published, "freshness_protected_v1": freshness},
        schemas={**policy.schemas, "publish": of_views},
    )
    monkeypatch.setattr("hub.publish.policy_hash", lambda: "another")
    assert publish(warehouse, publisher, policy=other).publish_id > first.publish_id
    assert sees(warehouse, "hub_bi", "select count(*) from publish.freshness_protected_v1") is None


def test_a_switch_back_shows_the_older_rows_until_there_is_something_new(
    warehouse: Settings, publisher: sa.Engine, change: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = publish(warehouse, publisher)
    touch(change)
    second = publish(warehouse, publisher)
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", Mock(side_effect=OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            switch_back(warehouse, publisher, None, decided_by="a.person", because="wrong rates")
    assert publish(warehouse, publisher).publish_id == second.publish_id, "nothing is switched that the log has not"
    back = switch_back(warehouse, publisher, None, decided_by="a.person", because="wrong rates")
    assert back.publish_id == first.publish_id
    ids = "select distinct publish_id from publish.incidents_v1 union select publish_id from publish.measures_v1"
    assert fetch(publisher, ids) == [first.publish_id]
    assert set(sees(warehouse, FORCE, "select target_code from publish.allocations_v1") or []) <= {"E23000001"}
    assert publish(warehouse, publisher).publish_id == first.publish_id
    assert switch_back(warehouse, publisher, second.publish_id, decided_by="a.person", because="rates are right")
    assert fetch(publisher, ids) == [second.publish_id]
    with pytest.raises(PublishRefused, match="there is no such publish any more"):
        switch_back(warehouse, publisher, 77, decided_by="a.person", because="x")
    touch(change)
    third = publish(warehouse, publisher)
    assert fetch(publisher, ids) == [third.publish_id]
    told = fetch(publisher, "select publish_id, kind, because from ledger.publish_switches order by switch_id")
    assert told == [
        (first.publish_id, "published", None),
        (second.publish_id, "published", None),
        (first.publish_id, "switched", "a.person: wrong rates"),
        (second.publish_id, "switched", "a.person: rates are right"),
        (third.publish_id, "published", None),
    ]


def test_a_view_and_a_column_that_an_older_build_has_not_yet_are_empty_after_a_switch_back(
    warehouse: Settings, publisher: sa.Engine, change: sa.Connection
) -> None:
    first = publish(warehouse, publisher)
    change.exec_driver_sql(f"alter table publish_{first.publish_id}.incidents_v1 drop column count_reporters cascade")
    change.exec_driver_sql(f"drop table publish_{first.publish_id}.freshness_v1 cascade")
    touch(change)
    publish(warehouse, publisher)
    switch_back(warehouse, publisher, first.publish_id, decided_by="a.person", because="x")
    reads = "select distinct publish_id, count_reporters from publish.incidents_v1"
    assert sees(warehouse, "hub_analyst", reads) == [(first.publish_id, None)]
    assert sees(warehouse, "hub_analyst", "select * from publish.freshness_v1") == []
    touch(change)
    third = publish(warehouse, publisher)
    assert sees(warehouse, "hub_analyst", "select distinct publish_id from publish.freshness_v1") == [third.publish_id]
