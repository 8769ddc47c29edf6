"""A file that is refused or held has the same reason, and its sender the same error file, on Spark as in order."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.contracts.files import RejectedRows
from hub.contracts.model import Contract
from hub.deliveries import DeliveryStatus
from hub.ingest.ingest import ingest_delivery
from ingest.zips_in_parts import zip_of
from scale import small_parts as rows
from scale.hubs import Both, answer, by_spark, in_order, needs_spark, small_groups, watched
from scale.small_parts import AGREE, GIVEN, NOTES, part, prepared

pytestmark = [pytest.mark.long, needs_spark]
SHARE = replace(NOTES, rejected_rows=RejectedRows(0.2, 5, "few are wrong"))
FEW = replace(NOTES, rejected_rows=RejectedRows(1.0, 1, "all may be wrong", 7))
HELD, REFUSED = DeliveryStatus.HELD, DeliveryStatus.REFUSED
type Case = tuple[Contract, Callable[[], bytes], DeliveryStatus]


def few_wrong() -> bytes:
    wrong = rows.without_place(50, 4), rows.with_long_place(60, 4), rows.ragged(2)
    return zip_of(part(rows.good(0, 9)), part(*wrong), part(rows.good(20, 9)), part(rows.ragged(3)))


def ties() -> bytes:
    """As many of one rule as of the other, whose first rows are in different groups."""
    return zip_of(
        part(rows.good(0, 5), rows.with_long_place(30, 9)), part(rows.without_place(50, 9)), part(rows.ragged(9))
    )


def hundreds_wrong() -> bytes:
    return zip_of(
        part(rows.good(0, 20), rows.without_place(100, 60)),
        part(rows.ragged(30), rows.good(300, 30)),
        part(rows.with_long_place(400, 200)),
        part(rows.without_place(700, 5)),
    )


def some_repeated() -> bytes:
    """Rows that repeat a reference of an earlier group, between rows that are wrong by themselves."""
    return zip_of(
        part(rows.good(0, 20), rows.again(0, 4), rows.without_place(100, 4)),
        part(rows.again(4, 3), rows.without_place(200, 4), rows.again(7, 2)),
        part(rows.ragged(3), rows.again(10, 3)),
    )


def hundreds_repeated() -> bytes:
    return zip_of(
        part(rows.good(0, 200), rows.again(0, 60), rows.without_place(300, 20)),
        part(rows.without_place(400, 60), rows.again(60, 30)),
        part(rows.without_place(500, 60), rows.again(100, 30)),
    )


def many_without_a_day() -> bytes:
    return zip_of(*(part(rows.good(100 * one, 6, seen_on=b""), rows.good(100 * one + 50, 2)) for one in range(3)))


def disagreeing() -> bytes:
    return zip_of(part(rows.good(0, 9)), part(rows.good(20, 9, place=b"Ham")), part(rows.good(40, 2)))


CASES: dict[str, Case] = {
    "more wrong rows than may be": (SHARE, few_wrong, HELD),
    "two rules that are broken as often": (SHARE, ties, HELD),
    "more wrong rows than are named": (SHARE, hundreds_wrong, HELD),
    "wrong rows and repeated references": (SHARE, some_repeated, HELD),
    "hundreds of wrong rows and repeated references": (SHARE, hundreds_repeated, HELD),
    "a rule of the delivery": (replace(NOTES, delivery_rules=(GIVEN,)), many_without_a_day, HELD),
    "rows that disagree": (replace(SHARE, agreement_rules=(AGREE,)), disagreeing, HELD),
    "wrong rows without end": (FEW, few_wrong, REFUSED),
    "hundreds of wrong rows without end": (FEW, hundreds_repeated, REFUSED),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_refused_or_held_has_the_same_reason_and_error_file(name: str, both: Both) -> None:
    contract, make, status = CASES[name]
    one, other, seen = both.deliver(prepared(both, contract), make())
    assert one.status is status
    assert answer(one) == answer(other)
    assert one.reason
    assert seen.was_used >= 1
    seen.assert_read_in_order()
    both.assert_equal(contract)
    assert list(both.ordered.outbox.rglob("*.errors.csv")) or contract.delivery_rules


HEADERS = (b"ref,place,note\n", b"place,ref,note,seen_on\n", b"ref,place,note,seen_on,extra\n", b"", b"\n")


def test_a_wrong_header_in_a_late_part_is_refused_by_its_number(both: Both) -> None:
    prepared(both)
    for number, header in enumerate(HEADERS):
        parts = [part(rows.good(100 * one, 3)) for one in range(4)]
        parts[3] = header + b"".join(rows.good(900, 2)) if header else b""
        one, other, seen = both.deliver(NOTES, zip_of(*parts), f"file-{number}.csv.zip")
        assert one.status is REFUSED
        assert "part 4 " in str(one.reason)
        assert answer(one) == answer(other)
        seen.assert_read_in_order()
    both.assert_equal(NOTES)


def test_a_record_that_is_cut_between_parts_is_the_record_that_it_is_in_order(both: Both) -> None:
    prepared(both)
    opened = rows.HEADER + b'r1,Bow,"opened\n', rows.HEADER + b'closed",2026-03-04\n'
    one, other, seen = both.deliver(NOTES, zip_of(part(rows.good(5, 2)), *opened, part(rows.good(9, 2))))
    assert (one.status, one.rows_accepted) == (DeliveryStatus.LOADED, 5)
    assert answer(one) == answer(other)
    seen.assert_read_in_order()
    both.assert_equal(NOTES)


def test_a_held_file_that_is_released_is_the_same(both: Both) -> None:
    contract = prepared(both, SHARE)
    held, _, _ = both.deliver(contract, some_repeated())
    assert held.status is HELD
    given = held.delivery_id
    one = ingest_delivery(both.ordered, both.engine(both.ordered), in_order(contract), given, released_by="a.person")
    with watched() as seen, small_groups():
        other = ingest_delivery(both.spark, both.engine(both.spark), by_spark(contract), given, released_by="a.person")
    assert one.status is DeliveryStatus.LOADED
    assert answer(one) == answer(other)
    seen.assert_spark_did_all(other)
    both.assert_equal(contract)
