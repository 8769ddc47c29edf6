"""Choosing rows in quarantine and asking for a decision about them."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import HTTPException, Request
from httpx2 import Response
from starlette.testclient import TestClient

from hub.deliveries import RowState
from hub.ingest.release import reject_row
from hub.orchestration.approvals import Approval, Question, keep, keep_question
from hub.page import NotStarted, make_page, quarantine
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import QUARANTINED_ROWS
from page.conftest import READERS, Came, served_below
from page.shown import shown
from page.test_pages import ROUTES, address_of, is_for_deciders

RUN = "manual__2026-11-28T19:13:17.123456+00:00"
ANSWERED_IN = "/dags/release_quarantine/runs/manual__2026-11-28T19%3A13%3A17.123456%2B00%3A00/required_actions"
HERE = {"Origin": "http://testserver"}
RULE = "activity.known"


class Airflow:
    """Takes note of what it is to start, in the place of Airflow; it can refuse."""

    def __init__(self) -> None:
        self.started: list[tuple[str, Mapping[str, Any]]] = []
        self.refusal: Exception | None = None

    async def start_run(self, _request: Request, dag_id: str, given: Mapping[str, Any]) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.started.append((dag_id, given))
        return RUN


@pytest.fixture
def airflow() -> Airflow:
    return Airflow()


@pytest.fixture
def client(settings: Settings, airflow: Airflow) -> Iterator[TestClient]:
    page = make_page(lambda: settings, lambda: READERS["operator"], airflow.start_run)
    with TestClient(served_below(page), follow_redirects=False) as one:
        yield one


@pytest.fixture
def ids(settings: Settings, came: Came) -> list[str]:
    """The open rows of the half bad file, in its order."""
    columns = QUARANTINED_ROWS.c
    query = sa.select(columns.quarantine_id).where(columns.delivery_id == came.half_bad).order_by(columns.row_number)
    with open_warehouse(settings, Role.LOADER).connect() as connection:
        found: list[uuid.UUID] = list(connection.scalars(query))
    return [str(one) for one in found]


def ask(client: TestClient, delivery_id: uuid.UUID, **form: Any) -> Response:
    return client.post(f"/hub/deliveries/{delivery_id}/ask", data=form, headers=HERE)


@pytest.mark.parametrize("wish", ["release", "reject"])
def test_rows_that_are_ticked_are_asked_about_in_the_order_of_the_file(
    wish: str, client: TestClient, airflow: Airflow, came: Came, ids: list[str]
) -> None:
    answer = ask(client, came.half_bad, wish=wish, row=[ids[3], ids[1]])
    assert (answer.status_code, answer.headers["location"]) == (303, ANSWERED_IN)
    assert airflow.started == [("release_quarantine", {"quarantine_ids": [ids[1], ids[3]], "wish": wish})]


def test_all_open_rows_with_a_rule_are_asked_about_at_once(
    client: TestClient, airflow: Airflow, came: Came, ids: list[str], settings: Settings
) -> None:
    reject_row(settings, open_warehouse(settings, Role.LOADER), uuid.UUID(ids[0]), "somebody")
    page = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows?rule={RULE}"))
    assert "All 4 open rows of this delivery with the rule activity.known" in page.words
    assert ask(client, came.half_bad, wish="reject", which="rule", rule=RULE).status_code == 303
    assert airflow.started == [("release_quarantine", {"quarantine_ids": ids[1:], "wish": "reject"})]


def test_of_very_many_rows_with_a_rule_the_first_are_asked_about(
    client: TestClient, airflow: Airflow, came: Came, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST_ROWS", 2)
    assert "The first 2 of 5 open rows" in shown(client.get(f"/hub/deliveries/{came.half_bad}/rows?rule={RULE}")).words
    ask(client, came.half_bad, wish="release", which="rule", rule=RULE)
    assert airflow.started == [("release_quarantine", {"quarantine_ids": ids[:2], "wish": "release"})]


def test_the_form_of_the_page_asks_for_what_is_ticked_in_it(client: TestClient, came: Came, ids: list[str]) -> None:
    (form,) = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows?state=open")).tree.xpath("//form")
    assert (form.get("method"), form.get("action")) == ("post", f"/hub/deliveries/{came.half_bad}/ask")
    assert form.xpath(".//input[@name='row']/@value") == ids
    assert form.xpath(".//button[@name='wish']/@value") == ["release", "reject"]


def test_of_very_many_open_rows_the_list_says_that_they_are_more(
    client: TestClient, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"{len(ids)} rows" in shown(client.get("/hub/quarantine")).words
    monkeypatch.setattr(quarantine, "MOST_COUNTED", len(ids) - 1)
    assert f"more than {len(ids) - 1} rows" in shown(client.get("/hub/quarantine")).words


def test_rows_that_are_decided_cannot_be_ticked(
    client: TestClient, came: Came, ids: list[str], settings: Settings
) -> None:
    engine = open_warehouse(settings, Role.LOADER)
    for one in ids:
        reject_row(settings, engine, uuid.UUID(one), "somebody")
    page = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows"))
    assert page.words.count(RowState.REJECTED) >= len(ids)
    assert page.tree.xpath("//input|//button") == []


def test_a_row_that_somebody_is_asked_about_says_so_and_cannot_be_asked_about_again(
    client: TestClient, airflow: Airflow, came: Came, ids: list[str], settings: Settings
) -> None:
    about = {"quarantine_ids": [ids[0]], "delivery_id": None, "wish": "release"}
    asked = Question(uuid.uuid4(), "release_quarantine", RUN, "olga", about)
    with open_warehouse(settings, Role.LOADER).begin() as connection:
        keep_question(connection, asked)
    page = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows?state=open"))
    assert page.tree.xpath("//input[@name='row']/@value") == ids[1:]
    (answered_in,) = page.tree.xpath("//a[text()='answer in Airflow']/@href")
    assert answered_in.endswith(ANSWERED_IN)
    row = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows/{ids[0]}"))
    assert "olga asked for a decision" in " ".join(row.words.split())
    assert row.tree.xpath("//button") == []

    assert ask(client, came.half_bad, wish="reject", row=ids[:1]).status_code == 409
    assert ask(client, came.half_bad, wish="reject", which="rule", rule=RULE).status_code == 303
    assert ids[0] not in airflow.started[0][1]["quarantine_ids"]

    answer = Approval(asked, "anna", datetime.now(UTC), "Leave as it is", {})
    with open_warehouse(settings, Role.LOADER).begin() as connection:
        keep(connection, answer)
    page = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows?state=open"))
    assert page.tree.xpath("//input[@name='row']/@value") == ids


@pytest.mark.parametrize(
    ("form", "code", "why"),
    [
        ({"wish": "release"}, 400, "No row was ticked."),
        ({"wish": "release", "which": "rule", "rule": "no.rule"}, 400, "a decision is still to ask for"),
        ({"wish": "release", "row": str(uuid.uuid4())}, 409, "are decided about already"),
    ],
)
def test_nothing_is_asked_where_no_row_waits_or_some_wait_no_more(
    form: dict[str, str], code: int, why: str, client: TestClient, airflow: Airflow, came: Came, ids: list[str]
) -> None:
    answer = ask(client, came.half_bad, **form | ({"row": [form["row"], ids[0]]} if "row" in form else {}))
    assert (answer.status_code, why in answer.text, airflow.started) == (code, True, [])


@pytest.mark.parametrize("form", [{}, {"wish": "erase"}, {"wish": "release", "row": "1"}])
def test_a_form_that_is_not_the_pages_own_is_refused(
    form: dict[str, str], client: TestClient, airflow: Airflow, came: Came
) -> None:
    assert (ask(client, came.half_bad, **form).status_code, airflow.started) == (422, [])


def test_a_row_of_another_delivery_is_not_asked_about(
    client: TestClient, airflow: Airflow, came: Came, ids: list[str]
) -> None:
    assert ask(client, came.loaded, wish="release", row=ids[:1]).status_code == 409
    assert ask(client, uuid.uuid4(), wish="release", row=ids[:1]).status_code == 404
    assert airflow.started == []


@pytest.mark.parametrize(
    ("refusal", "code", "said"),
    [
        (HTTPException(401), 401, "Log in"),
        (HTTPException(403), 403, "Not for you"),
        (NotStarted("Airflow does not answer."), 502, "Airflow does not answer."),
    ],
)
def test_what_airflow_says_to_the_person_is_said_to_the_person(
    refusal: Exception, code: int, said: str, client: TestClient, airflow: Airflow, came: Came, ids: list[str]
) -> None:
    airflow.refusal = refusal
    answer = ask(client, came.half_bad, wish="release", row=ids[:1])
    assert (answer.status_code, said in answer.text) == (code, True)


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://testserver.elsewhere"}, 403),
        ({"Origin": "http://testserver:8081"}, 403),
        ({"Referer": "http://testserver/hub/"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://testserver"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"}, 303),
    ],
)
def test_only_the_page_itself_can_ask(
    sender: dict[str, str], code: int, client: TestClient, airflow: Airflow, came: Came, ids: list[str]
) -> None:
    form = {"wish": "release", "row": ids[0]}
    answer = client.post(f"/hub/deliveries/{came.half_bad}/ask", data=form, headers=sender)
    assert (answer.status_code, len(airflow.started)) == (code, int(code == 303))


def test_whatever_changes_something_is_for_who_may_decide_and_sent_by_the_page_itself(
    page_of: Callable[[str | None], TestClient],
) -> None:
    changing = [route for route in ROUTES if route.methods != {"GET"}]
    assert changing
    for route in changing:
        assert route.methods == {"POST"}
        assert is_for_deciders(route)
        for sender in ({}, {"Origin": "http://elsewhere"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}):
            assert page_of("operator").post(address_of(route), headers=sender).status_code == 403
