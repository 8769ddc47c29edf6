"""A place that is written right, and is in no list of the hub's, is no misspelt place of the hub's."""

import uuid
from collections.abc import Callable

import pytest

from hub.build.warehouse_build import build_warehouse
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch, way_of
from models.test_build import report

Deliver = Callable[..., uuid.UUID]
ELSEWHERE = ("Finland", "Belgrade", "Darwin", "Havana", "St Helena", "Ghent")


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_a_country_or_city_abroad_is_no_misspelt_english_town(warehouse: Settings, deliver: Deliver) -> None:
    rows = [report(f"TV-{97_000_000 + n}", borough_named=place) for n, place in enumerate(ELSEWHERE)]
    rows.append(report("TV-97000099", borough_named="Lambteh"))
    deliver("true_vision_reports", *rows)
    build_warehouse(warehouse, select=way_of(["true_vision_reports"], "fct_reports"))
    engine = open_warehouse(warehouse, Role.OWNER)
    placed = "select {} from marts.fct_reports where report_ref like 'TV-970000%' and force_code {} order by report_ref"
    assert fetch(engine, placed.format("report_ref", "= 'E23000001'")) == ["TV-97000099"]
    assert fetch(engine, placed.format("report_ref || ' ' || force_code", "<> 'E23000001'")) == []
