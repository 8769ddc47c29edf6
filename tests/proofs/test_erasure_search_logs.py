"""In the write-ahead log, the search for erased persons excuses the very values that Airflow's rows said before, and
nothing else of the same person."""

import uuid

import pytest

from proofs.erasure_search.certificates import Said, sort_left
from proofs.erasure_search.compare import AIRFLOW_HELD_IT, IN_A_FILE_NAME, Left
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.mentions import Place, mention_of
from proofs.erasure_search.persons import Person
from proofs.erasure_search.search import left_in_texts

SAID = {
    "victim_name": "Zoë Quill-Ark",
    "victim_email": "zoe@example.org",
    "victim_phone": "06990 123456",
    "victim_date_of_birth": "1987-02-03",
    "victim_postcode": "ZE1 9ZQ",
}
OF_AIRFLOW = 'manual | {"told_by": "Quill-Ark, Zoe", "born": "03/02/1987", "write": "zoe@example.org"}'


def finder() -> Finder:
    """Knows one person, by two addresses and two birth dates."""
    one = Person("a token")
    for number, email, born in ((1, "zoe@example.org", "1987-02-03"), (2, "quill@example.org", "1988-02-03")):
        said = {**SAID, "victim_email": email, "victim_date_of_birth": born}
        one.learn(Place("community_reports", uuid.UUID(int=1), number, "victim"), mention_of(said, list(said)))
    return Finder([one])


def found(*texts: str) -> set[tuple[str, str, str]]:
    """Kind, detail and about of all that is in these parts of a log."""
    known = finder()
    left = left_in_texts(texts, known, ["zoe@example.org 2.csv"], known.identifiers(OF_AIRFLOW))
    return {(one.kind, one.detail, one.about) for one in left}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cli zoe@example.org", "email"),
        ("ZOE@example.org", "email"),
        ("Zoë Quill-Ark, born 3rd February 1987", "name and birth date"),
    ],
)
def test_what_airflow_said_before_is_told_apart_in_the_log(text: str, kind: str) -> None:
    assert found(text) == {(kind, "", AIRFLOW_HELD_IT)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cli quill@example.org", "email"),
        ("Zoë Quill-Ark, born 3rd February 1988", "name and birth date"),
        ("Zoë Quill-Ark, ZE1 9ZQ", "name and postcode"),
        ("call +44 6990 123456", "telephone"),
    ],
)
def test_what_airflow_did_not_say_is_no_part_of_it(text: str, kind: str) -> None:
    assert found(text, "cli zoe@example.org") == {(kind, "", ""), ("email", "", AIRFLOW_HELD_IT)}


def test_another_value_of_the_same_kind_is_not_hidden_by_it() -> None:
    assert found("zoe@example.org, quill@example.org") == {("email", "", ""), ("email", "", AIRFLOW_HELD_IT)}
    assert found("zoe@example.org 2.csv") == {("email", IN_A_FILE_NAME, AIRFLOW_HELD_IT)}


def test_a_certificate_that_speaks_of_airflows_rows_excuses_no_other_value() -> None:
    sentence = (
        "what rows said before they were masked: in their space until it is used again, and in the write-ahead log"
    )
    held = Left(0, "write-ahead log", "0001", "email", about=AIRFLOW_HELD_IT)
    other = Left(0, "write-ahead log", "0001", "email")
    done = sort_left(Said("id", {}, {}, [sentence]), [held, other])
    assert (done.excused, done.unnamed) == ({held}, {other})
