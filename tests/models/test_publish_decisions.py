"""Decisions about areas are published with the next publish, and are never changed."""

import pytest
import sqlalchemy as sa

from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.test_publish import change

RUN = "'00000000-0000-0000-0000-0000000000a1'"


def put_run(engine: sa.Engine) -> None:
    """A forecast that is withheld, and a slot that it would propose."""
    change(
        engine,
        f"""
        insert into forecast.runs (run_id, panel, cut_off, data_sha256, boundary_version, model_version, count_areas,
            is_withheld, withheld_because)
        values ({RUN}, 'force', '2026-10-05', 'x', 'PFA 2022', '1', 43, true, 'too little history')
        """,
        f"""
        insert into forecast.tasking (run_id, slot, area_code, rank, why, expected_reports, p05, p95, strands, action,
            stability_weeks, selection, review_by)
        values ({RUN}, 1, 'E23000001', 1, 'long-run high', 2, 0, 5, '{{}}', 'engagement', 1, 'model', '2026-11-02')
        """,
    )


APPROVED = f"""
    insert into forecast.tasking_decisions (run_id, slot, kind, decided_by) values ({RUN}, 1, 'approved', 'an.analyst')
"""


def test_a_forecast_may_leave_no_row_and_a_decision_is_published_without_a_build(
    published: Settings,
) -> None:
    engine, publisher = open_warehouse(published, Role.OWNER), open_warehouse(published, Role.PUBLISHER)
    put_run(engine)
    first = publish(published, publisher)
    assert first.row_counts["hotspot_tasking_v1"] == 0
    assert fetch(engine, "select caveat from publish.hotspot_forecast_v1") == ["too little history"]
    change(
        engine,
        "update forecast.runs set is_withheld = false, withheld_because = null, made_at = clock_timestamp()",
    )
    assert publish(published, publisher).row_counts["hotspot_forecast_v1"] == 0
    change(engine, APPROVED)
    assert publish(published, publisher).is_new
    assert fetch(engine, "select approver, decision from publish.hotspot_tasking_v1") == [("an.analyst", "approved")]


@pytest.mark.parametrize(
    "statement", ["update forecast.tasking_decisions set slot = 2", "delete from forecast.tasking_decisions"]
)
def test_a_decision_is_never_changed_or_taken_away(published: Settings, statement: str) -> None:
    engine = open_warehouse(published, Role.OWNER)
    put_run(engine)
    change(engine, APPROVED)
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"):
        change(engine, statement)
