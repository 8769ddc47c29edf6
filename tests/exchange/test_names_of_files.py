"""Names under which recipients hand files in."""

from types import SimpleNamespace
from typing import Any

import pytest

from hub.exchange.deliveries import refuse_name
from hub.exchange.problems import Problem
from hub.ingest.dropped_files import is_name_of_whole_file

BEARER: Any = SimpleNamespace(recipient="E23000001")
CONTRACT: Any = SimpleNamespace(file_name_pattern=None)


@pytest.mark.parametrize("name", ["2026-11.partner_reports.csv", "reports.tmp2.csv"])
def test_a_name_that_ingest_takes_is_not_refused_for_what_stands_in_its_middle(name: str) -> None:
    assert is_name_of_whole_file(name)
    refuse_name(BEARER, CONTRACT, name)


@pytest.mark.parametrize("name", ["march.csv.part", "march.csv.control.json"])
def test_a_name_that_ends_as_one_of_a_transfer_under_way_is_refused(name: str) -> None:
    with pytest.raises(Problem):
        refuse_name(BEARER, CONTRACT, name)
