"""What a document consists of, before it is a page or a PDF: sections of paragraphs, a picture and tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """A table with its caption. The first column names the row; the columns in ``numbers`` (by position) are set right.

    ``widths`` are relative.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A picture as bytes, in both forms, with what it says in words (``alternative``) and its caption."""

    name: str
    svg: str
    png: bytes
    alternative: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A heading and what is under it, in this order."""

    anchor: str
    title: str
    paragraphs: Sequence[str] = ()
    points: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Document:
    """The whole of it. ``stamp`` says on each page what it is and as of when, and ``marking`` who may see it."""

    title: str
    stamp: str
    sections: Sequence[Section]
    marking: str = field(default="", kw_only=True)
