"""The data catalogue: published views, what their columns mean, and from which columns of delivered files they come.

It says what the warehouse is made of, and nothing that is in it: everybody who may see the page may read it.
"""

from collections.abc import Iterable
from itertools import groupby

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse

from hub.data_catalogue import DataCatalogue, Origin, OriginKind, dbt_page, read_data_catalogue
from hub.page.answers import page_of

router = APIRouter(prefix="/catalogue", default_response_class=HTMLResponse)
NAMES = {OriginKind.FILE: "{}", OriginKind.CODE_LIST: "code list {}", OriginKind.HUB: "the hub's own {}"}


@router.get("")
def views(request: Request) -> HTMLResponse:
    """Every published view, and the tables of what the hub decides."""
    try:
        found = read_data_catalogue(request.app.state.settings)
    except FileNotFoundError:
        found = DataCatalogue({}, {})
    return page_of(request, "catalogue", views=found.views.values(), steps=found.steps.values())


@router.get("/dbt.html")
def dbt(request: Request) -> FileResponse:
    """Every model of the warehouse, as dbt describes it. To be saved: it is made of scripts, which no page of the UI's
    address may run."""
    try:
        path = dbt_page(request.app.state.settings)
    except FileNotFoundError:
        raise HTTPException(404) from None
    return FileResponse(path, media_type="text/html", filename="warehouse.html")


@router.get("/{name}")
def view(request: Request, name: str) -> HTMLResponse:
    """A published view, or a table of what the hub decides: its columns, and where each comes from."""
    try:
        found = read_data_catalogue(request.app.state.settings)
    except FileNotFoundError:
        raise HTTPException(404) from None
    if name in found.views:
        return page_of(request, "catalogue_view", view=found.views[name], told=by_relation)
    if name in found.steps:
        return page_of(request, "catalogue_step", step=found.steps[name], told=by_relation)
    raise HTTPException(404)


def by_relation(origins: Iterable[Origin]) -> list[tuple[str, list[str]]]:
    """What to call each feed, code list and table, and its columns; feeds first."""
    order = list(OriginKind)
    ordered = sorted(origins, key=lambda one: (order.index(one.kind), one.relation, one.column))
    return [
        (NAMES[kind].format(relation), [one.column for one in columns])
        for (kind, relation), columns in groupby(ordered, key=lambda one: (one.kind, one.relation))
    ]
