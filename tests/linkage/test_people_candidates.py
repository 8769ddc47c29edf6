"""Who is compared with whom: all that share a key, unless too many do."""

import dataclasses

import pandas as pd
import sqlalchemy as sa

from hub.linkage.people import link_people
from hub.linkage.people.candidates import affected_holders, candidate_pairs, changed_keys
from hub.linkage.people.parameters import read_parameters
from hub.settings import Settings
from linkage.mentions import ZOE, results, take_back, tell


def keys(*entries: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame({"key": [key for key, _ in entries], "identity_id": [holder for _, holder in entries]})


def test_a_pair_under_several_keys_comes_once_and_none_under_a_key_of_too_many() -> None:
    holders = keys((7, 1), (7, 2), (8, 1), (8, 2), (8, 3), (9, 1), (9, 2))
    found = candidate_pairs(keys((7, 2), (8, 2), (9, 2)), holders, {2}, most_alike=2)
    assert found.to_dict("records") == [{"identity_a": 1, "identity_b": 2}]


def test_a_pair_of_two_affected_comes_with_the_smaller_one() -> None:
    holders = keys((7, 1), (7, 2))
    assert len(candidate_pairs(keys((7, 1)), holders, {1, 2}, most_alike=2)) == 1
    assert len(candidate_pairs(keys((7, 2)), holders, {1, 2}, most_alike=2)) == 0


def test_all_who_hold_a_key_are_affected_when_it_comes_to_tell_nothing_or_something() -> None:
    holders = keys((6, 1), (6, 2), (8, 1))
    came = changed_keys(keys(), keys((6, 3), (8, 3)))
    assert affected_holders(came, holders, most_alike=2) == {1, 2}
    went = changed_keys(keys((6, 2)), keys())
    assert affected_holders(went, holders, most_alike=1) == {1, 2}
    assert affected_holders(went, holders, most_alike=5) == set()


def test_all_who_give_a_contact_are_affected_when_somebody_comes_to_give_it_unless_too_many_do() -> None:
    holders = keys((7, 1), (7, 2), (8, 1))
    came = changed_keys(keys(), keys((7, 3), (8, 3)))
    assert affected_holders(came, holders, most_alike=5) == {1, 2}
    assert affected_holders(came, holders, most_alike=1) == {1}


def test_a_key_that_many_come_to_share_gives_in_the_end_what_a_run_over_everything_gives(
    settings: Settings, engine: sa.Engine
) -> None:
    few = dataclasses.replace(read_parameters(), most_alike=2)
    people = ("Zoe Alderbourne", "Zoe Alderborne", "Z. Alderbourne", "Zoe Alderbournes")
    for number, name in enumerate(people):
        tell(engine, number, {"name": name, "phone": ZOE["phone"], "postcode": ZOE["postcode"]})
        link_people(settings, engine, parameters=few)
    take_back(engine, 1)
    link_people(settings, engine, parameters=few)
    step_by_step = results(engine)
    link_people(settings, engine, parameters=few, full=True)
    assert results(engine) == step_by_step
