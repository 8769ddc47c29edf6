"""Reports that come, change and go in any order, with decisions of people: run after run gives what one run gives."""

import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from conftest import copy_database, give_keys, share_roles
from hub.linkage.incidents import link_incidents
from hub.settings import Settings
from hub.warehouse.embedded_postgres import embedded_postgres
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from linkage.reports import (
    KETTLE,
    KETTLE_AGAIN,
    OTHER_POST,
    PIANO,
    POST,
    Told,
    all_that_is_known,
    make_table,
    put,
    put_override,
)

TEXTS = (KETTLE, KETTLE_AGAIN, PIANO, "[slur]")
reports_told = st.builds(
    Told,
    number=st.integers(1, 24),
    description=st.sampled_from(TEXTS),
    url=st.sampled_from([None, None, None, POST, OTHER_POST, "https://x.com/somebody"]),
    platform=st.sampled_from(["x", "x", "x", None]),
    occurred_on=st.sampled_from(["2026-03-04", "2026-03-04", "2026-03-05", None]),
    reported_at=st.sampled_from(
        ["2026-03-05T10:00:00+00:00", "2026-03-05T11:00:00+00:00", "2026-03-20T01:00:00+00:00"]
    ),
    victim_name=st.sampled_from([None, None, "Moss Fernley", "Ivy Quarrymead"]),
    crime_reference=st.sampled_from([None, None, None, "CR/77/26"]),
)
worlds = st.lists(reports_told, max_size=24, unique_by=lambda told: told.number)


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory,
    server_settings: Settings,
    administration: sa.Engine,
    template_database: str,
) -> Settings:
    """One database for all examples of a property; each begins by emptying it."""
    copy_database(administration, template_database, "hub_linkage")
    url = make_url(embedded_postgres(server_settings).url).set(database="hub_linkage")
    home = tmp_path_factory.mktemp("linkage")
    give_keys(home)
    share_roles(server_settings, home)
    return dataclasses.replace(
        server_settings, home=home, drop=Path(home), warehouse_url=url.render_as_string(hide_password=False)
    )


overrides = st.none() | st.lists(st.tuples(st.integers(1, 24), st.integers(1, 24), st.booleans()), max_size=3)


several = st.lists(st.tuples(worlds, overrides), min_size=1, max_size=4)
type Worlds = list[tuple[list[Told], list[tuple[int, int, bool]] | None]]


@given(worlds=several)
@hypothesis_settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_run_after_run_gives_what_one_run_from_scratch_gives(shared: Settings, worlds: Worlds) -> None:
    _runs_give_what_one_from_scratch_gives(shared, worlds)


@pytest.mark.long
@given(worlds=several)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_runs_give_what_one_run_from_scratch_gives(shared: Settings, worlds: Worlds) -> None:
    _runs_give_what_one_from_scratch_gives(shared, worlds)


def _runs_give_what_one_from_scratch_gives(shared: Settings, worlds: Worlds) -> None:
    engine = open_warehouse(shared, Role.OWNER)
    _empty(engine)
    for reports, overrides in worlds:
        put(engine, reports)
        if overrides is not None:
            link_incidents(shared, engine)
            _set_overrides(engine, overrides)
        link_incidents(shared, engine)
    step_by_step = all_that_is_known(engine)
    link_incidents(shared, engine, full=True)
    assert all_that_is_known(engine) == step_by_step


def _empty(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema if exists intermediate cascade"))
        connection.execute(sa.text("drop schema if exists linkage cascade"))
        connection.execute(sa.text("create schema linkage authorization hub_linker"))
        connection.execute(sa.text("truncate vault.community_reports, vault.subject_keys"))
    make_table(engine)


def _set_overrides(engine: sa.Engine, overrides: list[tuple[int, int, bool]]) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("delete from linkage.incident_overrides"))
    told = {number: Told(number, "") for first, second, _ in overrides for number in (first, second)}
    for first, second, is_together in {
        (min(one[:2]), max(one[:2])): one for one in overrides if one[0] != one[1]
    }.values():
        put_override(engine, told[first], told[second], is_together=is_together)
