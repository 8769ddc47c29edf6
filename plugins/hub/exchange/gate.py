"""What every request has to pass: how much it may bring and how slowly, headers of every answer, and a line of log
that holds neither token nor id."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.exchange.problems import answer
from hub.settings import MEBIBYTE

MOST_BYTES = 64 * 1024
"""Of a request; an answer takes a few hundred."""
MOST_BYTES_OF_A_FILE = {"/v1/deliveries/": 256 * MEBIBYTE, "/v1/checks/": 16 * MEBIBYTE}
"""By what the path begins with."""
LONGEST_SILENCE = 30
"""Seconds for which a sender may pause in a request."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGES = "/answer/"
HEADERS_OF_PAGES = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
}
ONLY_WITH_TLS = {"Strict-Transport-Security": "max-age=31536000"}

log = logging.getLogger(__name__)


def most_bytes(path: str) -> int:
    """How long the body of a request to this path may be."""
    return next((most for start, most in MOST_BYTES_OF_A_FILE.items() if path.startswith(start)), MOST_BYTES)


def headers_for(scope: Scope) -> dict[str, str]:
    """What every answer to this request has."""
    of_page = HEADERS_OF_PAGES if scope["path"].startswith(PAGES) else {}
    return HEADERS | of_page | (ONLY_WITH_TLS if scope["scheme"] == "https" else {})


class Gate:
    """Every request goes through it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most, headers, has_begun = most_bytes(scope["path"]), headers_for(scope), False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                MutableHeaders(scope=message).update(headers)
                log.info("%s %s %s %s", *_described(scope), message["status"])
            await send(message)

        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isdecimal() or int(stated) > most:
            too_large = answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {most} bytes")
            await too_large(scope, receive, send_with_headers)
            return
        try:
            await self.app(scope, _within(receive, most), send_with_headers)
        except Exception as problem:  # the server would log its message, which can hold values
            log.error("a request ended by %s", type(problem).__name__)
            if not has_begun:
                mistake = answer(HTTPStatus.INTERNAL_SERVER_ERROR, "a mistake of the hub's own")
                await mistake(scope, receive, send_with_headers)


def _within(receive: Receive, most: int) -> Receive:
    """``receive`` that ends a request which brings more, or pauses for too long before it is whole."""
    came, is_whole = 0, False

    async def bounded() -> Message:
        nonlocal came, is_whole
        if is_whole:  # what comes now is that the caller has gone
            return await receive()
        try:
            async with asyncio.timeout(LONGEST_SILENCE):
                message = await receive()
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
        came += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if came > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return bounded


def _described(scope: Scope) -> tuple[Any, ...]:
    """Method, form of the path and the token's number: what a caller has made up is in none of them."""
    route = getattr(scope.get("route"), "path", "an unknown path")
    method = scope["method"] if scope["method"] in ("GET", "POST") else "another method"
    return method, route, scope.get("state", {}).get("token_id", "without a token")
