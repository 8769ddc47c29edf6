"""Parts of a zip file that are read in groups are what one reader finds in all of them: for any file, cut and packing.

Where that is not so, the groups must say that the file is to be read in order; and where nothing is odd, they must not.
"""

import io
import itertools
import random
from dataclasses import replace

import pytest

from hub.contracts.values import Compression
from hub.ingest.readers.part_groups import groups_of
from ingest import groups_together as groups
from ingest.groups_together import (
    Together,
    assert_is_read_side_by_side,
    assert_is_what_is_read_in_order,
    cut_after_lines,
    cut_anywhere,
    hard_body,
    in_order,
    least_group,
)
from ingest.hostile_parts import ALL, ONE, RIGHT, SPOILED, TWO, UNSAID, inside
from ingest.small_feeds import Seen, column, feed
from ingest.zips_in_parts import HEADER, LINES, MARK, SETTINGS, TOO_LONG, body, cut, packed, zip_of

SIZES = (1, 1, 60, 300, 5_000)
BLOCKS = (7, 64, 1_000, 1 << 20)
PART = HEADER + b"\nBow,a\n"


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    least_group(monkeypatch, 1)


def assert_any_file_is_the_same(monkeypatch: pytest.MonkeyPatch, seed: int, most_lines: int) -> Together:
    """A file of any lines, cut anywhere and packed in any manner."""
    chance = random.Random(seed)
    least_group(monkeypatch, chance.choice(SIZES))
    settings = replace(SETTINGS, chunk_bytes=chance.choice(BLOCKS))
    if chance.random() < 0.5:
        parts = list(cut(chance, body(chance, most_lines)).parts)
    else:
        parts = cut_anywhere(chance, hard_body(chance, most_lines))
    if chance.random() < 0.05:
        place = chance.randrange(len(parts))
        parts[place] = chance.choice(
            (b"", MARK, HEADER, b"note,place\n", b"Place,note\nBow,a\n", b"place,note \nBow,a\n")
        )
    return assert_is_what_is_read_in_order(packed(chance, parts), settings)


def plain_parts(seed: int) -> list[bytes]:
    """Parts whose lines are all right, some without their last line end."""
    chance = random.Random(seed)
    lines = [chance.choice(groups.PLAIN) for _ in range(chance.randint(2, 40))]
    return cut_after_lines(chance, lines, chance.choice((b"\n", b"\r\n")))


def test_any_file_is_the_same_in_groups_or_is_read_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [assert_any_file_is_the_same(monkeypatch, seed, 25) for seed in range(180)]
    several = [one for one in found if len(one.groups) > 1]
    assert len(several) > 60
    assert sum(one.seen is not None for one in several) > len(several) * 0.25
    assert sum(bool(one.seen and one.seen.broken) for one in several) > 15


def test_files_whose_lines_are_right_are_read_side_by_side() -> None:
    for seed in range(80):
        chance = random.Random(seed)
        settings = replace(SETTINGS, chunk_bytes=chance.choice(BLOCKS))
        parts = plain_parts(seed)
        members = [zip_of(*parts[:2]), *parts[2:]] if seed % 3 == 0 and len(parts) > 2 else parts
        data = zip_of(*members, is_streamed=seed % 2 == 0, is_large=seed % 5 == 0, has_folder=seed % 7 == 0)
        found = assert_is_what_is_read_in_order(data, settings)
        assert len(found.groups) == len(members)
        assert found.seen is not None


def test_broken_lines_that_end_within_their_group_do_not_cost_the_side_by_side() -> None:
    closed = (b"one", b"a,b,c", b"\xff\xfe,x", b"nul\0,x", b"a\rb,c", b"x" * 3_000 + b",y", b'"a\nBow,a\n","b"')
    for seed in range(40):
        chance = random.Random(seed)
        lines = [chance.choice(closed) for _ in range(12)]
        parts = [
            HEADER + b"\n" + b"".join(one + b"\nBow,a\n" for one in lines[start : start + 3]) for start in (0, 3, 6, 9)
        ]
        assert assert_is_read_side_by_side(zip_of(*parts)).broken


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n"])
@pytest.mark.parametrize(
    "line", [*groups.HARD, TOO_LONG, TOO_LONG + b'"', b'"' + TOO_LONG], ids=lambda one: str(one[:12])
)
def test_any_line_may_be_the_last_or_the_first_of_a_group(line: bytes, end: bytes) -> None:
    for parts in (
        (PART + line + end, PART, PART),
        (PART, PART + line + end, HEADER + b"\r\n" + line + end),
        (HEADER + b"\n" + line + end, MARK + HEADER + b"\n" + line),
    ):
        assert_is_what_is_read_in_order(zip_of(*parts))


def test_a_record_that_is_cut_between_groups_is_read_in_order() -> None:
    opened, closed = HEADER + b'\nEly,"opened\n', HEADER + b'\nclosed"\n'
    assert Together(zip_of(opened, closed)).seen is None
    found = in_order(zip_of(opened, closed))
    assert isinstance(found, Seen)
    assert found.cells == [("Ely", "opened\nclosed")]
    # In one group the record is whole.
    assert assert_is_read_side_by_side(zip_of(PART, zip_of(opened, closed), PART)).numbers == [1, 2, 3]


def test_a_huge_line_at_a_cut_is_no_row_more_and_no_row_less() -> None:
    for parts in itertools.permutations((PART + TOO_LONG, HEADER + b"\n" + TOO_LONG + b"\n", PART)):
        assert_is_what_is_read_in_order(zip_of(*parts))
    data = zip_of(HEADER + b"\n" + TOO_LONG + b"\nBow,a\n", PART, PART)
    assert assert_is_read_side_by_side(data).rules == {1: "row.too_long"}


def test_parts_without_a_row_do_not_move_a_number() -> None:
    bare = HEADER + b"\n"
    for parts in set(itertools.permutations((bare, MARK + HEADER, bare + b"\n\n", PART, PART))):
        seen = assert_is_read_side_by_side(zip_of(*parts))
        assert seen.numbers == [1, 2]


def test_groups_hold_all_members_once_and_are_of_the_least_size(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [HEADER + b"\n" + b"%d,x\n" % number * number * 20 for number in range(60)]
    data = zip_of(*parts, method=0)
    for size in (1, 1_000, 20_000, len(data) // 2, len(data) * 2):
        least_group(monkeypatch, size)
        found = groups_of(SETTINGS, io.BytesIO(data))
        assert len(found) != 1
        assert [place for group in found for place in group] == (list(range(60)) if found else [])
        packed_sizes = [sum(len(parts[place]) for place in group) for group in found]
        assert all(one >= size for one in packed_sizes[:-1])
        assert (len(found) > 1) is (size <= len(data) // 2)


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_spoiled_is_read_in_order_which_refuses_it(name: str) -> None:
    for data in (SPOILED[name](), inside(SPOILED[name]())):
        assert isinstance(in_order(data), str)
        assert Together(data).seen is None


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_unusual_and_right_is_read_side_by_side(name: str) -> None:
    assert [note for _, note in assert_is_read_side_by_side(RIGHT[name]()).cells] == list(ALL)
    assert assert_is_read_side_by_side(inside(RIGHT[name]())).numbers == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", ["xl/{number}", "_rels/{number}", "docProps/{number}", "[Content_Types].xml{number}"])
def test_names_of_a_workbook_are_refused_in_groups_as_they_are_in_order(name: str) -> None:
    assert_is_what_is_read_in_order(zip_of(PART, PART, PART, name=name))


@pytest.mark.filterwarnings("ignore:Duplicate name", "ignore:Overlapped entries")
@pytest.mark.parametrize("name", UNSAID)
def test_what_no_document_names_is_the_same_or_read_in_order(name: str) -> None:
    assert_is_what_is_read_in_order(UNSAID[name][0]())
    assert_is_what_is_read_in_order(inside(UNSAID[name][0]()))


def assert_damage_is_seen(seed: int) -> bool:
    """One byte is another, or bytes are missing, added or twice; whether groups are still read side by side."""
    chance = random.Random(seed)
    method = chance.choice((0, 8))
    data = zip_of(ONE, zip_of(ONE, TWO, TWO, method=method), TWO, TWO, method=method)
    place, length = chance.randrange(len(data)), chance.randint(1, 60)
    changed = bytes([data[place] ^ chance.randint(1, 255)]) + data[place + 1 :]
    other = (changed, changed, data[place + length :], chance.randbytes(length) + data[place:], data[place - length :])
    return assert_is_what_is_read_in_order(data[:place] + chance.choice(other)).seen is not None


def test_damage_is_seen_in_groups_as_it_is_in_order() -> None:
    assert any(assert_damage_is_seen(seed) for seed in range(400))


def test_a_header_that_differs_in_any_group_is_read_in_order() -> None:
    for other in (
        b"note,place",
        b"Place,note",
        b"place,note ",
        b' place,"note"',
        b"place,note,",
        b"place",
        b"",
        b'"place,note',
    ):
        for place in range(4):
            parts = [PART, PART, PART, zip_of(PART, PART)]
            parts[place] = other + b"\nBow,a\n"
            assert Together(zip_of(*parts)).seen is None
    wrong = zip_of(*(b"wrong,header\nBow,a\n" for _ in range(3)))
    assert Together(wrong).seen is None


def test_another_encoding_and_delimiter_are_those_of_every_group() -> None:
    columns = (column("place"), column("note"))
    notes = feed(*columns, encoding="windows-1252", delimiter=";", compression=Compression.ZIP)
    contract = replace(notes, form=replace(notes.form, has_parts=True))
    parts = [b"place;note\n" + line for line in (b"caf\xe9;a\n", b'"x;y";b\n', b"\x81;c\nBow;\x80\n")]
    assert assert_is_read_side_by_side(zip_of(*parts), contract=contract).cells[0] == ("café", "a")


@pytest.mark.long
def test_thousands_of_files_are_the_same_in_groups_or_are_read_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    for seed in range(10_000, 22_000):
        found = assert_any_file_is_the_same(monkeypatch, seed, random.Random(seed).choice((3, 12, 60)))
        count += found.seen is not None
    assert count > 2_000


@pytest.mark.long
def test_thousands_of_damaged_files_are_the_same_in_groups_or_are_read_in_order() -> None:
    assert sum(assert_damage_is_seen(seed) for seed in range(10_000, 40_000)) > 100


@pytest.mark.long
def test_any_two_lines_may_stand_at_a_cut() -> None:
    for one, other in itertools.product((*groups.HARD, *LINES), repeat=2):
        for end in (b"\n", b"", b"\r"):
            assert_is_what_is_read_in_order(zip_of(PART + one + end, HEADER + b"\n" + other + b"\nBow,a\n", PART))
