"""How people are written down: by several hands, with short names, old addresses and slips in every field."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate.cells import Mask, Numbers, days_text, drawn, joined, only_where, pick, pick_from, revised
from hub.simulate.names import FIRST_NAMES, TITLES
from hub.simulate.people import People

SHORT_NAME, INITIAL, SWAPPED, CAPITALS, TITLE, SLIP = 0.10, 0.02, 0.02, 0.04, 0.03, 0.03
NEW_EMAIL, EMAIL_SLIP, PHONE_SLIP, SWAPPED_BIRTH, BIRTH_SLIP, POSTCODE_SLIP = 0.4, 0.02, 0.02, 0.02, 0.01, 0.02
MOST_FORMS = max(len(forms) for forms in FIRST_NAMES)


def known(chance: np.random.Generator, share: float | np.ndarray, values: pa.Array) -> pa.Array:
    """The values for a share of rows; the others did not give them."""
    return only_where(chance.random(len(values)) < share, values)


def written_names(chance: np.random.Generator, people: People, persons: Numbers, days: Numbers) -> pa.Array:
    """Names as different hands write them on those days (from 1970); null where the person is negative."""
    count = len(persons)
    safe = np.maximum(persons, 0)
    table = [name for forms in FIRST_NAMES for name in [*forms, *[forms[0]] * (MOST_FORMS - len(forms))]]
    form = (chance.random(count) < SHORT_NAME) * chance.integers(1, MOST_FORMS, count)
    first = pick(table, np.where(persons < 0, -1, people.first[safe] * MOST_FORMS + form))
    renamed = days >= people.name_changed_on[safe]
    last = pc.if_else(pa.array(renamed), pick_from(people.new_surnames, persons), pick_from(people.surnames, persons))
    hand = drawn([1 - INITIAL - SWAPPED - CAPITALS - TITLE, INITIAL, SWAPPED, CAPITALS, TITLE], chance, count)
    first = revised(hand == 1, first, lambda values: joined(pc.utf8_slice_codeunits(values, 0, 1), "."))
    title = pick(TITLES, np.where(hand == 4, safe % len(TITLES), -1))
    plain = joined(first, " ", _slipped(chance, SLIP, last))
    plain = revised(hand == 3, plain, pc.utf8_upper)
    return pc.if_else(
        pa.array(hand == 2),
        joined(last, ", ", first),
        pc.if_else(pa.array(hand == 4), joined(title, " ", plain), plain),
    )


def written_emails(chance: np.random.Generator, people: People, persons: Numbers) -> pa.Array:
    """Addresses; who has two gives now one and now the other."""
    count = len(persons)
    new = chance.random(count) < NEW_EMAIL
    emails = pc.if_else(pa.array(new), pick_from(people.new_emails, persons), pick_from(people.emails, persons))
    hand = chance.random(count)
    emails = revised(hand < EMAIL_SLIP, emails, _swapped_letters)
    return revised(hand > 0.97, emails, pc.utf8_capitalize)


def written_phones(chance: np.random.Generator, people: People, persons: Numbers) -> pa.Array:
    """Numbers with blanks, without, or from abroad; a slip stays among the numbers for drama."""
    phones = pick_from(people.phones, persons)
    hand = drawn([0.5, 0.35, 0.15], chance, len(persons))
    phones = revised(chance.random(len(persons)) < PHONE_SLIP, phones, _other_last_digit)
    phones = revised(hand == 1, phones, _without_blanks)
    return revised(hand == 2, phones, lambda values: joined("+44 ", pc.utf8_slice_codeunits(values, 1)))


def written_birth_dates(chance: np.random.Generator, people: People, persons: Numbers) -> pa.Array:
    """Dates of birth; in some, day and month are swapped where that gives a date, in some the year is one off."""
    born = people.birth_days[np.maximum(persons, 0)]
    month = born.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    day = born - _first_days(month) + 1
    month_of_year = month % 12 + 1
    hand = chance.random(len(persons))
    swaps = (hand < SWAPPED_BIRTH) & (day <= 12)
    swapped = _first_days(month - month_of_year + day) + month_of_year - 1
    slips = (hand > 1 - BIRTH_SLIP) & (day <= 28)
    written = np.where(swaps, swapped, np.where(slips, _first_days(month + 12) + day - 1, born))
    return only_where(persons >= 0, days_text(written))


def written_postcodes(chance: np.random.Generator, people: People, persons: Numbers, days: Numbers) -> pa.Array:
    """Home postcodes on those days, with a blank or without; a slip in the last letter makes nobody's of nobody's."""
    moved = days >= people.moved_on[np.maximum(persons, 0)]
    postcodes = pc.if_else(
        pa.array(moved), pick_from(people.new_postcodes, persons), pick_from(people.postcodes, persons)
    )
    hand = chance.random(len(persons))
    postcodes = revised(
        hand < POSTCODE_SLIP, postcodes, lambda values: joined(pc.utf8_slice_codeunits(values, 0, -1), "V")
    )
    return revised(hand > 0.8, postcodes, _without_blanks)


def says_something(*columns: pa.Array) -> Mask:
    """Where at least one of the columns has a value."""
    given = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        given |= pc.is_valid(column).to_numpy(zero_copy_only=False)
    return given


def _first_days(months: Numbers) -> Numbers:
    """Days from 1970 of the first of months counted from 1970."""
    first: Numbers = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first


def _slipped(chance: np.random.Generator, share: float, values: pa.Array) -> pa.Array:
    """A letter lost, doubled, or two swapped, in a share of the values."""
    hand = chance.random(len(values)) / share
    values = revised(hand < 1 / 3, values, lambda names: _put_together(names, (0, 2), (3, None)))
    values = revised((hand >= 1 / 3) & (hand < 2 / 3), values, _swapped_letters)
    return revised((hand >= 2 / 3) & (hand < 1), values, lambda names: _put_together(names, (0, 4), (3, None)))


def _put_together(values: pa.Array, *parts: tuple[int, int | None]) -> pa.Array:
    return joined(*[pc.utf8_slice_codeunits(values, start, stop) for start, stop in parts])


def _swapped_letters(values: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(values, r"^(...)(.)(.)", r"\1\3\2")


def _other_last_digit(phones: pa.Array) -> pa.Array:
    last = pc.cast(pc.utf8_slice_codeunits(phones, -1), pa.int64())
    other = pick(list("3456789012"), last.to_numpy())
    return joined(pc.utf8_slice_codeunits(phones, 0, -1), other)


def _without_blanks(values: pa.Array) -> pa.Array:
    return pc.replace_substring(values, " ", "")
