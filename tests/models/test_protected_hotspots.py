"""What who has the shared address of ``hub_bi``, and nothing else, learns of hotspots and tasking."""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from hub.forecast.tables import AREA_FORECASTS, RUNS, TASKING, TASKING_DECISIONS
from hub.publish import PublishRefused, publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.test_public_statistics import spoil

EXPECTED = {"E09000001": 4.9, "E09000002": 5.0, "E09000003": 12.4, "E09000004": 12.6}
SHOWN = (
    "select area_code, expected_reports, is_suppressed from publish.hotspot_forecast_protected_v1 order by area_code"
)
OF_OCTOBER = [("E09000001", None, True), ("E09000002", 5, False), ("E09000003", 10, False), ("E09000004", 15, False)]


def put_forecast(owner: sa.Engine, panel: str, cut_off: dt.date, times: float) -> uuid.UUID:
    """A forecast that is published, of so many times the reports that ``EXPECTED`` says, with one approved area."""
    run_id = uuid.uuid4()
    run = {"run_id": run_id, "panel": panel, "cut_off": cut_off, "is_withheld": False}
    run |= {"first_event_on": dt.date(2025, 1, 6), "count_areas": 4, "count_reports": 99, "completeness": 1.0}
    run |= dict.fromkeys(("data_sha256", "boundary_version", "model_version"), "x")
    row = {"run_id": run_id, "strand_code": "all", "horizon": "four_weeks", "reports_12m": 50, "reports_4w": 10}
    row |= {"completeness": 1.0}
    slot = {"run_id": run_id, "slot": 1, "area_code": "E09000004", "strands": ["race"], "why": "many reports"}
    slot |= {"action": "engagement", "selection": "model", "review_by": cut_off + dt.timedelta(weeks=4)}
    slot |= dict.fromkeys(("rank", "expected_reports", "p05", "p95", "stability_weeks"), 1)
    decision = {"run_id": run_id, "slot": 1, "kind": "approved", "decided_by": "a.person"}
    with owner.begin() as connection:
        connection.execute(sa.insert(RUNS).values(run))
        for area, expected in EXPECTED.items():
            connection.execute(
                sa.insert(AREA_FORECASTS).values({**row, "area_code": area, "expected_reports": expected * times})
            )
        connection.execute(sa.insert(TASKING).values(slot))
        connection.execute(sa.insert(TASKING_DECISIONS).values(decision))
    return run_id


@pytest.fixture
def owner(warehouse: Settings) -> sa.Engine:
    return open_warehouse(warehouse, Role.OWNER)


def test_a_bi_tool_sees_local_authorities_to_the_nearest_five_once_a_month(
    warehouse: Settings, owner: sa.Engine
) -> None:
    """Made of several forecasts: small areas, weeks of one month, and the month after."""
    publisher, reader = open_warehouse(warehouse, Role.PUBLISHER), open_warehouse(warehouse, Role.BI)
    put_forecast(owner, "lsoa", dt.date(2026, 10, 5), 9)
    put_forecast(owner, "local_authority", dt.date(2026, 10, 5), 1)
    publish(warehouse, publisher)
    assert fetch(reader, SHOWN) == OF_OCTOBER
    tasked = "select * from publish.hotspot_tasking_protected_v1"
    with reader.connect() as connection:
        [slot] = connection.execute(sa.text(tasked)).mappings().all()
    assert (slot["area_code"], slot["action"], slot["is_current"]) == ("E09000004", "engagement", True)
    assert "a.person" not in map(str, slot.values())

    put_forecast(owner, "local_authority", dt.date(2026, 10, 12), 3)
    publish(warehouse, publisher)
    assert fetch(reader, SHOWN) == OF_OCTOBER
    inside = "select max(expected_reports) from publish.hotspot_forecast_v1 where panel = 'local_authority'"
    assert fetch(owner, inside) == [pytest.approx(37.8)]

    put_forecast(owner, "local_authority", dt.date(2026, 11, 2), 2)
    publish(warehouse, publisher)
    assert fetch(reader, SHOWN) == [
        (area, 10 * one, False) for area, one in zip(EXPECTED, (1, 1, 2.5, 2.5), strict=True)
    ]
    assert fetch(reader, f"select count(*) from ({tasked}) as slots") == [3]


def test_a_bi_tool_reads_no_exact_forecast(warehouse: Settings, owner: sa.Engine) -> None:
    put_forecast(owner, "local_authority", dt.date(2026, 10, 5), 1)
    publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    for view in (
        "hotspot_forecast_v1",
        "hotspot_proposals_v1",
        "hotspot_tasking_v1",
        "hotspot_online_v1",
        "tasking_questions_v1",
    ):
        with (
            open_warehouse(warehouse, Role.BI).connect() as connection,
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        ):
            connection.execute(sa.text(f"select * from publish.{view}"))


def test_a_small_figure_that_the_build_shows_stops_the_publish(warehouse: Settings, owner: sa.Engine) -> None:
    """A build whose rule is broken, with readers that see the last one."""
    put_forecast(owner, "local_authority", dt.date(2026, 10, 5), 1)
    publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    spoil(owner, "update reference.disclosure_parameters set parameter_value = 1 where parameter_code = 'threshold'")
    put_forecast(owner, "local_authority", dt.date(2026, 11, 2), 0.5)
    spoil(
        owner, "update reference.disclosure_parameters set parameter_value = 1 where parameter_code = 'rounding_base'"
    )
    with pytest.raises(
        PublishRefused, match=r"hotspot_forecast_protected_v1\.rules: expected_reports is not of its list"
    ):
        publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    assert fetch(open_warehouse(warehouse, Role.BI), SHOWN) == OF_OCTOBER


def test_a_parameter_that_ends_in_a_later_year_still_holds_today(owner: sa.Engine) -> None:
    """Parameters are dated: what replaces one in 2040 says nothing of today's forecasts."""
    put_forecast(owner, "local_authority", dt.date(2026, 10, 5), 1)
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "insert into reference.disclosure_parameters"
                " (parameter_code, parameter_value, meaning, valid_from, source)"
                " values ('threshold', 100, 'x', '2040-01-01', 'x')"
            )
        )
        connection.execute(
            sa.text(
                "update reference.disclosure_parameters set valid_to = '2039-12-31'"
                " where parameter_code = 'threshold' and valid_from < '2040-01-01'"
            )
        )
    shown = "select area_code, expected_reports, is_suppressed from marts.agg_hotspot_forecasts__protected order by 1"
    assert fetch(owner, shown) == OF_OCTOBER
