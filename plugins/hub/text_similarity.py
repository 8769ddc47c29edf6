"""Which texts are nearly the same: sketches of texts that find candidates (MinHash and its bands), and the comparison
of two texts that then decides.

Texts are compared as words in one way of writing. Pieces of five characters make the sketch, so that a misspelt or a
missing word changes a few of them only. What is kept of a sketch is hidden under a key first: else all pieces that
there are could be tried out, and each place would tell one of the text's.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import rensa
from rapidfuzz import fuzz

PIECE = 5
SKETCH_SIZE = 48
CLOSE_BANDS, CLOSE_ROWS = 16, 3
"""For reports of one day and platform: a pair that shares .4 of its pieces meets in some band with a chance of .65, one
that shares half with .88; one that shares .16, as two unrelated reports of one kind do, with .06."""
COPY_BANDS, COPY_ROWS = 6, 5
"""For reports of any days: finds copies (.9 of the pieces: .99), and next to nothing else."""
LEAST_SHARED = 0.3
"""Pairs whose sketches agree in a smaller share of places are not compared."""
PAIRS_AT_ONCE = 200_000
SKETCH_SEED = 4207
SKETCH_VERSION = (
    f"rensa-r{rensa.RMinHash.ALGORITHM_VERSION}-{PIECE}-{SKETCH_SIZE}-{CLOSE_BANDS}x{CLOSE_ROWS}"
    f"-{COPY_BANDS}x{COPY_ROWS}-{LEAST_SHARED}-{SKETCH_SEED}-hidden"
)
"""Bands of another version cannot be compared with these."""
NOT_A_WORD = re.compile(r"[\W_]+")
NUMBER = re.compile(r"\b\d{2,}\b")
LEAST_CUT = 40
"""Characters; a shorter text is found inside many longer ones that are about something else."""
ALIKE = 92.0
"""Per cent; above it no other way of comparing is tried."""
CUT, REWORDED, MOST_OF = 0.97, 0.95, 0.85
"""A text that is a part of another, or has its words among others, is a little less alike than one that is the same."""
Hashes = npt.NDArray[np.int64]
Sketches = npt.NDArray[np.uint32]
FaintSketches = npt.NDArray[np.uint8]


def plain_text(text: str) -> str:
    """A text as lower-case words with one blank between them: no marks, accents or line ends."""
    letters = text.casefold()
    if not letters.isascii():
        letters = "".join(char for char in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(char))
    return NOT_A_WORD.sub(" ", letters).strip()


def sketch(plain_texts: Sequence[str]) -> Sketches:
    """The MinHash sketch of each plain text: an array of shape (texts, ``SKETCH_SIZE``). Of two texts about so large a
    share of the places is equal as they have of their pieces in common. A text of less than one piece has zeros."""
    rows = np.zeros((len(plain_texts), SKETCH_SIZE), dtype=np.uint32)
    long_enough = np.array([len(text) >= PIECE for text in plain_texts], dtype=bool)
    if long_enough.any():
        pieces, ends = _pieces([text for text in plain_texts if len(text) >= PIECE])
        matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(pieces, ends, SKETCH_SIZE, SKETCH_SEED)
        rows[long_enough] = np.array(matrix.to_rows(), dtype=np.uint32)
    return rows


def hidden(sketches: Sketches, key: bytes) -> Sketches:
    """The sketches with each place exchanged for another number under ``key``: places that are equal stay so, and
    without the key nothing tells what stood there. Zeros, where there is no text, stay."""
    # The mixing is no secret, so numbers of the key's stand before, between and after, others for each place.
    keys = np.frombuffer(hashlib.shake_256(b"sketches" + key).digest(3 * 8 * SKETCH_SIZE), dtype="<u8")
    before, between, after = keys.reshape(3, SKETCH_SIZE)
    mixed = mix(mix(sketches.astype(np.uint64) ^ before) ^ between) ^ after
    mixed[~sketches.any(axis=1)] = 0
    places: Sketches = mixed.astype(np.uint32)
    return places


def bands_of(sketches: Sketches, bands: int, rows: int) -> Hashes:
    """Hashes of so many bands of so many places each: an array of shape (texts, ``bands``); zero where there is no
    text. Texts that are alike have some band in common."""
    hashes = np.empty((len(sketches), bands), dtype=np.uint64)
    for band in range(bands):
        mixed = np.full(len(sketches), rows << 16 | band + 1, dtype=np.uint64)
        for row in range(rows):
            mixed = mix(mixed ^ sketches[:, band * rows + row].astype(np.uint64))
        hashes[:, band] = mixed
    hashes[~sketches.any(axis=1)] = 0
    return hashes.view(np.int64)


def faint(sketches: Sketches) -> FaintSketches:
    """The last byte of each place of the sketches: enough to see how far two agree (one place in 256 does by chance),
    and too little to tell which piece of a text stands there, so it can be kept."""
    return sketches.astype(np.uint8)


def agreeing(sketches: FaintSketches, pairs: Hashes) -> npt.NDArray[np.bool_]:
    """For each pair of rows whether the sketches agree in enough places for the texts to be compared."""
    kept = np.empty(len(pairs), dtype=bool)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        kept[start : start + len(some)] = (sketches[some[:, 0]] == sketches[some[:, 1]]).mean(axis=1) >= LEAST_SHARED
    return kept


def similarity(first: str, second: str) -> float:
    """How alike two plain texts are, 0 to 1: as they stand, with their words in another order, or one cut short."""
    best = fuzz.ratio(first, second)
    if best < ALIKE:
        best = max(best, fuzz.token_sort_ratio(first, second))
        shorter, longer = sorted((len(first), len(second)))
        if shorter >= LEAST_CUT:
            best = max(best, REWORDED * fuzz.token_set_ratio(first, second))
            if shorter < MOST_OF * longer and best < ALIKE:
                best = max(best, CUT * fuzz.partial_ratio(first, second))
    return float(best) / 100


def numbers_in(plain: str) -> frozenset[str]:
    """The numbers of two digits and more in a plain text: times, counts, houses, dates."""
    return frozenset(NUMBER.findall(plain))


def _pieces(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Hashes of all pieces of the texts, one text after the other, and where each begins (and the last one ends)."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in texts])
    mixed = np.zeros(len(codes) - PIECE + 1, dtype=np.uint64)
    for place in range(PIECE):
        mixed = mix(mixed ^ codes[place : place + len(mixed)])
    # Pieces that begin in one text and end in the next are of neither.
    is_whole = np.ones(len(codes), dtype=bool)
    text_ends = np.cumsum(lengths)
    for place in range(1, PIECE):
        is_whole[text_ends - place] = False
    ends = np.concatenate([[0], np.cumsum(lengths - PIECE + 1)]).astype(np.uint64)
    return mixed[is_whole[: len(mixed)]], ends


def mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Hashes of whole numbers: spreads the bits (the finisher of SplitMix64)."""
    values = values + np.uint64(0x9E37_79B9_7F4A_7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    mixed: npt.NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed
