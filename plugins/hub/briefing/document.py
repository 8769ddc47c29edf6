"""The briefing as a PDF that a screen reader can follow: tagged, with alternative texts, as PDF/UA-1 asks."""

import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from matplotlib import get_data_path

from hub.briefing.content import Briefing, Section

TEMPLATE = Path(__file__).with_name("document.typ")


def write_document(briefing: Briefing, path: Path, made_at: datetime) -> None:
    """Write the PDF; Typst refuses to write what does not follow PDF/UA-1. ``made_at`` is the instant in its
    properties, so that the same publish gives the same file."""
    made_at = made_at.astimezone(UTC)
    day = {"year": made_at.year, "month": made_at.month, "day": made_at.day}
    told: dict[str, Any] = {"title": briefing.title, "stamp": briefing.stamp, "made_on": day}
    told["sections"] = [_section(section) for section in briefing.sections]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "briefing.json").write_text(json.dumps(told))
        for section in briefing.sections:
            for picture in section.pictures:
                (place / f"{picture.name}.svg").write_text(picture.svg)
        shutil.copy(TEMPLATE, place)
        written = typst.compile(
            place / TEMPLATE.name,
            root=place,
            font_paths=[Path(get_data_path(), "fonts", "ttf")],
            ignore_system_fonts=True,
            pdf_standards="ua-1",
            timestamp=int(made_at.timestamp()),
        )
    path.write_bytes(written)


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
