"""Fingerprints of reports: the keys under which reports find each other, and what tells how near texts are without a
look at them.

A text becomes a MinHash signature of its shingles (pieces of five characters, so that a misspelt or missing word
changes a few of them only), and each position of that a keyed hash: else all shingles that there are could be tried
out, and each position would tell one of the text's. A report has keys for bands of its signature and for each
reference. Under a key the reports are in the order of their days, near texts beside each other. A position under a key
is the day, then a number in which near texts agree (zero under a reference), and in the last bit whether the report
says that it happened on that day.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rensa

from hub.linkage.incidents.evidence import DAYS_UNSURE, ReportRecord

SHINGLE = 5
POSITIONS = 48
CLOSE_BANDS, CLOSE_ROWS = 16, 3
"""For reports of one day and platform: a pair that shares .4 of its shingles meets in some band with a chance of .65,
one that shares half with .88; one that shares .16, as two unrelated reports of one kind do, with .06."""
COPY_BANDS, COPY_ROWS = 6, 5
"""For reports of any days: finds copies (.9 of the shingles: .99), and next to nothing else."""
LEAST_SHARED = 0.3
"""Pairs whose signatures agree in a smaller share of positions are not compared."""
SEED = 4207
VERSION = (
    f"rensa-r{rensa.RMinHash.ALGORITHM_VERSION}-{SHINGLE}-{POSITIONS}-{CLOSE_BANDS}x{CLOSE_ROWS}"
    f"-{COPY_BANDS}x{COPY_ROWS}-{LEAST_SHARED}-{SEED}-blake2b"
)
"""Fingerprints of another version cannot be compared with these."""
DAY_BITS = 31
"""Bits of a position below the day."""
HASH_BITS = 48
"""Bits of a key below the period, a day or ``DAYS_A_PERIOD`` of them."""
LATEST_PERIOD = (1 << 15) - 1
DAYS_A_PERIOD = 64
"""Copies have keys of periods. Late ones also have those of the next: so any two that are not further apart than a text
can bridge meet in one."""
PAIRS_AT_ONCE = 200_000
Numbers = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Entries:
    """Entries of reports under candidate keys: equally long arrays. ``report`` is an index of ``ids``, which are in
    order and each there once."""

    ids: Sequence[str]
    report: Numbers
    key: Numbers
    position: Numbers

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
    the reports), a byte of each position of its signature (how far two agree shows in that, one position in 256 by
    chance, and not which shingle it is), and the hash of the one post that it names (0 for none)."""

    ids: Sequence[str]
    delivery_ids: Sequence[str]
    row_numbers: Sequence[int]
    entries: Entries
    signature: npt.NDArray[np.uint8]
    post: Numbers


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
        np.concatenate([part.signature for part in parts]),
        np.concatenate([part.post for part in parts]),
    )


def take_fingerprints(records: Iterable[ReportRecord], key: bytes) -> Fingerprints:
    """The fingerprints of reports under the hub's key for texts, in the order of the reports' ids."""
    some = sorted(records, key=lambda one: one.report_id)
    ids = [one.report_id for one in some]
    signatures = signatures_of([one.text for one in some], key)
    return Fingerprints(
        ids,
        [one.delivery_id for one in some],
        [one.row_number for one in some],
        entries_of(some, signatures),
        signatures.astype(np.uint8),
        np.array([_hash("post", one.address.post) if one.address.post else 0 for one in some], dtype=np.int64),
    )


def signatures_of(plain_texts: Sequence[str], key: bytes) -> Signatures:
    """The keyed MinHash signature of each plain text: an array of shape (texts, ``POSITIONS``). Of two texts about so
    large a share of the positions is equal as they have of their shingles in common. A text of less than one shingle
    has zeros."""
    signatures = np.zeros((len(plain_texts), POSITIONS), dtype=np.uint32)
    is_long_enough = np.array([len(text) >= SHINGLE for text in plain_texts], dtype=bool)
    shingles = [
        {text[start : start + SHINGLE] for start in range(len(text) - SHINGLE + 1)}
        for text in plain_texts
        if len(text) >= SHINGLE
    ]
    if shingles:
        matrix = rensa.RMinHash.digest_matrix_from_token_sets(shingles, POSITIONS, SEED)
        signatures[is_long_enough] = _keyed(np.array(matrix.to_rows(), dtype=np.uint32), key)
    return signatures


def _keyed(signatures: Signatures, key: bytes) -> Signatures:
    """Each position exchanged for its keyed hash: positions that are equal stay so."""
    positions = np.arange(POSITIONS, dtype=np.uint64) << np.uint64(32)
    distinct, place = np.unique(signatures.astype(np.uint64) | positions, return_inverse=True)
    values = distinct.astype("<u8").tobytes()
    digests = b"".join(
        hashlib.blake2b(values[start : start + 8], digest_size=4, key=key).digest()
        for start in range(0, len(values), 8)
    )
    hashes: Signatures = np.frombuffer(digests, dtype="<u4").astype(np.uint32)[place].reshape(signatures.shape)
    return hashes


def entries_of(records: Sequence[ReportRecord], signatures: Signatures) -> Entries:
    """All entries of some reports (whose ids are in order), those of one report together and in a fixed order."""
    days = np.array([one.day for one in records], dtype=np.int64)
    are_known = np.array([one.is_day_known for one in records], dtype=np.int64)
    has_text = signatures.any(axis=1)
    # Of one day and platform even loosely similar texts are worth a look, of other days only copies.
    cells = [f"{one.day}\0{one.platform or ''}\0".encode() for one in records]
    close = _bands(signatures, CLOSE_BANDS, CLOSE_ROWS, cells)
    copies = _bands(signatures, COPY_BANDS, COPY_ROWS, [b""] * len(records))
    in_order = (days << DAY_BITS | are_known)[:, None]
    copies_at = in_order | _order(signatures, COPY_BANDS, COPY_ROWS)
    periods = days // DAYS_A_PERIOD
    is_late = days % DAYS_A_PERIOD >= DAYS_A_PERIOD - DAYS_UNSURE
    ids = [one.report_id for one in records]
    parts = [
        _under_bands(days, close, in_order | _order(signatures, CLOSE_BANDS, CLOSE_ROWS), has_text),
        _under_bands(periods, copies, copies_at, has_text),
        _under_bands(periods + 1, copies, copies_at, has_text & is_late),
        _under_references(records, days),
    ]
    report, key, position = (np.concatenate([part[place] for part in parts]) for place in range(3))
    by_report = np.argsort(report, kind="stable")
    return Entries(ids, report[by_report], key[by_report], position[by_report])


def _bands(signatures: Signatures, bands: int, rows: int, cells: Sequence[bytes]) -> Numbers:
    """Hashes of so many bands of so many positions each, apart for each cell: an array of shape (texts, ``bands``).
    Texts that are alike have some band in common."""
    digests = b"".join(
        hashlib.blake2b(
            cell + band.to_bytes(1) + signature[4 * rows * band : 4 * rows * (band + 1)], digest_size=8
        ).digest()
        for cell, signature in zip(cells, (one.tobytes() for one in signatures.astype("<u4")), strict=True)
        for band in range(bands)
    )
    return np.frombuffer(digests, dtype="<i8").astype(np.int64).reshape(-1, bands)


def _under_bands(periods: Numbers, hashes: Numbers, positions: Numbers, are_there: Flags) -> tuple[Numbers, ...]:
    """Entries under bands (one row a report) that are kept apart by period. A key begins with its period: a day's new
    entries are beside each other in the index, instead of each on a page of its own among those of years."""
    keys = (periods[:, None] & LATEST_PERIOD) << HASH_BITS | hashes & ((1 << HASH_BITS) - 1)
    report = np.repeat(np.flatnonzero(are_there), hashes.shape[1])
    return report, keys[are_there].ravel(), positions[are_there].ravel()


def _under_references(records: Sequence[ReportRecord], days: Numbers) -> tuple[Numbers, ...]:
    """Entries under references, which hold for all times: negative keys."""
    references = [
        (index, _hash(kind, reference) | -(1 << 63))
        for index, one in enumerate(records)
        for kind, named in (("crime", one.crime_references), ("hub", one.hub_references))
        for reference in sorted(named)
    ]
    report, key = np.array(references, dtype=np.int64).reshape(-1, 2).T
    return report, key, days[report] << DAY_BITS


def _order(signatures: Signatures, bands: int, rows: int) -> Numbers:
    """For each band a position of the signature outside it: near texts agree there too, and so are beside each other
    under the band's key. Never zero, which is the mark of a reference; the last bit is left empty."""
    outside = np.roll(signatures, 1, axis=1)[:, : bands * rows : rows].astype(np.int64)
    order: Numbers = np.maximum(outside & ((1 << DAY_BITS) - 2), 2)
    return order


def _hash(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def agreeing(signature: npt.NDArray[np.uint8], pairs: Numbers) -> Flags:
    """For each pair (rows of two indexes of signatures) whether they agree in enough positions for the texts to be
    compared."""
    kept = np.empty(len(pairs), dtype=bool)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        kept[start : start + len(some)] = (signature[some[:, 0]] == signature[some[:, 1]]).mean(axis=1) >= LEAST_SHARED
    return kept
