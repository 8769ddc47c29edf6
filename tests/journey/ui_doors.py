"""What the UI of a running hub lets in, and where secrets can be read beside it."""

import re
from pathlib import Path

import airflow.api_fastapi.core_api.openapi
import httpx
import sqlalchemy as sa
import yaml

from hub.orchestration.airflow_environment import METADATA_DATABASE, ui_password, ui_passwords_file
from hub.orchestration.security_headers import HEADERS
from hub.orchestration.ui_users import UI_USERS
from hub.settings import Settings
from hub.warehouse.engine import role_address
from hub.warehouse.roles import Role

DESCRIBED = Path(airflow.api_fastapi.core_api.openapi.__file__).with_name("v2-rest-api-generated.yaml")
KEPT_BY_AIRFLOW = (
    "rendered_task_instance_fields",
    "log",
    "dag_run",
    "dag_run_note",
    "xcom",
    "hitl_detail",
    "serialized_dag",
)
SHORTEST_SECRET = 12
OPEN_TO_ALL = {"/api/v2/monitor/health", "/api/v2/version", "/api/v2/auth/login", "/api/v2/auth/logout"}


def client_of(hub: Settings, user: str) -> httpx.Client:
    """Airflow's API, logged in as ``user``."""
    client = httpx.Client(base_url=f"http://127.0.0.1:{hub.ui_port}", timeout=60)
    login = {"username": user, "password": ui_password(hub, user)}
    token = client.post("/auth/token", json=login).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def the_ui_takes_the_printed_login_only(hub: Settings, printed: str) -> None:
    address = re.search(r"http://127\.0\.0\.1:\d+", printed)
    assert address is not None
    assert str(ui_passwords_file(hub)) in printed
    assert ui_password(hub, "admin") not in printed
    assert ui_passwords_file(hub).stat().st_mode & 0o077 == 0
    for password, status in ((ui_password(hub, "admin"), 201), ("wrong", 401)):
        login = {"username": "admin", "password": password}
        assert httpx.post(f"{address.group()}/auth/token", json=login).status_code == status
    _who_may_not_is_refused(hub, address.group())
    _the_page_is_for_those_who_may_look(hub, address.group())
    _passwords_cannot_be_tried_out(address.group())
    _every_page_has_its_headers_and_none_describes_the_api(address.group())


def _who_may_not_is_refused(hub: Settings, address: str) -> None:
    """Without a login nothing is told, a made-up one is none, and a viewer triggers nothing; an operator may."""
    described = yaml.load(DESCRIBED.read_text(), Loader=yaml.CSafeLoader)["paths"]
    paths = {path for path, methods in described.items() if "{" not in path and "get" in methods}
    assert len(paths) > 20
    for path in sorted(paths - OPEN_TO_ALL):
        for headers in ({}, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."}):
            status = httpx.get(f"{address}{path}", headers=headers).status_code
            assert status in (401, 403), f"{path} answers {status} to nobody"
    trigger = f"{address}/api/v2/dags/watch_deliveries/dagRuns"
    body: dict[str, object] = {"logical_date": None, "conf": {}}
    assert httpx.post(trigger, json=body).status_code == 401
    for user, allowed in (("viewer", False), ("operator", True)):
        client = client_of(hub, user)
        assert client.get("/api/v2/dags").status_code == 200
        status = client.post(trigger, json=body).status_code
        assert (status == 200) if allowed else (status == 403), f"{user}: {status}"


def _the_page_is_for_those_who_may_look(hub: Settings, address: str) -> None:
    """A viewer sees what came; single rows in quarantine are for who may ask for their release."""
    pages = {"/hub/": {"viewer": 200, "operator": 200}, "/hub/quarantine": {"viewer": 403, "operator": 200}}
    for path, wanted in pages.items():
        assert httpx.get(f"{address}{path}").status_code == 401
        for user, status in wanted.items():
            client = client_of(hub, user)
            assert client.get(path).status_code == status, f"{user}: {path}"
            # As a browser sends it.
            cookies = {"_token": client.headers["Authorization"].removeprefix("Bearer ")}
            assert httpx.get(f"{address}{path}", cookies=cookies).status_code == status, f"{user}: {path}"
    told = client_of(hub, "viewer").get("/api/v2/plugins").json()["plugins"]
    assert [view["href"] for plugin in told for view in plugin["external_views"]] == ["hub/"]


def _passwords_cannot_be_tried_out(address: str) -> None:
    login = {"username": "mallory", "password": "a guess"}
    statuses = [httpx.post(f"{address}/auth/token", json=login).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def _every_page_has_its_headers_and_none_describes_the_api(address: str) -> None:
    for path in (
        "/",
        "/hub/",
        "/hub/deliveries/what",
        "/auth/login",
        "/api/v2/version",
        "/api/v2/dags",
        "/nowhere",
        "/static/nothing.js",
    ):
        headers = httpx.get(f"{address}{path}").headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
    for part in ("", "/auth", "/execution"):
        for page in ("docs", "redoc", "openapi.json"):
            assert httpx.get(f"{address}{part}/{page}").status_code == 404, f"{part}/{page}"


def _secrets_of(hub: Settings) -> list[bytes]:
    """Passwords, keys and addresses; a file of keys has their versions beside them."""
    words = [word for path in hub.secrets.rglob("*") if path.is_file() for word in path.read_bytes().split()]
    secrets = [word for word in words if len(word) > SHORTEST_SECRET]
    secrets += [ui_password(hub, user).encode() for user in UI_USERS]
    assert len(secrets) > 60
    return secrets


def no_secret_is_in_a_log_or_a_rendered_field(hub: Settings) -> None:
    secrets = _secrets_of(hub)
    written = [path for path in hub.logs.rglob("*") if path.is_file()]
    assert len(written) > 20
    for path in written:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), f"a secret is in {path}"
    for table, rows in airflows_tables(hub).items():
        assert not any(secret.decode() in row for row in rows for secret in secrets), f"a secret is in {table}"


def airflows_tables(hub: Settings) -> dict[str, list[str]]:
    """The tables of Airflow's own database that keep what people type and tasks hand on, row by row as text."""
    address = role_address(hub, Role.AIRFLOW).set(database=METADATA_DATABASE, drivername="postgresql+psycopg")
    with sa.create_engine(address).connect() as connection:
        return {
            table: list(connection.execute(sa.text(f"select t::text from {table} t")).scalars())
            for table in KEPT_BY_AIRFLOW
        }


def no_secret_is_told_by_a_process(hub: Settings) -> None:
    """Neither by its command nor by its environment, of whatever runs now: components, tasks, PostgreSQL."""
    secrets = _secrets_of(hub)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        for name in ("cmdline", "environ"):
            try:
                told = (entry / name).read_bytes()
                command = (entry / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            assert not any(secret in told for secret in secrets), f"a secret is in the {name} of {command[:80]!r}"
