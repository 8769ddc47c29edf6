"""Passwords cannot be tried out: after some wrong ones the next try has to wait, longer each time.

Counts are kept in the memory of the API server, of which a hub has one, with one worker; a restart forgets them.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.orchestration.request_bodies import TooLong, read_body
from hub.orchestration.security_headers import path_of

FORM = "application/x-www-form-urlencoded"
LOGINS = ("/auth/token", "/auth/token/cli")
FREE_OF_PAIR, FREE_OF_ADDRESS, FREE_OF_USER = 5, 20, 50
"""Wrong passwords without a wait: of one user from one address, of all users from there, of one user from anywhere. The
last is the largest, so that nobody keeps a user out with a few tries from elsewhere."""
LONGEST_WAIT = 15 * 60.0
FORGOTTEN_AFTER = 60 * 60.0
MOST_KEPT = 10_000
LONGEST_NAME = 100

type Key = tuple[str | None, str | None]
"""User and address; None: any."""


@dataclass
class Tries:
    """How often in a row, and when last."""

    count: int = 0
    last_at: float = 0.0


class LoginAttempts:
    """Counts logins that failed, and answers 429 to those that come too soon after."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self.clock = clock
        self.tries: dict[Key, Tries] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST" or path_of(scope).rstrip("/") not in LOGINS:
            await self.app(scope, receive, send)
            return
        try:
            body, receive = await read_body(receive)
        except TooLong:
            await JSONResponse({"detail": "too long for a login"}, status_code=413)(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else "unknown"
        user = await _user_of(scope, body)
        wait = self._wait((user, address))
        if wait > 0:
            seconds = str(int(wait) + 1)
            answer = {"detail": f"Too many wrong passwords; try again in {seconds} seconds"}
            await JSONResponse(answer, status_code=429, headers={"Retry-After": seconds})(scope, receive, send)
            return
        # Counted before the answer is known: of many at once none is let through unseen.
        self._count((user, address))

        async def send_and_settle(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                self._forgive(user, address)
            await send(message)

        await self.app(scope, receive, send_and_settle)

    def _wait(self, who: Key) -> float:
        now, longest = self.clock(), 0.0
        for key, free in _limits(who):
            tries = self.tries.get(key)
            if tries is not None and now - tries.last_at >= FORGOTTEN_AFTER:
                del self.tries[key]
            elif tries is not None and tries.count >= free:
                pause = min(LONGEST_WAIT, 2.0 ** min(tries.count - free, 20))
                longest = max(longest, tries.last_at + pause - now)
        return longest

    def _count(self, who: Key) -> None:
        for key, _ in _limits(who):
            # Put at the end: those that were tried last are kept longest.
            tries = self.tries.pop(key, Tries())
            self.tries[key] = Tries(tries.count + 1, self.clock())
        while len(self.tries) > MOST_KEPT:
            del self.tries[next(iter(self.tries))]

    def _forgive(self, user: str, address: str) -> None:
        """The right password: the user's count starts at zero; the address loses no other user's wrong ones."""
        self.tries.pop((user, address), None)
        self.tries.pop((user, None), None)
        if tries := self.tries.get((None, address)):
            tries.count -= 1


def _limits(who: Key) -> tuple[tuple[Key, int], ...]:
    user, address = who
    return ((who, FREE_OF_PAIR), ((None, address), FREE_OF_ADDRESS), ((user, None), FREE_OF_USER))


async def _user_of(scope: Scope, body: bytes) -> str:
    """The user that a login names, as JSON or as a form, read as Airflow reads it; empty where it names none."""

    async def once_more() -> Message:
        return {"type": "http.request", "body": body}

    request = Request(scope, once_more)
    try:
        login = await (request.form() if request.headers.get("content-type") == FORM else request.json())
        name = login.get("username") if isinstance(login, Mapping) else None
    except (ValueError, RecursionError):
        name = None
    return str(name or "")[:LONGEST_NAME]
