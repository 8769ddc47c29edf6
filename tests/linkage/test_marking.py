"""Keys of reports: who must meet under one, and how few places of the index a day's reports take."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hub.incident_evidence import DAYS_UNSURE, ReportTraits
from hub.stages.link_incidents.marking import HASH_BITS, Keys, keys_of
from hub.text_similarity import hidden, sketch

TEXT = "somebody shouted at the two of us from a car by the market and threw a bottle"
KEY = bytes(32)
TODAY = date(2026, 10, 1).toordinal() - date(1970, 1, 1).toordinal()


def said(day: int, text: str = TEXT, crime_references: frozenset[str] = frozenset()) -> ReportTraits:
    return ReportTraits("r", day * 86_400, day, is_day_known=False, text=text, crime_references=crime_references)


def keys(*traits: ReportTraits) -> Keys:
    return keys_of(traits, hidden(sketch([one.text for one in traits]), KEY))


@given(day=st.integers(0, 2 * TODAY), apart=st.integers(0, DAYS_UNSURE))
def test_copies_that_a_text_can_bridge_meet_under_a_key(day: int, apart: int) -> None:
    entries = keys(said(day), said(day + apart))
    assert set(entries.key[entries.report == 0]) & set(entries.key[entries.report == 1])


def test_copies_of_years_do_not_stand_under_one_key() -> None:
    entries = keys(*(said(TODAY - 365 * year) for year in range(5)))
    assert len(set(entries.key)) == len(entries.key)


def test_a_reference_is_one_key_for_all_times() -> None:
    references = frozenset({"99/1234/26"})
    entries = keys(*(said(TODAY - 365 * year, "", references) for year in range(5)))
    assert len(set(entries.key)) == 1
    assert entries.key[0] < 0


def test_a_days_entries_begin_with_few_periods() -> None:
    texts = [f"{TEXT}, and said number {number} to a friend of ours" for number in range(200)]
    entries = keys(*(said(TODAY, text) for text in texts))
    assert len(np.unique(entries.key >> HASH_BITS)) <= 3


@given(first=st.binary(min_size=32, max_size=32), second=st.binary(min_size=32, max_size=32))
def test_under_another_key_nothing_of_a_sketch_is_the_same(first: bytes, second: bytes) -> None:
    plain = sketch([TEXT, TEXT, ""])
    one, other = hidden(plain, first), hidden(plain, second)
    assert (one[0] == one[1]).all()
    assert not one[2].any()
    assert not (one[0] == plain[0]).any()
    assert first == second or not (one[0] == other[0]).any()


@given(st.binary(min_size=32, max_size=32))
def test_sketches_that_are_hidden_agree_in_the_same_places(key: bytes) -> None:
    plain = sketch([TEXT, TEXT[:-12], "the notice on the library board was torn down again on friday evening"])
    under_key = hidden(plain, key)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert ((under_key[one] == under_key[other]) == (plain[one] == plain[other])).all()
