"""What raw and the vault hold of a personal value: a token here, the value itself there, encrypted.

A token is HMAC-SHA256 over the normalised value under a key of the hub's own; the same e-mail address gives the same
token in every feed, and nobody without the key can tell which address it was.

The vault keeps the values of each *subject* of a record (its victim, its reporter, its text, …) as one blob under a
data key of the subject's own. The data key is kept apart, wrapped by the master key: without it nothing brings the
values back, wherever a copy of the blob lies (docs/decisions/0070). Reading is ``hub.vault.reading``'s.
"""

import hashlib
import hmac
import os
import struct
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.contracts.model import Contract
from hub.contracts.values import Classification, Column
from hub.vault.hub_keys import KEY_BYTES, KeyRing, RowKeys

NONCE_BYTES = 12
SECRET_BYTES = KEY_BYTES + 2 * NONCE_BYTES
TOKEN_BYTES = 20
RAW_TEXT = "raw_text"
QUARANTINED = "quarantined"
"""The subject of a quarantined row: every person in it."""
GAP = b"\0"
"""In no value (the reader refuses it), so that names and values can be separated again."""


@dataclass(frozen=True)
class EncryptedRows:
    """One subject's part of some rows: blobs (null where the record says nothing of the subject), and the data keys
    of those there are, wrapped, as ``vault.subject_keys`` holds them."""

    blobs: pa.Array
    keys: pa.Table


@dataclass(frozen=True)
class Encryptor:
    """Encrypts what one delivery of a feed says of people."""

    master: KeyRing
    feed: str
    delivery_id: uuid.UUID

    def encrypt(self, subject: str, values: Mapping[str, pa.ChunkedArray], row_numbers: Sequence[int]) -> EncryptedRows:
        """Encrypt a subject's values (by column, one for each row number), each row under a new data key."""
        texts = _joined(values)
        place = place_of(self.feed, subject, self.delivery_id.bytes)
        wrap = self.master.cipher(self.master.newest).encrypt
        random = struct.iter_unpack(f"{KEY_BYTES}s{NONCE_BYTES}s{NONCE_BYTES}s", os.urandom(SECRET_BYTES * len(texts)))
        blobs: list[bytes | None] = []
        numbers, wrapped = [], []
        for text, row_number, (key, nonce, key_nonce) in zip(texts, row_numbers, random, strict=True):
            if not text:
                blobs.append(None)
                continue
            where = place + row_number.to_bytes(8, "big")
            blobs.append(nonce + AESGCM(key).encrypt(nonce, text, where))
            wrapped.append(key_nonce + wrap(key_nonce, key, where))
            numbers.append(row_number)
        return EncryptedRows(pa.array(blobs, pa.binary()), self._key_rows(subject, numbers, wrapped))

    def encrypt_records(
        self, subjects: Mapping[str, Sequence[Column]], rows: pa.Table, row_numbers: pa.Array
    ) -> tuple[pa.Table, pa.Table]:
        """Encrypt the personal columns of records. Returns rows for ``vault.<feed>`` and for ``vault.subject_keys``."""
        numbers = row_numbers.to_pylist()
        encrypted = {
            subject: self.encrypt(subject, {column.name: rows.column(column.name) for column in columns}, numbers)
            for subject, columns in subjects.items()
        }
        records = pa.table(
            {
                "_delivery_id": pa.repeat(pa.scalar(self.delivery_id.bytes, pa.binary(16)), len(numbers)),
                "_row_number": row_numbers,
                **{subject: one.blobs for subject, one in encrypted.items()},
            }
        )
        # In the order of the rows: the tree over the keys' places then grows leaf by leaf.
        return records, pa.concat_tables([one.keys for one in encrypted.values()]).sort_by("row_number")

    def _key_rows(self, subject: str, row_numbers: Sequence[int], wrapped: Sequence[bytes]) -> pa.Table:
        count = len(row_numbers)
        return pa.table(
            {
                "delivery_id": pa.repeat(pa.scalar(self.delivery_id.bytes, pa.binary(16)), count),
                "row_number": pa.array(row_numbers, pa.int64()),
                "subject": pa.repeat(subject, count),
                "key_version": pa.repeat(pa.scalar(self.master.newest, pa.int16()), count),
                "wrapped": pa.array(wrapped, pa.binary()),
            }
        )


def place_of(feed: str, subject: str, delivery_id: bytes) -> bytes:
    """What blob and wrapped key are bound to, but for the row number: moved elsewhere, neither can be decrypted."""
    return f"{feed}\0{subject}\0".encode() + delivery_id


def tokenise(keys: RowKeys, column: Column, values: pa.ChunkedArray) -> pa.Array:
    """The tokens of a column's values; null stays null."""
    ring = ring_of(keys, column)
    # Each value once: a date of birth, a postcode, an address are in many rows of a delivery.
    seen = values.combine_chunks().dictionary_encode()
    tokens = pa.array(_tokens(ring, seen.dictionary.to_pylist()), pa.string())
    return tokens.take(seen.indices)


def ring_of(keys: RowKeys, column: Column) -> KeyRing:
    """The keys that a column's tokens are made with."""
    return keys.text if column.classification is Classification.SENSITIVE else keys.person


def normalised(value: str) -> str:
    """The form of a value that its token is made of: the same token means the same normalised value."""
    plain = value if value.isascii() else unicodedata.normalize("NFKC", value)
    return " ".join(plain.casefold().split())


def next_token(token: str, ring: KeyRing) -> str:
    """What the newest key makes of an older version's token; the same as of the value itself."""
    version, _, digits = token.removeprefix("t").partition("_")
    digest = bytes.fromhex(digits)
    for key in ring.after(int(version)):
        digest = _digest(key, digest)
    return f"t{ring.newest}_{digest.hex()}"


def split_personal(contract: Contract, keys: RowKeys, rows: pa.Table) -> tuple[pa.Table, pa.Table | None]:
    """Part accepted rows into what raw holds (tokens in the place of personal values) and what the vault holds (those
    values; None where the feed has none)."""
    raw = pa.table(
        [
            tokenise(keys, column, rows.column(column.name)) if column.is_personal else rows.column(column.name)
            for column in contract.columns
        ],
        names=[column.raw_name for column in contract.columns],
    )
    personal: Sequence[str] = [column.name for column in contract.personal_columns]
    return raw, rows.select(personal) if personal else None


def _joined(values: Mapping[str, pa.ChunkedArray]) -> list[bytes]:
    """``NUL name NUL value NUL name NUL value …`` of each row; nothing of what is null."""
    named = [
        pc.binary_join_element_wise(pa.scalar(name.encode()), column.cast(pa.binary()), GAP)
        for name, column in values.items()
    ]
    # The empty text in front: where all pieces of all rows are null, Arrow gives no rows.
    joined = pc.binary_join_element_wise(pa.scalar(b""), *named, GAP, null_handling="skip")
    texts: list[bytes] = joined.to_pylist()
    return texts


def _tokens(ring: KeyRing, values: Sequence[str]) -> Iterator[str]:
    first, *later = ring.chain
    # Copied for each value: to begin with a key costs as much as the value.
    begun, head = hmac.new(first, digestmod="sha256"), f"t{ring.newest}_"
    for value in values:
        digest = begun.copy()
        digest.update(normalised(value).encode("utf-8", "surrogatepass"))
        token = digest.digest()[:TOKEN_BYTES]
        for key in later:
            token = _digest(key, token)
        yield head + token.hex()


def _digest(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, hashlib.sha256)[:TOKEN_BYTES]
