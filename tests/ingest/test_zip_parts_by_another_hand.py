"""A CSV file is the same however it is cut into parts and packed: for any file, any cut and any packing."""

import io
import json
import os
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hub.deliveries import DeliveryRefused
from hub.ingest.readers.blank_values import Blanks, blanked
from ingest import heavy_parts
from ingest.heavy_parts import HEAVY, MOST_MEMORY, SECONDS
from ingest.hostile_parts import ALL, ONE, RIGHT, SPOILED, TWO, UNSAID, VALUE, inside
from ingest.small_feeds import Seen, see_csv
from ingest.zips_in_parts import PARTS, WHOLE, body, cut, packed, told, zip_of

MOST_BYTES = 1 << 30


def everything(seen: Seen) -> tuple[object, object, object]:
    """Rows, broken rows and the text of these, without the carriage returns of line ends."""
    return sorted(seen.rows), sorted(seen.broken), {key: text.replace("\r\n", "\n") for key, text in seen.texts.items()}


def csv_in(data: bytes) -> bytes:
    """The one file in a zip file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (member,) = archive.infolist()
        return archive.read(member)


def assert_is_the_same_however_it_is_cut(seed: int, most_lines: int, *, has_too_long: bool = False) -> None:
    chance = random.Random(seed)
    made = cut(chance, body(chance, most_lines, has_too_long=has_too_long))
    of_whole = told(zip_of(made.whole), has_parts=False)
    chunk_bytes = chance.choice((7, 64, 1_000, 1 << 20)) if len(made.whole) < 100_000 else 1 << 16
    for data in (zip_of(made.whole), zip_of(zip_of(made.whole)), packed(chance, made.parts)):
        seen = told(data, chunk_bytes=chunk_bytes)
        assert everything(seen) == everything(of_whole)
        assert not made.is_as_it_was or seen.texts == of_whole.texts


def assert_is_blanked_at_its_places(seed: int, most_lines: int) -> None:
    """Notes of some rows go, and all of some broken rows."""
    chance = random.Random(seed)
    made = cut(chance, body(chance, most_lines))
    data = packed(chance, made.parts)
    before = told(data)
    lines = {number: line for number, line in before.lines.items() if line is not None}
    chosen = {number for number in lines if chance.random() < 0.3}
    texts: dict[int, dict[str, str] | None] = {
        number: None if number in before.rules else {"note": ""} for number in chosen
    }
    blanks = Blanks(texts, {number: lines[number] for number in chosen}, sorted(lines.values()))
    left = b"".join(blanked(PARTS, io.BytesIO(data), blanks, MOST_BYTES))
    of_whole = b"".join(blanked(WHOLE, io.BytesIO(zip_of(made.whole)), blanks, MOST_BYTES))
    assert not made.is_as_it_was or csv_in(left) == csv_in(of_whole)
    after = told(left)
    assert after.lines == before.lines
    assert everything(after) == everything(told(of_whole, has_parts=False))
    assert {row for row in before.rows if row[0] not in chosen} <= set(after.rows)
    assert {row for row in before.broken if row[0] not in chosen} <= set(after.broken)


def test_a_file_is_the_same_however_it_is_cut_and_packed() -> None:
    for seed in range(70):
        assert_is_the_same_however_it_is_cut(seed, 30)


def test_a_row_that_is_too_long_costs_itself_alone_wherever_it_is_cut() -> None:
    for seed in range(3):
        assert_is_the_same_however_it_is_cut(seed, 10, has_too_long=True)


def test_values_are_blanked_in_parts_as_in_the_whole_and_all_others_stay_at_their_places() -> None:
    for seed in range(60):
        assert_is_blanked_at_its_places(seed, 30)
    for seed in (2_725, 42_556):
        assert_is_blanked_at_its_places(seed, 20)


def test_a_row_that_begins_with_a_mark_is_the_same_in_blocks_of_any_size() -> None:
    data = b"place,note\nBow,a\n\xef\xbb\xbfHam,b\n"
    assert [sorted(see_csv(data, chunk_bytes=size).rows) for size in (17, 1_000)] == [sorted(see_csv(data).rows)] * 2


def notes_of(data: bytes) -> tuple[str | None, ...] | None:
    """Notes of the rows that are read, or None where the file is refused with a reason that holds no value."""
    try:
        seen = told(data)
    except DeliveryRefused as refused:
        reason = str(refused)
    else:
        assert not seen.broken
        return tuple(note for _, note in seen.cells)
    assert VALUE.casefold() not in reason.casefold()
    return None


def among_others(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Notes of a zip file's rows that stands among other parts."""
    return ("1", "2", *notes, "3")


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_spoiled_is_refused(name: str) -> None:
    assert notes_of(SPOILED[name]()) is None


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_spoiled_within_a_zip_file_of_others_is_refused(name: str) -> None:
    assert notes_of(inside(SPOILED[name]())) is None


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_unusual_and_right_is_read_in_the_order_in_which_it_lies(name: str) -> None:
    assert notes_of(RIGHT[name]()) == ALL
    assert notes_of(inside(RIGHT[name]())) == among_others(ALL)


@pytest.mark.filterwarnings("ignore:Duplicate name", "ignore:Overlapped entries")
@pytest.mark.parametrize("name", UNSAID)
def test_what_no_document_names_is_refused_or_read_right(name: str) -> None:
    make, notes = UNSAID[name]
    assert notes_of(make()) in (None, notes)
    assert notes_of(inside(make())) in (None, among_others(notes))


def test_what_follows_a_csv_file_in_its_part_is_rows_of_that_part() -> None:
    assert notes_of(ONE + zip_of(TWO)) is None
    seen = told(inside(ONE + zip_of(TWO)))
    assert [note for _, note in seen.cells] == ["1", "2", "1", "2", "3"]
    assert set(seen.rules.values()) == {"row.encoding"}


def assert_damage_costs_the_file_or_nothing(seed: int) -> None:
    """One byte is another, or bytes are missing, added or twice: all rows are read, or none."""
    chance = random.Random(seed)
    method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    data = zip_of(ONE, zip_of(ONE, TWO, TWO, method=method), TWO, method=method)
    place, length = chance.randrange(len(data)), chance.randint(1, 60)
    changed = bytes([data[place] ^ chance.randint(1, 255)])
    damaged = data[:place] + chance.choice(
        (
            changed + data[place + 1 :],
            changed + data[place + 1 :],
            data[place + length :],
            chance.randbytes(length) + data[place:],
            data[place : place + length] + data[place:],
        )
    )
    assert notes_of(damaged) in (None, ("1", "2", "1", "2", "3", "3", "3"))


def test_damage_costs_the_file_or_nothing() -> None:
    for seed in range(400):
        assert_damage_costs_the_file_or_nothing(seed)


@pytest.mark.long
def test_any_damage_costs_the_file_or_nothing() -> None:
    for seed in range(1_000, 40_000):
        assert_damage_costs_the_file_or_nothing(seed)


@pytest.mark.long
@pytest.mark.parametrize("name", HEAVY)
def test_what_is_made_to_cost_time_or_memory_ends_within_a_minute_and_a_gigabyte(name: str, tmp_path: Path) -> None:
    make, rows, may_be_refused = HEAVY[name]
    path = tmp_path / "file.zip"
    path.write_bytes(make())
    command = [sys.executable, heavy_parts.__file__, str(path)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    found = json.loads(done.stdout)
    assert found["rows"] == rows if found["reason"] is None else may_be_refused, found
    assert VALUE not in str(found["reason"])
    assert found["seconds"] <= SECONDS, found
    assert found["memory"] <= MOST_MEMORY, found


@pytest.mark.long
def test_thousands_of_files_are_the_same_however_they_are_cut_and_packed() -> None:
    for seed in range(1_000, 7_000):
        assert_is_the_same_however_it_is_cut(seed, random.Random(seed).choice((3, 12, 60)))
        assert_is_blanked_at_its_places(seed, 20)
    for seed in range(60):
        assert_is_the_same_however_it_is_cut(seed, 40, has_too_long=seed % 3 == 0)
        assert_is_the_same_however_it_is_cut(seed, 9_000)
