"""What may be shown of the values of a row that was not accepted."""

import pytest

from hub.contracts.masks import CUT, LONGEST_SHOWN, form_of, masked, may_be_shown
from hub.contracts.model import Catalogue

FREE_OR_PERSONAL = {
    *("reporter_name", "reporter_email", "reporter_phone", "victim_name", "victim_date_of_birth", "victim_postcode"),
    *("description", "borough_named", "crime_reference", "content_url"),
}


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2026-13-01", "9999-99-99"),
        ("SW1A 1AA", "XX9X 9XX"),
        ("Žižek ǅ", "Xxxxx X"),
        ("e\u0301te\u0301", "xxx"),
        ("٣٤ ½", "99 9"),
        ("東京", "xx"),
        ("a\u200b\x1b[0m", "x??[9x"),
        ("", ""),
    ],
)
def test_a_form_holds_no_letter_and_no_digit_of_the_value(value: str, form: str) -> None:
    assert form_of(value) == form


def test_a_long_value_is_cut() -> None:
    assert form_of("x" * (LONGEST_SHOWN + 1)) == "x" * LONGEST_SHOWN + CUT
    assert form_of("x" * LONGEST_SHOWN) == "x" * LONGEST_SHOWN


def test_of_personal_values_and_free_text_the_length_alone_is_shown(catalogue: Catalogue) -> None:
    contract = catalogue.contracts["true_vision_reports"]
    hidden = {column.name for column in contract.columns if not may_be_shown(contract, column)}
    assert hidden == FREE_OR_PERSONAL
    row = {"report_ref": "TV-1", "reporter_name": "Robin", "description": "Called names", "content_url": "https://a.b"}
    assert masked(contract, row) == {"report_ref": "XX-9", "reporter_name": 5, "description": 12, "content_url": 11}


def test_no_personal_column_of_any_feed_may_be_shown(catalogue: Catalogue) -> None:
    for contract in catalogue.contracts.values():
        assert not [column for column in contract.personal_columns if may_be_shown(contract, column)]
