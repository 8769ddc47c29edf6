"""Superset's settings for the dashboards of a hub.

Superset is given none of the hub's own secrets: its folder (``HUB_DASHBOARDS_HOME``) holds its key, the passwords of
those roles that may look on, and its database. Where the warehouse is, ``HUB_WAREHOUSE_URL`` says, without a password.
"""

import functools
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy.engine import URL, make_url

HOME = Path(os.environ["HUB_DASHBOARDS_HOME"])
WAREHOUSE = make_url(os.environ["HUB_WAREHOUSE_URL"])
PATIENCE_SECONDS = 60
ADMINISTRATOR = "admin"
ANALYST = "hub_analyst"
SHARED = "hub_bi"

SECRET_KEY = (HOME / "secret-key").read_text().strip()
# What is kept in it are the files of `assets` and what people draw beside them; one process writes it.
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"

APP_NAME = "Online hate crime hub"
# Nothing is fetched from anywhere but this server, whatever a chart asks for.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
# Maps are points on an empty ground: a map service would learn where somebody looks.
DECKGL_BASE_MAP = [["none", "No background map"]]
MAPBOX_API_KEY = ""

SQLLAB_BACKEND_PERSISTENCE = False
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = ""
RATELIMIT_STORAGE_URI = "memory://"
AUTH_RATE_LIMIT = "20 per minute"


def role_of(asked: str | None, account: str | None) -> str | None:
    """The role as which somebody's question reaches the warehouse, or None where it must not.

    A connection names its role, or that of the account that asks (``impersonate_user``). Whatever it names, an account
    reads as the role of its own name or as the one that everybody may share; the administrator as the analyst.
    """
    own = ANALYST if account == ADMINISTRATOR else account
    if asked == ADMINISTRATOR:
        asked = ANALYST
    return asked if asked in (own, SHARED) else None


def address_as_role(
    address: URL, parameters: dict[str, Any], account: str | None, *_: object
) -> tuple[URL, dict[str, Any]]:
    """Superset's DB_CONNECTION_MUTATOR: where the warehouse is and how to connect, which the files do not say.
    Everybody gets an engine: Superset makes one even to say that somebody may not look."""
    options = parameters.pop("connect_args", {}) | {"application_name": "dashboards"}
    creator = functools.partial(connect, address.username, account, options)
    known = WAREHOUSE.set(drivername="postgresql+psycopg2", username=address.username)
    return known, parameters | {"creator": creator, "hide_parameters": True}


def connect(asked: str | None, account: str | None, options: dict[str, Any]) -> Any:
    """A connection as the role of an account, or PermissionError where it must not be. Waits until it can be had: a
    dashboard asks for all of its charts at once, and a force may have two connections."""
    role = role_of(asked, account)
    if role is None:
        raise PermissionError(f"{account} may not read as {asked}")
    known = WAREHOUSE.set(username=role, password=(HOME / "roles" / role).read_text().strip())
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return psycopg2.connect(known.render_as_string(hide_password=False), **options)
        except psycopg2.OperationalError as error:
            if "too many connections for role" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.1)


class DashboardsFirst:
    """WSGI middleware: the list of dashboards instead of a page about what oneself did of late."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"] != "/superset/welcome/":
            return self.app(environ, start_response)
        start_response("302 Found", [("Location", "/dashboard/list/")])
        return [b""]


DB_CONNECTION_MUTATOR = address_as_role
ADDITIONAL_MIDDLEWARE = [DashboardsFirst]
