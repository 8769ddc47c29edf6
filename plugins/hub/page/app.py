"""The page as an application of its own, for Airflow's API server to serve."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from markupsafe import escape
from sqlalchemy.exc import DataError, OperationalError

from hub.page.readers import Reader, StartRun
from hub.settings import Settings

SAID = {
    401: ("Log in", "Nobody is logged in here. Log in to Airflow, then open this page again."),
    403: ("Not for you", "Your role may not look at this."),
    404: ("Not found", "There is no such page."),
    422: ("Not understood", "The address of this page cannot be read."),
    503: ("Not now", "The warehouse does not answer at the moment. Try again in a minute."),
}


def make_page(read_settings: Callable[[], Settings], admit: Callable[..., Reader], start_run: StartRun) -> FastAPI:
    """The page of the hub that ``read_settings`` gives. ``admit`` is a dependency that says who asks; it raises
    HTTPException with 401 where nobody is logged in, and 403 for everybody who may not look. ``start_run`` starts a run
    of Airflow as that person.

    Its routes are added when the server starts: other processes that load the same plugin do not import what reads the
    warehouse.
    """

    def let_in(request: Request, reader: Annotated[Reader, Depends(admit)]) -> None:
        request.state.reader = reader

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        from hub.page.routes import router  # noqa: PLC0415

        app.state.settings = read_settings()
        app.state.start_run = start_run
        app.include_router(router, dependencies=[Depends(let_in)])
        yield

    app = FastAPI(title="Hub", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    for status in SAID:
        app.add_exception_handler(status, _handler(status))
    app.add_exception_handler(RequestValidationError, _handler(422))
    # An address may hold something that PostgreSQL cannot, such as a text with a zero byte.
    app.add_exception_handler(DataError, _handler(404))
    app.add_exception_handler(OperationalError, _handler(503))
    return app


def _handler(status: int) -> Callable[[Request, Exception], Any]:
    return lambda request, _problem: _answer(status, request)


def _answer(status: int, request: Request) -> HTMLResponse:
    """Plain, without a word of what was asked for. The way out is Airflow, which asks for a login."""
    title, said = SAID[status]
    airflow = str(request.scope.get("root_path", "")).rstrip("/").rpartition("/")[0]
    head = f'<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title} · Hub</title>'
    body = f'<main><h1>{title}</h1><p>{said}</p><p><a href="{escape(airflow)}/">Airflow</a></p></main>'
    return HTMLResponse(f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>', status)
