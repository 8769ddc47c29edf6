"""What groups of mentions say of who is one person, by the weights of their fields alone."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from hub.linkage.people.comparable import make_comparable
from hub.linkage.people.components import join_persons
from hub.linkage.people.evidence import (
    AVERAGED,
    PROOF,
    SHARED,
    SPELLED,
    WEIGHED,
    LevelWeights,
    combined,
    may_be_certain,
)
from hub.linkage.people.groups import Rules, Scored
from hub.linkage.people.parameters import read_parameters
from hub.linkage.people.records import weight_of
from hub.linkage.people.usage import count_users

PARAMETERS = read_parameters()
LEVELS = LevelWeights.of(PARAMETERS.model)
CONFIRMED = weight_of(PARAMETERS.confirmed)
RULES = Rules(AVERAGED, PROOF, partial(combined, LEVELS), CONFIRMED, spelled=SPELLED, shared=SHARED)
SAME_NAME = {"first_name": 9.7, "surname": 10.8}
OTHER_GIVEN_NAME = {"first_name": -30.0, "surname": 10.8}
BORN = {"birth_date": 14.2}
HOME = {"postcode": 10.7}
MAILBOX = {"email": 18.0}
MAY_BE_THE_VICTIM = {"incident": LEVELS.by_label["incident"]["may be"]}
A_GENERATION = {"birth_date": -45.0}

type Weights = dict[str, float]
type Said = dict[tuple[int, int], Weights]


def weigh(weights: Weights) -> float:
    """The match weight of two mentions."""
    fields = {name: np.array([weights.get(name, 0.0)]) for name in WEIGHED}
    return float(combined(LEVELS, fields, np.array([False]))[0])


def persons(count: int, said: Said, known: Sequence[int] | None = None) -> set[frozenset[int]]:
    """The persons among so many mentions; ``said`` is what each two say, nothing where it is left out."""
    pairs = list(combinations(range(count), 2))
    ones, others = np.array(pairs, dtype=np.int64).T
    weights = {name: np.array([said.get(pair, {}).get(name, 0.0) for pair in pairs]) for name in WEIGHED}
    scored = Scored(ones, others, weights, may_be_certain(LEVELS, weights))
    is_known = np.isin(np.arange(count), range(count) if known is None else known)
    return {frozenset(one) for one in join_persons(is_known, scored, RULES)}


def test_a_spelling_that_a_group_has_is_not_weakened_by_its_other_spellings() -> None:
    spelled_otherwise = {"first_name": 5.0, "surname": 5.0}
    said: Said = dict.fromkeys(combinations(range(4), 2), SAME_NAME | MAILBOX)
    said[0, 4] = SAME_NAME | {"birth_date": 4.2}
    for other in (1, 2, 3):
        said[other, 4] = spelled_otherwise | {"birth_date": 4.2}
    assert persons(5, said) == {frozenset(range(5))}


def test_a_name_that_one_of_a_group_has_by_mistake_opens_it_to_nobody() -> None:
    said: Said = dict.fromkeys(combinations(range(4), 2), SAME_NAME | MAILBOX)
    said[0, 4] = SAME_NAME | HOME
    for other in (1, 2, 3):
        said[other, 4] = OTHER_GIVEN_NAME | HOME
    said[0, 1] = said[0, 2] = said[0, 3] = {"first_name": -7.0} | BORN | MAILBOX | HOME
    assert frozenset(range(5)) not in persons(5, said)


@pytest.mark.parametrize("differs", [{"first_name": -30.0}, {"birth_date": -18.0}])
def test_no_home_or_incident_makes_one_of_two_whose_given_names_or_birthdays_differ(differs: Weights) -> None:
    family = {"surname": 10.8, "email": 16.0, "phone": 12.5, "postcode": 10.7, "incident": 22.9}
    assert weigh(family | {"first_name": 9.7} | BORN) > CONFIRMED
    assert weigh(family | {"first_name": 9.7} | BORN | differs) < weight_of(PARAMETERS.review)


@pytest.mark.parametrize(
    "agreeing",
    [
        {"surname": 10.8, "email": 18.0},
        MAILBOX | MAY_BE_THE_VICTIM,
        {"surname": 10.8, "initial": 2.0, "email": 10.7, "phone": 12.5},
    ],
)
def test_ones_own_mailbox_with_the_surname_or_as_reporter_or_a_familys_with_an_initial_is_certain(
    agreeing: Weights,
) -> None:
    assert weigh(agreeing) > CONFIRMED


def test_a_surname_with_a_familys_mailbox_is_nobody_for_certain() -> None:
    assert weigh({"surname": 10.8, "email": 10.7}) < CONFIRMED


def test_who_may_be_parent_or_child_joins_neither_though_one_of_them_has_the_mailbox() -> None:
    said: Said = {
        (0, 1): SAME_NAME | A_GENERATION | HOME,
        (0, 2): SAME_NAME | HOME | MAILBOX,
        (1, 2): SAME_NAME | HOME,
    }
    assert persons(3, said) == {frozenset([one]) for one in range(3)}


def test_a_name_alone_joins_one_who_is_mentioned_very_often_and_nobody_else() -> None:
    for often, is_one in ((4, False), (8, True)):
        said: Said = dict.fromkeys(combinations(range(often), 2), SAME_NAME | MAILBOX)
        said |= {(one, often): SAME_NAME for one in range(often)}
        assert (frozenset(range(often + 1)) in persons(often + 1, said, known=range(often))) is is_one


def test_an_initial_with_the_home_is_one_who_is_mentioned_often() -> None:
    by_initial = {"surname": 10.8, "initial": 2.0} | HOME
    for often, is_one in ((2, False), (6, True)):
        said: Said = dict.fromkeys(combinations(range(often), 2), SAME_NAME | MAILBOX)
        said |= {(one, often): by_initial for one in range(often)}
        assert (frozenset(range(often + 1)) in persons(often + 1, said, known=range(often))) is is_one


def comparable(*told: Mapping[str, str]) -> pa.Table:
    columns = ("appearance_id", "role", "name", "email", "phone", "date_of_birth", "postcode")
    rows = [
        {"appearance_id": "one", "role": role, **values}
        for role, values in zip(("victim", "reporter"), told, strict=False)
    ]
    return make_comparable(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns}))


def test_an_initial_and_a_given_name_that_a_victim_tells_as_reporter_are_one_name() -> None:
    row = comparable({"name": "R. Umberwick"}, {"name": "Rosalind"}).to_pylist()[0]
    assert (row["first_name"], row["surname"]) == ("rosalind", "umberwick")


def test_an_initial_is_that_of_another_form_of_the_name() -> None:
    initials = [set(comparable({"name": name})["first_initials"][0].as_py()) for name in ("C. Ash", "Katherine Ash")]
    assert initials[0] & initials[1]


def test_a_mailbox_under_the_short_and_the_long_form_of_a_name_has_one_user() -> None:
    told = [comparable({"name": name, "email": "hill@example.org"}) for name in ("Lara Ashanbe", "Omolara Ashanbe")]
    assert count_users(pa.concat_tables(told))["email"] == {"hill@example.org": 1}
