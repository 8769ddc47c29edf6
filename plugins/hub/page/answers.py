"""What is around each page: its navigation, who looks, and where it is served."""

from enum import StrEnum
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from hub.page.readers import Reader
from hub.page.render import make_environment, render

TEMPLATES = make_environment()


class Place(StrEnum):
    """The parts of the page, as its navigation shows them; the value is the address."""

    FEEDS = "/"
    QUARANTINE = "/quarantine"
    APPROVALS = "/approvals"
    ALERTS = "/alerts"
    NOTIFICATIONS = "/notifications"
    PUBLISHES = "/publishes"
    DISPATCHES = "/dispatches"
    FORECASTS = "/forecasts"
    CATALOGUE = "/catalogue"


def page_of(request: Request, template: str, **values: Any) -> HTMLResponse:
    """The page that a template makes of ``values``, within what is around each."""
    reader, base = reader_of(request), base_of(request)
    places = [one for one in Place if one is not Place.QUARANTINE or reader.may_decide]
    here = request.url.path.removeprefix(base) or "/"
    around = {"reader": reader, "base": base, "airflow": f"{base.rpartition('/')[0]}/", "places": places, "here": here}
    return HTMLResponse(render(TEMPLATES, template, {**around, **values}), headers={"Cache-Control": "no-store"})


def base_of(request: Request) -> str:
    """The address below which this page is served."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def reader_of(request: Request) -> Reader:
    """Who asks."""
    reader: Reader = request.state.reader
    return reader
