"""Every page of the UI says what a browser may do with it, and Airflow's descriptions of its API are closed."""

import re

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the UI sets styles in the page, Chakra's and the code editor's
        "img-src 'self' data:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",  # of the code editor and the graphs
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # Airflow knows by it that a run was started in the UI
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ONLY_WITH_TLS = {"Strict-Transport-Security": "max-age=31536000"}
DESCRIPTIONS = re.compile(r"(/auth|/execution)?/(docs(/oauth2-redirect)?|redoc|openapi\.json)/?")


def path_of(scope: Scope) -> str:
    """The path that was asked for, below the one that the UI is served under."""
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


class SecurityHeaders:
    """Adds the headers to every answer, and answers 404 where Airflow would describe its API to anybody."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = HEADERS | (ONLY_WITH_TLS if scope["scheme"] == "https" else {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        is_closed = DESCRIPTIONS.fullmatch(path_of(scope)) is not None
        answer = JSONResponse({"detail": "Not Found"}, status_code=404) if is_closed else self.app
        await answer(scope, receive, send_with_headers)
