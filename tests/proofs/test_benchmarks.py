"""Every measurement of ``make bench`` comes to its end on the smallest history; what it measures there says nothing."""

import pytest
from benchmarks.__main__ import MEASUREMENTS, SMALLEST


@pytest.mark.long
@pytest.mark.parametrize("name", MEASUREMENTS)
def test_a_measurement_comes_to_its_end(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    (MEASUREMENTS | SMALLEST)[name]()
    assert "  " in capfd.readouterr().out
