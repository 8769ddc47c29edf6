"""A large delivery in parts, read and validated on Spark: the same rows, verdicts and numbers as in order.

Each group of parts is a task: a Python worker opens the landed file for itself, as the hub does, with the hub's own
readers and rules. What comes of it stays with Spark, encrypted, until all groups are read; then the chunks come back
one by one, in the order of the file.
"""

import logging
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.model import Contract
from hub.deliveries import BrokenRow, Chunk, DeliveryRefused, Receipt, Rejection, Verdict
from hub.ingest.chunks import gather
from hub.ingest.landing_store import open_landed
from hub.ingest.readers.part_groups import GroupEnd, are_one_file, groups_of, read_group
from hub.ingest.readers.unforeseen import place_of
from hub.ingest.spark_context import SparkFailed, SparkMissing, saying_that_it_failed, spark_context
from hub.ingest.validation import validate_chunk
from hub.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pyspark import RDD, SparkContext

log = logging.getLogger(__name__)
type Validated = tuple[Chunk, Verdict]
type Piece = tuple[int, int, Validated | GroupEnd | None]
"""Its group, its place in that, and a chunk with its verdict, or the group's end (None: it cannot be read alone)."""


class WorkerFailed(Exception):
    """A worker of Spark could not read a group of parts."""


def validated_on_spark(
    stack: ExitStack, settings: Settings, contract: Contract, receipt: Receipt
) -> Iterator[Validated] | None:
    """The chunks of a delivery with their verdicts, in the order of the file; None where it is to be read in order: it
    is not large, not in parts, or not right. Spark stays until ``stack`` ends. Raises
    :class:`~hub.settings.SettingsError` where a cluster is named and there is no Spark."""
    least = contract.form.spark_from_bytes
    if least is None or receipt.bytes < least:
        return None
    with open_landed(settings, receipt.landed_name) as landed:
        groups = groups_of(settings, landed)
    if not groups:
        return None
    try:
        context = stack.enter_context(spark_context(settings))
        with saying_that_it_failed():
            pieces = _pieces(context, settings, contract, receipt, groups)
            ends = _ends(pieces)
    except SparkMissing as missing:
        if settings.spark_master is not None:
            raise SettingsError(f"HUB_SPARK_MASTER is set, but {missing}") from missing
        log.info("%s; the file is read in order", missing)
        return None
    except SparkFailed as failed:
        log.warning("%s; the file is read in order", failed)
        return None
    with open_landed(settings, receipt.landed_name) as landed:
        if not ends or not are_one_file(settings, landed, [end for end, _ in ends]):
            log.info("what is in this file is only sure when it is read in order")
            return None
    return _in_order(pieces, ends)


def _pieces(
    context: "SparkContext", settings: Settings, contract: Contract, receipt: Receipt, groups: list[range]
) -> "RDD[Piece]":
    """What comes of each group. It is kept on the disks of those who read it, and read again where one is lost."""
    from pyspark import StorageLevel  # noqa: PLC0415

    # Workers open the landed file; what they do not need stays here.
    for_workers = replace(settings, warehouse_url=None, read_url=None)
    read = partial(_read, for_workers, contract, receipt.landed_name, receipt.received_at, len(groups) - 1)
    tasks = context.parallelize(list(enumerate(groups)), len(groups))
    return tasks.flatMap(read).persist(StorageLevel.DISK_ONLY)


def _read(
    settings: Settings,
    contract: Contract,
    landed_name: str,
    received_at: datetime,
    last: int,
    task: tuple[int, range],
) -> Iterator[Piece]:
    """What comes of a group; it runs in a worker of Spark."""
    number, group = task
    ends: list[GroupEnd] = []

    def chunks() -> Iterator[Chunk]:
        for one in read_group(settings, contract, landed, group, is_last=number == last):
            if isinstance(one, GroupEnd):
                ends.append(one)
            else:
                yield one

    count = 0
    with saying_where(), open_landed(settings, landed_name) as landed:
        try:
            for count, chunk in enumerate(gather(chunks()), 1):
                yield number, count, (chunk, validate_chunk(contract, chunk, received_at))
        except DeliveryRefused:
            ends = []
    yield number, count + 1, ends[0] if ends else None


@contextmanager
def saying_where() -> Iterator[None]:
    """Of an error only its kind and place come out: Spark would write its words, which may hold a value, to its log."""
    try:
        yield
    except DeliveryRefused:
        raise
    except Exception as error:
        raise WorkerFailed(place_of(error)) from None


def _ends(pieces: "RDD[Piece]") -> list[tuple[GroupEnd, int]]:
    """The end of each group, in order, with how many chunks it has; nothing where one cannot be read alone."""
    found: Any = pieces.filter(lambda piece: not isinstance(piece[2], tuple)).collect()
    return [] if any(end is None for _, _, end in found) else [(end, count - 1) for _, count, end in sorted(found)]


def _in_order(pieces: "RDD[Piece]", ends: Sequence[tuple[GroupEnd, int]]) -> Iterator[Validated]:
    """The chunks, numbered through the whole file. Each is a partition of its own: no more than two are on the way."""
    first = list(accumulate((count for _, count in ends), initial=0))
    rows_before = list(accumulate((end.count_rows for end, _ in ends), initial=0))
    # The header of each group but the first is no line of the file.
    lines_before = list(accumulate((end.count_lines - 1 for end, _ in ends), initial=0))
    if not first[-1]:
        return
    chunks = pieces.filter(lambda piece: isinstance(piece[2], tuple))
    placed = chunks.map(lambda piece: (first[piece[0]] + piece[1] - 1, piece[2]))
    for place, (chunk, verdict) in placed.partitionBy(first[-1], int).toLocalIterator(prefetchPartitions=True):
        group = bisect_right(first, place) - 1
        yield _moved_on(chunk, verdict, rows_before[group], lines_before[group])


def _moved_on(chunk: Chunk, verdict: Verdict, rows: int, lines: int) -> Validated:
    """The same with so many rows and lines before it."""

    def moved(one: Rejection) -> Rejection:
        line = None if one.line_number is None else one.line_number + lines
        return replace(one, row_number=one.row_number + rows, line_number=line)

    chunk = Chunk(
        rows=chunk.rows,
        row_numbers=pc.add(chunk.row_numbers, pa.scalar(rows, pa.int64())),
        line_numbers=pc.add(chunk.line_numbers, pa.scalar(lines, pa.int64())),
        broken=tuple(BrokenRow(moved(one.rejection), one.raw_text) for one in chunk.broken),
    )
    rejections = tuple(moved(one) for one in verdict.rejections)
    other_rules = {number + rows: rules for number, rules in verdict.other_rules.items()}
    return chunk, replace(verdict, rejections=rejections, other_rules=other_rules)
