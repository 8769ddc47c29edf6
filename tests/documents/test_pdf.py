"""The PDF of a document: for readers who see it and who hear it, the same each time, and safe from its own words."""

import dataclasses
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from documents.tagged import tagged
from hub.documents.content import Document, Picture, Section, Table
from hub.documents.pdf import UNKNOWN, as_pdf

MADE_AT = datetime(2026, 10, 5, 9, tzinfo=UTC)
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
PICTURE = Picture("square", SQUARE, b"", "A black square", "Nothing but a square")
TABLE = Table("Two rows", ("Name", "Count"), [("one", "1"), ("two", "2")], (2, 1), frozenset({1}))
DOCUMENT = Document(
    "A report",
    "Test, as of today",
    [
        Section("words", "Words", paragraphs=["A paragraph."], points=["A point."]),
        Section("figures", "Figures", pictures=[PICTURE], tables=[TABLE]),
    ],
    marking="OFFICIAL",
)


def with_table(*rows: tuple[str, str]) -> Document:
    table = dataclasses.replace(TABLE, rows=rows)
    return dataclasses.replace(DOCUMENT, sections=[Section("one", "One", tables=[table])])


def read(document: Document) -> PdfReader:
    return PdfReader(io.BytesIO(as_pdf(document, MADE_AT)))


def words(document: Document) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in read(document).pages))


def test_a_reader_finds_everything_that_the_document_says() -> None:
    said = ("A report", "Test, as of today", "OFFICIAL", "Words", "A paragraph.", "A point.", "Two rows", "one", "2")
    found = words(DOCUMENT)
    assert [one for one in (*said, PICTURE.caption) if one not in found] == []


def test_a_screen_reader_is_told_the_language_the_headings_and_what_a_picture_shows() -> None:
    pdf = read(DOCUMENT)
    root: Any = pdf.root_object
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("en-GB", True)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert [str(one.title) for one in pdf.outline if not isinstance(one, list)] == ["Words", "Figures"]
    alternatives = [alternative for kind, alternative in tagged(root["/StructTreeRoot"]) if kind == "/Figure"]
    assert [one for one in alternatives if one] == [PICTURE.alternative]


def test_the_same_words_give_the_same_file() -> None:
    assert as_pdf(DOCUMENT, MADE_AT) == as_pdf(DOCUMENT, MADE_AT)
    assert as_pdf(DOCUMENT, None) == as_pdf(DOCUMENT, None)


def test_words_cannot_become_commands() -> None:
    attempt = '#panic("no") *bold* $x$ @ref'
    assert attempt in words(with_table((attempt, "1")))


def test_a_character_without_a_picture_is_shown_as_unknown() -> None:
    assert f"A{UNKNOWN}B" in words(with_table(("A\N{CJK UNIFIED IDEOGRAPH-4E2D}B", "1")))


def test_no_row_of_a_table_begins_on_one_page_and_ends_on_the_next() -> None:
    rows = [(f"row {number}", f"begins{number} {'word ' * 60} ends{number}") for number in range(60)]
    pages = [page.extract_text() for page in read(with_table(*rows)).pages]
    assert len(pages) > 3
    assert [re.findall(r"begins(\d+)", text) for text in pages] == [re.findall(r"ends(\d+)", text) for text in pages]


def test_a_panic_of_typst_is_an_error_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})

    def refuse(*_: object, **__: object) -> bytes:
        raise panic

    monkeypatch.setattr(typst, "compile", refuse)
    with pytest.raises(RuntimeError, match="cannot set the document"):
        as_pdf(DOCUMENT, MADE_AT)
