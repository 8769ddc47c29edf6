"""Who may look at the hub's page, by Airflow's own logins and rights."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.datamodels.plugins import ExternalViewResponse
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI
from starlette.testclient import TestClient

import hub_plugin
from hub.orchestration.hub_page import DECIDED_IN, PREFIX, HubPage, admit
from hub.orchestration.quarantine_dag import quarantine_dag
from hub.orchestration.starting_runs import start_run
from hub.orchestration.ui_users import UI_USERS
from hub.page import make_page
from hub.settings import Settings

NO_ROW = str(uuid.UUID(int=1))
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def page(settings: Settings) -> FastAPI:
    assert isinstance(create_auth_manager(), SimpleAuthManager)
    return make_page(lambda: settings, admit, start_run)


@pytest.fixture
def client(page: FastAPI) -> Iterator[TestClient]:
    with TestClient(page) as one:
        yield one


def log_in(page: FastAPI, role: str | None) -> None:
    """As Airflow does for a token: from then on everybody is a user of this role."""
    page.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="somebody", role=role)


def test_airflow_serves_the_page_and_links_to_it() -> None:
    assert hub_plugin.HubPage is HubPage
    (served,) = HubPage.fastapi_apps
    (linked,) = HubPage.external_views
    assert served["url_prefix"] == PREFIX
    view = ExternalViewResponse.model_validate(linked)
    assert (view.href, view.destination, view.url_route) == ("hub/", "nav", None)
    assert (view.category, view.nav_top_level) == ("browse", False)


def test_without_a_login_nothing_is_shown(client: TestClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, "<h1>Log in</h1>" in answer.text) == (401, True)


@pytest.mark.parametrize("sent", [{"Authorization": "Bearer made.up.token"}, {"Cookie": "_token=made.up.token"}])
def test_a_made_up_token_is_none(sent: dict[str, str], client: TestClient) -> None:
    assert client.get("/", headers=sent).status_code == 403


@pytest.mark.parametrize(
    ("role", "page_status", "rows_status", "asking_status"),
    [
        (None, 403, 403, 403),
        (UI_USERS["viewer"], 200, 403, 403),
        (UI_USERS["operator"], 200, 200, 404),
        ("op", 200, 200, 404),
        ("admin", 200, 200, 404),
    ],
)
def test_rights_are_those_of_airflow(
    role: str | None, page_status: int, rows_status: int, asking_status: int, page: FastAPI, client: TestClient
) -> None:
    log_in(page, role)
    assert client.get("/").status_code == page_status
    assert client.get("/quarantine").status_code == rows_status
    # Who may ask is told that there is no such row.
    for address in ("ask", f"rows/{NO_ROW}/correct"):
        answer = client.post(f"/deliveries/{NO_ROW}/{address}", data={"wish": "release", "row": NO_ROW}, headers=HERE)
        assert answer.status_code == asking_status


def test_without_a_login_nothing_is_asked(client: TestClient) -> None:
    assert client.post(f"/deliveries/{NO_ROW}/ask", data={"wish": "release"}, headers=HERE).status_code == 401


def test_who_may_decide_is_asked_of_the_dag_in_which_it_is_decided(settings: Settings) -> None:
    assert quarantine_dag(settings).dag_id == DECIDED_IN


def test_processes_that_serve_nothing_do_not_import_what_reads_the_warehouse() -> None:
    heavy = ("hub.page.routes", "psycopg", "pyarrow")
    code = f"import sys, hub_plugin; print([one for one in {heavy} if one in sys.modules])"
    command = [sys.executable, "-c", code]
    folder = Path(hub_plugin.__file__).parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
