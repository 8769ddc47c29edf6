"""Slips of the finger and texts that end too soon, in many texts at once.

Works on the bytes of the whole column: a loop over a million texts would take longer than all else together.
"""

import numpy as np
import pyarrow as pa

from hub.simulate.cells import Mask

SLIPS_A_TEXT = 3
CUT_FROM, CUT_TO = 0.45, 0.95
"""A text that is cut keeps so much of its length."""
SMALL_A, SMALL_Z = ord("a"), ord("z")


def misspell(chance: np.random.Generator, texts: pa.Array, slips: Mask, cut: Mask) -> pa.Array:
    """The texts, with up to three slips where ``slips`` holds and their ends lost where ``cut`` does.

    A slip swaps two letters, doubles one over its neighbour, or loses one. Texts are ASCII, without nulls, and none is
    empty.
    """
    starts, letters = _bytes_of(texts)
    lengths = np.diff(starts)
    keep = np.ones(len(letters), dtype=bool)
    for _ in range(SLIPS_A_TEXT):
        rows = np.flatnonzero(slips & (chance.random(len(lengths)) < 0.7) & (lengths > 20))
        at = starts[rows] + (chance.random(len(rows)) * (lengths[rows] - 2)).astype(np.int64)
        at = at[_are_small(letters, at) & _are_small(letters, at + 1)]
        kind = chance.integers(0, 3, len(at))
        swap, double, lose = (at[kind == place] for place in range(3))
        letters[swap], letters[swap + 1] = letters[swap + 1], letters[swap].copy()
        letters[double + 1] = letters[double]
        keep[lose] = False
    rows = np.flatnonzero(cut)
    share = CUT_FROM + chance.random(len(rows)) * (CUT_TO - CUT_FROM)
    ends = starts[rows] + (lengths[rows] * share).astype(np.int64)
    for end, start_of_next in zip(ends.tolist(), starts[rows + 1].tolist(), strict=True):
        keep[end:start_of_next] = False
    kept = np.add.reduceat(keep, starts[:-1], dtype=np.int64)
    return _text_of(np.concatenate([[0], np.cumsum(kept)]), letters[keep])


def _bytes_of(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Where each text starts in the bytes of all, and a copy of these bytes."""
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    letters = np.frombuffer(data, dtype=np.uint8)[starts[0] : starts[-1]].copy()
    return starts - starts[0], letters


def _text_of(starts: np.ndarray, letters: np.ndarray) -> pa.Array:
    buffers = [None, pa.py_buffer(starts.astype(np.int32)), pa.py_buffer(letters)]
    return pa.Array.from_buffers(pa.string(), len(starts) - 1, buffers)


def _are_small(letters: np.ndarray, at: np.ndarray) -> Mask:
    small: Mask = (letters[at] >= SMALL_A) & (letters[at] <= SMALL_Z)
    return small
