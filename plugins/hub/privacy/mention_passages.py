"""The words around each mention that waits for a decision, for those who decide, on the hub's machine alone."""

import json
import uuid
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.contracts.values import TEXT_SUBJECT
from hub.deliveries import quarantine_id_of
from hub.privacy.text_mentions import OPEN, ListedMention, Mention, read_mentions
from hub.settings import Settings
from hub.vault.reading import VaultReader, encrypted_texts, read_records
from hub.vault.store import RAW_TEXT

AROUND = 60
"""So many characters are shown on each side of a part."""
BEGIN, END = "[[", "]]"


def waiting_passages(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, erasure_id: uuid.UUID, who: str
) -> Iterator[tuple[ListedMention, list[str]]]:
    """Each mention of an erasure that waits, with its passages, the words that name the person in brackets; none where
    the text is in no store but a landed file. The audit log says who read them."""
    reader = VaultReader(settings, "mentions of an erased person shown", who)
    with engine.connect() as connection:
        for one in read_mentions(connection, erasure_id):
            if one.state == OPEN:
                text = _text(connection, catalogue, reader, one.mention)
                yield one, _passages(text, one.mention.parts(settings, text)) if text else []


def _text(connection: sa.Connection, catalogue: Catalogue, reader: VaultReader, mention: Mention) -> str | None:
    contract = catalogue.contracts.get(mention.feed)
    if contract is not None:
        place = sa.values(sa.column("delivery_id", sa.UUID), sa.column("row_number", sa.BigInteger), name="place")
        of = sa.select(place.data([(mention.delivery_id, mention.row_number)]))
        for _, _, values in read_records(reader, connection, contract, of=of, subjects={TEXT_SUBJECT}):
            if said := values.get(mention.column):
                return said
    kept_out = encrypted_texts(connection, [quarantine_id_of(mention.delivery_id, mention.row_number)])
    for row in reader.decrypt(list(kept_out.values())):
        try:
            return str(json.loads(row[RAW_TEXT])[mention.column])
        except (KeyError, ValueError):
            return None
    return None


def _passages(text: str, parts: Sequence[tuple[int, int]]) -> list[str]:
    return [
        f"{text[max(0, start - AROUND) : start]}{BEGIN}{text[start:end]}{END}{text[end : end + AROUND]}"
        for start, end in parts
    ]
