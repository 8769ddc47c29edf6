"""No page shows a value of a row, to any reader."""

import csv
import io
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from contracts.samples import stored_sample
from hub.contracts.file_names import SHOWN_INSTEAD
from hub.contracts.model import Catalogue
from hub.ingest.data_docs import write_data_docs
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from hub.warehouse.tables import DELIVERIES, QUARANTINED_ROWS
from page.conftest import PERSONAL_FEED
from page.shown import shown


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_no_seeded_value_of_a_person_is_on_any_page_or_in_an_error_file(
    role: str,
    personal: uuid.UUID,
    told: Callable[[], None],
    settings: Settings,
    catalogue: Catalogue,
    page_of: Callable[[str | None], TestClient],
) -> None:
    told()
    assert page_of(role).get(f"/hub/deliveries/{personal}/rules.html").status_code == 404
    write_data_docs(settings, catalogue.contracts)
    contract = catalogue.contracts[PERSONAL_FEED]
    sample = stored_sample(contract, "bad").read_text(encoding="utf-8")
    named = [column.name for column in contract.personal_columns]
    rows = list(csv.DictReader(io.StringIO(sample)))
    words = {row[name] for row in rows for name in named if len(row.get(name) or "") >= 5}
    words |= {row["description"] for row in rows if row.get("description")} | {"robin.sample", "07700 900123"}
    assert {"Robin Sample", "robin.sample@example.org"} <= words
    client, found, seen, told_of_it = page_of(role), ["/hub/"], set[str](), 0
    while found:
        address = found.pop()
        if address in seen or not address.startswith("/hub/"):
            continue
        seen.add(address)
        answer = client.get(address)
        assert [word for word in words if word.lower() in answer.text.lower()] == [], address
        told_of_it += PERSONAL_FEED in answer.text
        if answer.headers["content-type"].startswith("text/html"):
            found += shown(answer).addresses
    assert f"/hub/deliveries/{personal}" in seen
    assert (f"/hub/deliveries/{personal}/errors.csv" in seen) is (role == "operator")
    assert f"/hub/deliveries/{personal}/rules.html" in seen
    assert told_of_it > 3


@pytest.fixture
def named_freely(settings: Settings) -> uuid.UUID:
    """A delivery from before names of files were looked at, of a sender whose name a file gave."""
    delivery_id = uuid.UUID(int=7)
    row = {"delivery_id": delivery_id, "feed": PERSONAL_FEED, "sha256": "", "bytes": 1, "status": "loaded"}
    row |= {"file_name": "robin.sample@example.org.csv", "sender": "07700 900123", "rows_read": 1}
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        values = row | {"rows_quarantined": 1, "reason": "<script>alert(1)</script>"}
        connection.execute(sa.insert(DELIVERIES).values(values))
        quarantined = {"quarantine_id": delivery_id, "delivery_id": delivery_id, "feed": PERSONAL_FEED}
        quarantined |= {"row_number": 1, "rule": "a.rule", "because": "<b>bold</b>"}
        connection.execute(sa.insert(QUARANTINED_ROWS).values(quarantined))
    return delivery_id


@pytest.mark.parametrize(
    "address", [f"/feeds/{PERSONAL_FEED}", "/deliveries/{one}", "/deliveries/{one}/rows", "/quarantine"]
)
def test_a_contact_in_the_name_of_a_file_or_sender_is_not_shown_and_nothing_is_taken_for_html(
    address: str, named_freely: uuid.UUID, page_of: Callable[[str | None], TestClient]
) -> None:
    text = page_of("operator").get(f"/hub{address.format(one=named_freely)}").text
    assert SHOWN_INSTEAD in text
    assert "robin.sample" not in text
    assert "900123" not in text
    assert "<script" not in text
    assert "<b>" not in text


def test_a_name_of_a_file_that_holds_a_contact_is_not_shown_and_the_page_says_why(
    personal: uuid.UUID, page_of: Callable[[str | None], TestClient]
) -> None:
    page = shown(page_of("viewer").get(f"/hub/deliveries/{personal}"))
    assert "withheld-" in page.words
    assert "held an e-mail address or a telephone number" in page.words


def test_of_a_rows_values_the_form_is_shown_and_of_personal_ones_the_length(
    personal: uuid.UUID, page_of: Callable[[str | None], TestClient]
) -> None:
    words = shown(page_of("operator").get(f"/hub/deliveries/{personal}/rows?state=open")).words
    assert "report_ref XX-99999999" in words
    assert "reporter_name 12 characters" in words
    assert "TV-0" not in words
