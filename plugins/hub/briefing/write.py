"""Writes the briefing of what is published now: one page, one PDF, and each picture on its own."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from hub.briefing.page import write_page
from hub.briefing.sections import make_briefing
from hub.briefing.tables import read_tables
from hub.documents.pdf import as_pdf

PAGE, DOCUMENT = "briefing.html", "briefing.pdf"


@dataclass(frozen=True)
class Written:
    """The publish that the briefing is of, and the files that were written."""

    publish_id: int
    files: tuple[Path, ...]


def write_briefing(engine: sa.Engine, folder: Path, boundaries: Path | None = None) -> Written:
    """Write into a folder below ``folder`` that is named for the week; one of an earlier publish is replaced.

    ``boundaries``: a GeoJSON file of the areas' publisher, for true shapes.

    Raises:
        BriefingRefused: Nothing has been published.
        BoundariesRefused: The boundaries cannot be drawn.
    """
    published = read_tables(engine)
    briefing = make_briefing(published, boundaries)
    into = folder / briefing.week.isoformat()
    unfinished = into.with_name(f"{into.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    names = [PAGE, DOCUMENT]
    write_page(briefing, unfinished / PAGE)
    (unfinished / DOCUMENT).write_bytes(as_pdf(briefing, published.published_at))
    for section in briefing.sections:
        for picture in section.pictures:
            for suffix, content in ((".svg", picture.svg.encode()), (".png", picture.png)):
                names.append(f"{picture.name}{suffix}")
                (unfinished / names[-1]).write_bytes(content)
    # A picture of the earlier publish that this one has not would be taken for one of it.
    shutil.rmtree(into, ignore_errors=True)
    unfinished.rename(into)
    return Written(published.publish_id, tuple(into / name for name in names))
