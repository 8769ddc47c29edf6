"""Offences that a newer issue of the file of recorded crime leaves out are no longer counted."""

import uuid
from collections.abc import Callable

import pytest

from hub.build.warehouse_build import build_warehouse
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.test_build import crime

Deliver = Callable[..., uuid.UUID]


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_an_offence_that_a_newer_issue_moves_to_another_area_is_counted_only_there(
    warehouse: Settings, deliver: Deliver
) -> None:
    """The published files leave out areas without offences, so an area whose only offence was moved has no row in the
    newer issue."""
    deliver("mps_recorded_crime", crime("E01000006", {"203001": "0", "203002": "1"}))
    deliver("mps_recorded_crime", crime("E01000007", {"203002": "1", "203003": "0"}))
    build_warehouse(warehouse, select="+fct_recorded_crime")
    counted = "select area_code, count_offences from marts.fct_recorded_crime where month >= '2030-01-01'"
    assert fetch(open_warehouse(warehouse, Role.OWNER), counted) == [("E01000007", 1)]
