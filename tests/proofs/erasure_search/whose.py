"""Tells of each row whose it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from proofs.erasure_search.mentions import TEXT, Mention, Place, mentions_in
from proofs.erasure_search.persons import Belongs, Person
from proofs.erasure_search.snapshots import RowPlace


class Whose:
    """Finds among these persons those to whom a mention belongs."""

    def __init__(self, persons: Sequence[Person]) -> None:
        self.persons = persons
        self._by_key: dict[object, set[int]] = defaultdict(set)
        for index, person in enumerate(persons):
            for key in (*person.places, *person.contacts, *person.names):
                self._by_key[key].add(index)

    def of_mention(self, place: Place, mention: Mention) -> dict[int, Belongs]:
        """Each person to whom a mention is or may be; of a row that vault and linkage give to a person, it is."""
        found = dict.fromkeys(self._by_key.get(place, ()), Belongs.YES)
        for key in (*mention.contacts, mention.name):
            for index in self._by_key.get(key, ()):
                found[index] = max(found.get(index, Belongs.NO), self.persons[index].owns(mention))
        return {index: belongs for index, belongs in found.items() if belongs}

    def of_row(
        self, row: RowPlace, cells: Mapping[str, str], subjects: Mapping[str, list[str]]
    ) -> dict[str, dict[int, Belongs]]:
        """By subject, the persons to whom it is or may be. In a row of a person's, a subject of the same name is the
        same person, and the text is theirs too."""
        mentions = dict(mentions_in(cells, subjects))
        found = {subject: self.of_mention(Place(*row, subject), said) for subject, said in mentions.items()}
        in_row: dict[int, Belongs] = {}
        for owners in found.values():
            for index, belongs in owners.items():
                in_row[index] = max(in_row.get(index, Belongs.NO), belongs)
        for subject, said in mentions.items():
            for index, belongs in in_row.items():
                if said.name in self.persons[index].names:
                    found[subject][index] = max(found[subject].get(index, Belongs.NO), belongs)
        if in_row and TEXT in subjects:
            found[TEXT] = in_row
        return {subject: owners for subject, owners in found.items() if owners}
