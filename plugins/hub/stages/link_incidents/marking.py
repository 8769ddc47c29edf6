"""Keys under which reports find each other, and who stands next to whom under them.

A report has keys for the bands of its text's sketch, for each reference, and under a key the reports stand in the order
of their days, near texts beside each other, and those next to each other are compared.

A position under a key is the day, then a number in which near texts agree (zero under a reference), and in the last bit
whether the report says that it happened on that day.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sqlalchemy as sa

from hub.doors.incident_state import REPORT_KEYS_IN_ORDER, REPORT_MARKS
from hub.doors.warehouse import copy_rows
from hub.incident_evidence import DAYS_UNSURE, ReportTraits
from hub.stages.link_incidents.reading import TraitsReader, as_uuid_column
from hub.text_similarity import (
    CLOSE_BANDS,
    CLOSE_ROWS,
    COPY_BANDS,
    COPY_ROWS,
    FaintSketches,
    Sketches,
    bands_of,
    faint,
    hidden,
    mix,
    sketch,
)

ROWS_A_BATCH = 10_000
DAY_BITS = 31
"""Bits of a position below the day."""
HASH_BITS = 48
"""Bits of a key below the period, a day or ``DAYS_A_PERIOD`` of them."""
LATEST_PERIOD = (1 << 15) - 1
DAYS_A_PERIOD = 64
"""Copies stand under keys of periods. Late ones also stand under those of the next: so any two that are not further
apart than a text can bridge meet in one."""
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Keys:
    """Entries of reports under keys: equally long arrays; ``report`` is the index of the report."""

    report: Numbers
    key: Numbers
    position: Numbers

    def of_some(self, mask: npt.NDArray[np.bool_]) -> "Keys":
        """Some of the entries."""
        return Keys(self.report[mask], self.key[mask], self.position[mask])


def joined(parts: list[Keys]) -> Keys:
    """The entries of all parts."""
    empty = np.empty(0, dtype=np.int64)
    return Keys(
        *(np.concatenate([empty, *(getattr(part, name) for part in parts)]) for name in ("report", "key", "position"))
    )


@dataclass(frozen=True)
class Marked:
    """A part of the reports that was written: their ids, keys, what is kept of their sketches, and the hash of the post
    that each names (0 for none), in one order."""

    ids: list[str]
    keys: Keys
    sketches: FaintSketches
    posts: Numbers


def mark_changed(
    connection: sa.Connection, reader: TraitsReader, entries_into: sa.Table, sketch_key: bytes
) -> Iterator[Marked]:
    """Write marks of all new and changed reports, and the entries under their keys into a table; yields each part when
    it is written."""
    for part in batched(reader.read_changed(), ROWS_A_BATCH):
        traits = [one for one, _, _ in part]
        ids = [one.report_id for one in traits]
        sketches = hidden(sketch([one.text for one in traits]), sketch_key)
        keys, kept = keys_of(traits, sketches), faint(sketches)
        posts = [_post_hash(one) for one in traits]
        marks = {
            "report_id": as_uuid_column(ids),
            "delivery_id": as_uuid_column([delivery for _, delivery, _ in part]),
            "row_number": pa.array([number for _, _, number in part]),
            "post_hash": pa.array(posts, pa.int64()),
            "keys": _lists(keys.key, keys.report, len(ids)),
            "positions": _lists(keys.position, keys.report, len(ids)),
            "sketch": pa.array([one.tobytes() for one in kept], pa.binary()),
        }
        copy_rows(connection, REPORT_MARKS, [pa.table(marks)])
        entries = {
            "key": keys.key,
            "position": keys.position,
            "report_id": as_uuid_column(ids).take(pa.array(keys.report)),
        }
        copy_rows(connection, entries_into, [pa.table(entries)])
        yield Marked(ids, keys, kept, np.array([post or 0 for post in posts], dtype=np.int64))


def forget_all(connection: sa.Connection) -> None:
    """Empty the marks and keys; the order of the keys is made again after they are written, which is much faster."""
    connection.execute(sa.text("truncate linkage.report_marks, linkage.report_keys"))
    REPORT_KEYS_IN_ORDER.drop(connection, checkfirst=True)


def order_keys(connection: sa.Connection) -> None:
    """Make the order of the keys after a full run."""
    connection.execute(sa.text("set local maintenance_work_mem = '256MB'"))
    REPORT_KEYS_IN_ORDER.create(connection)
    connection.execute(sa.text("analyze linkage.report_marks, linkage.report_keys"))


def keys_of(traits: Sequence[ReportTraits], sketches: Sketches) -> Keys:
    """All entries of some reports, those of one report together and in a fixed order."""
    days = np.array([one.day for one in traits], dtype=np.int64)
    are_known = np.array([one.is_day_known for one in traits], dtype=np.int64)
    # Of one day and platform even loosely similar texts are worth a look, of other days only copies.
    cell = np.array([_hash(f"cell {one.day}", one.platform or "") for one in traits], dtype=np.int64)
    close = bands_of(sketches, CLOSE_BANDS, CLOSE_ROWS)
    in_cell = mix((close ^ cell[:, None]).view(np.uint64)).view(np.int64)
    copies = bands_of(sketches, COPY_BANDS, COPY_ROWS)
    in_order = (days << DAY_BITS | are_known)[:, None]
    close_at = in_order | _order(sketches, CLOSE_BANDS, CLOSE_ROWS)
    copies_at = in_order | _order(sketches, COPY_BANDS, COPY_ROWS)
    periods = days // DAYS_A_PERIOD
    is_late = days % DAYS_A_PERIOD >= DAYS_A_PERIOD - DAYS_UNSURE
    parts = [
        _entries(days, in_cell, close_at, close != 0),
        _entries(periods, copies, copies_at, copies != 0),
        _entries(periods + 1, copies, copies_at, (copies != 0) & is_late[:, None]),
        _of_references(traits, days),
    ]
    entries = joined(parts)
    by_report = np.argsort(entries.report, kind="stable")
    return Keys(entries.report[by_report], entries.key[by_report], entries.position[by_report])


def _entries(periods: Numbers, hashes: Numbers, positions: Numbers, are_there: npt.NDArray[np.bool_]) -> Keys:
    """Entries under hashes (one row a report) that are told apart by period. A key begins with its period: a day's new
    entries stand beside each other in the index, instead of each on a page of its own among those of years."""
    keys = (periods[:, None] & LATEST_PERIOD) << HASH_BITS | hashes & ((1 << HASH_BITS) - 1)
    report, _ = np.nonzero(are_there)
    return Keys(report, keys[are_there], positions[are_there])


def _of_references(traits: Sequence[ReportTraits], days: Numbers) -> Keys:
    """Entries under references, which hold for all times: negative keys."""
    references = [
        (index, _hash(kind, reference) | -(1 << 63))
        for index, one in enumerate(traits)
        for kind, named in (("crime", one.crime_references), ("hub", one.hub_references))
        for reference in sorted(named)
    ]
    report, key = np.array(references, dtype=np.int64).reshape(-1, 2).T
    return Keys(report, key, days[report] << DAY_BITS)


def _order(sketches: Sketches, bands: int, rows: int) -> Numbers:
    """For each band a place of the sketch outside it: near texts agree there too, and so stand beside each other under
    the band's key. Never zero, which is the place of a reference; the last bit is left empty."""
    outside = np.roll(sketches, 1, axis=1)[:, : bands * rows : rows].astype(np.int64)
    order: Numbers = np.maximum(outside & ((1 << DAY_BITS) - 2), 2)
    return order


def _post_hash(traits: ReportTraits) -> int | None:
    return None if traits.address.post is None else _hash("post", traits.address.post)


def _hash(kind: str, value: str) -> int:
    digest = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _lists(values: Numbers, report: Numbers, count: int) -> pa.Array:
    """For each report the list of its values; ``report`` rises."""
    offsets = np.searchsorted(report, np.arange(count + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))
