"""The exchange as an ASGI application."""

from fastapi import FastAPI

from hub.exchange import dispatches
from hub.exchange.bearer import Limit, Service
from hub.exchange.gate import Gate
from hub.exchange.openapi import PATH, describe
from hub.exchange.problems import handle_problems
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

SUMMARY = "Fetch dispatches, answer them, hand in deliveries. Each request brings a token of its recipient."


def make_exchange(settings: Settings, limit: Limit | None = None) -> FastAPI:
    """The application of a hub. Its description needs no token."""
    # Documentation pages would load scripts from elsewhere.
    app = FastAPI(title="Exchange", version="1.0", summary=SUMMARY, docs_url=None, redoc_url=None, openapi_url=PATH)
    app.state.service = Service(settings, open_warehouse(settings, Role.EXCHANGE), limit or Limit())
    app.include_router(dispatches.router)
    handle_problems(app)
    describe(app)
    app.add_middleware(Gate)
    return app
