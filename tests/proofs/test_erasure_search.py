"""The search for erased persons finds what it is to find, and fails where it is to fail."""

import gzip
import io
import uuid
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hub.contracts.model import Catalogue
from hub.privacy.certificate import NOT_REACHED, Certificate, Store
from proofs.erasure_search.certificates import not_named
from proofs.erasure_search.compare import IN_ANOTHERS_TEXT, Comparison, Left
from proofs.erasure_search.decode_files import Record, lines_of, records_of
from proofs.erasure_search.finder import Finder
from proofs.erasure_search.mentions import Mention, Place, mention_of
from proofs.erasure_search.persons import Belongs, Person, Population
from proofs.erasure_search.search_server_files import key_in_bytes
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


def snapshot(*rows: dict[str, str]) -> Snapshot:
    places = [(FEED, DELIVERY, number) for number in range(1, len(rows) + 1)]
    records = [Record(f"row {number}", number, " | ".join(row.values()), row) for number, row in enumerate(rows, 1)]
    return Snapshot(
        raw=dict.fromkeys(places, "tokens"),
        vault=dict(zip(places, rows, strict=True)),
        quarantine={},
        landed={(FEED, DELIVERY): records},
        paths={(FEED, DELIVERY): Path("landing", "bytes")},
    )


def compare(catalogue: Catalogue, before: Snapshot, after: Snapshot) -> Comparison:
    whose, finder = Whose([person()]), Finder([person()])
    return Comparison(before, after, catalogue.contracts, whose, whose, finder, finder)


def test_an_erasure_that_takes_only_the_persons_values_passes(catalogue: Catalogue) -> None:
    done = compare(catalogue, snapshot(ADA, BO), snapshot({}, BO))
    assert (done.others_changed(), done.left()) == ([], set())


def test_a_changed_text_of_another_person_is_seen(catalogue: Catalogue) -> None:
    done = compare(catalogue, snapshot(ADA, BO), snapshot({}, {**BO, "description": ""}))
    assert done.others_changed() == [
        f"vault: {FEED}, delivery {DELIVERY}, row 2, description",
        f"landed: {FEED}, delivery {DELIVERY}, row 2, description",
    ]


def test_a_lost_row_and_a_changed_token_are_seen(catalogue: Catalogue) -> None:
    after = snapshot({}, BO)
    lost = replace(after, landed={(FEED, DELIVERY): after.landed[FEED, DELIVERY][:1]})
    other = replace(after, raw={**after.raw, (FEED, DELIVERY, 2): "others"})
    assert len(compare(catalogue, snapshot(ADA, BO), lost).others_changed()) == 1
    assert compare(catalogue, snapshot(ADA, BO), other).others_changed() == [f"raw: {FEED}, delivery {DELIVERY}, row 2"]


def test_a_reporter_of_the_same_name_and_the_own_text_are_the_persons(catalogue: Catalogue) -> None:
    before = {**ADA, "reporter_name": "Zoe Quill-Ark"}
    kept = {"reporter_name": "Zoe Quill-Ark", "description": "no"}
    kinds = {one.kind for one in compare(catalogue, snapshot(before), snapshot(kept)).left()}
    assert kinds == {"values of reporter", "values of text"}


def test_what_is_left_in_anothers_text_is_told_apart(catalogue: Catalogue) -> None:
    kept = snapshot({}, {**BO, "description": "it was zoe@example.org"})
    assert {one.about for one in compare(catalogue, kept, kept).left()} == {IN_ANOTHERS_TEXT}


def certificate(*stores: Store, not_reached: tuple[str, ...] = ()) -> Certificate:
    return Certificate("id", "a token", "a test", "a.person", "now", {}, list(stores), False, True, list(not_reached))


def test_a_certificate_names_what_is_left_by_its_store() -> None:
    left = {Left(0, "file", "logs/one.log", "email", "line 1")}
    name = "extracts, logs and other files"
    assert not_named(certificate(Store(name, 5, 1, 1, 0), not_reached=NOT_REACHED), left) == left
    assert not_named(certificate(Store(name, 5, 2, 1, 1)), left) == set()
    assert not_named(certificate(Store(name, 5, 1, 1, 0, not_searched=["logs/one.log"])), left) == set()
    assert not_named(certificate(Store(name, 5, 1, 1, 0, not_searched=["logs/two.log"])), left) == left


def test_a_certificate_that_counts_fewer_places_than_are_found_names_none() -> None:
    left = {Left(0, "table", table, "email") for table in ("ledger.deliveries", "ledger.feeds")}
    name = "all tables of the database, searched again"
    assert not_named(certificate(Store(name, 5, 2, 0, 2)), left) == set()
    assert not_named(certificate(Store(name, 5, 2, 0, 1)), left) == left


def test_a_certificate_names_what_it_does_not_reach() -> None:
    left = {Left(0, "write-ahead log", "0001", "wrapped key")}
    assert not_named(certificate(not_reached=NOT_REACHED), left) == set()
    assert not_named(certificate(not_reached=NOT_REACHED[1:]), left) == left
