"""What makes a record the same record: a 128-bit hash over its columns as delivered, and a memory of constant size for
the hashes that a delivery has shown so far."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.model import Contract

HASH_BYTES = 16
ROWS_A_PART = 4_096
BYTES_A_PART = 4 * 1024 * 1024
WORD_BITS, WORDS_A_HASH, BITS_A_WORD = 22, 2, 5
"""Words of 64 bits: 32 MiB. Of five million different records, as a rule, none is asked about needlessly; of ten
million some 80 are."""


class RecordHasher:
    """Hashes records of one delivery.

    ``chain`` are the keys, the oldest first, that keep the hash of a record with personal values from being guessed;
    feeds that have none are hashed without. Where
    the contract says so, equal records whose named column is empty are separate: the first, second, … of them have
    hashes of their own, so that a file delivered again in another form still brings nothing new. ``is_taken`` says
    which of these hashes rows of the delivery have that were loaded before.
    """

    def __init__(
        self, contract: Contract, chain: Sequence[bytes], is_taken: Callable[[bytes], bool] = lambda _: False
    ) -> None:
        self._is_taken = is_taken
        self._separate_when_empty = contract.identity.separate_when_empty
        self._key, *self._later = chain if contract.personal_columns else [b""]
        self._repeats: Counter[bytes] = Counter()

    def hash_rows(self, rows: pa.Table, positions: np.ndarray) -> np.ndarray:
        """Hashes of the rows at ``positions``, as an array of ``HASH_BYTES`` byte voids."""
        # NUL is in no value (the reader refuses it), so the join cannot be read in two ways.
        digests = b"".join(
            _digests(
                pc.binary_join_element_wise(
                    *[column.cast(pa.binary()) for column in part.columns],
                    b"\0",
                    null_handling="replace",
                    null_replacement=b"",
                ),
                self._key,
            )
            for part in _parts(rows)
        )
        hashes: np.ndarray = np.frombuffer(digests, dtype=f"V{HASH_BYTES}")[positions]
        if self._separate_when_empty is not None:
            is_empty = pc.is_null(rows.column(self._separate_when_empty)).to_numpy()[positions]
            for index in np.flatnonzero(is_empty):
                hashes[index] = np.void(self._separate(hashes[index].tobytes()))
        return rehash(hashes, self._later) if self._later else hashes

    def _separate(self, digest: bytes) -> bytes:
        while True:
            self._repeats[digest] += 1
            again = self._repeats[digest].to_bytes(8, "big")
            separate = hashlib.blake2b(digest + again, digest_size=HASH_BYTES, key=self._key).digest()
            if not self._is_taken(rehash(np.frombuffer(separate, f"V{HASH_BYTES}"), self._later).tobytes()):
                return separate


def rehash(hashes: np.ndarray, later: Sequence[bytes]) -> np.ndarray:
    """What keys that came later make of hashes, one after the other."""
    digests = hashes.tobytes()
    for key in later:
        blake2b = hashlib.blake2b
        digests = b"".join(
            blake2b(digests[start : start + HASH_BYTES], digest_size=HASH_BYTES, key=key).digest()
            for start in range(0, len(digests), HASH_BYTES)
        )
    return np.frombuffer(digests, dtype=f"V{HASH_BYTES}")


def hash_texts(texts: pa.ChunkedArray) -> np.ndarray:
    """Hashes of single texts (no nulls), as an array of ``HASH_BYTES`` byte voids."""
    return np.frombuffer(_digests(texts.cast(pa.binary()), b""), dtype=f"V{HASH_BYTES}")


def _parts(rows: pa.Table) -> Iterator[pa.Table]:
    """Slices of a table; Python objects of a few rows at a time are all that hashing holds, of long rows fewer."""
    bytes_a_row = 1 + rows.nbytes // max(1, rows.num_rows)
    size = max(1, min(ROWS_A_PART, BYTES_A_PART // bytes_a_row))
    for start in range(0, rows.num_rows, size):
        yield rows.slice(start, size)


def _digests(texts: pa.ChunkedArray, key: bytes) -> bytes:
    blake2b = hashlib.blake2b
    return b"".join([blake2b(text, digest_size=HASH_BYTES, key=key).digest() for text in texts.to_pylist()])


class SeenBefore:
    """Says which hashes may have been seen before, in constant memory: never misses one, and seldom names one that was
    not (ask the database about those). A Bloom filter of two words a hash, five bits in each."""

    def __init__(self) -> None:
        self._words = np.zeros(1 << WORD_BITS, dtype=np.uint64)

    def maybe_seen(self, hashes: np.ndarray) -> np.ndarray:
        """A boolean for each hash; then remembers them all."""
        halves = hashes.view(np.uint64).reshape(-1, 2)
        seen = np.ones(len(hashes), dtype=bool)
        for turn in range(WORDS_A_HASH):
            positions = (halves[:, 0] >> np.uint64(turn * WORD_BITS)) & np.uint64((1 << WORD_BITS) - 1)
            bits = np.zeros(len(hashes), dtype=np.uint64)
            for bit in range(turn * BITS_A_WORD, (turn + 1) * BITS_A_WORD):
                bits |= np.uint64(1) << ((halves[:, 1] >> np.uint64(6 * bit)) & np.uint64(63))
            seen &= (self._words[positions] & bits) == bits
            np.bitwise_or.at(self._words, positions, bits)
        return seen


def repeated_within(hashes: np.ndarray) -> np.ndarray:
    """A boolean for each hash: there is an equal one before it in the same array."""
    leading = _leading(hashes)
    repeated = np.zeros(len(hashes), dtype=bool)
    _, position_of, counts = np.unique(leading, return_inverse=True, return_counts=True)
    alike = np.flatnonzero(counts[position_of] > 1)
    if len(alike):
        _, first = np.unique(hashes[alike], return_index=True)
        repeated[alike] = True
        repeated[alike[first]] = False
    return repeated


def in_order(hashes: np.ndarray) -> np.ndarray:
    """Positions of the hashes in rising order of their first eight bytes."""
    return np.argsort(_leading(hashes))


def _leading(hashes: np.ndarray) -> np.ndarray:
    """The first eight bytes of each hash, as numbers in the order in which PostgreSQL sorts a uuid."""
    return hashes.view(">u8")[::2].astype(np.uint64)


def as_uuids(hashes: np.ndarray) -> pa.FixedSizeBinaryArray:
    """Hashes as Arrow holds them, without a copy; the sixteen bytes are what PostgreSQL knows a uuid by."""
    whole = np.ascontiguousarray(hashes)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(HASH_BYTES), len(whole), [None, pa.py_buffer(whole.data)])
