"""Who is to be erased: given as a person id, the token of a value, or a quarantined row and one of its subjects."""

import re
import uuid
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.privacy import vault_erasure
from hub.privacy.identify import feeds_without_contract, persons_by_values, subjects_of_token
from hub.privacy.identity import Identity
from hub.privacy.quarantined_subjects import (
    as_called,
    is_called_by_row,
    said_in_quarantine,
    subject_called,
    subjects_beside,
)
from hub.privacy.vault_erasure import FORM_OF_TOKENS, Subject
from hub.settings import Settings
from hub.vault.reading import VaultReader
from hub.warehouse.engine import begin


class ErasureRefused(Exception):
    """The person must not be erased, or it is not clear who is meant; the message says why."""


def as_one(asked_for: str) -> str:
    """A token, or a person id or the name of a quarantined row's subject as it is written down. Raises LookupError."""
    if re.fullmatch(FORM_OF_TOKENS, asked_for):
        return asked_for
    return as_called(asked_for) if is_called_by_row(asked_for) else str(_as_id(asked_for))


def has_come_again(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, reader: VaultReader, asked_for: str
) -> bool:
    """Whether a record that can be read is about who was erased by this: a later report is new, and a quarantined row
    may be back with its delivery."""
    with begin(engine) as connection:
        if is_called_by_row(asked_for):
            try:
                one = subject_called(connection, catalogue, asked_for)
            except LookupError:
                return False
            return bool(said_in_quarantine(reader, connection, catalogue, [one]))
        if re.fullmatch(FORM_OF_TOKENS, asked_for):
            found = subjects_of_token(settings, connection, catalogue, asked_for)
        else:
            found = vault_erasure.subjects_of_person(connection, _as_id(asked_for))
        return bool(vault_erasure.readable(connection, found))


def count_records(settings: Settings, engine: sa.Engine, catalogue: Catalogue, asked_for: str) -> dict[str, int]:
    """How many records of each feed are known to be about who is asked for; nothing is changed. Nothing is read either,
    but for what a quarantined row says, and records with the same values. An erasure also finds what the person's
    values tell, and files. Of an erasure that was cut short, which can be asked for again, those that it destroyed.
    Raises as :func:`who_is_asked_for`, and LookupError for who has been erased and has not come again."""
    asked_for, reader = as_one(asked_for), VaultReader(settings, "records of a person counted")
    with begin(engine) as connection:
        done = vault_erasure.find_erasure(connection, asked_for)
    if done is not None and done.finished_at is None:
        destroyed = Counter[str]()
        for name, count in done.subjects.items():
            feed = name.split(".")[0]
            destroyed[feed] = max(destroyed[feed], count)
        return dict(sorted(destroyed.items()))
    if done is not None and not has_come_again(settings, engine, catalogue, reader, asked_for):
        raise LookupError(f"{asked_for} has been erased")
    _, subjects = who_is_asked_for(settings, engine, catalogue, reader, asked_for)
    records = {(one.feed, one.delivery_id, one.row_number) for one in subjects}
    return dict(sorted(Counter(feed for feed, _, _ in records).items()))


def who_is_asked_for(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, reader: VaultReader, asked_for: str
) -> tuple[set[uuid.UUID], set[Subject]]:
    """Who is asked for, and the records in which linkage, the token or the quarantined row finds them. Raises
    LookupError and :class:`ErasureRefused`."""
    with begin(engine) as connection:
        if unsearched := feeds_without_contract(connection, catalogue):
            raise ErasureRefused(
                f"{', '.join(unsearched)} cannot be searched: their contracts are refused or gone; hub feed check says"
                " why"
            )
    if is_called_by_row(asked_for):
        persons, found = _of_quarantined_row(settings, engine, catalogue, reader, asked_for)
    else:
        with begin(engine) as connection:
            persons, found = _of_vault(settings, connection, catalogue, asked_for)
    with begin(engine) as connection:
        refuse_held(connection, persons)
        return persons, vault_erasure.with_restated(connection, catalogue, found)


def _of_vault(
    settings: Settings, connection: sa.Connection, catalogue: Catalogue, asked_for: str
) -> tuple[set[uuid.UUID], set[Subject]]:
    if re.fullmatch(FORM_OF_TOKENS, asked_for):
        found = subjects_of_token(settings, connection, catalogue, asked_for)
        persons = vault_erasure.persons_of(connection, found)
        _refuse_several(persons, "share this token")
    else:
        persons, found = {_as_id(asked_for)}, set()
    for person in persons:
        found |= vault_erasure.subjects_of_person(connection, person)
    if not found:
        raise LookupError(f"nobody is known by {asked_for}")
    if not vault_erasure.readable(connection, found):
        # Nothing says any more who that was: where else to look cannot be told.
        raise LookupError(f"every record that is known by {asked_for} has been erased")
    return persons, found


def _of_quarantined_row(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, reader: VaultReader, asked_for: str
) -> tuple[set[uuid.UUID], set[Subject]]:
    """The persons of linkage who match what the row says of its subject, and their records with that subject. Who has
    the same name in the row, and no other date of birth, is the same person: the victim who reports."""
    with begin(engine) as connection:
        one = subject_called(connection, catalogue, asked_for)
        said = said_in_quarantine(reader, connection, catalogue, subjects_beside(catalogue, one))
    if one not in said:
        raise LookupError(f"the quarantine keeps nothing (any more) of {asked_for}")
    asked = Identity.of([said[one]])
    own = {one} | {other for other, values in said.items() if asked.is_named_in(values)}
    persons = set[uuid.UUID]().union(*(persons_by_values(settings, engine, catalogue, reader, {who}) for who in own))
    _refuse_several(persons, "have what this row says")
    with begin(engine) as connection:
        of_persons = [vault_erasure.subjects_of_person(connection, person) for person in persons]
    return persons, own.union(*of_persons)


def _refuse_several(persons: Iterable[uuid.UUID], share: str) -> None:
    if len(ids := sorted(map(str, persons))) > 1:
        raise ErasureRefused(f"{len(ids)} persons {share}; erase one by id: {', '.join(ids)}")


def refuse_held(connection: sa.Connection, persons: Iterable[uuid.UUID]) -> None:
    """Raise :class:`ErasureRefused` where a legal hold keeps one of these persons."""
    if hold := vault_erasure.is_held(connection, persons):
        raise ErasureRefused(f"a legal hold says that this person's data must be kept: {hold}")


def _as_id(asked_for: str) -> uuid.UUID:
    try:
        return uuid.UUID(asked_for)
    except ValueError:
        raise LookupError(
            "this is neither a person id nor a token, nor a quarantined row with one of its subjects"
            " (<quarantine id>:reporter); `hub person find` tells a person's id"
        ) from None
