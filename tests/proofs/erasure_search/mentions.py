"""What a row says of one subject, in comparable form, and where it says so."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hub.contracts.model import Contract
from proofs.erasure_search import forms

TEXT = "text"
"""The subject of what people wrote; it is about everyone in the row."""
FIELDS = {
    "_name": "name",
    "_email": "email",
    "_phone": "telephone",
    "_date_of_birth": "born",
    "_postcode": "postcode",
    "_handle": "handle",
    "_identity": "handle",
    "_code": "handle",
}
"""What a personal column holds, by how its name ends."""


@dataclass(frozen=True)
class Place:
    """One subject of one row of a delivery."""

    feed: str
    delivery_id: uuid.UUID
    row_number: int
    subject: str


@dataclass(frozen=True)
class Mention:
    """What is said of a subject; empty where nothing is."""

    name: forms.Name = frozenset()
    email: str = ""
    telephone: str = ""
    born: str = ""
    postcode: str = ""
    handle: str = ""

    @property
    def contacts(self) -> set[tuple[str, str]]:
        """E-mail address, telephone number and handle, with their kinds."""
        values = {"email": self.email, "telephone": self.telephone, "handle": self.handle}
        return {(kind, value) for kind, value in values.items() if value}


def subjects_of(contract: Contract) -> dict[str, list[str]]:
    """The personal columns of a feed by whom they are about: the first word of a column's name, or ``text``."""
    subjects: dict[str, list[str]] = {}
    for column in contract.personal_columns:
        is_text = column.classification.value == "sensitive"
        subjects.setdefault(TEXT if is_text else column.name.partition("_")[0], []).append(column.name)
    return subjects


def mention_of(cells: Mapping[str, str], columns: list[str]) -> Mention:
    """What the cells of one subject's columns say."""
    said: dict[str, str] = {}
    for column in columns:
        field = next((field for end, field in FIELDS.items() if column.endswith(end)), None)
        if field is None:
            raise ValueError(f"the search does not know what the personal column {column} holds")
        said[field] = cells.get(column) or ""
    return Mention(
        name=forms.name_of(said.get("name", "")),
        email=forms.email_of(said.get("email", "")),
        telephone=forms.telephone_of(said.get("telephone", "")),
        born=forms.day_of(said.get("born", "")),
        postcode=forms.postcode_of(said.get("postcode", "")),
        handle=forms.handle_of(said.get("handle", "")),
    )


def mentions_in(cells: Mapping[str, str], subjects: Mapping[str, list[str]]) -> Iterator[tuple[str, Mention]]:
    """Each subject of a row but its text, with what the row says of it, where it says anything."""
    for subject, columns in subjects.items():
        if subject != TEXT and (mention := mention_of(cells, columns)) != Mention():
            yield subject, mention
