"""By what a person is known: the forms in which the values are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.privacy.identity import BIRTH, NAME, PHONE, POSTCODE, Identity, comparable_value, written_forms
from hub.vault.store import normalised

USUAL = ("06700102279", "06700 102279", "06700 102 279", "06700-102279", "+44 6700 102279", "00446700102279")


@pytest.mark.parametrize("written", USUAL)
def test_a_number_that_no_operator_has_is_looked_for_in_the_usual_forms_too(written: str) -> None:
    assert written in written_forms(PHONE, comparable_value(PHONE, "06700 102279"))


TITLED = ("Mohammed Beckcombe", "Mr Mohammed Beckcombe", "Dr. Mohammed  BECKCOMBE", "Beckcombe, Mohammed")


@pytest.mark.parametrize("written", TITLED)
def test_a_name_is_one_with_and_without_titles_and_surname_first(written: str) -> None:
    assert comparable_value(NAME, written) == "mohammed beckcombe"
    assert normalised(written) in written_forms(NAME, "mohammed beckcombe")


def test_mr_and_mrs_of_one_surname_stay_two() -> None:
    assert comparable_value(NAME, "Mr Beckcombe") != comparable_value(NAME, "Mrs Beckcombe")


def who(identity: Identity, reporter: dict[str, str]) -> frozenset[str]:
    """As whom a row names the person who is its victim."""
    return identity.who({"victim": {}, "reporter": reporter}, frozenset({"victim"}))


@pytest.mark.parametrize(
    ("reporter", "is_same"),
    [
        ({PHONE: "+447700900123"}, True),
        ({PHONE: "+447700900123", NAME: "s quill"}, True),
        ({PHONE: "+447700900123", NAME: "cy quill"}, False),
        ({PHONE: "+447700900123", BIRTH: "1990-01-02"}, False),
        ({PHONE: "+447700900999"}, False),
        ({NAME: "s quill"}, False),
    ],
)
def test_who_has_a_shared_contact_in_the_persons_row_is_the_person_unless_a_detail_says_otherwise(
    reporter: dict[str, str], is_same: bool
) -> None:
    number = frozenset({"+447700900123"})
    sarah = Identity({PHONE: number}, frozenset({"sarah quill"}), {BIRTH: frozenset({"1996-01-09"})})
    sarah = sarah.sharing((PHONE, one) for one in number)
    assert ("reporter" in who(sarah, reporter)) is is_same


@pytest.mark.parametrize(
    ("one", "other", "is_another"),
    [
        ("ali ali", "ali khan", True),
        ("a ali", "ali khan", True),
        ("ali ali", "ali", False),
        ("ali a khan", "a khan", False),
        ("a khan", "ali khan", False),
        ("khan ali", "ali khan", False),
    ],
)
def test_a_word_of_a_name_is_no_more_than_one_word_of_another(one: str, other: str, is_another: bool) -> None:
    assert (named(one).is_another(other), named(other).is_another(one)) == (is_another, is_another)


def named(name: str) -> Identity:
    return Identity({}, frozenset({name}), {})


names = st.lists(st.sampled_from(["ali", "a", "anne", "khan", "k"]), min_size=1, max_size=4).map(" ".join)


@given(names, names)
def test_of_two_names_each_is_anothers_or_neither_is(one: str, other: str) -> None:
    assert named(one).is_another(other) is named(other).is_another(one)
    assert not named(one).is_another(one)


BORN, LIVES = {BIRTH: "1980-02-03"}, {POSTCODE: "n11aa"}
SPELT = (
    ("Siobh\u00e1n O\u2019Neill", "siobhan oneill"),
    ("Siobhan ONeill", "Dr Siobh\u00e1n O'Neill"),
    ("Anne-Marie Lloyd\u2011Jones", "Lloyd Jones, Anne Marie"),
    ("\u0141ukasz \u00d8rsted", "LUKASZ ORSTED"),
)


def is_told_by(name: str, other: str, beside: dict[str, str]) -> bool:
    """Whether who gives a name is the person who gives the other with the same date of birth and postcode."""
    one = Identity.of([{NAME: name, BIRTH: "1980-02-03", POSTCODE: "N1 1AA"}])
    return bool(one.who({"victim": {NAME: comparable_value(NAME, other), **beside}}))


@pytest.mark.parametrize("beside", [BORN, LIVES], ids=["born", "lives"])
@pytest.mark.parametrize(("name", "other"), SPELT)
def test_a_name_is_one_with_and_without_accents_apostrophes_and_hyphens(
    name: str, other: str, beside: dict[str, str]
) -> None:
    assert is_told_by(name, other, beside)
    assert is_told_by(other, name, beside)


def test_what_a_name_leaves_out_has_a_token_of_its_own() -> None:
    told = comparable_value(NAME, "\u0141ucja O\u2019Neill-Jones")
    for written in ("lucja o'neill-jones", "\u0142ucja oneill jones", "oneill-jones, lucja", "mrs lucja oneill jones"):
        assert written in written_forms(NAME, told)


@pytest.mark.parametrize("name", ["Hassan Ali", "Ali Hassan Omar"])
def test_surname_first_without_a_comma_needs_the_date_of_birth_because_a_son_can_have_that_name(name: str) -> None:
    first, *others = name.split()
    other = " ".join([*others, first])
    assert is_told_by(name, other, BORN)
    assert not is_told_by(name, other, LIVES)
    assert not is_told_by(name, other, {**LIVES, BIRTH: "2001-02-03"})


@pytest.mark.parametrize("other", ["A. Quill", "Anna Quill", "Mr & Mrs Quill", "Ada & Bo Quill", "Mrs Quill", "-", "?"])
@pytest.mark.parametrize("name", ["Ada Quill", "Mr Quill", "\u02bb"])
def test_a_twin_or_a_couple_of_the_same_day_and_house_is_somebody_else(name: str, other: str) -> None:
    assert not is_told_by(name, other, {**BORN, **LIVES})


def test_who_gives_no_name_is_not_the_person_whose_name_is_a_sign() -> None:
    one = Identity.of([{NAME: "\u02bb", POSTCODE: "N1 1AA"}])
    assert one.who({"victim": LIVES}) == frozenset()
