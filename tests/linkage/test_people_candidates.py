"""Who is compared with whom: all that share a key, unless too many do."""

import dataclasses

import pandas as pd
import sqlalchemy as sa

from hub.linkage.people import link_people
from hub.linkage.people.candidates import affected_holders, candidate_pairs, changed_keys
from hub.linkage.people.parameters import read_parameters
from hub.settings import Settings
from linkage.mentions import ZOE, results, take_back, tell

NAME, OTHER_NAME, CONTACT, OTHER_CONTACT = 6, 8, 7, 9
"""Keys: an odd number is the key of a contact."""


def keys(*entries: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame({"key": [key for key, _ in entries], "identity_id": [holder for _, holder in entries]})


def test_a_pair_with_several_keys_is_found_once_and_a_key_of_too_many_holders_finds_none() -> None:
    holders = keys(
        (CONTACT, 1),
        (CONTACT, 2),
        (OTHER_NAME, 1),
        (OTHER_NAME, 2),
        (OTHER_NAME, 3),
        (OTHER_CONTACT, 1),
        (OTHER_CONTACT, 2),
    )
    found = candidate_pairs(keys((CONTACT, 2), (OTHER_NAME, 2), (OTHER_CONTACT, 2)), holders, {2}, max_holders=2)
    assert found.to_dict("records") == [{"identity_a": 1, "identity_b": 2}]


def test_a_pair_of_two_affected_holders_is_found_by_the_lower_id_alone() -> None:
    holders = keys((CONTACT, 1), (CONTACT, 2))
    assert len(candidate_pairs(keys((CONTACT, 1)), holders, {1, 2}, max_holders=2)) == 1
    assert len(candidate_pairs(keys((CONTACT, 2)), holders, {1, 2}, max_holders=2)) == 0


def test_holders_are_affected_when_their_key_crosses_the_limit_of_holders() -> None:
    holders = keys((NAME, 1), (NAME, 2), (OTHER_NAME, 1))
    came = changed_keys(keys(), keys((NAME, 3), (OTHER_NAME, 3)))
    assert affected_holders(came, holders, max_holders=2) == {1, 2}
    went = changed_keys(keys((NAME, 2)), keys())
    assert affected_holders(went, holders, max_holders=1) == {1, 2}
    assert affected_holders(went, holders, max_holders=5) == set()


def test_holders_of_a_contact_are_affected_when_another_gives_it_unless_too_many_do() -> None:
    holders = keys((CONTACT, 1), (CONTACT, 2), (OTHER_NAME, 1))
    came = changed_keys(keys(), keys((CONTACT, 3), (OTHER_NAME, 3)))
    assert affected_holders(came, holders, max_holders=5) == {1, 2}
    assert affected_holders(came, holders, max_holders=1) == {1}


def test_a_key_that_more_and_more_share_gives_what_a_run_over_everything_gives(
    settings: Settings, engine: sa.Engine
) -> None:
    few = dataclasses.replace(read_parameters(), max_holders=2)
    people = ("Zoe Alderbourne", "Zoe Alderborne", "Z. Alderbourne", "Zoe Alderbournes")
    for number, name in enumerate(people):
        tell(engine, number, {"name": name, "phone": ZOE["phone"], "postcode": ZOE["postcode"]})
        link_people(settings, engine, parameters=few)
    take_back(engine, 1)
    link_people(settings, engine, parameters=few)
    step_by_step = results(engine)
    link_people(settings, engine, parameters=few, full=True)
    assert results(engine) == step_by_step
