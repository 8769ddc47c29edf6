"""No page shows a value of a row, whoever looks."""

import csv
import io
import uuid
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from feeds.samples import stored_sample
from hub.contracts.model import Catalogue
from page.conftest import PERSONAL_FEED
from page.shown import shown


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_no_seeded_value_of_a_person_is_on_any_page_or_in_an_error_file(
    role: str,
    personal: uuid.UUID,
    told: Callable[[], None],
    catalogue: Catalogue,
    page_of: Callable[[str | None], TestClient],
) -> None:
    told()
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
    assert told_of_it > 3


def test_a_name_of_a_file_that_holds_a_contact_is_not_shown_and_the_page_says_why(
    personal: uuid.UUID, page_of: Callable[[str | None], TestClient]
) -> None:
    page = shown(page_of("viewer").get(f"/hub/deliveries/{personal}"))
    assert "withheld-" in page.words
    assert "held an e-mail address or a telephone number" in page.words
