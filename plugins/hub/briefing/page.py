"""The briefing as one HTML page that needs nothing else: styles and drawings are inside it."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hub.briefing.content import Briefing
from hub.documents.content import Picture

TEMPLATE = "page.html.jinja"
NAMES_A_PART = re.compile(r'(\bid="|\bhref="#|\burl\(#)')
"""In a drawing: where the id of one of its parts is given or used."""


def write_page(briefing: Briefing, path: Path) -> None:
    """Write the page. Every word is escaped; the drawings, which are made here, are not."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    drawings = {
        picture.name: Markup(_with_own_ids(picture))  # noqa: S704 - drawn by matplotlib, where words are outlines
        for section in briefing.sections
        for picture in section.pictures
    }
    page = environment.get_template(TEMPLATE).render(briefing=briefing, drawings=drawings)
    path.write_text(page, encoding="utf-8")


def _with_own_ids(picture: Picture) -> str:
    """The drawing with ids that no other has: matplotlib counts the parts of each from one, and all are on one page."""
    return NAMES_A_PART.sub(rf"\g<1>{picture.name}-", picture.svg)
