"""The worklist of an erasure: other people's texts that name the erased person, by row, column and place in the text.

It holds no value. Stars keep the places of what they stand for, so a text can be masked again after a restore. A part
is masked only where its words are the ones that were found, as a keyed hash tells.
"""

import hashlib
import hmac
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.contracts.model import Catalogue, Contract
from hub.contracts.values import TEXT_SUBJECT
from hub.privacy.certificate import Store
from hub.privacy.mention_search import SHORTEST_HANDLE, MentionSearch, Span
from hub.settings import Settings
from hub.vault.hub_keys import Purpose, read_ring
from hub.vault.reading import VaultReader, read_records
from hub.vault.tables import TEXT_MENTIONS
from hub.warehouse.columns import is_one_of

OPEN, MASKED, LEFT = "open", "masked", "left"
TEXTS = "what others wrote"
HOW = (
    "texts of records that are not the person's, in the vault and in landed files: full name, e-mail address, telephone"
    f" number, handle or code of {SHORTEST_HANDLE} characters or more; beside the name, date of birth and postcode"
)


@dataclass(frozen=True, order=True)
class Mention:
    """A text that names the person: which, and its parts that do."""

    feed: str
    delivery_id: uuid.UUID
    row_number: int
    column: str
    spans: tuple[Span, ...]

    @property
    def place(self) -> tuple[str, uuid.UUID, int]:
        """The row that it is in."""
        return self.feed, self.delivery_id, self.row_number

    def parts(self, settings: Settings, text: str) -> list[tuple[int, int]]:
        """Start and end of each part that is in this text: a row that somebody corrected has another text in the vault
        than in the landed file, and what was masked for another erasure is there no more."""
        return [
            (one.start, one.end)
            for one in self.spans
            if one.words_hash in ("", _hash(settings, text[one.start : one.end]))
        ]

    @property
    def kinds(self) -> str:
        """By what the text names the person."""
        return ", ".join(sorted({one.kind for one in self.spans}))

    def as_json(self) -> list[Any]:
        """For the journal of erasures."""
        return [self.feed, str(self.delivery_id), self.row_number, self.column, [list(one) for one in self.spans]]

    @classmethod
    def from_json(cls, entry: Sequence[Any]) -> "Mention":
        """What :meth:`as_json` gave."""
        feed, delivery_id, row_number, column, spans = entry
        return cls(feed, uuid.UUID(delivery_id), row_number, column, tuple(Span(*one) for one in spans))


@dataclass(frozen=True)
class ListedMention:
    """A mention in the worklist: its number within the erasure, the decision, and who made it."""

    number: int
    mention: Mention
    state: str
    decided_by: str | None


def _hash(settings: Settings, words: str) -> str:
    """Under the first key of texts, which stays when they get another."""
    (_, key), *_ = read_ring(settings, Purpose.TEXT).versions
    return hmac.digest(key, words.encode(), hashlib.sha256).hex()


def _with_hashes(settings: Settings, said: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(one._replace(words_hash=_hash(settings, said[one.start : one.end])) for one in spans)


def one_a_text(mentions: Iterable[Mention]) -> set[Mention]:
    """The same mentions, with one for each column of a row: it has the parts of all texts that stores hold there."""
    parts: dict[tuple[str, uuid.UUID, int, str], set[Span]] = {}
    for one in mentions:
        parts.setdefault((*one.place, one.column), set()).update(one.spans)
    return {Mention(*where, tuple(sorted(spans))) for where, spans in parts.items()}


def mentions_in(
    settings: Settings, contract: Contract, rows: pa.Table, row_numbers: Sequence[int], words: MentionSearch
) -> dict[int, dict[str, tuple[Span, ...]]]:
    """The texts of rows that name the person, by row number and column."""
    found: dict[int, dict[str, tuple[Span, ...]]] = {}
    for column in contract.subjects.get(TEXT_SUBJECT, ()):
        for number, said in zip(row_numbers, rows.column(column.name).to_pylist(), strict=True):
            if said and (spans := words.spans(said)):
                found.setdefault(number, {})[column.name] = _with_hashes(settings, said, spans)
    return found


def mentions_at(
    feed: str, delivery_ids: Iterable[uuid.UUID], found: Mapping[int, Mapping[str, Sequence[Span]]]
) -> set[Mention]:
    """What :func:`mentions_in` found, for each delivery of the same bytes."""
    return {
        Mention(feed, delivery_id, number, column, tuple(spans))
        for delivery_id in delivery_ids
        for number, columns in found.items()
        for column, spans in columns.items()
    }


def mentions_in_vault(
    settings: Settings, reader: VaultReader, connection: sa.Connection, catalogue: Catalogue, words: MentionSearch
) -> tuple[int, set[Mention]]:
    """How many records have a text in the vault, and the texts that name the person."""
    count, found = 0, set[Mention]()
    for contract in catalogue.contracts.values():
        if TEXT_SUBJECT not in contract.subjects:
            continue
        for delivery_id, number, values in read_records(reader, connection, contract, subjects={TEXT_SUBJECT}):
            count += bool(values)
            found |= {
                Mention(contract.feed, delivery_id, number, column, _with_hashes(settings, said, spans))
                for column, said in values.items()
                if (spans := words.spans(said))
            }
    return count, found


def store_of(listed: Sequence[ListedMention], looked_at: int) -> Store:
    """What the certificate says of the worklist: each text that still names the person, and who left it so."""
    left = [one for one in listed if one.state != MASKED]
    return Store(
        TEXTS,
        looked_at,
        len(listed),
        len(listed) - len(left),
        len(left),
        how=HOW,
        done="the words masked in vault, quarantine and landed files, once somebody has approved it; the reports stay",
        left_in=[
            f"{one.number}: {one.mention.feed} {one.mention.delivery_id} row {one.mention.row_number}"
            f" {one.mention.column}, {f'left by {one.decided_by}' if one.decided_by else 'waits for a decision'}"
            for one in left
        ],
    )


def write_mentions(connection: sa.Connection, erasure_id: uuid.UUID, mentions: Collection[Mention]) -> None:
    """Put mentions on the worklist of an erasure; those that are there stay as they are."""
    rows = [
        {
            "erasure_id": erasure_id,
            "number": number,
            "feed": one.feed,
            "delivery_id": one.delivery_id,
            "row_number": one.row_number,
            "column_name": one.column,
            "spans": [list(span) for span in one.spans],
        }
        for number, one in enumerate(sorted(mentions), start=1)
    ]
    if rows:
        connection.execute(insert(TEXT_MENTIONS).on_conflict_do_nothing(), rows)


def read_mentions(connection: sa.Connection, erasure_id: uuid.UUID) -> list[ListedMention]:
    """The worklist of an erasure."""
    columns = TEXT_MENTIONS.c
    query = sa.select(TEXT_MENTIONS).where(columns.erasure_id == erasure_id).order_by(columns.number)
    return [
        ListedMention(
            row.number,
            Mention(row.feed, row.delivery_id, row.row_number, row.column_name, tuple(Span(*one) for one in row.spans)),
            row.state,
            row.decided_by,
        )
        for row in connection.execute(query)
    ]


def decide(
    connection: sa.Connection, erasure_id: uuid.UUID, numbers: Collection[int], state: str, decided_by: str
) -> None:
    """Write down what was decided of mentions that are open."""
    columns = TEXT_MENTIONS.c
    these = (columns.erasure_id == erasure_id, is_one_of(columns.number, numbers), columns.state == OPEN)
    values = {"state": state, "decided_by": decided_by, "decided_at": sa.func.clock_timestamp()}
    connection.execute(sa.update(TEXT_MENTIONS).where(*these).values(values))
