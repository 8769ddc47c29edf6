"""The briefing as one HTML page that needs nothing else: styles and drawings are inside it."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hub.briefing.content import Briefing

TEMPLATE = "page.html.jinja"


def write_page(briefing: Briefing, path: Path) -> None:
    """Write the page. Every word is escaped; the drawings, which are made here, are not."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    drawings = {
        picture.name: Markup(picture.svg)  # noqa: S704 - drawn by matplotlib, where words are outlines
        for section in briefing.sections
        for picture in section.pictures
    }
    page = environment.get_template(TEMPLATE).render(briefing=briefing, drawings=drawings)
    path.write_text(page, encoding="utf-8")
