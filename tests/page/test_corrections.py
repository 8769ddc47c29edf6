"""Correcting a row in quarantine on the page."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from hub.ingest.release import reject_row
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import QUARANTINED_ROWS
from page.accessibility import axe_on, faults
from page.conftest import Came
from page.shown import shown
from page.test_quarantine import ANSWERED_IN, HERE, Airflow, airflow, client, ids

__all__ = ["airflow", "client", "ids"]
PERSON = "Robin Sample"


def correct(client: TestClient, delivery_id: uuid.UUID, row: str, **form: Any) -> Any:
    given = {f"value.{name}" if name != "empty" else name: value for name, value in form.items()}
    return client.post(f"/hub/deliveries/{delivery_id}/rows/{row}/correct", data=given, headers=HERE)


def test_what_is_typed_is_asked_for_as_a_correction_of_the_row(
    client: TestClient, airflow: Airflow, came: Came, ids: list[str]
) -> None:
    answer = correct(client, came.half_bad, ids[0], activity="other", hours=" 2 ", decision="", empty=["report_ref"])
    assert (answer.status_code, answer.headers["location"]) == (303, ANSWERED_IN)
    corrected = {"activity": "other", "hours": "2", "report_ref": None}
    given = {"quarantine_ids": [ids[0]], "wish": "release", "corrections": {ids[0]: corrected}}
    assert airflow.started == [("release_quarantine", given)]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({}, "No column was given another value."),
        ({"activity": PERSON}, "activity: not a value that the contract allows"),
        ({"started_at": PERSON}, "started_at: not a value that the contract allows"),
        ({"hours": "a day"}, "hours: not a value that the contract allows"),
        ({"report_ref": PERSON}, "report_ref: not a value that the contract allows"),
        ({"officer_code": "P1"}, "officer_code: personal or free text"),
        ({"nothing": "1"}, "the contract has no column nothing"),
        ({"activity": "other", "empty": "activity"}, "give a value or leave it empty, not both"),
    ],
)
def test_nothing_leaves_the_page_that_is_not_a_value_of_its_column(
    form: dict[str, str], why: str, client: TestClient, airflow: Airflow, came: Came, ids: list[str]
) -> None:
    answer = correct(client, came.half_bad, ids[0], **form)
    assert (answer.status_code, why in answer.text, airflow.started) == (400, True, [])
    assert PERSON not in answer.text


def test_a_row_that_is_decided_or_of_another_delivery_is_not_corrected(
    client: TestClient, airflow: Airflow, came: Came, ids: list[str], settings: Settings
) -> None:
    reject_row(settings, open_warehouse(settings, Role.LOADER), uuid.UUID(ids[0]), "somebody")
    assert correct(client, came.half_bad, ids[0], activity="other").status_code == 409
    assert correct(client, came.loaded, ids[1], activity="other").status_code == 404
    assert correct(client, came.half_bad, str(uuid.uuid4()), activity="other").status_code == 404
    page = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows/{ids[0]}"))
    assert page.tree.xpath("//input|//select|//button") == []
    assert airflow.started == []


def test_the_form_has_a_field_for_each_column_that_may_be_typed(client: TestClient, came: Came, ids: list[str]) -> None:
    page = shown(client.get(f"/hub/deliveries/{came.half_bad}/rows/{ids[0]}"))
    fields = page.tree.xpath("//form//*[starts-with(@name, 'value.')]/@name")
    assert "value.activity" in fields
    assert "value.officer_code" not in fields
    assert f"hub quarantine release {ids[0]} --set officer_code=…" in page.words
    assert "other" in page.tree.xpath("//select[@name='value.activity']/option/text()")
    assert "xxxxxxx" in page.words
    assert "meeting" not in page.tree.xpath("string(//table/tbody/tr/td[1])")


def test_a_row_that_could_not_be_split_or_of_before_is_shown_without_values(
    client: TestClient, came: Came, ids: list[str], settings: Settings
) -> None:
    columns = QUARANTINED_ROWS.c
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        unsplit = sa.update(QUARANTINED_ROWS).where(columns.quarantine_id == uuid.UUID(ids[0]))
        connection.execute(unsplit.values(rule="row.quoting"))
        connection.execute(sa.text("delete from quarantine.masked_rows"))
    first, second = (shown(client.get(f"/hub/deliveries/{came.half_bad}/rows/{one}")) for one in ids[:2])
    assert "could not be split into columns" in first.words
    assert "is not kept" in second.words
    assert second.tree.xpath("//form//select[@name='value.activity']")
    assert correct(client, came.half_bad, ids[0], activity="other").status_code == 409


def test_a_row_can_be_corrected_without_eyes_or_mouse(
    client: TestClient, page_of: Callable[[str | None], TestClient], came: Came, ids: list[str]
) -> None:
    address = f"/deliveries/{came.half_bad}/rows/{ids[0]}"
    assert faults(shown(client.get(f"/hub{address}")).tree) == []
    assert axe_on(page_of("operator"), [address]) == {}
