"""What stands before Airflow's API server, in front of an application that stands for it."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from hub.orchestration import login_attempts
from hub.orchestration.api_server import ApiServer
from hub.orchestration.login_attempts import FORM, FREE_OF_ADDRESS, FREE_OF_PAIR, FREE_OF_USER, LoginAttempts
from hub.orchestration.security_headers import HEADERS, SecurityHeaders
from hub.orchestration.typed_values import TypedValues

PERSON = str(uuid.UUID(int=7))
TOKEN = "t1_" + "0123456789" * 4
ERASE = "/api/v2/dags/erase_person/dagRuns"
MASK = "/api/v2/dags/mask_mentions/dagRuns"
RELEASE = "/api/v2/dags/release_quarantine/dagRuns"
ANSWER = "/api/v2/dags/review_retention/dagRuns/a/taskInstances/decide/-1/hitlDetails"
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
"""To the letters of East Asian keyboards, which read the same."""


class Clock:
    """Moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept() -> list[Any]:
    """What came through to Airflow."""
    return []


@pytest.fixture
def app(clock: Clock, kept: list[Any]) -> Starlette:
    async def log_in(request: Request) -> Response:
        is_right = b"right" in await request.body()
        return JSONResponse({"access_token": "a token"}, 201) if is_right else JSONResponse({}, 401)

    async def anything(request: Request) -> Response:
        kept.append(json.loads(await request.body() or "null"))
        return JSONResponse({"path": request.url.path})

    routes = [
        Route("/auth/token", log_in, methods=["POST"]),
        Route("/auth/token/cli", log_in, methods=["POST"]),
        Route("/{path:path}", anything, methods=["GET", "POST", "PATCH", "PUT"]),
    ]
    guards = [Middleware(SecurityHeaders), Middleware(LoginAttempts, clock=clock), Middleware(TypedValues)]
    return Starlette(routes=routes, middleware=guards)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app) as one:
        yield one


def log_in(app: Starlette, user: str, password: str, address: str = "192.0.2.1", path: str = "/auth/token") -> Any:
    client = TestClient(app, client=(address, 5000))
    return client.post(path, json={"username": user, "password": password})


def test_airflow_is_given_all_three() -> None:
    given = [one["middleware"] for one in ApiServer.fastapi_root_middlewares]
    assert given == [TypedValues, LoginAttempts, SecurityHeaders]


@pytest.mark.parametrize("path", ["/", "/dags", "/auth/login", "/api/v2/version", "/docs", "/static/x.js"])
def test_every_answer_has_the_headers(path: str, client: TestClient) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_only_a_browser_that_came_by_tls_is_told_to_stay_with_it(app: Starlette) -> None:
    client = TestClient(app, base_url="https://hub.example")
    assert client.get("/").headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("below", ["", "/hub"])
@pytest.mark.parametrize("part", ["", "/auth", "/execution"])
@pytest.mark.parametrize("page", ["docs", "docs/", "redoc", "openapi.json", "docs/oauth2-redirect"])
def test_the_api_is_described_to_nobody(below: str, part: str, page: str, app: Starlette) -> None:
    client = TestClient(app, root_path=below)
    assert client.get(f"{below}{part}/{page}").status_code == 404
    assert client.get(f"{below}/api/v2/dags/docs").status_code == 200


def test_wrong_passwords_have_to_wait_longer_each_time(app: Starlette, clock: Clock) -> None:
    for _ in range(FREE_OF_PAIR):
        assert log_in(app, "admin", "wrong").status_code == 401
    waits = []
    for _ in range(4):
        refused = log_in(app, "admin", "right")
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
        clock.now += waits[-1]
        assert log_in(app, "admin", "wrong").status_code == 401
    assert waits == sorted(set(waits))
    clock.now += 60
    assert log_in(app, "admin", "right").status_code == 201
    assert log_in(app, "admin", "wrong").status_code == 401


def test_the_other_way_to_log_in_is_slowed_with_the_first(app: Starlette) -> None:
    for path in ["/auth/token/cli", "/auth/token"] * FREE_OF_PAIR:
        log_in(app, "admin", "wrong", path=path)
    assert log_in(app, "admin", "right", path="/auth/token/cli").status_code == 429


def test_a_form_counts_as_json_does(app: Starlette) -> None:
    client = TestClient(app, client=("192.0.2.1", 5000))
    for _ in range(FREE_OF_PAIR):
        client.post("/auth/token", data={"username": "admin", "password": "wrong"})
    assert client.post("/auth/token", data={"username": "admin", "password": "right"}).status_code == 429
    assert log_in(app, "admin", "right").status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        "username=other{0}&username=admin&password=wrong",
        '{{"username":"other{0}","a":"&username=admin&password=wrong&b="}}',
    ],
)
def test_a_form_counts_for_the_user_whom_airflow_takes_it_for(body: str, app: Starlette) -> None:
    client = TestClient(app, client=("192.0.2.1", 5000), headers={"Content-Type": FORM})
    for number in range(FREE_OF_PAIR):
        client.post("/auth/token", content=body.format(number))
    assert log_in(app, "admin", "right").status_code == 429


def test_nobody_is_kept_out_by_tries_from_elsewhere(app: Starlette) -> None:
    for _ in range(FREE_OF_ADDRESS):
        log_in(app, "admin", "wrong", "198.51.100.9")
    assert log_in(app, "admin", "right", "198.51.100.9").status_code == 429
    assert log_in(app, "admin", "right", "192.0.2.1").status_code == 201


def test_many_users_from_one_address_are_slowed_together(app: Starlette) -> None:
    for number in range(FREE_OF_ADDRESS):
        assert log_in(app, f"user {number}", "wrong").status_code == 401
    assert log_in(app, "another", "wrong").status_code == 429


def test_ones_own_right_password_pays_for_no_wrong_one_of_others(app: Starlette) -> None:
    for number in range(FREE_OF_ADDRESS):
        assert log_in(app, "mine", "right").status_code == 201
        assert log_in(app, f"user {number}", "wrong").status_code == 401
    assert log_in(app, "mine", "right").status_code == 429


def test_one_user_from_many_addresses_is_slowed_at_last(app: Starlette) -> None:
    for number in range(FREE_OF_USER):
        assert log_in(app, "admin", "wrong", f"192.0.2.{number}").status_code == 401
    assert log_in(app, "admin", "wrong", "198.51.100.1").status_code == 429


def test_no_more_is_remembered_than_there_is_room_for(
    app: Starlette, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(login_attempts, "MOST_KEPT", 30)
    guard = LoginAttempts(app, clock)
    for number in range(100):
        log_in(guard, "x" * 10_000 + str(number), "wrong", f"192.0.2.{number}")  # type: ignore[arg-type]
    assert len(guard.tries) == 30
    assert max(len(user or "") for user, _ in guard.tries) <= login_attempts.LONGEST_NAME


def test_a_login_of_megabytes_is_not_read(client: TestClient) -> None:
    assert client.post("/auth/token", content=b"x" * 2 * 1024 * 1024).status_code == 413


@pytest.mark.parametrize("person", [PERSON, TOKEN, f"{PERSON}:reporter"])
def test_an_erasure_is_asked_for_by_id_token_or_row(person: str, client: TestClient, kept: list[Any]) -> None:
    body = {"logical_date": None, "conf": {"person": person, "because": "asked for by the person"}}
    assert client.post(ERASE, json=body).status_code == 200
    assert kept == [body]


@pytest.mark.parametrize(
    "conf",
    [
        {"person": "Ada Quill"},
        {"person": "ada@example.org"},
        {"person": "07700 900123"},
        {"person": PERSON, "name": "Ada Quill"},
        {"person": PERSON, "decided_by": "admin"},
        {"person": [PERSON, "Ada Quill"]},
        {"person": f"{PERSON}\n"},
        {"person": f"{PERSON}:reporter\n"},
        {"person": f"{PERSON}:Ada Quill"},
        {"person": f"{PERSON}:07700900123"},
        {},
        None,
    ],
)
def test_an_erasure_by_name_is_refused_before_airflow_keeps_it(
    conf: object, client: TestClient, kept: list[Any]
) -> None:
    refused = client.post(ERASE, json={"logical_date": None, "conf": conf})
    assert refused.status_code == 400
    assert "Ada" not in refused.text
    if conf and len(conf) == 1:  # type: ignore[arg-type]
        assert "hub person find" in refused.text
    assert kept == []


@pytest.mark.parametrize(
    "conf",
    [{"erasure_id": "Ada Quill"}, {"erasure_id": PERSON, "name": "Ada Quill"}, {"erasure_id": f"{PERSON}\n"}, {}, None],
)
def test_a_masking_by_name_is_refused_before_airflow_keeps_it(
    conf: object, client: TestClient, kept: list[Any]
) -> None:
    refused = client.post(MASK, json={"logical_date": None, "conf": conf})
    assert refused.status_code == 400
    assert "Ada" not in refused.text
    assert kept == []
    body = {"logical_date": None, "conf": {"erasure_id": PERSON}}
    assert client.post(MASK, json=body).status_code == 200
    assert kept == [body]


@pytest.mark.parametrize(
    "text",
    [
        *("ada@example.org said so", "call 07700 900123", "(07700) 900123", "07700-900123", "+44 (0)7700 900 123"),
        *(
            "07700.900.123",
            "07700 900123".translate(WIDE),
            "ada@example.org".translate(WIDE),
            "ada%40example.org",
            "%2B44 7700 900123",
        ),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        *(RELEASE, ANSWER, "/api/v2/backfills", "/api/v2/assets/events"),
        *("/api/v2/variables", "/api/v2/connections", "/api/v2/pools/a"),
    ],
)
def test_a_contact_is_refused_wherever_it_is_typed(text: str, path: str, client: TestClient, kept: list[Any]) -> None:
    for body in ({"note": text}, {"conf": {"why": [text]}}, {"params_input": {"because": text}}, {text: 1}):
        assert client.post(path, json=body).status_code == 400
        assert client.patch(path, json=body).status_code == 400
    assert kept == []


def test_ids_and_times_are_no_telephone_numbers(client: TestClient, kept: list[Any]) -> None:
    ids = ["01234567-0123-5123-8123-012345678901", "98765432-1098-5765-8321-098765432109", TOKEN]
    body = {"conf": {"quarantine_ids": ids}, "logical_date": "2026-11-28T05:44:05.012345+00:00", "note": "2026-01-02"}
    assert client.post(RELEASE, json=body).status_code == 200
    assert kept == [body]


@pytest.mark.parametrize(
    "text",
    [
        *("from 01/02/2026 10:15", "28.01.2026 10:15", "2026-01-02 05:44:05.012345-05:00", "08.00-16.00"),
        *("rows 101 102 103 104", "192.168.100.200", "a share of 0.00012345", "0 6 1 1 *"),
    ],
)
def test_days_hours_and_counts_are_no_telephone_numbers(text: str, client: TestClient, kept: list[Any]) -> None:
    body = {"note": text}
    assert client.post(RELEASE, json=body).status_code == 200
    assert kept == [body]


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"x" * 2 * 1024 * 1024, b"\xff"])
def test_what_cannot_be_looked_at_is_refused(body: bytes, client: TestClient, kept: list[Any]) -> None:
    assert client.post(RELEASE, content=body).status_code == 400
    assert kept == []


@pytest.mark.parametrize(
    "text",
    [
        *("call 020-7946-0958", "020.7946.0958", "020 7946-0958", "+44.20.7946.0958", "07700/900123"),
        *("07700\u2011900\u2011123", "+44\u20137700\u2013900123", "44 7700 900123"),
    ],
)
def test_a_number_is_refused_by_whatever_marks_its_groups_are_parted(
    text: str, client: TestClient, kept: list[Any]
) -> None:
    assert client.post(RELEASE, json={"note": text}).status_code == 400
    assert kept == []
