"""Two reports compare alike, whichever of them has the smaller id."""

import pytest

from hub.linkage.incidents.accounts import compare_handles


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("redlion88", "redlion8", "the same account"),
        ("abcdefgh", "abcdefghi", "the same account"),
        ("redlion8", "redfox8", "another account"),
        ("brass_teapot_of_kettlewell", "iron_trivet_of_settle_town", "another account"),
    ],
)
def test_slips_in_the_name_of_an_account_are_counted_by_the_longer_name(one: str, other: str, level: str) -> None:
    names = [frozenset({name}) for name in (one, other)]
    assert compare_handles(*names) == compare_handles(*reversed(names)) == level
