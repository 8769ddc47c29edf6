"""What is around each page: its navigation, who looks, and where it is served."""

from enum import StrEnum
from typing import Any

from fastapi import Depends, HTTPException, Request
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


def page_of(request: Request, template: str, *, http_status: int = 200, **values: Any) -> HTMLResponse:
    """The page that a template makes of ``values``, within what is around each."""
    reader, base = reader_of(request), base_of(request)
    places = [one for one in Place if one is not Place.QUARANTINE or reader.may_decide]
    here = request.url.path.removeprefix(base) or "/"
    around = {"reader": reader, "base": base, "airflow": airflow_of(request), "places": places, "here": here}
    content = render(TEMPLATES, template, {**around, **values})
    return HTMLResponse(content, http_status, headers={"Cache-Control": "no-store"})


def base_of(request: Request) -> str:
    """The address below which this page is served."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def airflow_of(request: Request) -> str:
    """The address of Airflow's own pages."""
    return f"{base_of(request).rpartition('/')[0]}/"


def reader_of(request: Request) -> Reader:
    """Who asks."""
    reader: Reader = request.state.reader
    return reader


def may_see_rows(request: Request) -> None:
    """Single rows and error files are for those who may ask for a release."""
    if not reader_of(request).may_decide:
        raise HTTPException(403)


FOR_DECIDERS = [Depends(may_see_rows)]
