"""Fingerprints of reports: which must meet under a key, how few places of the index a day takes, and what the hub's key
does to them."""

import dataclasses
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hub.linkage.incidents.fingerprints import DAYS_UNSURE, HASH_BITS, Entries, Kind, signatures_of, take_fingerprints
from hub.linkage.incidents.statements import Person, ReportRecord

TEXT = "somebody shouted at the two of us from a car by the market and threw a bottle"
KEY = bytes(32)
TODAY = date(2026, 10, 1).toordinal() - date(1970, 1, 1).toordinal()


def said(day: int, text: str = TEXT, crime_references: frozenset[str] = frozenset(), number: int = 0) -> ReportRecord:
    return ReportRecord(
        report_id=f"{number:08} {day}",
        delivery_id="",
        row_number=1,
        reported_at=day * 86_400,
        day=day,
        is_day_known=False,
        text=text,
        crime_references=crime_references,
    )


def entries_of(*records: ReportRecord) -> Entries:
    return take_fingerprints(records, KEY).entries


@given(day=st.integers(0, 2 * TODAY), apart=st.integers(0, DAYS_UNSURE))
def test_copies_that_a_text_can_bridge_meet_under_a_key(day: int, apart: int) -> None:
    entries = entries_of(said(day), said(day + apart, number=1))
    assert set(entries.key[entries.report == 0]) & set(entries.key[entries.report == 1])


def test_copies_of_years_do_not_stand_under_one_key() -> None:
    entries = entries_of(*(said(TODAY - 365 * year) for year in range(5)))
    assert len(set(entries.key)) == len(entries.key)


def test_a_reference_is_one_key_for_all_times() -> None:
    references = frozenset({"99/1234/26"})
    entries = entries_of(*(said(TODAY - 365 * year, "", references) for year in range(5)))
    assert len(set(entries.key)) == 1
    assert entries.key[0] < 0


def test_a_days_entries_begin_with_few_periods() -> None:
    texts = [f"{TEXT}, and said number {number} to a friend of ours" for number in range(200)]
    entries = entries_of(*(said(TODAY, text, number=number) for number, text in enumerate(texts)))
    assert len(np.unique(entries.key >> HASH_BITS)) <= 3


@given(first=st.binary(min_size=32, max_size=32), second=st.binary(min_size=32, max_size=32))
def test_under_another_key_no_key_of_a_text_or_a_person_is_the_same(first: bytes, second: bytes) -> None:
    report = dataclasses.replace(said(TODAY), victim=Person("fernley moss", "1988-02-29", "EX13AB"))
    one, other = (take_fingerprints([report], key).entries for key in (first, second))
    assert {Kind.CLOSE, Kind.COPY, Kind.WORD, Kind.NAMED, Kind.PERSON} <= set(one.kind)
    assert first == second or not set(one.key) & set(other.key)


@given(st.binary(min_size=32, max_size=32))
def test_reports_meet_and_are_in_one_order_under_any_key(key: bytes) -> None:
    texts = [TEXT, TEXT[:-12], "the notice on the library board was torn down again on friday evening"]
    records = [said(TODAY - number % 2, text, number=number) for number, text in enumerate(texts)]
    plain, other = (take_fingerprints(records, each).entries for each in (KEY, key))
    assert under_keys(plain) == under_keys(other)


def under_keys(entries: Entries) -> list[list[tuple[int, int]]]:
    """Who is under one key and where, key for key."""
    rows = list(zip(entries.key.tolist(), entries.position.tolist(), entries.report.tolist(), strict=True))
    return sorted(
        sorted((place, one) for key, place, one in rows if key == wanted) for wanted in {row[0] for row in rows}
    )


def test_texts_that_are_alike_have_signatures_that_agree() -> None:
    one, same, cut, none = signatures_of([TEXT, TEXT, TEXT[:-12], ""])
    assert (one == same).all()
    assert (one == cut).mean() > 0.6
    assert not none.any()
