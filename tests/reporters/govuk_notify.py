"""GOV.UK Notify on loopback, as its documentation describes it: checks tokens, keeps notifications, fails as told."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt

SERVICE, SECRET = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
KEY = f"the_hub-{SERVICE}-{SECRET}"
TEMPLATE = "33333333-3333-4333-8333-333333333333"
LONGEST_AGE_SECONDS = 30


class Notify:
    """``fault``: "" for none, a status that it answers with, ``lost`` when it takes a notification and says nothing,
    ``odd`` for an answer that is no JSON."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.asked = 0
        self.fault = ""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"notify": self}))
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    notify: Notify

    def do_GET(self) -> None:
        self.notify.asked += 1
        if self._is_let_in():
            [reference] = parse_qs(urlsplit(self.path).query)["reference"]
            found = [{"id": "1", "reference": reference} for one in self.notify.sent if one["reference"] == reference]
            self._answer(200, {"notifications": found, "links": {}})

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._is_let_in():
            return
        if self.path != "/v2/notifications/email" or said["template_id"] != TEMPLATE:
            self._answer(400, {"errors": [{"error": "BadRequestError", "message": "Template not found"}]})
        elif self.notify.fault.isdigit():
            problem = {"error": "Error", "message": f"{said['email_address']} is refused"}
            self._answer(int(self.notify.fault), {"status_code": int(self.notify.fault), "errors": [problem]})
        else:
            self.notify.sent.append(said)
            if self.notify.fault == "lost":
                self.close_connection = True
            elif self.notify.fault == "odd":
                self._answer_bytes(201, b"<html>")
            else:
                self._answer(201, {"id": "1", "reference": said["reference"]})

    def _is_let_in(self) -> bool:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False})
            is_right: bool = claims["iss"] == SERVICE and abs(time.time() - claims["iat"]) < LONGEST_AGE_SECONDS
        except jwt.PyJWTError:
            is_right = False
        if not is_right:
            self._answer(403, {"errors": [{"error": "AuthError", "message": "Invalid token"}]})
        return is_right

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        self._answer_bytes(status, json.dumps(content).encode())

    def _answer_bytes(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""
