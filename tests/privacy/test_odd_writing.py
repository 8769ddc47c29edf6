"""However a number is punctuated and wherever an archive says it, what names a person is found."""

import gzip
import io

import pytest
import sqlalchemy as sa

from hub.ingest.landing_store import landed_names, open_landed
from hub.privacy.identity import Identity
from hub.privacy.mention_search import MentionSearch
from hub.privacy.plain_text import NotSearchable, TextSearch
from hub.settings import Settings
from ingest.deliveries import take_in
from privacy.letters import ADA as ROW
from privacy.letters import BO, CALLS, PACKS, as_csv, as_json_lines, as_zip, erase, store, token_of

ADA = Identity.of([{"email": "ada@example.org", "phone": "07700 900123"}])
DASHED = ("07700\u2011900\u2011123", "07700\u2013900123", "07700\u2010900123", "+44\u22127700\u2212900123")


@pytest.mark.parametrize("written", DASHED)
def test_a_telephone_number_with_dashes_of_print_is_found(written: str) -> None:
    text = f"ring {written} at night"
    assert TextSearch.of(ADA).is_in(text)
    assert [(one.start, one.end) for one in MentionSearch.of(ADA).spans(text)] == [(5, 5 + len(written))]


def test_the_name_of_a_file_in_an_archive_hides_no_address() -> None:
    try:
        count, masked = TextSearch.of(ADA).mask(as_zip(("ada@example.org.txt", b"nothing")), 10**6)
    except NotSearchable:
        return
    assert count
    assert b"ada@example.org" not in masked


def test_the_name_that_a_gzip_file_gives_to_what_it_holds_hides_no_address() -> None:
    target = io.BytesIO()
    with gzip.GzipFile("ada@example.org.csv", "wb", fileobj=target) as packed:
        packed.write(b"nothing")
    count, masked = TextSearch.of(ADA).mask(target.getvalue(), 10**6)
    assert count == 1
    assert b"ada@example.org" not in masked
    assert gzip.decompress(masked) == b"nothing"


def test_the_name_of_a_file_in_an_archive_that_is_read_in_rows_goes_with_the_person(
    hub: Settings, engine: sa.Engine
) -> None:
    take_in(hub, engine, PACKS, as_zip(("ada quill 1980-02-03.csv", as_csv({"ref": "B", **BO}))), "packs.zip")
    take_in(hub, engine, CALLS, as_json_lines({"ref": "A", **ROW}), "calls.jsonl")
    certificate = erase(hub, engine, token_of(engine, CALLS, "A"))
    assert store(certificate, "landing").found == 2
    assert store(certificate, "landing").left == 0
    for name in landed_names(hub):
        with open_landed(hub, name) as landed:
            assert b"quill" not in landed.read()
