"""The briefing as a PDF, with alternative texts, language, title and an outline by section."""

import io
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace
from matplotlib import get_data_path
from PIL import Image

from hub.briefing.content import Briefing, Picture, Section, Table

MARGIN_MM, BODY_POINTS, TABLE_POINTS, SMALL_POINTS = 18.0, 10.0, 8.0, 8.5
FONT = "DejaVu"
INK, QUIET, RULE = (27, 27, 27), (89, 89, 89), (8, 48, 107)
MOST_OF_A_PAGE = 0.8
HEADING_MM = 16.0


class _Pages(FPDF):
    """A4 upright, with the stamp and the page number at the foot."""

    def __init__(self, stamp: str) -> None:
        super().__init__(format="A4")
        self._stamp = stamp
        fonts = Path(get_data_path(), "fonts", "ttf")
        self.add_font(FONT, "", fonts / "DejaVuSans.ttf")
        self.add_font(FONT, "B", fonts / "DejaVuSans-Bold.ttf")
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, margin=MARGIN_MM)

    def footer(self) -> None:
        self.set_y(-MARGIN_MM + 4)
        self.set_font(FONT, size=SMALL_POINTS - 1)
        self.set_text_color(*QUIET)
        self.cell(self.epw * 0.85, 5, self._stamp)
        self.cell(0, 5, f"Page {self.page_no()}", align="R")
        self.set_text_color(*INK)


def write_document(briefing: Briefing, path: Path, made_at: datetime) -> None:
    """Write the PDF; ``made_at`` is the instant in its properties, so that the same publish gives the same file."""
    pages = _Pages(briefing.stamp)
    pages.set_lang("en-GB")
    pages.set_title(briefing.title)
    pages.set_creation_date(made_at.astimezone(UTC))
    pages.set_text_color(*INK)
    pages.add_page()
    pages.set_font(FONT, "B", 17)
    _write(pages, briefing.title, 8)
    pages.set_font(FONT, size=SMALL_POINTS)
    pages.set_text_color(*QUIET)
    _write(pages, briefing.stamp, 5)
    pages.set_text_color(*INK)
    for section in briefing.sections:
        _section(pages, section)
    pages.output(str(path))


def _write(pages: FPDF, words: str, height: float) -> None:
    pages.multi_cell(0, height, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _section(pages: FPDF, section: Section) -> None:
    # A heading alone at the foot of a page says nothing.
    opens_with_picture = section.pictures and not section.paragraphs
    if pages.will_page_break(HEADING_MM + (_size(pages, section.pictures[0])[1] if opens_with_picture else 20)):
        pages.add_page()
    pages.ln(5)
    pages.start_section(section.title)
    pages.set_font(FONT, "B", 12.5)
    _write(pages, section.title, 7)
    pages.set_draw_color(*RULE)
    pages.line(pages.l_margin, pages.get_y(), pages.w - pages.r_margin, pages.get_y())
    pages.ln(2)
    pages.set_font(FONT, size=BODY_POINTS)
    for paragraph in section.paragraphs:
        _write(pages, paragraph, 5)
        pages.ln(1.5)
    for point in section.points:
        pages.set_x(pages.l_margin)
        pages.cell(5, 5, "•")
        _write(pages, point, 5)
        pages.ln(0.8)
    for picture in section.pictures:
        _picture(pages, picture)
    for table in section.tables:
        _table(pages, table)


def _size(pages: FPDF, picture: Picture) -> tuple[float, float]:
    """Width and height in mm: as wide as the page, or as high as most of it."""
    with Image.open(io.BytesIO(picture.png)) as image:
        ratio = image.height / image.width
    width = min(pages.epw, MOST_OF_A_PAGE * pages.eph / ratio)
    return width, width * ratio


def _picture(pages: FPDF, picture: Picture) -> None:
    width, height = _size(pages, picture)
    if pages.will_page_break(height + 12):
        pages.add_page()
    left = pages.l_margin + (pages.epw - width) / 2
    pages.image(io.BytesIO(picture.png), x=left, w=width, alt_text=picture.alternative, title=picture.caption)
    pages.set_font(FONT, size=SMALL_POINTS)
    pages.set_text_color(*QUIET)
    _write(pages, picture.caption, 4.5)
    pages.set_text_color(*INK)


def _table(pages: FPDF, table: Table) -> None:
    pages.ln(2)
    if pages.will_page_break(25):
        pages.add_page()
    pages.set_font(FONT, "B", TABLE_POINTS + 1)
    _write(pages, table.caption, 5)
    pages.set_font(FONT, size=TABLE_POINTS)
    aligned = tuple("RIGHT" if at in table.numbers else "LEFT" for at in range(len(table.header)))
    pages.set_draw_color(208, 208, 208)
    with pages.table(
        col_widths=tuple(table.widths),
        text_align=aligned,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD", fill_color=(239, 243, 255)),
        line_height=4.2,
        padding=(0.6, 1.6),
    ) as made:
        for cells in (table.header, *table.rows):
            row = made.row()
            for cell in cells:
                row.cell(cell)
    pages.ln(1)
