"""How many people use a contact: from the names of all who give it.

An address or a number that one person gives, in whatever spelling, points to that person; one that a family shares
points to a home; one that many share is an organisation's or a case worker's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

import pyarrow as pa
from rapidfuzz.distance import JaroWinkler

from hub.linkage.names.spelling import are_short_and_long, sound, spellings_in_common

CONTACTS = ("email", "phone", "postcode")
USERS = tuple(f"{contact}_users" for contact in CONTACTS)
MANY = 999
"""Stands for any number of users larger than a household; its exact value does not matter."""
ALIKE, SOUND_ALIKE = 0.92, 0.8
type Users = Mapping[str, int]


def count_users(identities: pa.Table) -> dict[str, dict[str, int]]:
    """For each of ``CONTACTS`` the number of people by value; ``identities`` are all who give them."""
    columns = ("first_name", "first_forms", "surname", "lone_name", "name_words")
    names = [(*row,) for row in zip(*(identities[name].to_pylist() for name in columns), strict=True)]
    counts: dict[str, dict[str, int]] = {}
    for contact in CONTACTS:
        given: defaultdict[str, list[int]] = defaultdict(list)
        for position, value in enumerate(identities[contact].to_pylist()):
            if value is not None:
                given[value].append(position)
        counts[contact] = {
            value: _count_people([names[one] for one in positions]) for value, positions in given.items()
        }
    return counts


def with_users(identities: pa.Table, counts: Mapping[str, Users]) -> pa.Table:
    """Identity records with ``USERS``, null where they give no such contact."""
    for contact, column in zip(CONTACTS, USERS, strict=True):
        values = [counts[contact].get(value) for value in identities[contact].to_pylist()]
        identities = identities.append_column(column, pa.array(values, pa.int64()))
    return identities


def with_as_many_users(identities: pa.Table, users: int) -> pa.Table:
    """Identity records all of whose contacts are used by ``users`` people."""
    for column in USERS:
        identities = identities.append_column(column, pa.array([users] * identities.num_rows, pa.int64()))
    return identities


def _count_people(
    names: Sequence[tuple[str | None, list[str] | None, str | None, str | None, list[str] | None]],
) -> int:
    """How many groups of similar full names there are, plus single words that are like no word of those names."""
    full = {(tuple(forms or ()), surname or "") for first, forms, surname, _, _ in names if first is not None}
    words = {word for _, _, _, lone, words in names if lone is None for word in words or ()}
    lone = {word for *_, word, _ in names if word is not None and not any(_alike(word, other) for other in words)}
    return _count_groups(sorted(full), _may_be_one) + _count_groups(sorted(lone), _alike)


def _count_groups[Item](items: Collection[Item], are_one: Callable[[Item, Item], bool]) -> int:
    groups: list[list[Item]] = []
    for item in items:
        joined = [group for group in groups if any(are_one(item, other) for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([item, *(other for group in joined for other in group)])
    return len(groups)


def _may_be_one(one: tuple[tuple[str, ...], str], other: tuple[tuple[str, ...], str]) -> bool:
    """Whether given names are alike, or each is like the other's surname."""
    (forms, surname), (other_forms, other_surname) = one, other
    if any(_alike(mine, theirs) for mine in forms for theirs in other_forms):
        return True
    return any(_alike(mine, other_surname) for mine in forms) and any(_alike(theirs, surname) for theirs in other_forms)


def _alike(one: str, other: str) -> bool:
    if one == other or spellings_in_common(one) & spellings_in_common(other) or are_short_and_long(one, other):
        return True
    similarity = JaroWinkler.similarity(one, other)
    return similarity >= ALIKE or (similarity >= SOUND_ALIKE and sound(one) == sound(other))
