"""Disclosure control on real tables: of each a part, and all of it in the long form."""

from pathlib import Path

import pytest

from disclosure.cubes import made_up, of_city_of_london, of_london, of_toronto, with_margins
from disclosure.test_suppression import must_be_safe
from hub.settings import read_settings


@pytest.fixture
def open_data() -> Path:
    folder = read_settings().open_data
    if folder is None:
        pytest.skip("HUB_OPEN_DATA is not set")
    return folder


def test_aggravated_offences_of_a_borough_are_safe(open_data: Path) -> None:
    leaves, dimensions = of_london(open_data, boroughs=1)
    must_be_safe(with_margins(leaves, dimensions), dimensions, looked_at=2)


def test_toronto_with_its_overlapping_biases_is_safe(open_data: Path) -> None:
    leaves, dimensions = of_toronto(open_data)
    recent = leaves[leaves["REPORTED_YEAR"] >= "2023"]
    must_be_safe(with_margins(recent, dimensions), dimensions, looked_at=2)


@pytest.mark.long
def test_aggravated_offences_of_several_boroughs_are_safe(open_data: Path) -> None:
    leaves, dimensions = of_london(open_data, boroughs=6)
    must_be_safe(with_margins(leaves, dimensions), dimensions, looked_at=40)


@pytest.mark.long
def test_all_of_toronto_is_safe(open_data: Path) -> None:
    leaves, dimensions = of_toronto(open_data)
    must_be_safe(with_margins(leaves, dimensions), dimensions, looked_at=60)


@pytest.mark.long
def test_the_thin_tables_of_the_city_of_london_are_safe(open_data: Path) -> None:
    leaves, dimensions = of_city_of_london(open_data, months=6)
    must_be_safe(with_margins(leaves, dimensions), dimensions, looked_at=60)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_many_made_up_tables_are_safe(seed: int) -> None:
    leaves, dimensions = made_up(12, 8, 2.0 + seed, seed)
    must_be_safe(with_margins(leaves, dimensions), dimensions, looked_at=40)
