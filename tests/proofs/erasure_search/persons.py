"""Who a person is, as vault and linkage say before an erasure, and which mentions are then theirs."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from proofs.erasure_search import forms
from proofs.erasure_search.mentions import Mention, Place


class Belongs(IntEnum):
    """Whether a mention is a person's. What *may* be theirs can be erased or stay: only a chain of other mentions leads
    to it, or a contact that several persons have, without a name."""

    NO = 0
    MAY = 1
    YES = 2


@dataclass
class Person:
    """One person: the mentions that vault and linkage know, and all that these say. ``shared`` are contacts that
    linkage gives to other persons too."""

    asked_for: str
    places: set[Place] = field(default_factory=set)
    names: set[forms.Name] = field(default_factory=set)
    births: set[str] = field(default_factory=set)
    postcodes: set[str] = field(default_factory=set)
    contacts: set[tuple[str, str]] = field(default_factory=set)
    shared: set[tuple[str, str]] = field(default_factory=set)

    def learn(self, place: Place, mention: Mention) -> None:
        """Add a mention and what it says."""
        self.places.add(place)
        self.names |= {mention.name} - {frozenset()}
        self.births |= {mention.born} - {""}
        self.postcodes |= {mention.postcode} - {""}
        self.contacts |= mention.contacts

    def owns(self, mention: Mention) -> Belongs:
        """Whether what a mention says makes it this person's."""
        if (mention.contacts & self.contacts) - self.shared:
            return Belongs.YES
        has_name = mention.name in self.names
        is_born_otherwise = bool(mention.born and self.births) and mention.born not in self.births
        if has_name and not is_born_otherwise and (mention.born in self.births or mention.postcode in self.postcodes):
            return Belongs.YES
        if mention.contacts & self.contacts:
            if has_name:
                return Belongs.MAY if is_born_otherwise else Belongs.YES
            return Belongs.NO if mention.name and self.names else Belongs.MAY
        return Belongs.NO


class Population:
    """All mentions of the vault, found by what they say."""

    def __init__(self, mentions: Mapping[Place, Mention], linked: Mapping[Place, uuid.UUID]) -> None:
        self._mentions, self._linked = mentions, linked
        self._by_key: dict[object, list[Place]] = defaultdict(list)
        self._of_person: dict[uuid.UUID, list[Place]] = defaultdict(list)
        for place, mention in mentions.items():
            for key in (*mention.contacts, mention.name):
                if key:
                    self._by_key[key].append(place)
        for place, person_id in linked.items():
            if place in mentions:
                self._of_person[person_id].append(place)

    def linked_person(self, person_id: uuid.UUID) -> Person:
        """The person whom linkage knows by this id."""
        return self._person(str(person_id), self._of_person[person_id], person_id)

    def person_with(self, asked_for: str, contact: tuple[str, str]) -> Person:
        """The person with this contact and all that the mentions with it say; ``asked_for`` is its token."""
        return self._person(asked_for, self._by_key[contact], None)

    def mention(self, place: Place) -> Mention:
        """What is said in a place."""
        return self._mentions[place]

    def places(self) -> list[Place]:
        """All mentions, in one order."""
        return sorted(self._mentions, key=str)

    @property
    def linked_places(self) -> Mapping[Place, uuid.UUID]:
        """The person that linkage found for each mention."""
        return self._linked

    def linked(self, place: Place) -> uuid.UUID | None:
        """The person that linkage found for a mention."""
        return self._linked.get(place)

    def reached_from(self, person: Person) -> Person:
        """The person with all mentions that a chain of mentions leads to, and all that these say."""
        wider = Person(person.asked_for, shared=set(person.shared))
        waiting = list(person.places)
        while waiting:
            place = waiting.pop()
            if place in wider.places:
                continue
            mention = self._mentions[place]
            wider.learn(place, mention)
            others = {other for key in (*mention.contacts, mention.name) if key for other in self._by_key[key]}
            waiting += [one for one in others - wider.places if wider.owns(self._mentions[one]) is Belongs.YES]
        return wider

    def _person(self, asked_for: str, places: Iterable[Place], person_id: uuid.UUID | None) -> Person:
        person = Person(asked_for)
        for place in places:
            person.learn(place, self._mentions[place])
        person.shared = {contact for contact in person.contacts if self._is_shared(contact, person_id)}
        return person

    def _is_shared(self, contact: tuple[str, str], person_id: uuid.UUID | None) -> bool:
        owners = {self._linked[place] for place in self._by_key[contact] if place in self._linked}
        return bool(owners - {person_id}) if person_id else False
