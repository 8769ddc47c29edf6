import pytest

from hub.build.runs import _without_values


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (None, ""),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
        (
            'Database Error in model a\n  invalid input syntax for type date: "a "secret"\nof two lines"',
            "Database Error in model a invalid input syntax for type date: [value]",
        ),
        ('value "secret" is out of range for type integer', "value [value] is out of range for type integer"),
        (
            'duplicate key value violates unique constraint "a_pkey"\n  DETAIL:  Key (a)=(secret\nsecret) exists.',
            'duplicate key value violates unique constraint "a_pkey"',
        ),
        ('relation "raw.a" does not exist\n  LINE 3: from raw.a', 'relation "raw.a" does not exist LINE 3: from raw.a'),
    ],
)
def test_what_the_database_says_of_a_failed_model_goes_on_without_what_it_quotes(message: str, told: str) -> None:
    assert _without_values(message) == told
