"""Wherever in a file somebody stands, after an erasure it is gone from there or the certificate says so."""

import bz2
import lzma
import unicodedata
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from hub.deliveries import DeliveryResult
from hub.ingest.prepare import prepare_warehouse
from hub.privacy.certificate import Certificate
from hub.settings import Settings
from ingest.deliveries import take_in
from privacy.cards import CARDS, FEEDS, as_csv, erase, landed_by_name, mask_all, token_of
from privacy.letters import store
from privacy.odd_files import ADA, EMAIL, OddFile, files_with_an_inner_value, odd_files
from privacy.unpacked import everything_in

ODD_FILES = tuple(odd_files())


@pytest.fixture
def hub(settings: Settings, engine: sa.Engine) -> Settings:
    prepare_warehouse(engine, FEEDS)
    take_in(settings, engine, CARDS, as_csv([{**ADA, "ref": "asked"}]), "asked.csv")
    return settings


def erase_from(
    hub: Settings, engine: sa.Engine, files: tuple[OddFile, ...]
) -> tuple[dict[str, DeliveryResult], Certificate]:
    """What became of each file, and the certificate once every mention is masked."""
    results = {odd: take_in(hub, engine, contract, data, f"{odd}.file") for odd, contract, data in files}
    assert all(map(is_in, landed_by_name(hub, engine).values()))
    return results, mask_all(hub, engine, erase(hub, engine, token_of(engine, CARDS, "asked")))


def is_in(data: bytes) -> bool:
    said = everything_in(data)
    return EMAIL in said or "ada quill" in said


def test_no_file_keeps_the_person_uncounted(hub: Settings, engine: sa.Engine) -> None:
    results, certificate = erase_from(hub, engine, ODD_FILES)
    left = [name.removesuffix(".file") for name, data in landed_by_name(hub, engine).items() if is_in(data)]
    landing = store(certificate, "landing")
    unnamed = [f"{one} ({results[one].status}, {results[one].reason})" for one in sorted(left)]
    assert len(left) <= landing.left + len(landing.not_searched), "\n".join([f"{landing}", *unnamed])
    assert not certificate.nothing_is_left or not left


def test_what_stands_in_a_column_of_nobody_is_said_to_be_left(hub: Settings, engine: sa.Engine) -> None:
    _, certificate = erase_from(hub, engine, tuple(files_with_an_inner_value()))
    assert not certificate.nothing_is_left
    assert any("raw.cards" in one.left_in for one in certificate.stores)


@pytest.mark.parametrize("pack", [lzma.compress, bz2.compress], ids=["xz", "bz2"])
def test_a_log_that_is_packed_in_a_way_that_nobody_opens_is_named(
    hub: Settings, engine: sa.Engine, pack: Callable[[bytes], bytes]
) -> None:
    path = hub.home / "logs" / "old.log.packed"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pack(f"told {EMAIL}\n".encode() * 100))
    certificate = erase(hub, engine, token_of(engine, CARDS, "asked"))
    named = [one for store in certificate.stores for one in (*store.not_searched, *store.left_in)]
    assert any("old.log.packed" in one for one in named)
    assert not certificate.nothing_is_left


FILE_NAMES = (
    "to ada.quill@\u200bexample.org.csv",
    "wide Ａｄａ Ｑｕｉｌｌ SE1 7PB.csv",  # noqa: RUF001 - wide letters
    "lines_Ada_Quill_SE1_7PB.csv",
    "hyphens-Ada-Quill-SE1-7PB.csv",
    "Ada Quill ring 07700.900123.csv",
    "mark ada.quill@\ufe0fexample.org.csv",
)


def test_the_name_of_a_delivered_file_hides_nobody(hub: Settings, engine: sa.Engine) -> None:
    for number, name in enumerate(FILE_NAMES):
        take_in(hub, engine, CARDS, as_csv([{"ref": f"F{number}", "words": "of Bo"}]), name)
    certificate = erase(hub, engine, token_of(engine, CARDS, "asked"))
    kept = [name for name in landed_by_name(hub, engine) if "quill" in unicodedata.normalize("NFKC", name).lower()]
    assert not kept or not certificate.nothing_is_left, kept
