"""Which numbers of a text are references."""

import pytest

from hub.linkage.incidents.accounts import read_account
from hub.linkage.incidents.statements import plain_crime_number, references_of


@pytest.mark.parametrize(
    "text",
    [
        "On 12/03/2026 at the bus stop two men shouted at me.",
        "It was 2026-03-12, or 12-03-26.",
        "between 10/11/2026-12/11/2026, in the season of 2025/2026",
        "Since 03/2026 nobody has called.",
        "Call me on 07700 900123.",
        "Call me on +44 7700 900123, or (01632) 960 001, or 01632-960001.",
        "It was number 002026.",
    ],
)
def test_a_date_or_telephone_number_is_no_reference(text: str) -> None:
    assert plain_crime_number("01/002026/26") not in references_of(read_account(text))
    assert not references_of(read_account(text)) - {"002026"}


@pytest.mark.parametrize("written", ["20/064955/26", "CRI-064955-26", "2600064955", "064955"])
def test_a_crime_number_in_a_text_is_read_however_it_is_written(written: str) -> None:
    text = f"On 12/03/2026 the officer (07700 900123) gave me {written} as the number."
    assert "64955" in references_of(read_account(text))


def test_a_short_crime_number_counts_with_its_area_or_year() -> None:
    assert "2026" in references_of(read_account("The police gave me 01/002026/26."))
