"""A feed of three columns with every kind of rule there is, and parts of its rows."""

from collections.abc import Iterable
from dataclasses import replace

from hub.contracts.model import Contract
from hub.contracts.rules import AgreementRule, Rule
from hub.contracts.values import Classification, LogicalType
from hub.ingest.prepare import prepare_warehouse
from ingest.small_feeds import column, feed
from scale.hubs import ANY_SHARE, Both, in_order

HEADER = b"ref,place,note,seen_on\n"
GIVEN = Rule(
    "delivery.seen_on",
    "expect_column_values_to_not_be_null",
    {"column": "seen_on"},
    "most rows say when",
    None,
    mostly=0.5,
    minimum_rows=10,
)
AGREE = AgreementRule("place.agrees", "place", ("seen_on",), "one day is one place")
NOTES = replace(
    feed(
        column("ref", required=True, unique=True),
        column("place", required=True, max_length=12),
        column("note", classification=Classification.PERSONAL),
        column("seen_on", kind=LogicalType.DATE),
        name="parted_notes",
        event_column="seen_on",
        sender_column="place",
    ),
    rejected_rows=ANY_SHARE,
)


def prepared(both: Both, contract: Contract = NOTES) -> Contract:
    """The feed, for which both hubs have tables."""
    for settings in (both.ordered, both.spark):
        prepare_warehouse(both.engine(settings), [in_order(contract)])
    return contract


def good(start: int, count: int, *, seen_on: bytes = b"2026-03-04", place: bytes = b"Bow") -> list[bytes]:
    """So many rows that are right, with references of their own."""
    return [b"r%06d,%b,note %d,%b\n" % (number, place, number, seen_on) for number in range(start, start + count)]


def without_place(start: int, count: int) -> list[bytes]:
    """Rows that break ``place.required``."""
    return [b"r%06d,,note,2026-03-04\n" % number for number in range(start, start + count)]


def with_long_place(start: int, count: int) -> list[bytes]:
    """Rows that break ``place.length``."""
    return [b"r%06d,%b,note,2026-03-04\n" % (number, b"Bow" * 9) for number in range(start, start + count)]


def ragged(count: int) -> list[bytes]:
    """Lines that are no record."""
    return [b"one,two\n" for _ in range(count)]


def again(start: int, count: int) -> list[bytes]:
    """Rows with references that other rows have, and another text."""
    return [b"r%06d,Ham,other %d,2026-03-05\n" % (number, number) for number in range(start, start + count)]


def part(*rows: Iterable[bytes]) -> bytes:
    """A part of these rows."""
    return HEADER + b"".join(line for some in rows for line in some)
