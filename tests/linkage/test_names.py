"""How names are taken apart, and which spellings are one name."""

import pytest

from hub.linkage.names.lists import family_names_first, nicknames
from hub.linkage.names.parsing import NOBODY, Name, parse_name, parse_parts, words_of_name
from hub.linkage.names.spelling import forms_of, spellings_in_common, spellings_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("borkowski", "borkowska"),
        ("smolyanov", "smolyanova"),
        ("szczepanek", "shchepanek"),
        ("wolczyk", "volchik"),
        ("jaruzel", "yaruzel"),
        ("abdulkareem", "abdulkarim"),
        ("qureshi", "kureishi"),
        ("chowdhury", "choudhry"),
        ("yousafzai", "yusufzay"),
        ("dhaliwal", "daliwal"),
        ("garaad", "garad"),
        ("xirsi", "ksirsi"),
        ("chayim", "hayim"),
        ("mcallan", "macallan"),
        ("leung", "liang"),
        ("zhuk", "juk"),
    ],
)
def test_spellings_of_one_name_have_something_in_common(one: str, other: str) -> None:
    assert spellings_in_common(one) & spellings_in_common(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hassan", "hussein"), ("khan", "kane"), ("lee", "leah"), ("moran", "marin"), ("carol", "errol"), ("wu", "wei")],
)
def test_two_names_have_nothing_in_common_though_their_consonants_are_alike(one: str, other: str) -> None:
    assert not spellings_in_common(one) & spellings_in_common(other)


def test_in_somali_c_is_silent_x_an_h_and_a_long_vowel_written_twice() -> None:
    assert spellings_in_common("caabdiraxmaan") & spellings_in_common("abdirahman")
    assert not spellings_in_common("cardew") & spellings_in_common("ardew")


@pytest.mark.parametrize("name", ["Leung Mei Fan", "Mei Fan LEUNG", "LEUNG Mei-Fan", "Meifan Leung", "Leung, Mei Fan"])
def test_a_family_name_that_is_written_first_is_the_surname(name: str) -> None:
    parsed = parse_name(name)
    assert (parsed.given[0], parsed.surname) == ("meifan", "leung")


def test_of_two_family_names_the_commoner_is_the_surname() -> None:
    assert parse_name("Zhang Wen").surname == parse_name("Wen Zhang").surname == "zhang"
    assert family_names_first()["zhang"] < family_names_first()["wen"]


@pytest.mark.parametrize(
    ("name", "surname"), [("Lee Harrow", "harrow"), ("Kim Marsden", "marsden"), ("Young Bo", "young")]
)
def test_a_given_name_that_is_also_such_a_family_name_stays_one(name: str, surname: str) -> None:
    assert parse_name(name).surname == surname


@pytest.mark.parametrize(
    ("name", "given", "surname"),
    [
        ("KHAN Amara", "amara", "khan"),
        ("KHAN A", "a", "khan"),
        ("VAN DEN BERG Jan", "jan", "vandenberg"),
        ("DE SOUZA Maria", "maria", "desouza"),
        ("AMARA OKAPI", "amara", "okapi"),
        ("JANE NG", "jane", "ng"),
        ("AJ Quennell", "aj", "quennell"),
    ],
)
def test_words_in_capitals_before_others_are_the_surname(name: str, given: str, surname: str) -> None:
    parsed = parse_name(name)
    assert (parsed.given[0], parsed.surname) == (given, surname)


@pytest.mark.parametrize(
    ("given", "surname", "name"),
    [
        ("Unknown", "Unknown", NOBODY),
        ("Ada", "not known", Name(given=("ada",))),
        ("Mr Jan", "Okapi", parse_name("Jan Okapi")),
        ("Ada", "Bishop", Name(given=("ada",), surname="bishop", surname_parts=("bishop",))),
        ("A. Maria", "", Name(given=("a", "maria"))),
        ("", "Okapi", Name(surname="okapi", surname_parts=("okapi",))),
    ],
)
def test_a_name_in_two_columns_is_without_titles_and_fillers(given: str, surname: str, name: Name) -> None:
    assert parse_parts(given, surname) == name


@pytest.mark.parametrize("name", ["Quennell, Ada-Mae", "QUENNELL Ada Mae", "Ada Mae J. Quennell", "Ada-Mae Quennell"])
def test_letters_are_those_of_given_names_and_surname_in_one(name: str) -> None:
    assert parse_name(name).letters == "adamaequennell"


def test_the_words_of_a_name_are_without_titles_particles_and_placeholders() -> None:
    assert words_of_name("Sgt Paweł al-Marri") == ["pawel", "marri"]
    assert words_of_name("RudiOkapi") == ["rudi", "okapi"]
    assert words_of_name("the victim") == []


def test_names_in_forms_of_other_languages_are_one_name() -> None:
    assert forms_of("xasan") & forms_of("hassan")
    assert "serhiy" in spellings_of("sergei")
    assert forms_of("andrzej") & forms_of("andrew")
    assert all(name == name.lower() and name.isascii() for name in nicknames())


def test_a_given_name_that_is_a_surname_too_stays_the_surname_where_it_comes_last() -> None:
    parsed = parse_name("Rohan Henry")
    assert (parsed.given, parsed.surname) == (("rohan",), "henry")


def test_an_irish_name_is_one_as_english_ears_write_it() -> None:
    assert forms_of("eefa") & forms_of("aoife")
