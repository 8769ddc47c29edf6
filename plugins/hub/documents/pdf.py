"""A document as a PDF that a screen reader can follow: tagged, with alternative texts, as PDF/UA-1 asks."""

import functools
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from matplotlib import get_data_path
from matplotlib.ft2font import FT2Font

from hub.documents.content import Document, Section

TEMPLATE = Path(__file__).with_name("document.typ")
FONTS = Path(get_data_path(), "fonts", "ttf")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def as_pdf(document: Document, made_at: datetime | None) -> bytes:
    """The PDF; Typst refuses to write what does not follow PDF/UA-1. ``made_at`` is the instant in its properties, or
    none is there, so that the same words give the same file. A character that the fonts do not have is shown as �.
    Raises RuntimeError where Typst cannot set the words."""
    made_at = made_at.astimezone(UTC) if made_at else None
    day = {"year": made_at.year, "month": made_at.month, "day": made_at.day} if made_at else None
    told: dict[str, Any] = {"title": document.title, "stamp": document.stamp, "marking": document.marking}
    told |= {"made_on": day, "sections": [_section(section) for section in document.sections]}
    # Words and pictures go by memory alone: a document may name persons, and a file would outlive a killed process.
    pictures = {picture.name: picture.svg for section in document.sections for picture in section.pictures}
    try:
        return typst.compile(
            TEMPLATE,
            font_paths=_fonts(),
            sys_inputs={"told": json.dumps(_with_known_characters(told)), "pictures": json.dumps(pictures)},
            pdf_standards="ua-1",
            timestamp=int(made_at.timestamp()) if made_at else None,
        )
    except BaseException as fault:
        # A panic of Typst, as some mixtures of scripts make it, is no Exception and would end every other work.
        if type(fault).__module__ != "pyo3_runtime":
            raise
        raise RuntimeError("Typst cannot set the document") from None


def _with_known_characters(told: Any) -> Any:
    """PDF/UA-1 has no place for a character without a picture: one of them would be the end of the document."""
    match told:
        case str():
            return "".join(one if ord(one) in _characters() or one in "\n\t" else UNKNOWN for one in told)
        case list():
            return [_with_known_characters(one) for one in told]
        case dict():
            return {name: _with_known_characters(one) for name, one in told.items()}
        case _:
            return told


@functools.cache
def _characters() -> frozenset[int]:
    """Those of the template's font, plain and bold."""
    plain, bold = (set(FT2Font(FONTS / name).get_charmap()) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"))
    return frozenset(plain & bold)


@functools.cache
def _fonts() -> typst.Fonts:
    """Read once: to find them takes longer than a short document."""
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "paragraphs": list(section.paragraphs),
        "points": list(section.points),
        "pictures": [
            {"name": one.name, "alternative": one.alternative, "caption": one.caption} for one in section.pictures
        ],
        "tables": [
            {
                "caption": one.caption,
                "header": list(one.header),
                "rows": [list(row) for row in one.rows],
                "widths": list(one.widths),
                "numbers": sorted(one.numbers),
            }
            for one in section.tables
        ],
    }
