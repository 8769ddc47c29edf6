"""Whichever way what identifies a person is written in a text, it is found; and only that is masked."""

import unicodedata
from collections.abc import Mapping

import pytest

from hub.privacy.identity import Identity
from hub.privacy.mention_search import MentionSearch
from hub.privacy.plain_text import TextSearch

ADA = {
    "name": "Ada Quill",
    "email": "ada.quill@example.org",
    "phone": "07700 900123",
    "date_of_birth": "1980-02-13",
    "postcode": "SE1 7PB",
}
MOST = 10**6


def is_found(said: str, known: Mapping[str, str] = ADA) -> bool:
    return TextSearch.of(Identity.of([known])).is_in(said)


def mask(data: bytes) -> bytes:
    return TextSearch.of(Identity.of([ADA])).mask(data, MOST)[1]


DASHES = "\u2012\u2014\u2015\ufe58\u2e3a"


@pytest.mark.parametrize("dash", DASHES, ids=unicodedata.name)
def test_a_telephone_number_and_a_date_with_any_dash_of_print_are_found(dash: str) -> None:
    assert is_found(f"ring 07700{dash}900{dash}123")
    assert is_found(f"Ada Quill, 13{dash}02{dash}1980")


UNSEEN = "\u034f\ufe0f\ufe0e\u3164\u115f\u180b"


@pytest.mark.parametrize("unseen", UNSEEN, ids=unicodedata.name)
def test_characters_that_nobody_sees_hide_nothing_though_unicode_calls_them_marks_or_letters(unseen: str) -> None:
    assert is_found(f"to ada.quill@{unseen}example.org")
    assert is_found(f"ring 0770{unseen}0 900123")


DAYS = (
    "13th February 1980",
    "13th of February 1980",
    "February 13, 1980",
    "February 13th, 1980",
    "13-Feb-1980",
    "13 February, 1980",
    "13FEB1980",
    "1980-02-13T00:00:00",
    "13\\/02\\/1980",
    "13 / 02 / 1980",
    "13021980",
)


@pytest.mark.parametrize("day", DAYS)
def test_a_day_of_birth_is_found_as_people_and_programs_write_it(day: str) -> None:
    assert is_found(f"Ada Quill, {day}")


@pytest.mark.parametrize("postcode", ["SE1-7PB", "SE1\u20117PB", "SE1.7PB", "SE1_7PB", "SE 1 7PB"])
def test_a_postcode_with_something_else_than_a_blank_in_it_is_found(postcode: str) -> None:
    assert is_found(f"Ada Quill of {postcode}")


SAME_NAMES = (
    ("Anne Marie Lloyd Jones", "Anne-Marie Lloyd-Jones"),
    ("Siobhan ONeill", "Siobhan O'Neill"),
    ("Ada Groß-Weiß", "Ada Groß\u2014Weiß"),
    ("Ada Groß-Weiß", "Ada Groß - Weiß"),
    ("Łukasz Ørsted", "Lukasz Orsted"),
    ("Łukasz Nowak", "Lukasz Nowak"),
    ("Æthel Þorn", "Aethel Thorn"),
    ("Siobhan O'Neill", "Siobhan O\u2032Neill"),
)


@pytest.mark.parametrize(("one", "other"), SAME_NAMES)
def test_where_one_way_of_writing_a_name_finds_the_other_that_one_finds_it_too(one: str, other: str) -> None:
    assert is_found(f"{one}, SE1 7PB", {"name": other, "postcode": "SE1 7PB"})
    assert is_found(f"{other}, SE1 7PB", {"name": one, "postcode": "SE1 7PB"})


REFERENCES = ("ada.quill&#64;example.org", "&#97;da.quill@example.org", "ada.quill&#x40;example.org")


@pytest.mark.parametrize("said", [*REFERENCES, "ada.quill%40example.org", "Ada&nbsp;Quill, SE1&#160;7PB"])
def test_references_and_percent_signs_hide_nothing(said: str) -> None:
    assert is_found(said)


def test_an_address_in_another_alphabet_is_found_as_servers_write_it() -> None:
    assert is_found("to ada@xn--bcher-kva.example", {"email": "ada@bücher.example"})
    assert is_found("to ada@bücher.example", {"email": "ada@xn--bcher-kva.example"})


@pytest.mark.parametrize("said", [unicodedata.normalize("NFD", "ada@bücher.example"), "ada\\u0040bücher.example"])
def test_what_is_found_in_a_file_is_found_in_what_others_wrote(said: str) -> None:
    one = Identity.of([{"email": "ada@bücher.example"}])
    assert TextSearch.of(one).is_in(said)
    assert MentionSearch.of(one).spans(said)


NESTED = b'[{"name": "Bo"}, {"name": "Ada Quill", "address": {"postcode": "SE1 7PB"}}]'
TWO_FIELDS = b'"1","Ada","Quill","SE1 7PB"\n"2","Bo","Nolan","SE1 7PB"\n'
OVER_TWO_LINES = b'1,"Ada Quill\nof SE1 7PB"\n2,Bo Nolan\n'


@pytest.mark.parametrize("data", [NESTED, TWO_FIELDS, OVER_TWO_LINES], ids=["nested", "two fields", "two lines"])
def test_one_record_that_is_cut_by_signs_is_one_piece(data: bytes) -> None:
    assert b"Quill" not in mask(data)
    assert b"Bo" in mask(data)


OF_OTHERS = {
    "elements in an envelope": b"<export><cards><card>bo@example.org</card><card>%s</card></cards></export>",
    "elements after a header": b"<cards><made>today</made><card>bo@example.org</card><card>%s</card></cards>",
    "log with brackets": b"[2026-01-02 10:00:00] told bo@example.org\n[2026-01-02 10:00:01] told %s\n",
    "returns alone": b"ref,email\rB,bo@example.org\rA,%s\r",
}


@pytest.mark.parametrize("data", OF_OTHERS.values(), ids=OF_OTHERS)
def test_of_others_nothing_is_masked_with_the_person(data: bytes) -> None:
    masked = mask(data % b"ada.quill@example.org")
    assert b"quill" not in masked
    assert b"bo@example.org" in masked


NO_NAMES = ("Mr n/a", "Dr N/A", "Mrs N.A.", "Prefer not to disclose", "I'd rather not say", "Don't know", "xxx")


@pytest.mark.parametrize("name", NO_NAMES)
def test_further_words_in_the_place_of_a_name_name_nobody(name: str) -> None:
    one = Identity.of([{"name": name, "postcode": "N1 1AA", "email": "ada@example.org"}])
    said = Identity.of([{"name": name}]).names
    assert not said
    assert one.who({"victim": {"name": name.casefold(), "postcode": "n11aa"}}) == frozenset()
