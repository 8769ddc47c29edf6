"""By what a person is known: the forms in which the values are compared."""

import pytest

from hub.privacy.identity import PHONE, comparable_value, written_forms

USUAL = ("06700102279", "06700 102279", "06700 102 279", "06700-102279", "+44 6700 102279", "00446700102279")


@pytest.mark.parametrize("written", USUAL)
def test_a_number_that_no_operator_has_is_looked_for_in_the_usual_forms_too(written: str) -> None:
    assert written in written_forms(PHONE, comparable_value(PHONE, "06700 102279"))
