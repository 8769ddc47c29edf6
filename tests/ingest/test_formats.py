"""Postcodes, small areas, telephone numbers and e-mail addresses that cannot be."""

import csv

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.contracts.values import TextFormat
from hub.ingest.validation.formats import POSTCODE_AREAS, is_possible_email, is_possible_phone, wrong_formats
from hub.settings import read_settings
from ingest.small_feeds import column, feed

SEEDS = read_settings({}).dbt_project / "seeds"


def is_possible(kind: TextFormat, text: str) -> bool:
    contract = feed(column("given", text_format=kind))
    return not wrong_formats(contract, pa.table({"given": pa.array([None, text, text], pa.string())}))


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (
            TextFormat.UK_POSTCODE,
            [
                "N1 9GU",
                "SW1A1AA",
                "EC1A 1BB",
                "BT1 1AA",
                "JE2 3AB",
                "GIR 0AA",
                "n1 9gu",
                "Sw1A1aa",
                "N1  9GU",
                " N1 9GU\t",
            ],
            [
                "QQ1 1AA",
                "ZZ99 9ZZ",
                "N1",
                "N 1 9GU",
                "N1 9 GU",
                "London",
                "10001",
                "N1 9G1",
                "\u212aT1 1AA",
                "N1 9GU\n",
            ],
        ),
        (
            TextFormat.UK_POSTCODE_DISTRICT,
            ["N1", "SW1A", "EC1A", "B99", "sw1a", " N1", "N1\u00a0"],
            ["QQ1", "N", "N1 9GU", "N123", "10001", "SW 1A"],
        ),
        (
            TextFormat.LSOA,
            ["E01000001", "E01035762", "W01001958", "S01020873", "N20000001", "95GG01S1", "e01000001 "],
            ["E02000001", "E01000000", "e01000000 ", "E01999999", "S01999999", "E0100001", "E010000011", "N99999999"],
        ),
        (
            TextFormat.PHONE,
            [
                "07700 900123",
                "+44 7700 900123",
                "(020) 7946 0018",
                "+44 (0)20 7946 0018",
                "01632 960001",
                "+1 212 555 0100",
                "0044 7700 900123",
            ],
            [
                "0000000000",
                "00000000000",
                "07777777777",
                "1111111",
                "123",
                "999",
                "none given",
                "+999 123456",
                "07700 900123 ext. Sam",
                "\u0660\u0667\u0667\u0660\u0660\u0669\u0660\u0660",
            ],
        ),
        (
            TextFormat.EMAIL,
            ["robin@example.org", "Robin.Sample+hub@mail.example.org", "a@münchen.de", "a@example.test"],
            ["none", "a@b", "a..b@example.org", "a@example", "a b@example.org", "a@exa_mple.org", "@example.org"],
        ),
    ],
)
def test_what_cannot_be_is_told_from_what_can(kind: TextFormat, right: list[str], wrong: list[str]) -> None:
    assert [text for text in right if not is_possible(kind, text)] == []
    assert [text for text in wrong if is_possible(kind, text)] == []


def test_every_place_of_a_wrong_value_is_found_and_an_empty_one_is_not_wrong() -> None:
    contract = feed(column("ref"), column("phone", text_format=TextFormat.PHONE))
    rows = pa.table({"ref": pa.array(list("abcd")), "phone": pa.array(["0000000", None, "07700 900123", "0000000"])})
    assert {rule: places.tolist() for rule, places in wrong_formats(contract, rows).items()} == {"phone.format": [0, 3]}


PLAIN_PHONES = st.tuples(
    st.sampled_from(["0", "+44", "0044", "+44 "]),
    st.sampled_from("123456789"),
    st.text("0123456789", min_size=9, max_size=9),
)
WORD = st.text("abcxyzABC0189", min_size=1, max_size=12)


@given(PLAIN_PHONES)
def test_what_is_taken_for_a_plain_number_the_library_takes_too(parts: tuple[str, str, str]) -> None:
    text = "".join(parts)
    assert is_possible(TextFormat.PHONE, text) == is_possible_phone(text)


@given(st.tuples(WORD, st.sampled_from([".", "_", "+", "-", ""]), WORD, st.sampled_from(["example", "a-b", "x.y"])))
def test_what_is_taken_for_a_plain_address_the_library_takes_too(parts: tuple[str, str, str, str]) -> None:
    text = f"{parts[0]}{parts[1]}{parts[2]}@{parts[3]}.org"
    assert is_possible(TextFormat.EMAIL, text) == is_possible_email(text)


@pytest.mark.parametrize("kind", [TextFormat.UK_POSTCODE_DISTRICT, TextFormat.LSOA])
def test_every_place_that_the_warehouse_knows_is_possible(kind: TextFormat) -> None:
    seed, names = {
        TextFormat.UK_POSTCODE_DISTRICT: ("postcode_districts", ["postcode_district"]),
        TextFormat.LSOA: ("lsoa_ranges", ["first_lsoa_code", "last_lsoa_code"]),
    }[kind]
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        known = [row[name] for row in csv.DictReader(file) for name in names]
    contract = feed(column("given", text_format=kind))
    assert len(known) > 1000
    assert wrong_formats(contract, pa.table({"given": pa.array(known)})) == {}
    assert len(set(POSTCODE_AREAS.split("|"))) == 126
