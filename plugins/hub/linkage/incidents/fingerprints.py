"""Fingerprints of reports: the keys under which reports find each other, and which also tell how common what they share
is.

A text becomes a MinHash signature of its shingles (pieces of five characters, so that a misspelt or missing word
changes a few of them only). A report has keys for bands of its signature, for its telling words, for what it says of
people and for each reference. Every key but those of references and posts is a keyed hash: else words, names and
shingles could be tried out. Its value orders nothing: under a key the reports are in the order of their days, then of
the lengths of their texts, in which copies agree. So hubs with other keys compare the same reports.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import rensa

from hub.linkage.incidents.statements import FIRST_OF_JANUARY, Person, ReportRecord, names_in_texts
from hub.linkage.incidents.texts import terms_of
from hub.linkage.names.spelling import sound, spellings_in_common

SHINGLE = 5
POSITIONS = 48
CLOSE_BANDS, CLOSE_ROWS = 16, 3
"""For reports of one day: a pair that shares .4 of its shingles meets in some band with a chance of .65, one that
shares half with .88; one that shares .16, as two unrelated reports of one kind do, with .06."""
COPY_BANDS, COPY_ROWS = 6, 5
"""For reports of any days: finds copies (.9 of the shingles: .99), and next to nothing else."""
LEAST_NAME, MOST_PHRASES, LONGEST_WORDS = 3, 20, 4
DAYS_UNSURE = 21
"""Days between two events that may be one, where one report does not say when it happened."""
SEED = 4207
VERSION = (
    f"rensa-r{rensa.RMinHash.ALGORITHM_VERSION}-{SHINGLE}-{POSITIONS}-{CLOSE_BANDS}x{CLOSE_ROWS}"
    f"-{COPY_BANDS}x{COPY_ROWS}-{SEED}-words-people-posts"
)
"""Fingerprints of another version cannot be compared with these."""
DAY_BITS = 31
"""Bits of a position below the day: the length of the text, the kind, and whether it happened on that day."""
KIND_BITS, LONGEST = 4, (1 << 20) - 1
HASH_BITS = 48
"""Bits of a key below the period, a day or ``DAYS_A_PERIOD`` of them."""
LATEST_PERIOD = (1 << 15) - 1
DAYS_A_PERIOD = 64
"""Keys are of periods. Late reports also have those of the next: so any two that are not further apart than a text can
bridge meet in one."""
Numbers = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]


class Kind(IntEnum):
    """What a key is of. ``NAMED``: a word of the victim's name, under the key that it has as a word of a text."""

    REFERENCE = 0
    CLOSE = 1
    COPY = 2
    WORD = 3
    NAMED = 4
    PERSON = 5
    PHRASE = 6
    POST = 7


ALL_TIMES = (Kind.REFERENCE, Kind.POST)
"""Kinds under whose keys two are compared however far apart their days are."""


@dataclass(frozen=True)
class Entries:
    """Entries of reports under candidate keys: equally long arrays. ``report`` is an index of ``ids``, which are in
    order and each there once."""

    ids: Sequence[str]
    report: Numbers
    key: Numbers
    position: Numbers

    @property
    def kind(self) -> Numbers:
        """What each key is of (``Kind``)."""
        return self.position >> 1 & ((1 << KIND_BITS) - 1)

    @property
    def day(self) -> Numbers:
        """The day of each report."""
        return self.position >> DAY_BITS

    def of_some(self, mask: Flags) -> "Entries":
        """Some of the entries, over the same ids."""
        return Entries(self.ids, self.report[mask], self.key[mask], self.position[mask])

    def are_of(self, reports: Iterable[str]) -> Flags:
        """Whether each entry is of one of these reports."""
        wanted = set(reports)
        is_wanted = np.array([one in wanted for one in self.ids], dtype=bool)
        return is_wanted[self.report] if len(self.ids) else np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Fingerprints:
    """What is kept of reports, in one order: the delivered row that each was read from, its entries (in the order of
    the reports)."""

    ids: Sequence[str]
    delivery_ids: Sequence[str]
    row_numbers: Sequence[int]
    entries: Entries


def joined(parts: Sequence[Entries]) -> Entries:
    """The entries of all parts."""
    ids = sorted({one for part in parts for one in part.ids})
    place = {one: index for index, one in enumerate(ids)}
    codes = [np.array([place[one] for one in part.ids], dtype=np.int64)[part.report] for part in parts if part.ids]
    empty = np.empty(0, dtype=np.int64)
    return Entries(
        ids,
        np.concatenate([empty, *codes]),
        np.concatenate([empty, *(part.key for part in parts if part.ids)]),
        np.concatenate([empty, *(part.position for part in parts if part.ids)]),
    )


def all_of(parts: Sequence[Fingerprints]) -> Fingerprints:
    """The fingerprints of all parts, which are in the order of their ids."""
    return Fingerprints(
        [one for part in parts for one in part.ids],
        [one for part in parts for one in part.delivery_ids],
        [one for part in parts for one in part.row_numbers],
        joined([part.entries for part in parts]),
    )


def take_fingerprints(records: Iterable[ReportRecord], key: bytes) -> Fingerprints:
    """The fingerprints of reports under the hub's key for texts, in the order of the reports' ids."""
    some = sorted(records, key=lambda one: one.report_id)
    return Fingerprints(
        [one.report_id for one in some],
        [one.delivery_id for one in some],
        [one.row_number for one in some],
        entries_of(some, key),
    )


def signatures_of(plain_texts: Sequence[str]) -> Signatures:
    """The MinHash signature of each plain text: an array of shape (texts, ``POSITIONS``). Of two texts about so large a
    share of the positions is equal as they have of their shingles in common. A text of less than one shingle has
    zeros."""
    signatures = np.zeros((len(plain_texts), POSITIONS), dtype=np.uint32)
    is_long_enough = np.array([len(text) >= SHINGLE for text in plain_texts], dtype=bool)
    shingles = [
        {text[start : start + SHINGLE] for start in range(len(text) - SHINGLE + 1)}
        for text in plain_texts
        if len(text) >= SHINGLE
    ]
    if shingles:
        matrix = rensa.RMinHash.digest_matrix_from_token_sets(shingles, POSITIONS, SEED)
        signatures[is_long_enough] = np.array(matrix.to_rows(), dtype=np.uint32)
    return signatures


def entries_of(records: Sequence[ReportRecord], key: bytes) -> Entries:
    """All entries of some reports (whose ids are in order), those of one report together and in a fixed order."""
    rows: list[tuple[int, int, int]] = []
    for index, (record, signature) in enumerate(
        zip(records, signatures_of([one.text for one in records]), strict=True)
    ):
        at = record.day << DAY_BITS | min(len(record.text), LONGEST) << 1 + KIND_BITS | record.is_day_known
        rows += [
            (index, number, at | kind << 1)
            for kind, number in sorted({*_keys_in_time(record, signature, key), *_keys_for_all_times(record)})
        ]
    report, hashes, position = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Entries([one.report_id for one in records], report, hashes, position)


def _keys_in_time(record: ReportRecord, signature: npt.NDArray[np.uint32], key: bytes) -> Iterable[tuple[Kind, int]]:
    """Keys that begin with their period: a day's new entries are beside each other in the index, instead of each on a
    page of its own among those of years."""
    if signature.any():
        packed = signature.astype("<u4").tobytes()
        # Of one day even loosely similar texts are worth a look, of other days only copies.
        for band, value in _bands(packed, CLOSE_BANDS, CLOSE_ROWS):
            yield Kind.CLOSE, _placed(record.day, _keyed(f"{record.day} close {band} ".encode() + value, key))
    period = record.day // DAYS_A_PERIOD
    is_late = record.day % DAYS_A_PERIOD >= DAYS_A_PERIOD - DAYS_UNSURE
    for kind, value in _of_any_day(record, signature):
        hashed = _keyed(value, key)
        yield kind, _placed(period, hashed)
        if is_late:
            yield kind, _placed(period + 1, hashed)


def _of_any_day(record: ReportRecord, signature: npt.NDArray[np.uint32]) -> Iterable[tuple[Kind, bytes]]:
    if signature.any():
        for band, value in _bands(signature.astype("<u4").tobytes(), COPY_BANDS, COPY_ROWS):
            yield Kind.COPY, f"copy {band} ".encode() + value
    for phrase in sorted(set(_phrases(record))):
        yield Kind.PHRASE, f"phrase {phrase}".encode()
    words = terms_of(record.text)
    for word in words:
        yield Kind.WORD, f"word {word}".encode()
    if record.victim is not None:
        for word in _names(record.victim) - words:
            yield Kind.NAMED, f"word {word}".encode()
        for what in _of_person(record.victim):
            yield Kind.PERSON, what
    if record.reporter is not None:
        for what in _of_person(record.reporter):
            yield Kind.PERSON, what


def _phrases(record: ReportRecord) -> Iterable[str]:
    """Two words after each other in what is quoted, and names of accounts: what an incident has to itself."""
    for quote in record.account.quotes:
        words = quote.split()
        yield from (f"{one} {other}" for one, other in list(pairwise(words))[:MOST_PHRASES])
        # What is quoted as a whole is rarer than its parts; a slip in one of the other words leaves it the same.
        yield " ".join(sorted(sorted(set(words), key=lambda word: (-len(word), word))[:LONGEST_WORDS]))
    yield from record.account.handles


def _names(person: Person) -> set[str]:
    return {word for word in names_in_texts(person.name or "") if len(word) >= LEAST_NAME}


def _of_person(person: Person) -> Iterable[bytes]:
    if person.birth and not person.birth.endswith(FIRST_OF_JANUARY):
        yield f"birth {person.birth}".encode()
    if person.postcode:
        yield f"postcode {person.postcode}".encode()
    if person.email:
        yield f"email {person.email}".encode()
    sounds = {one for word in (person.name or "").split() for one in spellings_in_common(word) or {sound(word)}}
    for one, other in combinations(sorted(sounds), 2):
        yield f"name {one} {other}".encode()
    if person.phone:
        yield f"phone {person.phone}".encode()


def _keys_for_all_times(record: ReportRecord) -> Iterable[tuple[Kind, int]]:
    """Keys of references and posts, which are below zero."""
    if record.address.post is not None:
        yield Kind.POST, _hash("post", record.address.post) | -(1 << 63)
    mentioned = record.mentioned_references
    for kind, named in (("crime", record.crime_references | mentioned), ("hub", record.hub_references | mentioned)):
        for reference in named:
            yield Kind.REFERENCE, _hash(kind, reference) | -(1 << 63)


def _bands(packed: bytes, bands: int, rows: int) -> Iterable[tuple[int, bytes]]:
    """So many bands of so many positions each of a signature. Texts that are alike have some band in common."""
    return ((band, packed[4 * rows * band : 4 * rows * (band + 1)]) for band in range(bands))


def _placed(period: int, hashed: int) -> int:
    return (period & LATEST_PERIOD) << HASH_BITS | hashed & ((1 << HASH_BITS) - 1)


def _keyed(value: bytes, key: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(value, digest_size=8, key=key).digest(), "big")


def _hash(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
