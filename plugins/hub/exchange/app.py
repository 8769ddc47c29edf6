"""The exchange as an ASGI application."""

from fastapi import FastAPI

from hub.contracts.model import read_catalogue
from hub.exchange import answer_page, answers, checks, deliveries, dispatches
from hub.exchange.answer_form import FILLED
from hub.exchange.bearer import Limit, Service
from hub.exchange.gate import Gate
from hub.exchange.openapi import PATH, describe
from hub.exchange.problems import handle_problems
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

SUMMARY = "Fetch dispatches, answer them, hand in deliveries. Each request brings a token of its recipient."


def make_exchange(settings: Settings) -> FastAPI:
    """The application of a hub. Its description needs no token."""
    # Documentation pages would load scripts from elsewhere.
    app = FastAPI(
        title="Exchange",
        version="1.0",
        summary=SUMMARY,
        docs_url=None,
        redoc_url=None,
        openapi_url=PATH,
        redirect_slashes=False,
    )
    contracts = read_catalogue(settings.expectations).contracts
    app.state.service = Service(settings, open_warehouse(settings, Role.EXCHANGE), contracts, Limit())
    app.state.field_names = frozenset(
        column.name for feed in FILLED if feed in contracts for column in contracts[feed].columns
    )
    for part in (dispatches, answers, deliveries, checks, answer_page):
        app.include_router(part.router)
    handle_problems(app)
    describe(app, contracts)
    app.add_middleware(Gate)
    return app
