"""Values as HTML: templates of this folder, in which every word is escaped."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

FOLDER = Path(__file__).parent / "templates"
STYLE = FOLDER / "style.css"
NONE = Markup('<span class="none">none</span>')


def make_environment() -> Environment:
    """The templates, with the forms in which numbers, days and states are written."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # a template goes with the code that fills it in
    )
    environment.filters |= {"count": count, "instant": instant, "day": day, "words": words, "share": share}
    return environment


def render(environment: Environment, template: str, values: Mapping[str, Any]) -> str:
    """One page."""
    return environment.get_template(f"{template}.html.jinja").render(values)


def count(number: int | None) -> str | Markup:
    """12,345"""
    return NONE if number is None else f"{number:,}"


def instant(moment: datetime | None) -> Markup:
    """To the minute, in UTC."""
    if moment is None:
        return NONE
    at = moment.astimezone(UTC)
    form = Markup('<time datetime="{}"><span>{}</span> <span>{}</span></time>')
    return form.format(f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%d}", f"{at:%H:%M} UTC")


def day(on: date | None) -> str | Markup:
    """2026-03-31"""
    return NONE if on is None else on.isoformat()


def words(name: str) -> str:
    """A code as words: on_time → on time."""
    return name.replace("_", " ")


def share(part: int, whole: int) -> str:
    """As a percentage with one decimal; nothing of nothing has none."""
    return f"{part / whole:.1%}" if whole else ""
