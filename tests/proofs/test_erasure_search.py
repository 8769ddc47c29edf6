"""The search for erased persons finds what it is to find, and fails where it is to fail."""

import gzip
import io
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hub.contracts.model import Catalogue
from proofs.erasure_search.compare import (
    IN_ANOTHERS_TEXT,
    IN_LINKED_ROW,
    IN_ROW_OF_ANOTHER_BIRTH,
    IN_ROW_OF_ANOTHER_NAME,
    Comparison,
)
from proofs.erasure_search.decode_files import Record, lines_of, records_of
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.mentions import Mention, Place, mention_of
from proofs.erasure_search.persons import Belongs, Person, Population
from proofs.erasure_search.search_server_files import key_in_bytes, texts_in_bytes
from proofs.erasure_search.snapshots import Snapshot
from proofs.erasure_search.whose import Whose

FEED, DELIVERY = "community_reports", uuid.UUID(int=1)
VICTIM = ["victim_name", "victim_email", "victim_phone", "victim_date_of_birth", "victim_postcode"]
ADA = {
    "victim_name": "Zoë Quill-Ark",
    "victim_email": "zoe@example.org",
    "victim_phone": "06990 123456",
    "victim_date_of_birth": "1987-02-03",
    "victim_postcode": "ZE1 9ZQ",
    "description": "no",
}
BO = {**ADA, "victim_name": "Bo Nolan", "victim_email": "bo@example.org", "victim_phone": "06990 654321"}
BO |= {"victim_date_of_birth": "1990-05-04", "victim_postcode": "ZE2 8ZN"}
TABLE = b"name,email\nBo,bo@example.org\nZo\xc3\xab,zoe@example.org\n"


def person() -> Person:
    one = Person("a token")
    one.learn(Place(FEED, DELIVERY, 1, "victim"), mention_of(ADA, VICTIM))
    return one


@pytest.mark.parametrize(
    "text",
    [
        "from ZOE@Example.org.",
        "%7B%22zoe%40example.org",
        '"zoe\\u0040example.org"',
        "call +44 (0)6990-123 456 now",
        "2026-01-02 06990123456",
        "0044 6990 123456",
        "Dr Zoe QUILL-ARK, ze19zq",
        "Quill-Ark, Zoë, ZE1 9ZQ",
        '{"name": "Zo\\u00eb Quill-Ark", "postcode": "ZE1 9ZQ"}',
        "Zoë Quill-Ark, born 3rd February 1987",
        "Zoë Quill-Ark 03/02/1987",
    ],
)
def test_an_identifier_is_found_however_it_is_written(text: str) -> None:
    assert {hit.person for hit in Finder([person()]).hits(text)} == {0}


@pytest.mark.parametrize(
    "text",
    ["no", "Zoë Quill-Ark", "Zoë Smith, ZE1 9ZQ", "Zoë Quill-Ark, ZE1 9ZZ", "t1_06990123456ab", "xzoe@example.org"],
)
def test_a_name_alone_and_parts_of_words_are_nobody(text: str) -> None:
    assert Finder([person()]).hits(text) == set()


def zipped(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return target.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        TABLE,
        TABLE.decode().encode("utf-16"),
        TABLE.decode().encode("utf-16-le"),
        TABLE.decode().encode("cp1252"),
        gzip.compress(TABLE, mtime=0),
        zipped(zipped(TABLE)),
        pd.read_csv(io.BytesIO(TABLE)).to_parquet(),
        b'{"name": "Bo", "email": "bo@example.org"}\n{"name": "Zo\\u00eb", "email": "zoe@example.org"}\n',
        "<r><e><name>Bo</name><email>bo@example.org</email></e><e><name>Zoë</name><email>zoe@example.org</email></e></r>".encode(),
    ],
    ids=["csv", "utf-16", "utf-16 without a mark", "windows", "gzip", "zip in zip", "parquet", "json", "xml"],
)
def test_every_form_is_read_as_the_same_rows(data: bytes) -> None:
    rows = [dict(record.cells) for record in records_of(data, {"email"}) if record.cells]
    assert rows == [{"name": "Bo", "email": "bo@example.org"}, {"name": "Zoë", "email": "zoe@example.org"}]


def test_an_archive_that_cannot_be_unpacked_is_searched_as_bytes() -> None:
    assert [record.text for record in lines_of(b"PK\3\4 zoe@example.org")] == ["PK\3\4 zoe@example.org"]


def test_a_wrapped_key_is_found_among_other_bytes(tmp_path: Path) -> None:
    keys = [bytes(range(start, start + 60)) for start in (0, 100)]
    (tmp_path / "segment").write_bytes(keys[0][:59] + bytes(7) + keys[1] + b"end")
    assert key_in_bytes(tmp_path / "segment", keys) == keys[1]
    assert key_in_bytes(tmp_path / "segment", keys[:1]) is None


def as_row(*values: str) -> bytes:
    """Columns of text side by side, as the database writes short ones: each behind a byte that says its length."""
    return b"\0\0" + b"".join(bytes([2 * len(value) + 3]) + value.encode() for value in values) + b"\0\0"


@pytest.mark.parametrize("before", [(), ("cli",), ("a-longer-one-of-thirty-one-signs",)])
def test_an_address_is_found_in_a_row_of_bytes(before: tuple[str, ...]) -> None:
    one = Person("a token")
    one.contacts = {("email", "zoe.quill87@example.org")}
    texts = texts_in_bytes(as_row(*before, "zoe.quill87@example.org", "ok"))
    assert {hit.kind for text in texts for hit in Finder([one]).hits(text)} == {"email"}
    assert not any(Finder([one]).hits(text) for text in texts_in_bytes(as_row(*before, "zzoe.quill87@example.org")))


def test_a_name_and_a_postcode_in_columns_side_by_side_are_found_in_bytes() -> None:
    def kinds(*values: str) -> set[str]:
        texts = texts_in_bytes(b"\0\0".join(as_row(*values[at : at + 2]) for at in range(0, len(values), 2)))
        return {hit.kind for text in texts for hit in Finder([person()]).hits(text)}

    assert kinds("Zoe Quill-Ark", "ZE1 9ZQ") == {"name and postcode"}
    assert kinds("Zoe Quill-Ark", "no", "ZE1 9ZQ", "no") == set()


def mention(**said: str) -> Mention:
    return mention_of({f"victim_{key}": value for key, value in said.items()}, [f"victim_{key}" for key in said])


@pytest.mark.parametrize(
    ("said", "belongs"),
    [
        (mention(phone="+44 6990123456"), Belongs.YES),
        (mention(name="QUILL-ARK, Zoe", postcode="ze19zq"), Belongs.YES),
        (mention(name="Zoë Quill-Ark", postcode="ZE1 9ZQ", date_of_birth="1988-02-03"), Belongs.NO),
        (mention(name="Zoë Quill-Ark"), Belongs.NO),
        (mention(name="Max Quill-Ark", email="zoe@example.org"), Belongs.NO),
        (mention(name="Zoë Quill-Ark", email="zoe@example.org"), Belongs.YES),
        (mention(email="zoe@example.org"), Belongs.MAY),
    ],
)
def test_a_contact_that_several_persons_have_needs_the_name(said: Mention, belongs: Belongs) -> None:
    one = person()
    one.shared = {("email", "zoe@example.org")}
    assert one.owns(said) is belongs


def test_a_chain_of_mentions_leads_to_what_may_be_erased_too() -> None:
    places = [Place(FEED, DELIVERY, number, "victim") for number in (1, 2, 3, 4)]
    said = [
        mention(email="zoe@example.org"),
        mention(email="zoe@example.org", phone="06990 123456"),
        mention(phone="06990123456", name="Zoë Quill-Ark"),
        mention(name="Bo Nolan"),
    ]
    population = Population(dict(zip(places, said, strict=True)), {places[0]: uuid.UUID(int=7)})
    assert population.reached_from(population.linked_person(uuid.UUID(int=7))).places == set(places[:3])


def _raw(row: Mapping[str, str]) -> dict[str, str]:
    return {"strands": "religion", **{f"{column}_token": f"token of {value}" for column, value in row.items()}}


def snapshot(*rows: dict[str, str]) -> Snapshot:
    places = [(FEED, DELIVERY, number) for number in range(1, len(rows) + 1)]
    records = [Record(f"row {number}", number, " | ".join(row.values()), row) for number, row in enumerate(rows, 1)]
    return Snapshot(
        raw={place: _raw(row) for place, row in zip(places, rows, strict=True)},
        vault=dict(zip(places, rows, strict=True)),
        quarantine={},
        landed={(FEED, DELIVERY): records},
        paths={(FEED, DELIVERY): Path("landing", "bytes")},
    )


def compare(catalogue: Catalogue, before: Snapshot, after: Snapshot) -> Comparison:
    whose, finder = Whose([person()]), Finder([person()])
    return Comparison(before, after, catalogue.contracts, whose, whose, finder, finder)


def erased(before: Snapshot, *rows: dict[str, str]) -> Snapshot:
    """What an erasure leaves: raw keeps its rows."""
    return replace(snapshot(*rows), raw=before.raw)


def test_an_erasure_that_takes_only_the_persons_values_passes(catalogue: Catalogue) -> None:
    before = snapshot(ADA, BO)
    done = compare(catalogue, before, erased(before, {}, BO))
    assert (done.others_changed(), done.left()) == ([], set())


def test_a_changed_text_of_another_person_is_seen(catalogue: Catalogue) -> None:
    before = snapshot(ADA, BO)
    done = compare(catalogue, before, erased(before, {}, {**BO, "description": ""}))
    assert done.others_changed() == [
        f"vault: {FEED}, delivery {DELIVERY}, row 2, description",
        f"landed: {FEED}, delivery {DELIVERY}, row 2, description",
    ]


def test_a_lost_row_and_a_changed_token_are_seen(catalogue: Catalogue) -> None:
    before = snapshot(ADA, BO)
    after = erased(before, {}, BO)
    lost = replace(after, landed={(FEED, DELIVERY): after.landed[FEED, DELIVERY][:1]})
    assert len(compare(catalogue, before, lost).others_changed()) == 1
    assert raw_changed(catalogue, before, 2, victim_email_token="another") == ["row 2, victim_email_token"]


def raw_changed(catalogue: Catalogue, before: Snapshot, number: int, **tokens: str) -> list[str]:
    """What is seen when a row of raw says something else after an erasure."""
    place = (FEED, DELIVERY, number)
    raw = {**before.raw, place: {**before.raw[place], **tokens}}
    rows = [dict(values) for values in before.vault.values()]
    rows[0] = {column: value for column, value in rows[0].items() if column.startswith("reporter")}
    changed = compare(catalogue, before, replace(erased(before, *rows), raw=raw)).others_changed()
    return [one.removeprefix(f"raw: {FEED}, delivery {DELIVERY}, ") for one in changed]


REPORTED_BY_BO = {**ADA, "reporter_name": BO["victim_name"], "reporter_email": BO["victim_email"]}


def test_the_persons_own_tokens_may_go_and_those_of_another_in_the_row_may_not(catalogue: Catalogue) -> None:
    before = snapshot(REPORTED_BY_BO)
    assert raw_changed(catalogue, before, 1, victim_email_token="", description_token="") == []
    assert raw_changed(catalogue, before, 1, reporter_email_token="") == ["row 1, reporter_email_token"]
    assert raw_changed(catalogue, before, 1, strands="race") == ["row 1, strands"]


def test_a_row_of_the_person_that_raw_lost_is_seen(catalogue: Catalogue) -> None:
    before = snapshot(ADA)
    done = compare(catalogue, before, replace(erased(before, {}), raw={}))
    assert done.others_changed() == [f"raw: {FEED}, delivery {DELIVERY}, row 1, strands"]


def quarantined(row: dict[str, str], state: str = "open") -> Snapshot:
    record = Record("row 2", 2, " | ".join(row.values()), row)
    return replace(snapshot(), quarantine={(FEED, DELIVERY, 2): ({"rule": "phone", "state": state}, record)})


def test_a_quarantined_row_of_the_person_alone_may_be_lost(catalogue: Catalogue) -> None:
    assert compare(catalogue, quarantined(ADA), quarantined({}, "rejected")).others_changed() == []


def test_a_quarantined_row_loses_nothing_of_another_in_it(catalogue: Catalogue) -> None:
    kept = {column: value for column, value in REPORTED_BY_BO.items() if column.startswith("reporter")}
    before = quarantined(REPORTED_BY_BO)
    assert compare(catalogue, before, quarantined(kept)).others_changed() == []
    at = f"quarantine: {FEED}, delivery {DELIVERY}, row 2"
    lost = compare(catalogue, before, quarantined({}, "rejected")).others_changed()
    assert lost == [f"{at}, {column}" for column in ("reporter_email", "reporter_name", "state")]


def test_a_changed_quarantined_row_of_another_is_seen(catalogue: Catalogue) -> None:
    mentioned = {**BO, "description": "it was zoe@example.org"}
    done = compare(catalogue, quarantined(mentioned), quarantined({**mentioned, "description": ""}))
    assert done.others_changed() == [f"quarantine: {FEED}, delivery {DELIVERY}, row 2, description"]


def test_a_reporter_of_the_same_name_and_the_own_text_are_the_persons(catalogue: Catalogue) -> None:
    before = {**ADA, "reporter_name": "Zoe Quill-Ark"}
    kept = {"reporter_name": "Zoe Quill-Ark", "description": "no"}
    kinds = {one.kind for one in compare(catalogue, snapshot(before), snapshot(kept)).left()}
    assert kinds == {"values of reporter", "values of text"}


def test_what_is_left_in_anothers_text_is_told_apart(catalogue: Catalogue) -> None:
    kept = snapshot({}, {**BO, "description": "it was zoe@example.org"})
    assert {one.about for one in compare(catalogue, kept, kept).left()} == {IN_ANOTHERS_TEXT}


def test_a_contact_in_anothers_row_is_told_apart_by_what_tells_those_two_apart(catalogue: Catalogue) -> None:
    namesake = {
        "victim_name": ADA["victim_name"],
        "victim_phone": ADA["victim_phone"],
        "victim_date_of_birth": "1946-05-04",
    }
    rows = [ADA, {**BO, "victim_phone": ADA["victim_phone"]}, {**BO, "victim_email": ADA["victim_email"]}, namesake]
    linked = {Place(FEED, DELIVERY, number, "victim"): uuid.UUID(int=number) for number in (1, 2, 3, 4)}
    one = person()
    one.shared = set(one.contacts)
    whose, finder, before = Whose([one]), Finder([one]), snapshot(*rows)
    after = erased(before, {}, *rows[1:])
    done = Comparison(before, after, catalogue.contracts, whose, whose, finder, finder, linked)
    found = {(left.row[-1], left.kind, left.about) for left in done.left()}
    assert found == {
        ("2", "telephone", IN_ROW_OF_ANOTHER_NAME),
        ("3", "email", IN_LINKED_ROW),
        ("4", "telephone", IN_ROW_OF_ANOTHER_BIRTH),
    }


def test_a_record_that_came_again_as_it_was_is_known_by_each_of_its_places() -> None:
    again = snapshot(ADA, BO, ADA, {**BO, "victim_name": "Bo"})
    first, third = ((FEED, DELIVERY, number) for number in (1, 3))
    assert again.repeated == {first: {first, third}, third: {first, third}}
