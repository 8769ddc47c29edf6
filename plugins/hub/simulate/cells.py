"""Columns of text made at once for many rows: choices, numbered references, times, identifiers."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

type Numbers = np.ndarray
type Mask = np.ndarray

TEXT = pa.string()
SECONDS_A_DAY = 86_400


def pick(values: Sequence[str | None], places: Numbers) -> pa.Array:
    """``values[place]`` for each place; null where the place is negative."""
    return pa.array(values, TEXT).take(pa.array(places, pa.int64(), mask=places < 0))


def pick_from(values: pa.Array, places: Numbers) -> pa.Array:
    """As :func:`pick`, from a column."""
    return values.take(pa.array(places, pa.int64(), mask=places < 0))


def constant(value: str | None, count: int) -> pa.Array:
    """The same text for each row."""
    return pa.nulls(count, TEXT) if value is None else pa.repeat(pa.scalar(value, TEXT), count)


def joined(*parts: pa.Array | str) -> pa.Array:
    """The parts put together row by row; null where one is null."""
    return pc.binary_join_element_wise(*[pa.scalar(part) if isinstance(part, str) else part for part in parts], "")


def only_where(mask: Mask, values: pa.Array) -> pa.Array:
    """The values where ``mask`` holds, null elsewhere."""
    return pc.if_else(pa.array(mask), values, pa.scalar(None, TEXT))


def either(mask: Mask, yes: pa.Array | str, no: pa.Array | str) -> pa.Array:
    """One or the other text, row by row."""
    return pc.if_else(pa.array(mask), yes, no)


def numbered(prefix: pa.Array | str, numbers: Numbers, width: int = 8) -> pa.Array:
    """References such as ``TV-00000017``."""
    digits = pc.utf8_lpad(pa.array(numbers, pa.int64()).cast(TEXT), width, "0")
    return joined(prefix, digits)


def numbers_up_to(count: int) -> Numbers:
    """1, 2, 3, … up to ``count``."""
    return np.arange(1, count + 1)


def london_times(seconds: Numbers) -> pa.Array:
    """Seconds since 1970 (UTC) as London's clock shows them, with its offset."""
    moments = pd.DatetimeIndex(seconds.astype("datetime64[s]")).tz_localize("UTC").tz_convert("Europe/London")
    local = moments.tz_localize(None).to_numpy().astype("datetime64[s]")
    summer = (local.astype(np.int64) - seconds) > 0
    return joined(pa.array(np.datetime_as_string(local), TEXT), either(summer, "+01:00", "+00:00"))


def utc_times(seconds: Numbers) -> pa.Array:
    """Seconds since 1970 as ``yyyy-MM-dd HH:mm:ss``."""
    text = pa.array(np.datetime_as_string(seconds.astype("datetime64[s]")), TEXT)
    return pc.replace_substring(text, "T", " ")


def days_text(days: Numbers) -> pa.Array:
    """Days since 1970 as ``yyyy-MM-dd``."""
    return pa.array(np.datetime_as_string(days.astype("datetime64[D]")), TEXT)


def random_uuids(chance: np.random.Generator, count: int) -> pa.Array:
    """Identifiers of version 4."""
    raw = chance.integers(0, 256, size=(count, 16), dtype=np.uint8)
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = raw.tobytes().hex()
    ends = np.cumsum([8, 4, 4, 4, 12])
    starts = [0, *ends[:-1].tolist()]
    return pa.array(
        [
            "-".join(text[at + start : at + end] for start, end in zip(starts, ends.tolist(), strict=True))
            for at in range(0, len(text), 32)
        ],
        TEXT,
    )


def random_hex(chance: np.random.Generator, count: int, digits: int) -> pa.Array:
    """Identifiers of so many hexadecimal digits, an even number."""
    text = chance.bytes(count * digits // 2).hex()
    return pa.array([text[at : at + digits] for at in range(0, len(text), digits)], TEXT)


def mixed(numbers: Numbers, salt: int) -> np.ndarray:
    """A number of 63 bits for each number, in which nothing of it can be seen: the same for the same number and salt
    (the finaliser of splitmix64)."""
    with np.errstate(over="ignore"):
        bits = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt * 0xD1B54A32D192ED03 % 2**64)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (bits ^ (bits >> np.uint64(31))) >> np.uint64(1)


def drawn(shares: Sequence[float] | np.ndarray, chance: np.random.Generator, count: int) -> Numbers:
    """Which of several, for each row, by their shares (of any sum)."""
    bounds = np.cumsum(shares)
    found: Numbers = np.searchsorted(bounds, chance.random(count) * bounds[-1], side="right")
    return found.clip(max=len(bounds) - 1)


def zipf_shares(count: int, steepness: float = 1.0) -> np.ndarray:
    """Shares of so many values, of which the first are common and the last rare."""
    shares: np.ndarray = 1.0 / np.arange(1, count + 1) ** steepness
    return shares


def stitched(count: int, parts: Sequence[tuple[Numbers, pa.Array]]) -> pa.Array:
    """One column of the values that belong at the places of each part; null elsewhere. A later part wins."""
    index = np.full(count, -1)
    start = 0
    for places, values in parts:
        index[places] = np.arange(start, start + len(values))
        start += len(values)
    return pick_from(pa.concat_arrays([values for _, values in parts] or [pa.nulls(0, TEXT)]), index)


def revised(mask: Mask, values: pa.Array, revise: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """The values, those where ``mask`` holds as ``revise`` makes them: it is given these alone
    (never a null), for it may be slow."""
    mask = mask & pc.is_valid(values).to_numpy(zero_copy_only=False)
    places = np.flatnonzero(mask)
    if not len(places):
        return values
    return pc.replace_with_mask(values, pa.array(mask), revise(values.take(pa.array(places))))
